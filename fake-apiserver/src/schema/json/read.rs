//! A cursor over JSON text, for whoever knows what is to come.

use std::borrow::Cow;

use serde_json::Value;

use super::check::Checker;
use super::{MAX_DEPTH, Malformed, number};

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

/// A cursor over text; its methods fail where the text is not JSON.
pub(crate) struct Reader<'a> {
    text: &'a [u8],
    at: usize,
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
