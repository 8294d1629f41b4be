//! JSON text as the server's decoder reads it: its words for what is malformed, duplicate keys, numbers as written.
//!
//! `serde_json` would read the same documents, but says other things of the broken ones, and neither tells a key that
//! stands twice nor how a number was spelt; messages quote both.

use std::borrow::Cow;

use serde_json::{Number, Value};

use crate::status::go_quote;

/// Deeper documents are refused; the real server stops at 10,000, which costs it a larger stack.
pub const MAX_DEPTH: usize = 1_000;

/// A text is not JSON; the message is the server's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SyntaxError(String);

/// What kind of value comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
}

/// The text is malformed somewhere; [`check`] says where and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Malformed;

/// A cursor over text; its methods fail where the text is not JSON.
pub(crate) struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

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

/// Writes a string as JSON.
pub(crate) fn write_string(out: &mut Vec<u8>, text: &str) {
    if is_plain(text) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        // Strings always serialise, and writing to a vector cannot fail.
        let _ = serde_json::to_writer(out, text);
    }
}

/// Writes a value as JSON.
pub(crate) fn write(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write(out, item);
            }
            out.push(b']');
        }
        Value::Object(fields) => {
            out.push(b'{');
            for (i, (name, field)) in fields.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_string(out, name);
                out.push(b':');
                write(out, field);
            }
            out.push(b'}');
        }
        other => {
            // Numbers and words always serialise, and writing to a vector cannot fail.
            let _ = serde_json::to_writer(out, other);
        }
    }
}

/// Whether a string is the same in JSON, but for the quotes.
pub(crate) fn is_plain(text: &str) -> bool {
    // Without a way out in between, it is done many bytes at a time.
    let special = |b: u8| (b < 0x20) | (b == b'"') | (b == b'\\');
    !text.bytes().fold(false, |found, b| found | special(b))
}

