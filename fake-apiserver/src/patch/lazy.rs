//! A document of which only those parts are read that a patch touches.
//!
//! The server's libraries work this way, and it shows: numbers and strings are compared by their text, and errors quote
//! what was not touched in its former order.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::gojson;

/// A value of a document.
#[derive(Clone, Debug)]
pub(super) enum Node<'a> {
    Null,
    /// Checked JSON text, not read yet.
    Text(&'a str),
    Object(Members<'a>),
    Array(Vec<Node<'a>>),
}

/// The members of an object, sorted.
pub(super) type Members<'a> = BTreeMap<Cow<'a, str>, Node<'a>>;

impl<'a> Node<'a> {
    /// Takes checked JSON text.
    pub(super) fn new(text: &'a str) -> Self {
        match text.trim() {
            "null" => Self::Null,
            text => Self::Text(text),
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The members, read now if they were not before; `None` where this is no object.
    pub(super) fn as_object(&mut self) -> Option<&mut Members<'a>> {
        if let Self::Text(text) = self
            && let Some(members) = gojson::object(text)
        {
            *self = Self::Object(
                members
                    .into_iter()
                    .map(|(key, value)| (key, Self::new(value)))
                    .collect(),
            );
        }
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The items, read now if they were not before; `None` where this is no array.
    pub(super) fn as_array(&mut self) -> Option<&mut Vec<Self>> {
        if let Self::Text(text) = self
            && let Some(items) = gojson::array(text)
        {
            *self = Self::Array(items.into_iter().map(Self::new).collect());
        }
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The document's text: what was read has its keys sorted, the rest stands as it was.
    pub(super) fn text(&self) -> String {
        let mut out = String::with_capacity(512);
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Text(text) => gojson::put_compact(text, out),
            Self::Array(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    out.push_str(if i > 0 { "," } else { "" });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (i, (key, value)) in members.iter().enumerate() {
                    out.push_str(if i > 0 { "," } else { "" });
                    gojson::put_string(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// Whether both stand for one value, in the eyes of the server: numbers and strings count as written.
    pub(super) fn same(&mut self, other: &mut Self) -> bool {
        if self.is_null() || other.is_null() {
            return self.is_null() && other.is_null();
        }
        if let Some(mine) = self.as_object() {
            let Some(theirs) = other.as_object() else {
                return false;
            };
            return mine.len() == theirs.len()
                && mine
                    .iter_mut()
                    .all(|(key, value)| theirs.get_mut(key).is_some_and(|other| value.same(other)));
        }
        if let Some(mine) = self.as_array() {
            let Some(theirs) = other.as_array() else {
                return false;
            };
            return mine.len() == theirs.len() && mine.iter_mut().zip(theirs).all(|(a, b)| a.same(b));
        }
        matches!((self, other), (Self::Text(a), Self::Text(b)) if a == b)
    }
}
