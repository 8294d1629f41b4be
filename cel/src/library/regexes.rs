//! Patterns, in RE2's syntax.

use regex::Regex;
use regex_syntax::ast::{ErrorKind, parse::Parser};

use super::{Site, int, text};
use crate::value::{Failure, Out, Value};

/// A pattern.
///
/// # Errors
/// What is wrong with it, in the words of Go's `regexp`.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    if let Err(e) = Parser::new().parse(pattern) {
        return Err(format!("error parsing regexp: {}", wrong(pattern, &e)));
    }
    // What the two syntaxes do not share: look-around and back references are refused by both.
    Regex::new(pattern).map_err(|_| format!("error parsing regexp: expression too large: `{pattern}`"))
}

fn wrong(pattern: &str, e: &regex_syntax::ast::Error) -> String {
    let span = e.span();
    let part = pattern.get(span.start.offset..span.end.offset).unwrap_or(pattern);
    let from = pattern.get(span.start.offset..).unwrap_or(pattern);
    match e.kind() {
        ErrorKind::GroupUnclosed => format!("missing closing ): `{pattern}`"),
        ErrorKind::GroupUnopened => format!("unexpected ): `{pattern}`"),
        ErrorKind::ClassUnclosed => format!("missing closing ]: `{from}`"),
        ErrorKind::ClassRangeInvalid | ErrorKind::ClassRangeLiteral => {
            format!("invalid character class range: `{part}`")
        }
        ErrorKind::ClassEscapeInvalid
        | ErrorKind::EscapeUnrecognized
        | ErrorKind::EscapeHexInvalid
        | ErrorKind::EscapeHexInvalidDigit
        | ErrorKind::EscapeHexEmpty
        | ErrorKind::UnsupportedBackreference => format!("invalid escape sequence: `{part}`"),
        ErrorKind::EscapeUnexpectedEof => "trailing backslash at end of expression: ``".to_owned(),
        ErrorKind::RepetitionMissing => {
            let operator = from.chars().next().map(String::from).unwrap_or_default();
            format!("missing argument to repetition operator: `{operator}`")
        }
        ErrorKind::RepetitionCountInvalid => format!("invalid repeat count: `{part}`"),
        ErrorKind::GroupNameDuplicate { .. } => format!("duplicate capture group name: `{part}`"),
        ErrorKind::GroupNameInvalid | ErrorKind::GroupNameEmpty | ErrorKind::GroupNameUnexpectedEof => {
            format!("invalid named capture: `{part}`")
        }
        ErrorKind::NestLimitExceeded(_) => format!("expression nests too deeply: `{pattern}`"),
        _ => format!("invalid or unsupported Perl syntax: `{part}`"),
    }
}

/// Runs with the pattern of the place, or with one made now.
fn with<'a>(site: &Site<'_>, pattern: &str, run: impl FnOnce(&Regex) -> Value<'a>) -> Out<'a> {
    match site.pattern {
        Some(regex) => Ok(run(regex)),
        None => compile(pattern).map(|regex| run(&regex)).map_err(Failure::new),
    }
}

pub(super) fn matches<'a>(site: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let whole = text(args, 0)?;
    with(site, text(args, 1)?, |r| Value::Bool(r.is_match(whole)))
}

pub(super) fn find<'a>(site: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let whole = text(args, 0)?;
    with(site, text(args, 1)?, |r| {
        Value::text(r.find(whole).map_or("", |m| m.as_str()))
    })
}

pub(super) fn find_all<'a>(site: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let whole = text(args, 0)?;
    let limit = if args.len() > 2 { int(args, 2)? } else { -1 };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    with(site, text(args, 1)?, |r| {
        let found = r.find_iter(whole).take(limit);
        Value::list(found.map(|m| Value::text(m.as_str())).collect())
    })
}
