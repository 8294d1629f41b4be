//! Strings: where they end, and what their escapes mean.

use serde::de::Error as _;
use serde_json::Error;

use super::{Reader, malformed};
use crate::core::decode::word::{plain_len, plain_len_of_word};

/// Room for most strings that have escapes: they are annotations that hold JSON.
const UNESCAPED_BYTES_MIN: usize = 1024;

/// A string as it was read.
pub(super) enum Text<'de, 'r> {
    /// It stands in the text as it is.
    Plain(&'de str),
    /// It had escapes.
    Unescaped(&'r str),
}

// === impl Text ===

impl<'de: 'r, 'r> Text<'de, 'r> {
    #[inline]
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Unescaped(text) => text,
        }
    }

    pub(super) fn into_str(self) -> &'r str {
        match self {
            Self::Plain(text) => text,
            Self::Unescaped(text) => text,
        }
    }
}

// === impl Reader ===

impl<'de> Reader<'de> {
    /// Reads the string whose opening quote comes next.
    #[inline]
    pub(super) fn read_text(&mut self) -> Result<Text<'de, '_>, Error> {
        let text = self.text;
        let start = self.at + 1;
        let end = start + plain_len(&text.as_bytes()[start..]);
        if text.as_bytes().get(end) == Some(&b'"') {
            self.at = end + 1;
            return Ok(Text::Plain(&text[start..end]));
        }
        self.at = start;
        self.unescape().map(Text::Unescaped)
    }

    /// Passes over the string whose opening quote comes next.
    pub(super) fn ignore_text(&mut self) -> Result<(), Error> {
        let bytes = self.text.as_bytes();
        self.at += 1;
        loop {
            self.at += plain_len(&bytes[self.at..]);
            match bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => match bytes.get(self.at + 1) {
                    Some(b'u') => {
                        self.at += 2;
                        self.hex()?;
                    }
                    Some(&escape) if plain_escape(escape).is_some() => self.at += 2,
                    _ => return Err(malformed()),
                },
                _ => return Err(malformed()),
            }
        }
    }

    /// Reads on to the closing quote.
    fn unescape(&mut self) -> Result<&str, Error> {
        let bytes = self.text.as_bytes();
        self.unescaped.clear();
        self.unescaped.reserve(UNESCAPED_BYTES_MIN);
        loop {
            // Eight bytes are copied at a time, and those that do not belong to it taken back.
            let stop = match bytes[self.at..].first_chunk() {
                Some(word) => {
                    let len = plain_len_of_word(u64::from_le_bytes(*word));
                    let kept = self.unescaped.len() + len;
                    self.unescaped.extend_from_slice(word);
                    self.unescaped.truncate(kept);
                    self.at += len;
                    if len == word.len() {
                        continue;
                    }
                    bytes[self.at]
                }
                None => {
                    let len = plain_len(&bytes[self.at..]);
                    self.unescaped.extend_from_slice(&bytes[self.at..self.at + len]);
                    self.at += len;
                    *bytes.get(self.at).ok_or_else(malformed)?
                }
            };
            match stop {
                b'"' => break,
                b'\\' => self.escape()?,
                _ => return Err(malformed()),
            }
        }
        self.at += 1;
        str::from_utf8(&self.unescaped).map_err(|_| malformed())
    }

    /// Reads the escape that comes next.
    fn escape(&mut self) -> Result<(), Error> {
        let escape = *self.text.as_bytes().get(self.at + 1).ok_or_else(malformed)?;
        self.at += 2;
        if let Some(byte) = plain_escape(escape) {
            self.unescaped.push(byte);
            return Ok(());
        }
        if escape != b'u' {
            return Err(malformed());
        }
        let unit = u32::from(self.hex()?);
        let code = match unit {
            0xD800..0xDC00 if self.text.as_bytes()[self.at..].starts_with(b"\\u") => {
                self.at += 2;
                match u32::from(self.hex()?) {
                    low @ 0xDC00..0xE000 => 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00),
                    _ => unit,
                }
            }
            unit => unit,
        };
        // What is left of the surrogates stands alone.
        let char = char::from_u32(code).ok_or_else(|| Error::custom("lone surrogate in a string"))?;
        let mut buffer = [0; 4];
        self.unescaped
            .extend_from_slice(char.encode_utf8(&mut buffer).as_bytes());
        Ok(())
    }

    /// Reads four hexadecimal digits.
    fn hex(&mut self) -> Result<u16, Error> {
        let digits = self.text.as_bytes()[self.at..]
            .first_chunk::<4>()
            .ok_or_else(malformed)?;
        let mut value = 0;
        for &digit in digits {
            let digit = char::from(digit).to_digit(16).ok_or_else(malformed)?;
            value = value << 4 | digit as u16;
        }
        self.at += 4;
        Ok(value)
    }
}

/// What an escape of one letter stands for.
#[inline]
fn plain_escape(letter: u8) -> Option<u8> {
    Some(match letter {
        b'"' | b'\\' | b'/' => letter,
        b'b' => 0x08,
        b'f' => 0x0C,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => return None,
    })
}
