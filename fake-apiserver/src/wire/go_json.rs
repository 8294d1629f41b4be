//! JSON with the error messages of Go's `encoding/json`.
//!
//! Good input never comes here twice: `serde_json` reads it, and only what it refuses is read again for the message.

use serde_json::Value;

/// Reads JSON; the error is Go's message.
pub(crate) fn parse(body: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(body).map_err(|e| syntax_error(body).unwrap_or_else(|| e.to_string()))
}

/// What Go calls the type of a value in its messages.
pub(crate) fn type_name(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::Number(n) if n.is_i64() || n.is_u64() => "number".to_owned(),
        Value::Number(n) => format!("number {n}"),
        Value::String(_) => "string".to_owned(),
        Value::Array(_) => "array".to_owned(),
        Value::Object(_) => "object".to_owned(),
    }
}

/// The message for a body that is no object, where `kind` and `apiVersion` are looked for.
pub(crate) fn no_type_meta(value: &Value) -> String {
    let name = type_name(value);
    let name = name.split(' ').next().unwrap_or_default();
    format!(
        "json: cannot unmarshal {name} into Go value of type struct {{ APIVersion string \
         \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}"
    )
}

/// The first syntax error as Go words it; `None` where there is none.
pub(crate) fn syntax_error(body: &[u8]) -> Option<String> {
    let mut scanner = Scanner {
        body,
        at: 0,
        depth: 0,
    };
    match scanner.document() {
        Ok(()) => None,
        Err(Stop::End) => Some("unexpected end of JSON input".to_owned()),
        Err(Stop::Deep) => Some("exceeded max depth".to_owned()),
        Err(Stop::Bad(context)) => {
            let c = body.get(scanner.at).copied().unwrap_or_default();
            Some(format!("invalid character {} {context}", quote_char(c)))
        }
    }
}

/// How deep Go lets values nest.
const DEPTH_MAX: usize = 10_000;

struct Scanner<'a> {
    body: &'a [u8],
    at: usize,
    depth: usize,
}

enum Stop {
    End,
    Deep,
    /// The character at hand does not fit; the text says where.
    Bad(String),
}

type Scan = Result<(), Stop>;

// === impl Scanner ===

