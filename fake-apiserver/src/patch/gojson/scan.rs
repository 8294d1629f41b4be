//! Whether text is JSON, and if not, what Go says about it.

use std::fmt;

/// How deeply values may be nested. The real server goes down to 10,000; the stack of a thread does not.
const DEPTH_MAX: usize = 1_000;

/// What is wrong with a text that is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SyntaxError {
    /// The text ends inside a value.
    UnexpectedEnd,
    /// A character that cannot stand where it does.
    InvalidCharacter {
        /// The offending byte.
        byte: u8,
        /// What was being read, in Go's words.
        context: &'static str,
    },
    /// Values are nested too deeply.
    TooDeep,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnexpectedEnd => f.write_str("unexpected end of JSON input"),
            Self::TooDeep => f.write_str("exceeded max depth"),
            Self::InvalidCharacter { byte, context } => {
                f.write_str("invalid character '")?;
                match byte {
                    b'\'' => f.write_str("\\'")?,
                    b'\\' => f.write_str("\\\\")?,
                    7 => f.write_str("\\a")?,
                    8 => f.write_str("\\b")?,
                    9 => f.write_str("\\t")?,
                    10 => f.write_str("\\n")?,
                    11 => f.write_str("\\v")?,
                    12 => f.write_str("\\f")?,
                    13 => f.write_str("\\r")?,
                    b' '..=b'~' => write!(f, "{}", char::from(*byte))?,
                    0..=0x1f | 0x7f => write!(f, "\\x{byte:02x}")?,
                    // Go takes the byte for a character of its own: printable Latin-1 stays, the rest is escaped.
                    0x80..=0xa0 | 0xad => write!(f, "\\u{byte:04x}")?,
                    _ => write!(f, "{}", char::from(*byte))?,
                }
                write!(f, "' {context}")
            }
        }
    }
}

impl std::error::Error for SyntaxError {}

/// Checks that `text` is one JSON value and nothing else.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(text: &[u8]) -> Result<(), SyntaxError> {
    let mut scan = Scan { text, at: 0 };
    scan.document()?;
    scan.space();
    match scan.peek() {
        None => Ok(()),
        Some(byte) => Err(invalid(byte, "after top-level value")),
    }
}

struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

/// A value whose end is still to come.
#[derive(Clone, Copy, PartialEq)]
enum Open {
    Object,
    Array,
}

impl Scan<'_> {
    /// Goes through the nested values with a stack of its own: depth is bounded by the rule, not by the machine.
    fn document(&mut self) -> Result<(), SyntaxError> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            // One value begins here.
            self.space();
            if open.len() >= DEPTH_MAX && matches!(self.peek(), Some(b'{' | b'[')) {
                return Err(SyntaxError::TooDeep);
            }
            match self.need()? {
                b'{' => {
                    self.at += 1;
                    self.space();
                    if self.need()? == b'}' {
                        self.at += 1;
                    } else {
                        self.key()?;
                        open.push(Open::Object);
                        continue;
                    }
                }
                b'[' => {
                    self.at += 1;
                    self.space();
                    if self.need()? == b']' {
                        self.at += 1;
                    } else {
                        open.push(Open::Array);
                        continue;
                    }
                }
                _ => self.scalar()?,
            }
            // A value has ended: so may those around it.
            loop {
                let Some(&around) = open.last() else { return Ok(()) };
                self.space();
                let (end, context) = match around {
                    Open::Object => (b'}', "after object key:value pair"),
                    Open::Array => (b']', "after array element"),
                };
                let byte = self.need()?;
                if byte == end {
                    self.at += 1;
                    open.pop();
                    continue;
                }
                if byte != b',' {
                    return Err(invalid(byte, context));
                }
                self.at += 1;
                if around == Open::Object {
                    self.space();
                    self.key()?;
                }
                break;
            }
        }
    }

    /// An object's key and the colon behind it.
    fn key(&mut self) -> Result<(), SyntaxError> {
        match self.need()? {
            b'"' => self.string()?,
            byte => return Err(invalid(byte, "looking for beginning of object key string")),
        }
        self.space();
        match self.need()? {
            b':' => self.at += 1,
            byte => return Err(invalid(byte, "after object key")),
        }
        Ok(())
    }

    fn scalar(&mut self) -> Result<(), SyntaxError> {
        match self.need()? {
            b'"' => self.string(),
            b't' => self.literal(b"true", TRUE),
            b'f' => self.literal(b"false", FALSE),
            b'n' => self.literal(b"null", NULL),
            b'-' | b'0'..=b'9' => self.number(),
            byte => Err(invalid(byte, "looking for beginning of value")),
        }
    }

    fn string(&mut self) -> Result<(), SyntaxError> {
        self.at += 1;
        loop {
            match self.take()? {
                b'"' => return Ok(()),
                b'\\' => match self.take()? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        for _ in 0..4 {
                            let byte = self.take()?;
                            if !byte.is_ascii_hexdigit() {
                                return Err(invalid(byte, "in \\u hexadecimal character escape"));
                            }
                        }
                    }
                    byte => return Err(invalid(byte, "in string escape code")),
                },
                byte @ ..0x20 => return Err(invalid(byte, "in string literal")),
                _ => {}
            }
        }
    }

    fn literal(&mut self, word: &[u8], contexts: &[&'static str]) -> Result<(), SyntaxError> {
        for (expected, context) in word.iter().zip(contexts) {
            let byte = self.take()?;
            if byte != *expected {
                return Err(invalid(byte, context));
            }
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), SyntaxError> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.need()? == b'0' {
            self.at += 1;
        } else {
            self.digits("in numeric literal")?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        Ok(())
    }

    fn digits(&mut self, context: &'static str) -> Result<(), SyntaxError> {
        let byte = self.need()?;
        if !byte.is_ascii_digit() {
            return Err(invalid(byte, context));
        }
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn need(&self) -> Result<u8, SyntaxError> {
        self.peek().ok_or(SyntaxError::UnexpectedEnd)
    }

    fn take(&mut self) -> Result<u8, SyntaxError> {
        let byte = self.need()?;
        self.at += 1;
        Ok(byte)
    }
}

const TRUE: &[&str] = &[
    "",
    "in literal true (expecting 'r')",
    "in literal true (expecting 'u')",
    "in literal true (expecting 'e')",
];
const FALSE: &[&str] = &[
    "",
    "in literal false (expecting 'a')",
    "in literal false (expecting 'l')",
    "in literal false (expecting 's')",
    "in literal false (expecting 'e')",
];
const NULL: &[&str] = &[
    "",
    "in literal null (expecting 'u')",
    "in literal null (expecting 'l')",
    "in literal null (expecting 'l')",
];

fn invalid(byte: u8, context: &'static str) -> SyntaxError {
    SyntaxError::InvalidCharacter { byte, context }
}
