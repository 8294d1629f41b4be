//! Where a JSON value ends, found without reading what is in it.
//!
//! Brackets are counted and strings passed over; whether the value is well formed is the decoder's to say, which reads it once it is whole.

use super::word::quoted_end;

/// A position in one JSON value. The bytes may come in pieces, cut anywhere; each is looked at once.
#[derive(Debug)]
pub(super) struct Scan {
    state: State,
    /// How many brackets are open. How many may be is the parser's to say.
    depth: usize,
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
    pub(super) fn advance(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            match &mut self.state {
                State::Start => {
                    at += 1;
                    match byte {
                        b'{' | b'[' => self.open(),
                        b'"' => self.state = State::Text { escaped: false },
                        _ => self.state = State::Scalar,
                    }
                }
                State::Scalar => match byte {
                    b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n' => return Some(at),
                    _ => at += 1,
                },
                State::Text {
                    escaped: escaped @ true,
                } => {
                    *escaped = false;
                    at += 1;
                }
                State::Text { escaped } => {
                    at = quoted_end(bytes, at);
                    let end = *bytes.get(at)?;
                    at += 1;
                    if end == b'\\' {
                        *escaped = true;
                    } else if self.depth == 0 {
                        return Some(at);
                    } else {
                        self.state = State::Container;
                    }
                }
                State::Container => {
                    at += 1;
                    match byte {
                        b'"' => self.state = State::Text { escaped: false },
                        b'{' | b'[' => self.open(),
                        b'}' | b']' => {
                            self.depth -= 1;
                            if self.depth == 0 {
                                return Some(at);
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
        None
    }

    fn open(&mut self) {
        self.depth += 1;
        self.state = State::Container;
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
        assert_eq!(Scan::new().advance(text.as_bytes()), end);
        let mut scan = Scan::new();
        let found = (0..text.len()).find_map(|i| scan.advance(&text.as_bytes()[i..=i]).map(|n| i + n));
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
    fn depth_is_not_bounded_here() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(Scan::new().advance(deep.as_bytes()), Some(200_000));
        assert_eq!(Scan::new().advance(&deep.as_bytes()[1..]), Some(199_998));
    }
}
