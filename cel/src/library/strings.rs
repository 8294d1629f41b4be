//! Texts, by code points.

use super::{Site, int, list, text};
use crate::value::{Failure, Out, Value};

pub(super) fn contains<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Bool(text(args, 0)?.contains(text(args, 1)?)))
}

pub(super) fn ends_with<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Bool(text(args, 0)?.ends_with(text(args, 1)?)))
}

pub(super) fn starts_with<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Bool(text(args, 0)?.starts_with(text(args, 1)?)))
}

fn out_of_range(i: i64) -> Failure {
    Failure::new(format!("index out of range: {i}"))
}

/// A place in a text of `length` code points, its end included.
fn place(i: i64, length: usize) -> Result<usize, Failure> {
    usize::try_from(i)
        .ok()
        .filter(|i| *i <= length)
        .ok_or_else(|| out_of_range(i))
}

pub(super) fn char_at<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let chars: Vec<char> = text(args, 0)?.chars().collect();
    let at = place(int(args, 1)?, chars.len())?;
    Ok(Value::text(
        chars.get(at).map(char::to_string).unwrap_or_default(),
    ))
}

pub(super) fn index_of<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let chars: Vec<char> = text(args, 0)?.chars().collect();
    let part: Vec<char> = text(args, 1)?.chars().collect();
    let from = if args.len() > 2 { int(args, 2)? } else { 0 };
    if part.is_empty() {
        return Ok(Value::Int(from));
    }
    let from = usize::try_from(from)
        .ok()
        .filter(|i| *i < chars.len() || *i == 0)
        .ok_or_else(|| out_of_range(from))?;
    let found = (from..chars.len()).find(|i| chars[*i..].starts_with(&part));
    Ok(Value::Int(
        found.map_or(-1, |i| i64::try_from(i).unwrap_or(i64::MAX)),
    ))
}

pub(super) fn last_index_of<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let chars: Vec<char> = text(args, 0)?.chars().collect();
    let part: Vec<char> = text(args, 1)?.chars().collect();
    let length = i64::try_from(chars.len()).unwrap_or(i64::MAX);
    let given = if args.len() > 2 { Some(int(args, 2)?) } else { None };
    if part.is_empty() {
        return Ok(Value::Int(given.unwrap_or(length)));
    }
    if let Some(i) = given.filter(|i| *i < 0 || *i >= length) {
        return Err(out_of_range(i));
    }
    let last = usize::try_from(given.unwrap_or(length)).unwrap_or(0);
    let found = (0..=last.min(chars.len()))
        .rev()
        .find(|i| chars[*i..].starts_with(&part));
    Ok(Value::Int(
        found.map_or(-1, |i| i64::try_from(i).unwrap_or(i64::MAX)),
    ))
}

pub(super) fn join<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let between = if args.len() > 1 { text(args, 1)? } else { "" };
    let mut out = String::new();
    for (i, item) in list(args, 0)?.iter().enumerate() {
        if i > 0 {
            out.push_str(between);
        }
        match item? {
            Value::String(s) => out.push_str(&s),
            other => {
                let why = format!("no such overload: {}.join()", other.type_of().runtime_name());
                return Err(Failure::new(why));
            }
        }
    }
    Ok(Value::text(out))
}

pub(super) fn lower<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::text(text(args, 0)?.to_ascii_lowercase()))
}

pub(super) fn upper<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::text(text(args, 0)?.to_ascii_uppercase()))
}

pub(super) fn replace<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let (whole, old, new) = (text(args, 0)?, text(args, 1)?, text(args, 2)?);
    let count = if args.len() > 3 { int(args, 3)? } else { -1 };
    Ok(Value::text(match usize::try_from(count) {
        Ok(count) => whole.replacen(old, new, count),
        Err(_) => whole.replace(old, new),
    }))
}

pub(super) fn split<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let (whole, by) = (text(args, 0)?, text(args, 1)?);
    let limit = if args.len() > 2 { int(args, 2)? } else { -1 };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let parts: Vec<String> = if limit == 0 {
        Vec::new()
    } else if by.is_empty() {
        // Nothing between: every character is a part, the last takes the rest.
        let chars: Vec<char> = whole.chars().collect();
        let count = chars.len().min(limit);
        (0..count)
            .map(|i| {
                let end = if i + 1 == count { chars.len() } else { i + 1 };
                chars[i..end].iter().collect()
            })
            .collect()
    } else {
        whole.splitn(limit, by).map(String::from).collect()
    };
    Ok(Value::list(parts.into_iter().map(Value::text).collect()))
}

pub(super) fn substring<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let chars: Vec<char> = text(args, 0)?.chars().collect();
    let from = int(args, 1)?;
    let start = place(from, chars.len())?;
    let end = if args.len() > 2 {
        let to = int(args, 2)?;
        let end = place(to, chars.len())?;
        if start > end {
            return Err(Failure::new(format!(
                "invalid substring range. start: {from}, end: {to}"
            )));
        }
        end
    } else {
        chars.len()
    };
    Ok(Value::text(chars[start..end].iter().collect::<String>()))
}

pub(super) fn trim<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::text(text(args, 0)?.trim()))
}

/// The text in double quotes, what cannot be seen escaped.
pub(super) fn quote<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let mut out = String::from("\"");
    for c in text(args, 0)?.chars() {
        match c {
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            c => out.push(c),
        }
    }
    out.push('"');
    Ok(Value::text(out))
}
