//! Strings: where they end, and what their escapes mean.

use serde::de::Error as _;
use serde_json::Error;

use super::{Reader, malformed};
use crate::core::decode::word::{plain_end, plain_len_of_word};

/// Room for most strings that have escapes: they are annotations that hold JSON.
const UNESCAPED_BYTES_MIN: usize = 1024;

/// How much one step adds to a string at most: eight plain bytes and an escape.
const UNESCAPED_STEP_BYTES: usize = 8 + 4;

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
        match self.read_plain() {
            Some(text) => Ok(Text::Plain(text)),
            None => self.unescape().map(Text::Unescaped),
        }
    }

    /// The same if it has no escapes; otherwise nothing is read.
    ///
    /// Most strings are such, and what is returned fits into registers.
    fn read_plain(&mut self) -> Option<&'de str> {
        let start = self.at + 1;
        let end = plain_end(self.text.as_bytes(), start);
        if self.text.as_bytes().get(end) != Some(&b'"') {
            return None;
        }
        self.at = end + 1;
        self.text.get(start..end)
    }

    /// Passes over the string whose opening quote comes next.
    ///
    /// What is passed over is mostly short keys, for which a call would be half of the cost.
    #[inline(always)]
    pub(super) fn ignore_text(&mut self) -> Result<(), Error> {
        let bytes = self.text.as_bytes();
        self.at += 1;
        loop {
            self.at = plain_end(bytes, self.at);
            match bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.ignore_escape()?,
                _ => return Err(malformed()),
            }
        }
    }

    fn ignore_escape(&mut self) -> Result<(), Error> {
        let letter = *self.text.as_bytes().get(self.at + 1).ok_or_else(malformed)?;
        self.at += 2;
        if letter == b'u' {
            self.hex()?;
        } else if plain_escape(letter).is_none() {
            return Err(malformed());
        }
        Ok(())
    }

    /// Reads the string whose opening quote comes next, and takes its escapes for what they mean.
    fn unescape(&mut self) -> Result<&str, Error> {
        let bytes = self.text.as_bytes();
        self.at += 1;
        // How much of the buffer is the string.
        let mut len = 0;
        loop {
            if self.unescaped.len() - len < UNESCAPED_STEP_BYTES {
                let room = UNESCAPED_BYTES_MIN.max(2 * self.unescaped.len());
                self.unescaped.resize(room, 0);
            }
            // Eight bytes are copied at a time, and those that do not belong to it overwritten.
            let stop = match bytes.get(self.at..).and_then(<[u8]>::first_chunk::<8>) {
                Some(word) => {
                    self.unescaped[len..len + word.len()].copy_from_slice(word);
                    let plain = plain_len_of_word(u64::from_le_bytes(*word));
                    self.at += plain;
                    len += plain;
                    match word.get(plain) {
                        Some(stop) => *stop,
                        None => continue,
                    }
                }
                None => {
                    let rest = &bytes[self.at..plain_end(bytes, self.at)];
                    self.unescaped[len..len + rest.len()].copy_from_slice(rest);
                    self.at += rest.len();
                    len += rest.len();
                    *bytes.get(self.at).ok_or_else(malformed)?
                }
            };
            match stop {
                b'"' => break,
                b'\\' => len = self.escape(len)?,
                _ => return Err(malformed()),
            }
        }
        self.at += 1;
        str::from_utf8(&self.unescaped[..len]).map_err(|_| malformed())
    }

    /// Reads the escape that comes next, behind so many bytes of the string, and says how many there are then.
    #[inline]
    fn escape(&mut self, len: usize) -> Result<usize, Error> {
        let letter = *self.text.as_bytes().get(self.at + 1).ok_or_else(malformed)?;
        self.at += 2;
        if let Some(byte) = plain_escape(letter) {
            self.unescaped[len] = byte;
            return Ok(len + 1);
        }
        if letter != b'u' {
            return Err(malformed());
        }
        let char = self.escaped_char()?;
        Ok(len + char.encode_utf8(&mut self.unescaped[len..]).len())
    }

    /// Reads what follows `\\u`.
    fn escaped_char(&mut self) -> Result<char, Error> {
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
        char::from_u32(code).ok_or_else(|| Error::custom("lone surrogate in a string"))
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