/// The text of a value.
pub(crate) fn print(value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    write(&mut out, value);
    out
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

// === impl Token ===

impl Token {
    /// The word in decoding errors.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "bool",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

// === impl Reader ===

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// The kind of the next value.
    pub(crate) fn token(&mut self) -> Result<Token, Malformed> {
        self.space();
        match self.peek() {
            b'n' => Ok(Token::Null),
            b't' | b'f' => Ok(Token::Bool),
            b'"' => Ok(Token::String),
            b'[' => Ok(Token::Array),
            b'{' => Ok(Token::Object),
            b'-' | b'0'..=b'9' => Ok(Token::Number),
            _ => Err(Malformed),
        }
    }

    /// Steps into the object or array that [`Self::token`] announced.
    pub(crate) fn open(&mut self) {
        self.at += 1;
    }

    /// The next key of an object, with its colon; `None` at the object's end.
    pub(crate) fn key(&mut self, first: &mut bool) -> Result<Option<Cow<'a, str>>, Malformed> {
        if self.separator(first, b'}')? {
            return Ok(None);
        }
        self.space();
        let key = self.string()?;
        self.space();
        if self.peek() != b':' {
            return Err(Malformed);
        }
        self.at += 1;
        Ok(Some(key))
    }

    /// Whether an array has a further item.
    pub(crate) fn item(&mut self, first: &mut bool) -> Result<bool, Malformed> {
        self.separator(first, b']').map(|ended| !ended)
    }

    /// A string.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, Malformed> {
        if self.peek() != b'"' {
            return Err(Malformed);
        }
        let start = self.at + 1;
        let mut at = start;
        loop {
            match self.text.get(at) {
                Some(b'"') => break,
                Some(b'\\') => return self.escaped(start, at),
                Some(c) if *c >= 0x20 => at += 1,
                _ => return Err(Malformed),
            }
        }
        self.at = at + 1;
        let text = &self.text[start..at];
        Ok(std::str::from_utf8(text).map_or_else(|_| String::from_utf8_lossy(text), Cow::Borrowed))
    }

    /// A number as it is written.
    pub(crate) fn number(&mut self) -> Result<&'a str, Malformed> {
        let start = self.at;
        let mut checker = Checker {
            text: self.text,
            at: self.at,
        };
        checker.number().map_err(|_| Malformed)?;
        self.at = checker.at;
        // The checker lets only ASCII through.
        std::str::from_utf8(&self.text[start..self.at]).map_err(|_| Malformed)
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&mut self) -> Result<bool, Malformed> {
        if self.peek() == b't' {
            self.literal(b"true").map(|()| true)
        } else {
            self.literal(b"false").map(|()| false)
        }
    }

    /// `null`.
    pub(crate) fn null(&mut self) -> Result<(), Malformed> {
        self.literal(b"null")
    }

    /// Passes over a value.
    pub(crate) fn skip(&mut self, depth: usize) -> Result<(), Malformed> {
        if depth > MAX_DEPTH {
            return Err(Malformed);
        }
        match self.token()? {
            Token::Null => self.null(),
            Token::Bool => self.boolean().map(drop),
            Token::Number => self.number().map(drop),
            Token::String => self.string().map(drop),
            Token::Array => {
                self.open();
                let mut first = true;
                while self.item(&mut first)? {
                    self.skip(depth + 1)?;
                }
                Ok(())
            }
            Token::Object => {
                self.open();
                let mut first = true;
                while self.key(&mut first)?.is_some() {
                    self.skip(depth + 1)?;
                }
                Ok(())
            }
        }
    }

    /// A value without a type; numbers that overflow become `null`.
    pub(crate) fn untyped(&mut self, depth: usize) -> Result<Value, Malformed> {
        if depth > MAX_DEPTH {
            return Err(Malformed);
        }
        Ok(match self.token()? {
            Token::Null => {
                self.null()?;
                Value::Null
            }
            Token::Bool => Value::Bool(self.boolean()?),
            Token::Number => number(self.number()?).unwrap_or_default(),
            Token::String => Value::String(self.string()?.into_owned()),
            Token::Array => {
                self.open();
                let (mut first, mut items) = (true, Vec::new());
                while self.item(&mut first)? {
                    items.push(self.untyped(depth + 1)?);
                }
                Value::Array(items)
            }
            Token::Object => {
                self.open();
                let (mut first, mut map) = (true, serde_json::Map::new());
                while let Some(key) = self.key(&mut first)? {
                    let value = self.untyped(depth + 1)?;
                    map.insert(key.into_owned(), value);
                }
                Value::Object(map)
            }
        })
    }

    /// Fails unless only white space is left.
    pub(crate) fn end(&mut self) -> Result<(), Malformed> {
        self.space();
        if self.at == self.text.len() {
            Ok(())
        } else {
            Err(Malformed)
        }
    }

    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
    }

    fn literal(&mut self, word: &[u8]) -> Result<(), Malformed> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(())
        } else {
            Err(Malformed)
        }
    }

    /// Passes the comma or, where it stands instead, the end.
    fn separator(&mut self, first: &mut bool, end: u8) -> Result<bool, Malformed> {
        self.space();
        let c = self.peek();
        if c == end {
            self.at += 1;
            return Ok(true);
        }
        if !std::mem::take(first) {
            if c != b',' {
                return Err(Malformed);
            }
            self.at += 1;
            self.space();
            if self.peek() == end {
                return Err(Malformed);
            }
        }
        Ok(false)
    }

    fn escaped(&mut self, start: usize, backslash: usize) -> Result<Cow<'a, str>, Malformed> {
        let mut out = self.text[start..backslash].to_vec();
        self.at = backslash;
        loop {
            match self.peek() {
                b'"' => break,
                b'\\' => self.escape(&mut out)?,
                c if c >= 0x20 => {
                    out.push(c);
                    self.at += 1;
                }
                _ => return Err(Malformed),
            }
        }
        self.at += 1;
        Ok(Cow::Owned(String::from_utf8_lossy(&out).into_owned()))
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), Malformed> {
        let c = self.text.get(self.at + 1).copied().ok_or(Malformed)?;
        self.at += 2;
        out.push(match c {
            b'"' | b'\\' | b'/' => c,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let mut unit = self.hex()?;
                // Half of a surrogate pair stands for nothing by itself.
                if (0xd800..0xdc00).contains(&unit) && self.text[self.at..].starts_with(b"\\u") {
                    let back = self.at;
                    self.at += 2;
                    let low = self.hex()?;
                    if (0xdc00..0xe000).contains(&low) {
                        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                    } else {
                        self.at = back;
                    }
                }
                let c = char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => return Err(Malformed),
        });
        Ok(())
    }

    fn hex(&mut self) -> Result<u32, Malformed> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(Malformed)?;
        let mut n = 0;
        for d in digits {
            n = n * 16 + char::from(*d).to_digit(16).ok_or(Malformed)?;
        }
        self.at += 4;
        Ok(n)
    }
}

