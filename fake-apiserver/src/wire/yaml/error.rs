//! Syntax errors in the words of Go's library, which are those of libyaml.

use granit_parser::{ErrorKind, ScanError};

/// Who finds an error: they count lines differently.
enum By {
    Scanner,
    Parser,
}

/// The text of a body.
pub(super) fn utf8(body: &[u8]) -> Result<&str, String> {
    let text = std::str::from_utf8(body).map_err(|e| {
        let leading = body.get(e.valid_up_to()).copied().unwrap_or_default();
        let what = match e.error_len() {
            None => "incomplete UTF-8 octet sequence",
            Some(_) if matches!(leading, 0x80..=0xbf | 0xf8..) => "invalid leading UTF-8 octet",
            Some(_) => "invalid trailing UTF-8 octet",
        };
        format!("yaml: {what}")
    })?;
    let control = |c: char| {
        let allowed = matches!(c, '\t' | '\n' | '\r' | '\u{85}');
        c.is_control() && !allowed || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    if text.contains(control) {
        return Err("yaml: control characters are not allowed".into());
    }
    Ok(text)
}

/// The message for what a parser stumbled over.
pub(super) fn syntax(error: &ScanError, text: &str) -> String {
    let (by, what) = words(error, text);
    let mark = error.marker();
    // Counted from nought; what is never closed is missed at the end.
    let unclosed = matches!(
        error.kind(),
        ErrorKind::UnclosedFlowCollection { .. }
            | ErrorKind::UnclosedQuotedScalar
            | ErrorKind::InvalidQuotedScalarIndent
    );
    let line = if unclosed || text.chars().skip(mark.index()).all(char::is_whitespace) {
        let unfinished = !text.ends_with('\n') && matches!(by, By::Scanner);
        text.lines().count() - usize::from(unfinished && !text.is_empty())
    } else {
        mark.line().saturating_sub(1)
    };
    // The library takes the first line for none, and only its scanner counts from one.
    match (line, by) {
        (0, _) => format!("yaml: {what}"),
        (line, By::Scanner) => format!("yaml: line {}: {what}", line + 1),
        (line, By::Parser) => format!("yaml: line {line}: {what}"),
    }
}

fn words(error: &ScanError, text: &str) -> (By, String) {
    let parser = |what: &str| (By::Parser, what.to_owned());
    let scanner = |what: &str| (By::Scanner, what.to_owned());
    let flow = |open: char| {
        let close = if open == '[' { ']' } else { '}' };
        (By::Parser, format!("did not find expected ',' or '{close}'"))
    };
    match error.kind() {
        ErrorKind::ExpectedNodeContent | ErrorKind::MisplacedFlowCollectionEnd => {
            parser("did not find expected node content")
        }
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::InvalidIndentation
        | ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => parser("did not find expected key"),
        ErrorKind::ExpectedFlowSequenceSeparator => flow('['),
        ErrorKind::ExpectedFlowMappingSeparator => flow('{'),
        ErrorKind::MismatchedFlowCollectionEnd { open, .. } => flow(*open),
        ErrorKind::UnclosedFlowCollection { open } => match text.trim_end().chars().last() {
            Some('[' | '{' | ',' | ':') => parser("did not find expected node content"),
            _ => flow(*open),
        },
        ErrorKind::ExpectedBlockSequenceEntry => parser("did not find expected '-' indicator"),
        ErrorKind::ExpectedDocumentStart | ErrorKind::InvalidDocumentEnd => {
            parser("did not find expected <document start>")
        }
        ErrorKind::UndeclaredTagHandle => parser("found undefined tag handle"),
        ErrorKind::DuplicateVersionDirective => parser("found duplicate %YAML directive"),
        ErrorKind::UnsupportedYamlMajorVersion => parser("found incompatible YAML document"),
        ErrorKind::DuplicateTagDirective => parser("found duplicate %TAG directive"),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => scanner("could not find expected ':'"),
        // Text after a quote that was forgotten is seldom indented as a quoted text goes on.
        ErrorKind::UnclosedQuotedScalar | ErrorKind::InvalidQuotedScalarIndent => {
            scanner("found unexpected end of stream")
        }
        ErrorKind::InvalidQuotedScalarHexEscape | ErrorKind::InvalidLowSurrogateHexEscape => {
            scanner("did not find expected hexdecimal number")
        }
        ErrorKind::UnexpectedCharacter { .. }
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation => scanner("found character that cannot start any token"),
        ErrorKind::TabInPlainScalar => scanner("found a tab character that violates indentation"),
        ErrorKind::TabAtBlockScalarStart => {
            scanner("found a tab character where an indentation space is expected")
        }
        // The others begin, as libyaml's do, with what was going on.
        other => {
            let text = other.to_string();
            let what = text.split_once(", ").filter(|_| text.starts_with("while "));
            scanner(what.map_or(text.as_str(), |(_, what)| what))
        }
    }
}
