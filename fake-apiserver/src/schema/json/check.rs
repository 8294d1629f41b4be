//! What is wrong with a text that is no JSON, in the words of the server's decoder.

use super::{MAX_DEPTH, SyntaxError};
use crate::status::go_quote;

/// Finds the first character that cannot stand where it stands.
pub(super) struct Checker<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
}

impl Checker<'_> {
    pub(super) fn document(mut self) -> Result<(), SyntaxError> {
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

    pub(super) fn number(&mut self) -> Result<(), SyntaxError> {
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