impl Scanner<'_> {
    fn document(&mut self) -> Scan {
        self.value("looking for beginning of value")?;
        self.space();
        if self.at < self.body.len() {
            return bad("after top-level value");
        }
        Ok(())
    }

    /// Reads a value without recursion: `open` holds the brackets that are open.
    fn value(&mut self, context: &str) -> Scan {
        let mut open: Vec<u8> = Vec::new();
        let mut context = context.to_owned();
        loop {
            self.space();
            match self.peek()? {
                b'{' => {
                    self.at += 1;
                    self.depth = open.len() + 1;
                    if self.depth > DEPTH_MAX {
                        return Err(Stop::Deep);
                    }
                    self.space();
                    if self.peek()? == b'}' {
                        self.at += 1;
                    } else {
                        self.key()?;
                        open.push(b'{');
                        "looking for beginning of value".clone_into(&mut context);
                        continue;
                    }
                }
                b'[' => {
                    self.at += 1;
                    if open.len() >= DEPTH_MAX {
                        return Err(Stop::Deep);
                    }
                    self.space();
                    if self.peek()? == b']' {
                        self.at += 1;
                    } else {
                        open.push(b'[');
                        "looking for beginning of value".clone_into(&mut context);
                        continue;
                    }
                }
                b'"' => self.string()?,
                b't' => self.literal("true")?,
                b'f' => self.literal("false")?,
                b'n' => self.literal("null")?,
                b'-' | b'0'..=b'9' => self.number()?,
                _ => return bad(&context),
            }
            // A value has ended: see what its surroundings want next.
            loop {
                let Some(bracket) = open.last().copied() else {
                    return Ok(());
                };
                self.space();
                match (bracket, self.peek()?) {
                    (b'{', b',') => {
                        self.at += 1;
                        self.space();
                        self.key()?;
                        break;
                    }
                    (b'[', b',') => {
                        self.at += 1;
                        break;
                    }
                    (b'{', b'}') | (b'[', b']') => {
                        self.at += 1;
                        open.pop();
                    }
                    (b'{', _) => return bad("after object key:value pair"),
                    _ => return bad("after array element"),
                }
            }
        }
    }

    fn key(&mut self) -> Scan {
        if self.peek()? != b'"' {
            return bad("looking for beginning of object key string");
        }
        self.string()?;
        self.space();
        if self.peek()? != b':' {
            return bad("after object key");
        }
        self.at += 1;
        Ok(())
    }

    fn string(&mut self) -> Scan {
        self.at += 1;
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => {
                    self.at += 1;
                    match self.peek()? {
                        b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"' => self.at += 1,
                        b'u' => {
                            self.at += 1;
                            for _ in 0..4 {
                                if !self.peek()?.is_ascii_hexdigit() {
                                    return bad("in \\u hexadecimal character escape");
                                }
                                self.at += 1;
                            }
                        }
                        _ => return bad("in string escape code"),
                    }
                }
                c if c < 0x20 => return bad("in string literal"),
                _ => self.at += 1,
            }
        }
    }

    fn literal(&mut self, word: &str) -> Scan {
        for (i, expected) in word.char_indices() {
            if self.peek()? != expected as u8 {
                return bad(&format!("in literal {word} (expecting '{expected}')"));
            }
            debug_assert!(i < word.len());
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Scan {
        if self.peek()? == b'-' {
            self.at += 1;
            if !self.peek()?.is_ascii_digit() {
                return bad("in numeric literal");
            }
        }
        if self.peek()? == b'0' {
            self.at += 1;
        } else {
            self.digits();
        }
        if self.body.get(self.at) == Some(&b'.') {
            self.at += 1;
            if !self.peek()?.is_ascii_digit() {
                return bad("after decimal point in numeric literal");
            }
            self.digits();
        }
        if matches!(self.body.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek()?, b'+' | b'-') {
                self.at += 1;
            }
            if !self.peek()?.is_ascii_digit() {
                return bad("in exponent of numeric literal");
            }
            self.digits();
        }
        Ok(())
    }

    fn digits(&mut self) {
        while self.body.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
    }

    fn space(&mut self) {
        while matches!(self.body.get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Result<u8, Stop> {
        self.body.get(self.at).copied().ok_or(Stop::End)
    }
}

fn bad<T>(context: &str) -> Result<T, Stop> {
    Err(Stop::Bad(context.to_owned()))
}

/// A byte as Go quotes it: as the character of that number.
fn quote_char(c: u8) -> String {
    match c {
        b'\'' => r"'\''".to_owned(),
        b'"' => "'\"'".to_owned(),
        b'\\' => r"'\\'".to_owned(),
        b'\n' => r"'\n'".to_owned(),
        b'\r' => r"'\r'".to_owned(),
        b'\t' => r"'\t'".to_owned(),
        0x20..=0x7e => format!("'{}'", char::from(c)),
        0..=0x1f | 0x7f => format!("'\\x{c:02x}'"),
        0x80..=0xa0 | 0xad => format!("'\\u{c:04x}'"),
        _ => format!("'{}'", char::from(c)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, message: &str) {
        assert_eq!(parse(body.as_bytes()).unwrap_err(), message, "{body}");
    }

    #[test]
    fn errors_are_worded_as_go_words_them() {
        check("", "unexpected end of JSON input");
        check("{", "unexpected end of JSON input");
        check(
            "not json",
            "invalid character 'o' in literal null (expecting 'u')",
        );
        check(
            r#"{"a":1,}"#,
            "invalid character '}' looking for beginning of object key string",
        );
        check("{} trailing", "invalid character 't' after top-level value");
        check("[1 2]", "invalid character '2' after array element");
        check(r#"{"a" 1}"#, "invalid character '1' after object key");
        check(
            r#"{"a":1 "b"}"#,
            "invalid character '\"' after object key:value pair",
        );
        check("{\"a\":\"\n\"}", "invalid character '\\n' in string literal");
        check("-x", "invalid character 'x' in numeric literal");
        check(
            "nonsense",
            "invalid character 'o' in literal null (expecting 'u')",
        );
        check("x", "invalid character 'x' looking for beginning of value");
    }

    #[test]
    fn deep_nesting_neither_overflows_nor_passes() {
        let deep = "[".repeat(100_000);
        assert_eq!(syntax_error(deep.as_bytes()).unwrap(), "exceeded max depth");
    }
}
