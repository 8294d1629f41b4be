//! The JSONPath of Kubernetes, as far as it leads to one value: fields, indexes, slices, wildcards, filters, descent.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/kubectl/jsonpath/>

use std::cmp::Ordering;

use serde_json::Value;

/// One step of a path.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    Field(String),
    /// Python-like bounds; one element is a slice of length one.
    Slice {
        from: Option<i64>,
        to: Option<i64>,
        step: i64,
    },
    /// An element, counted from the end where negative.
    Index(i64),
    Every,
    /// Every value at any depth.
    Descend,
    Filter {
        left: Operand,
        test: Option<(Comparison, Operand)>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Path(Vec<Step>),
    Literal(Value),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Reads a path such as `.status.conditions[?(@.type=="Ready")].status`; `None` where it is malformed.
pub(super) fn parse(path: &str) -> Option<Vec<Step>> {
    let path = path.trim();
    let path = path
        .strip_prefix('{')
        .and_then(|p| p.strip_suffix('}'))
        .unwrap_or(path);
    steps(path.strip_prefix('$').unwrap_or(path))
}

/// The first value that a path leads to.
pub(super) fn first<'v>(path: &[Step], root: &'v Value) -> Option<&'v Value> {
    walk(path, root, &mut Vec::new())
}

fn steps(mut rest: &str) -> Option<Vec<Step>> {
    let mut out = Vec::new();
    while let Some(c) = rest.chars().next() {
        rest = match c {
            '.' if rest.starts_with("..") => {
                out.push(Step::Descend);
                // The name after `..` has no dot of its own.
                let after = &rest[2..];
                if after.starts_with(['.', '[']) || after.is_empty() {
                    after
                } else {
                    field(after, &mut out)?
                }
            }
            '.' => {
                let after = &rest[1..];
                if after.starts_with('[') {
                    after
                } else {
                    field(after, &mut out)?
                }
            }
            '[' => {
                let end = closing(rest)?;
                out.push(bracket(rest[1..end].trim())?);
                &rest[end + 1..]
            }
            _ if out.is_empty() => field(rest, &mut out)?,
            _ => return None,
        };
    }
    Some(out)
}

/// Reads a name up to the next dot or bracket; a backslash takes the next character as it is.
fn field<'p>(text: &'p str, out: &mut Vec<Step>) -> Option<&'p str> {
    let mut name = String::new();
    let mut chars = text.char_indices();
    let rest = loop {
        match chars.next() {
            None => break "",
            Some((_, '\\')) => name.push(chars.next()?.1),
            Some((at, '.' | '[')) => break &text[at..],
            Some((_, c)) => name.push(c),
        }
    };
    match name.as_str() {
        "" => return if rest.is_empty() { Some(rest) } else { None },
        "*" => out.push(Step::Every),
        _ => out.push(Step::Field(name)),
    }
    Some(rest)
}

/// The position of the bracket that closes the one at the start.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0usize, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), _) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '[') => depth += 1,
            (None, ']') => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn bracket(inner: &str) -> Option<Step> {
    if inner == "*" {
        return Some(Step::Every);
    }
    if let Some(filter) = inner.strip_prefix("?(").and_then(|f| f.strip_suffix(')')) {
        return self::filter(filter);
    }
    if let Some(name) = unquote(inner) {
        return Some(Step::Field(name));
    }
    let bound = |text: &str| match text.trim() {
        "" => Some(None),
        number => number.parse().ok().map(Some),
    };
    match inner.split(':').collect::<Vec<_>>().as_slice() {
        [index] => index.trim().parse().ok().map(Step::Index),
        [from, to] => Some(Step::Slice {
            from: bound(from)?,
            to: bound(to)?,
            step: 1,
        }),
        [from, to, step] => Some(Step::Slice {
            from: bound(from)?,
            to: bound(to)?,
            step: bound(step)?.unwrap_or(1),
        }),
        _ => None,
    }
}