/// Finds the first character that cannot stand where it stands.
struct Checker<'a> {
    text: &'a [u8],
    at: usize,
}

impl Checker<'_> {
    fn document(mut self) -> Result<(), SyntaxError> {
        // One entry for every open object (true) or array (false).
        let mut open: Vec<bool> = Vec::new();
        loop {
            // A value is due.
            self.space();
            match self.next()? {
                c @ (b'{' | b'[') => {
                    if open.len() >= MAX_DEPTH {
                        return Err(SyntaxError("exceeded max depth".into()));
                    }
                    self.at += 1;
                    self.space();
                    let end = c + 2;
                    if self.text.get(self.at) == Some(&end) {
                        self.at += 1;
                    } else {
                        open.push(c == b'{');
                        if c == b'{' {
                            self.key()?;
                        }
                        continue;
                    }
                }
                b'"' => self.string()?,
                b'-' | b'0'..=b'9' => self.number()?,
                b't' => self.literal("true")?,
                b'f' => self.literal("false")?,
                b'n' => self.literal("null")?,
                _ => return Err(self.unexpected("looking for beginning of value")),
            }
            // A value has ended; so may what it stands in.
            loop {
                self.space();
                let Some(object) = open.last().copied() else {
                    return match self.text.get(self.at) {
                        None => Ok(()),
                        Some(_) => Err(self.unexpected("after top-level value")),
                    };
                };
                let place = if object {
                    "after object key:value pair"
                } else {
                    "after array element"
                };
                match (self.next()?, object) {
                    (b',', true) => {
                        self.at += 1;
                        self.key()?;
                        break;
                    }
                    (b',', false) => {
                        self.at += 1;
                        break;
                    }
                    (b'}', true) | (b']', false) => {
                        self.at += 1;
                        open.pop();
                    }
                    _ => return Err(self.unexpected(place)),
                }
            }
        }
    }

    fn key(&mut self) -> Result<(), SyntaxError> {
        self.space();
        if self.next()? != b'"' {
            return Err(self.unexpected("looking for beginning of object key string"));
        }
        self.string()?;
        self.space();
        if self.next()? != b':' {
            return Err(self.unexpected("after object key"));
        }
        self.at += 1;
        Ok(())
    }

    fn string(&mut self) -> Result<(), SyntaxError> {
        self.at += 1;
        loop {
            match self.next()? {
                b'"' => break,
                b'\\' => {
                    self.at += 1;
                    match self.next()? {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                        b'u' => {
                            for _ in 0..4 {
                                self.at += 1;
                                if !self.next()?.is_ascii_hexdigit() {
                                    return Err(self.unexpected("in \\u hexadecimal character escape"));
                                }
                            }
                        }
                        _ => return Err(self.unexpected("in string escape code")),
                    }
                }
                c if c < 0x20 => return Err(self.unexpected("in string literal")),
                _ => {}
            }
            self.at += 1;
        }
        self.at += 1;
        Ok(())
    }

    fn number(&mut self) -> Result<(), SyntaxError> {
        if self.text[self.at] == b'-' {
            self.at += 1;
        }
        if self.next()? == b'0' {
            self.at += 1;
        } else {
            self.digits("in numeric literal")?;
        }
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.text.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.text.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        Ok(())
    }

    fn digits(&mut self, place: &str) -> Result<(), SyntaxError> {
        if !self.next()?.is_ascii_digit() {
            return Err(self.unexpected(place));
        }
        while self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        Ok(())
    }

    fn literal(&mut self, word: &str) -> Result<(), SyntaxError> {
        for (i, expected) in word.bytes().enumerate() {
            if i > 0 && self.next()? != expected {
                return Err(self.unexpected(&format!(
                    "in literal {word} (expecting '{}')",
                    char::from(expected)
                )));
            }
            self.at += 1;
        }
        Ok(())
    }

    fn next(&self) -> Result<u8, SyntaxError> {
        self.text
            .get(self.at)
            .copied()
            .ok_or_else(|| SyntaxError("unexpected end of JSON input".into()))
    }

    fn unexpected(&self, place: &str) -> SyntaxError {
        let c = char::from(self.text.get(self.at).copied().unwrap_or(0));
        let shown = match c {
            '\'' => "\\'".to_owned(),
            '"' => "\"".to_owned(),
            c => go_quote(&c.to_string()).trim_matches('"').to_owned(),
        };
        SyntaxError(format!("invalid character '{shown}' {place}"))
    }

    fn space(&mut self) {
        while matches!(self.text.get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }
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
