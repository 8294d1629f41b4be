//! What is wrong with a pattern, in the words of Go's `regexp`, which judges patterns on the real server.
//!
//! # Source
//! <https://pkg.go.dev/regexp/syntax#ErrorCode>

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{Error, ErrorKind};

/// Why a pattern is none.
pub(super) fn error(pattern: &str) -> String {
    let (code, shown) = match Parser::new().parse(pattern) {
        Err(error) => (code(error.kind()), shown(pattern, &error)),
        // It can be read, but it is too large to be compiled.
        Ok(_) => ("expression too large", String::new()),
    };
    if shown.is_empty() {
        format!("error parsing regexp: {code}: ``")
    } else {
        format!("error parsing regexp: {code}: `{shown}`")
    }
}

fn code(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::ClassUnclosed => "missing closing ]",
        ErrorKind::ClassRangeInvalid | ErrorKind::ClassRangeLiteral => "invalid character class range",
        ErrorKind::GroupUnclosed => "missing closing )",
        ErrorKind::GroupUnopened => "unexpected )",
        ErrorKind::RepetitionMissing => "missing argument to repetition operator",
        ErrorKind::RepetitionCountInvalid => "invalid repeat count",
        ErrorKind::EscapeUnexpectedEof => "trailing backslash at end of expression",
        ErrorKind::UnsupportedLookAround
        | ErrorKind::FlagUnrecognized
        | ErrorKind::FlagUnexpectedEof
        | ErrorKind::FlagDanglingNegation
        | ErrorKind::FlagRepeatedNegation { .. }
        | ErrorKind::FlagDuplicate { .. } => "invalid or unsupported Perl syntax",
        ErrorKind::GroupNameInvalid
        | ErrorKind::GroupNameUnexpectedEof
        | ErrorKind::GroupNameEmpty
        | ErrorKind::GroupNameDuplicate { .. } => "invalid named capture",
        ErrorKind::NestLimitExceeded(_) => "expression nests too deeply",
        _ => "invalid escape sequence",
    }
}

/// The part of the pattern that the message quotes.
fn shown(pattern: &str, error: &Error) -> String {
    let span = error.span();
    let (from, to) = (span.start.offset, span.end.offset);
    match error.kind() {
        // From the bracket on, and with parentheses the whole pattern.
        ErrorKind::ClassUnclosed => pattern[from..].to_owned(),
        ErrorKind::GroupUnclosed | ErrorKind::GroupUnopened => pattern.to_owned(),
        ErrorKind::EscapeUnexpectedEof => String::new(),
        ErrorKind::RepetitionMissing => pattern[from..].chars().take(1).collect(),
        // A look-around is quoted up to the sign that makes it one.
        ErrorKind::UnsupportedLookAround => {
            let long = pattern[from..].starts_with("(?<");
            pattern[from..].chars().take(if long { 4 } else { 3 }).collect()
        }
        _ => pattern[from..to].to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, expect: &str) {
        assert_eq!(error(pattern), format!("error parsing regexp: {expect}"));
    }

    #[test]
    fn errors_are_those_of_go() {
        check("[a-z", "missing closing ]: `[a-z`");
        check("a(b", "missing closing ): `a(b`");
        check("a)b", "unexpected ): `a)b`");
        check("*a", "missing argument to repetition operator: `*`");
        check("[z-a]", "invalid character class range: `z-a`");
        check("a\\", "trailing backslash at end of expression: ``");
        check("(?=a)", "invalid or unsupported Perl syntax: `(?=`");
        check("\\8", "invalid escape sequence: `\\8`");
    }
}
