//! JSON text as the server's decoder reads it: its words for what is malformed, duplicate keys, numbers as written.
//!
//! `serde_json` would read the same documents, but says other things of the broken ones, and neither tells a key that
//! stands twice nor how a number was spelt; messages quote both.

mod check;
mod read;
mod write;

use check::Checker;
use serde_json::{Number, Value};

pub(crate) use read::{Reader, Token};
pub(crate) use write::{is_plain, print, write, write_string};

/// Deeper documents are refused; the real server stops at 10,000, which costs it a larger stack.
pub const MAX_DEPTH: usize = 1_000;

/// A text is not JSON; the message is the server's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SyntaxError(String);

/// The text is malformed somewhere; [`check`] says where and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Malformed;

/// Says what is wrong with a text.
///
/// # Errors
/// The first thing that is not JSON, in the server's words.
pub fn check(text: &[u8]) -> Result<(), SyntaxError> {
    Checker { text, at: 0 }.document()
}

/// An untyped value; of keys that stand twice the last counts.
///
/// # Errors
/// The text is not JSON.
pub fn parse(text: &[u8]) -> Result<Value, SyntaxError> {
    let mut reader = Reader::new(text);
    reader
        .untyped(0)
        .and_then(|v| reader.end().map(|()| v))
        .map_err(|Malformed| malformed(text))
}

/// The `apiVersion` and `kind` of a document, each empty where absent, read from keys of any case.
///
/// # Errors
/// The server's message for a text that is not JSON, not an object, or whose two fields are no strings.
pub fn type_meta(text: &[u8]) -> Result<(String, String), String> {
    const TYPE: &str = r#"struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }"#;
    check(text).map_err(|e| e.to_string())?;
    let mut reader = Reader::new(text);
    let mut found = (String::new(), String::new());
    let mut wrong = None;
    let broken = |_: Malformed| malformed(text).to_string();
    match reader.token().map_err(broken)? {
        Token::Object => {}
        Token::Null => return Ok(found),
        token => {
            return Err(format!(
                "json: cannot unmarshal {} into Go value of type {TYPE}",
                token.name()
            ));
        }
    }
    reader.open();
    let mut first = true;
    while let Some(key) = reader.key(&mut first).map_err(broken)? {
        let (name, slot) = if key.eq_ignore_ascii_case("apiVersion") {
            ("apiVersion", &mut found.0)
        } else if key.eq_ignore_ascii_case("kind") {
            ("kind", &mut found.1)
        } else {
            reader.skip(0).map_err(broken)?;
            continue;
        };
        match reader.token().map_err(broken)? {
            Token::String => *slot = reader.string().map_err(broken)?.into_owned(),
            Token::Null => reader.skip(0).map_err(broken)?,
            token => {
                reader.skip(0).map_err(broken)?;
                wrong.get_or_insert(format!(
                    "json: cannot unmarshal {} into Go struct field .{name} of type string",
                    token.name()
                ));
            }
        }
    }
    wrong.map_or(Ok(found), Err)
}

/// The syntax error of a text that a [`Reader`] could not read.
pub(crate) fn malformed(text: &[u8]) -> SyntaxError {
    // The reader accepts what the checker accepts, so there is an error to find.
    check(text)
        .err()
        .unwrap_or_else(|| SyntaxError("unexpected end of JSON input".into()))
}

/// A number as the server keeps it: an integer where it is one, otherwise a float; `None` where it overflows.
pub(crate) fn number(text: &str) -> Option<Value> {
    if let Ok(n) = text.parse::<i64>() {
        return Some(n.into());
    }
    let float: f64 = text.parse().ok()?;
    if !float.is_finite() {
        return None;
    }
    // A whole float prints as an integer; beyond the integers' range it stays one.
    if float.fract() == 0.0 && float.abs() < 9_223_372_036_854_775_808.0 {
        return Some((float as i64).into());
    }
    Number::from_f64(float).map(Value::Number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn broken(text: &str, message: &str) {
        assert_eq!(check(text.as_bytes()).unwrap_err().to_string(), message);
        assert_eq!(parse(text.as_bytes()).unwrap_err().to_string(), message);
    }

    #[test]
    fn malformed_text_is_told_in_the_servers_words() {
        broken("", "unexpected end of JSON input");
        broken("{", "unexpected end of JSON input");
        broken(
            "not json",
            "invalid character 'o' in literal null (expecting 'u')",
        );
        broken(
            r#"{"a":1,}"#,
            "invalid character '}' looking for beginning of object key string",
        );
        broken("{} trailing", "invalid character 't' after top-level value");
        broken("data:", "invalid character 'd' looking for beginning of value");
        broken("- op", "invalid character ' ' in numeric literal");
        broken("[1 2]", "invalid character '2' after array element");
        broken(r#"{"a" 1}"#, "invalid character '1' after object key");
        broken(
            r#"{"a":1 "b":2}"#,
            "invalid character '\"' after object key:value pair",
        );
        broken(
            "[1.]",
            "invalid character ']' after decimal point in numeric literal",
        );
        broken("[\"\n\"]", "invalid character '\\n' in string literal");
        broken(r#"["\x"]"#, "invalid character 'x' in string escape code");
        broken("'a'", "invalid character '\\'' looking for beginning of value");
    }

    #[test]
    fn depth_is_bounded() {
        let deep = "[".repeat(MAX_DEPTH + 1);
        broken(&deep, "exceeded max depth");
        let most = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
        assert!(parse(most.as_bytes()).is_ok());
    }

    #[test]
    fn strings_and_numbers_are_read_as_the_server_reads_them() {
        let read = |s: &str| parse(s.as_bytes()).expect("JSON");
        assert_eq!(read(r#""\ud83d\ude00 \ud800 \u00e9""#), "😀 \u{fffd} é");
        assert_eq!(read("1.0"), 1);
        assert_eq!(read("9223372036854775807"), 9_223_372_036_854_775_807_i64);
        assert!(read("9223372036854775808").is_f64());
        assert_eq!(parse(b"\"\xff\"").expect("JSON"), "\u{fffd}");
    }

    #[test]
    fn the_kind_is_read_from_any_case() {
        let read = |s: &str| type_meta(s.as_bytes());
        assert_eq!(
            read(r#"{"Kind":"A","apiversion":"b","x":[{}]}"#),
            Ok(("b".into(), "A".into()))
        );
        assert_eq!(
            read(r#"{"apiVersion":5,"kind":"A"}"#),
            Err("json: cannot unmarshal number into Go struct field .apiVersion of type string".into())
        );
        assert!(
            read("[]")
                .unwrap_err()
                .starts_with("json: cannot unmarshal array into Go value of type struct {")
        );
    }

    proptest! {
        #[test]
        fn reader_and_checker_agree(text in r#"[\[\]{},:"a0-9.eE+\-tfn \\u]{0,24}"#) {
            prop_assert_eq!(check(text.as_bytes()).is_ok(), Reader::new(text.as_bytes()).untyped_document());
        }

        #[test]
        fn what_serde_writes_is_read_alike(text in "[^\\x00-\\x1f]{0,20}", n in any::<i64>()) {
            let value = serde_json::json!({"t": text, "n": n, "l": [null, true, {"k": false}]});
            prop_assert_eq!(parse(value.to_string().as_bytes()).unwrap(), value);
        }
    }

    impl Reader<'_> {
        fn untyped_document(&mut self) -> bool {
            self.untyped(0).is_ok() && self.end().is_ok()
        }
    }
}