fn filter(text: &str) -> Option<Step> {
    // Two-character operators first, so that `<=` is not read as `<`.
    let operators = [
        ("==", Comparison::Equal),
        ("!=", Comparison::NotEqual),
        ("<=", Comparison::LessOrEqual),
        (">=", Comparison::GreaterOrEqual),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
    ];
    for (sign, comparison) in operators {
        if let Some(at) = outside_quotes(text, sign) {
            let right = operand(text[at + sign.len()..].trim())?;
            return Some(Step::Filter {
                left: operand(text[..at].trim())?,
                test: Some((comparison, right)),
            });
        }
    }
    Some(Step::Filter {
        left: operand(text.trim())?,
        test: None,
    })
}

fn outside_quotes(text: &str, sign: &str) -> Option<usize> {
    let mut quote = None;
    text.char_indices().find_map(|(at, c)| {
        match (quote, c) {
            (Some(q), _) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, _) if text[at..].starts_with(sign) => return Some(at),
            _ => {}
        }
        None
    })
}

fn operand(text: &str) -> Option<Operand> {
    if let Some(path) = text.strip_prefix('@') {
        return steps(path).map(Operand::Path);
    }
    match unquote(text) {
        Some(literal) => Some(Operand::Literal(literal.into())),
        None => serde_json::from_str(text).ok().map(Operand::Literal),
    }
}

fn unquote(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let inner = text[1..].strip_suffix(quote)?;
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next()? } else { c });
    }
    Some(out)
}

/// Depth first; `trail` is unused room for the descent so that nothing is allocated on plain paths.
fn walk<'v>(path: &[Step], at: &'v Value, trail: &mut Vec<&'v Value>) -> Option<&'v Value> {
    let Some((step, rest)) = path.split_first() else {
        return Some(at);
    };
    match step {
        Step::Field(name) => walk(rest, at.get(name)?, trail),
        Step::Index(index) => {
            let items = at.as_array()?;
            walk(rest, items.get(position(*index, items.len())?)?, trail)
        }
        Step::Slice { from, to, step } => {
            let items = at.as_array()?;
            let length = items.len() as i64;
            let clamp =
                |bound: i64| (if bound < 0 { bound + length } else { bound }).clamp(0, length) as usize;
            let (from, to) = (clamp(from.unwrap_or(0)), clamp(to.unwrap_or(length)));
            let stride = usize::try_from(*step).ok().filter(|s| *s > 0)?;
            items
                .get(from..to)?
                .iter()
                .step_by(stride)
                .find_map(|item| walk(rest, item, trail))
        }
        Step::Every => children(at).find_map(|child| walk(rest, child, trail)),
        Step::Filter { left, test } => at
            .as_array()?
            .iter()
            .filter(|item| holds(left, test.as_ref(), item))
            .find_map(|item| walk(rest, item, trail)),
        Step::Descend => {
            trail.push(at);
            let mut next = trail.len() - 1;
            while let Some(value) = trail.get(next).copied() {
                if let Some(found) = walk(rest, value, &mut Vec::new()) {
                    return Some(found);
                }
                trail.extend(children(value));
                next += 1;
            }
            None
        }
    }
}

fn position(index: i64, length: usize) -> Option<usize> {
    usize::try_from(if index < 0 { index + length as i64 } else { index }).ok()
}

fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(map) => Box::new(map.values()),
        _ => Box::new(std::iter::empty()),
    }
}

fn holds(left: &Operand, test: Option<&(Comparison, Operand)>, item: &Value) -> bool {
    let Some(left) = resolve(left, item) else {
        return false;
    };
    let Some((comparison, right)) = test else {
        return true;
    };
    let Some(right) = resolve(right, item) else {
        return false;
    };
    let order = compare(left, right);
    match comparison {
        Comparison::Equal => left == right || order == Some(Ordering::Equal),
        Comparison::NotEqual => left != right && order != Some(Ordering::Equal),
        Comparison::Less => order == Some(Ordering::Less),
        Comparison::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Comparison::Greater => order == Some(Ordering::Greater),
        Comparison::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    }
}

fn resolve<'v>(operand: &'v Operand, item: &'v Value) -> Option<&'v Value> {
    match operand {
        Operand::Path(path) => first(path, item),
        Operand::Literal(value) => Some(value),
    }
}

fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        _ => None,
    }
}
