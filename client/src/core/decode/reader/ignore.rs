//! Values that nobody asked for: passed over, but not without looking whether they are JSON.

use serde_json::Error;

use super::{Reader, malformed};

impl Reader<'_> {
    /// Passes over the value that comes next, however deep it is.
    pub(super) fn ignore(&mut self) -> Result<(), Error> {
        // What closes the objects and lists that are open, from the outside in.
        let mut open = Vec::new();
        loop {
            match self.peek()? {
                b'"' => self.ignore_text()?,
                b't' => self.word("true")?,
                b'f' => self.word("false")?,
                b'n' => self.word("null")?,
                b'{' => {
                    self.at += 1;
                    if self.peek()? != b'}' {
                        open.push(b'}');
                        self.ignore_key()?;
                        continue;
                    }
                    self.at += 1;
                }
                b'[' => {
                    self.at += 1;
                    if self.peek()? != b']' {
                        open.push(b']');
                        continue;
                    }
                    self.at += 1;
                }
                _ => self.ignore_number()?,
            }
            // Behind a value: all that ends here, and then the next value.
            loop {
                let Some(&close) = open.last() else {
                    return Ok(());
                };
                let byte = self.peek()?;
                self.at += 1;
                if byte == close {
                    open.pop();
                } else if byte == b',' {
                    if close == b'}' {
                        self.ignore_key()?;
                    }
                    break;
                } else {
                    return Err(malformed());
                }
            }
        }
    }

    #[inline]
    fn ignore_key(&mut self) -> Result<(), Error> {
        if self.peek()? != b'"' {
            return Err(malformed());
        }
        self.ignore_text()?;
        self.expect(b':')
    }

    fn ignore_number(&mut self) -> Result<(), Error> {
        let byte = |reader: &Self| reader.text.as_bytes().get(reader.at).copied();
        if byte(self) == Some(b'-') {
            self.at += 1;
        }
        if byte(self) == Some(b'0') {
            self.at += 1;
        } else {
            self.ignore_digits()?;
        }
        if byte(self) == Some(b'.') {
            self.at += 1;
            self.ignore_digits()?;
        }
        if let Some(b'e' | b'E') = byte(self) {
            self.at += 1;
            if let Some(b'+' | b'-') = byte(self) {
                self.at += 1;
            }
            self.ignore_digits()?;
        }
        Ok(())
    }

    fn ignore_digits(&mut self) -> Result<(), Error> {
        let rest = &self.text.as_bytes()[self.at..];
        match rest.iter().take_while(|byte| byte.is_ascii_digit()).count() {
            0 => Err(malformed()),
            len => {
                self.at += len;
                Ok(())
            }
        }
    }
}
