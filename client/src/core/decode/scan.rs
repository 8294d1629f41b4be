//! Where a JSON value ends, found without reading what is in it.
//!
//! Brackets are counted and strings passed over; whether the value is well formed is the decoder's to say, which reads it once it is whole.

use memchr::memchr2;

/// How deep a value may be nested: serde_json's own limit, reached before any memory is spent on what it would refuse.
pub(super) const DEPTH_MAX: u32 = 128;

/// A position in one JSON value. The bytes may come in pieces, cut anywhere; each is looked at once.
#[derive(Debug)]
pub(super) struct Scan {
    state: State,
    depth: u32,
}

#[derive(Debug)]
enum State {
    /// Before the first byte of the value.
    Start,
    /// In a number, `true`, `false` or `null`, which end where something else begins.
    Scalar,
    /// In a string; a backslash was the last byte if `escaped`.
    Text { escaped: bool },
    /// In an object or a list, outside of strings.
    Container,
}

/// Brackets are open [`DEPTH_MAX`] deep.
#[derive(Debug, PartialEq)]
pub(super) struct TooDeep;

// === impl Scan ===

impl Scan {
    /// Starts before a value, whose first byte comes next (no space).
    pub(super) fn new() -> Self {
        Self {
            state: State::Start,
            depth: 0,
        }
    }

    /// Goes on to the end of the value or of the bytes, and returns how many bytes still belong to the value if it ends here.
    pub(super) fn advance(&mut self, bytes: &[u8]) -> Result<Option<usize>, TooDeep> {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            match &mut self.state {
                State::Start => {
                    at += 1;
                    match byte {
                        b'{' | b'[' => self.open()?,
                        b'"' => self.state = State::Text { escaped: false },
                        _ => self.state = State::Scalar,
                    }
                }
                State::Scalar => match byte {
                    b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n' => return Ok(Some(at)),
                    _ => at += 1,
                },
                State::Text {
                    escaped: escaped @ true,
                } => {
                    *escaped = false;
                    at += 1;
                }
                State::Text { escaped } => match memchr2(b'"', b'\\', &bytes[at..]) {
                    None => return Ok(None),
                    Some(skip) => {
                        at += skip + 1;
                        if bytes[at - 1] == b'\\' {
                            *escaped = true;
                        } else if self.depth == 0 {
                            return Ok(Some(at));
                        } else {
                            self.state = State::Container;
                        }
                    }
                },
                State::Container => {
                    let rest = &bytes[at..];
                    let Some(skip) = rest
                        .iter()
                        .position(|b| matches!(b, b'"' | b'{' | b'}' | b'[' | b']'))
                    else {
                        return Ok(None);
                    };
                    at += skip + 1;
                    match rest[skip] {
                        b'"' => self.state = State::Text { escaped: false },
                        b'{' | b'[' => self.open()?,
                        _ => {
                            self.depth -= 1;
                            if self.depth == 0 {
                                return Ok(Some(at));
                            }
                        }
                    }
                }
            }
        }
        Ok(None)
    }

    fn open(&mut self) -> Result<(), TooDeep> {
        if self.depth == DEPTH_MAX {
            return Err(TooDeep);
        }
        self.depth += 1;
        self.state = State::Container;
        Ok(())
    }
}

/// How many bytes of space the text begins with.
pub(super) fn leading_space(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .position(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
        .unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, end: Option<usize>) {
        // Whole, and then byte by byte.
        assert_eq!(Scan::new().advance(text.as_bytes()), Ok(end));
        let mut scan = Scan::new();
        let found =
            (0..text.len()).find_map(|i| scan.advance(&text.as_bytes()[i..=i]).unwrap().map(|n| i + n));
        assert_eq!(found, end);
    }

    #[test]
    fn values_end_where_they_end() {
        check("{}", Some(2));
        check(r#"{"a":[1,{"b":"}"}]},"#, Some(19));
        check(r#""a\"b" "#, Some(6));
        check(r#""\\","#, Some(4));
        check("12.5e3,", Some(6));
        check("null}", Some(4));
        check("12", None);
        check(r#""abc"#, None);
        check(r#"["\"]"#, None);
        check("[[]", None);
        check("", None);
    }

    #[test]
    fn depth_is_bounded() {
        let deep = "[".repeat(DEPTH_MAX as usize);
        assert_eq!(Scan::new().advance(deep.as_bytes()), Ok(None));
        assert_eq!(Scan::new().advance(format!("{deep}[").as_bytes()), Err(TooDeep));
    }
}
