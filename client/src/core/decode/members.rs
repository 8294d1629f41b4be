//! The members of one JSON object that is whole, as places in its text.

use std::{borrow::Cow, ops::Range};

use super::scan::{Scan, leading_space};

/// Iterates over the members of an object; ends early where the text is no object.
pub(super) struct Members<'a> {
    text: &'a [u8],
    /// Where the next member begins, or the comma before it.
    at: usize,
    /// Whether no member was handed out yet, so that no comma stands before the next.
    first: bool,
}

/// One member: its key, and where its value is.
pub(super) struct Member<'a> {
    /// The key, unescaped.
    pub(super) key: Cow<'a, str>,
    /// Where the value is.
    pub(super) value: Range<usize>,
}

// === impl Members ===

impl<'a> Members<'a> {
    /// Splits an object; `None` if the text begins with none.
    pub(super) fn of(text: &'a [u8]) -> Option<Self> {
        let at = leading_space(text);
        (text.get(at) == Some(&b'{')).then_some(Self {
            text,
            at: at + 1,
            first: true,
        })
    }

    fn space(&mut self) -> Option<u8> {
        self.at += leading_space(&self.text[self.at..]);
        self.text.get(self.at).copied()
    }

    fn value(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let len = Scan::new().advance(&self.text[start..])?;
        self.at = start + len;
        Some(start..self.at)
    }

    /// Whether the object ended after the last member that was handed out, with nothing but space behind it.
    pub(super) fn ended(mut self) -> bool {
        if self.space() != Some(b'}') {
            return false;
        }
        self.at += 1;
        self.space().is_none()
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        let resume = self.at;
        let member = self.member();
        if member.is_none() {
            // Whoever asks whether the object ended must see what stands here.
            self.at = resume;
        }
        self.first = false;
        member
    }
}

impl<'a> Members<'a> {
    fn member(&mut self) -> Option<Member<'a>> {
        if !self.first {
            if self.space()? != b',' {
                return None;
            }
            self.at += 1;
        }
        if self.space()? != b'"' {
            return None;
        }
        let raw = self.value()?;
        let key = match &self.text[raw.clone()] {
            // Servers write keys plainly; the parser is for those that do not.
            escaped if escaped.contains(&b'\\') => Cow::Owned(serde_json::from_slice(escaped).ok()?),
            plain => Cow::Borrowed(str::from_utf8(&plain[1..plain.len() - 1]).ok()?),
        };
        if self.space()? != b':' {
            return None;
        }
        self.at += 1;
        self.space()?;
        let value = self.value()?;
        Some(Member { key, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> (Vec<(String, &str)>, bool) {
        let mut members = Members::of(text.as_bytes()).unwrap();
        let all = members
            .by_ref()
            .map(|m| (m.key.into_owned(), &text[m.value]))
            .collect();
        (all, members.ended())
    }

    #[test]
    fn objects_are_split() {
        assert_eq!(split("{}"), (vec![], true));
        assert_eq!(split(" { \"a\" : 1 } \n"), (vec![("a".into(), "1")], true));
        assert_eq!(
            split(r#"{"a":{"b":[1,2]},"\u0063":"}" ,"d":null}"#),
            (
                vec![
                    ("a".into(), r#"{"b":[1,2]}"#),
                    ("c".into(), r#""}""#),
                    ("d".into(), "null")
                ],
                true
            )
        );
    }

    #[test]
    fn what_is_no_object_is_seen() {
        assert!(Members::of(b"[]").is_none() && Members::of(b"").is_none());
        for text in [
            "{",
            "{\"a\"",
            "{\"a\":1",
            "{\"a\":1}x",
            "{\"a\" 1}",
            "{\"a\":1,}",
            "{a:1}",
            "{,}",
            "{,\"a\":1}",
            "{\"a\":1 \"b\":2}",
        ] {
            assert!(!split(text).1, "{text}");
        }
    }
}
