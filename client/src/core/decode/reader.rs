//! JSON text into values of types, for objects as servers write them.
//!
//! `serde_json` is the measure: what it takes is taken, what it refuses is refused, and the values are the same; tests hold the two side by
//! side. This reader is there because decoding is most of what a client does, and because it knows which members to pass over, which a parser for
//! any document cannot. It looks at eight bytes of a string at a time, keeps no position but one, and parses what is rare (fractions, enums with content,
//! bytes) through `serde_json`.
//!
//! Reading order: `text.rs` has strings, `ignore.rs` what is passed over, `lengths.rs` what earlier objects tell; then the reader, and `access.rs` and
//! `key.rs` for its members and their keys.

mod access;
mod ignore;
mod key;
mod lengths;
mod text;

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, Error as _, Expected, IgnoredAny, IntoDeserializer, Unexpected, Visitor,
        value::StrDeserializer,
    },
};
use serde_json::{Error, Number, de::StrRead};

pub(super) use self::lengths::Lengths;
use self::{
    access::{Elements, Members},
    text::Text,
};
use super::{ManagedFields, scan::leading_space};

/// As deep as `serde_json` follows objects and lists into each other.
const DEPTH_MAX: u8 = 127;

/// How many digits no `u64` and no `i64` is too small for.
const PLAIN_DIGITS_MAX: usize = 18;

/// Reads one value from the beginning of a text.
pub(super) struct Reader<'de> {
    text: &'de str,
    at: usize,
    /// How many objects and lists are open.
    depth: u8,
    /// What the next object is.
    place: Place,
    /// The last string that had escapes, and what is left of those before it.
    unescaped: Vec<u8>,
    lengths: Lengths,
}

/// Where an object stands, as far as that matters for its managed fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It is the one whose metadata has managed fields that are not wanted.
    Root,
    /// It is that metadata.
    Metadata,
    Elsewhere,
}

/// Decodes a whole text.
pub(super) fn read<T: DeserializeOwned>(text: &str, managed_fields: ManagedFields) -> Result<T, Error> {
    let mut reader = Reader::new(text, managed_fields, Lengths::default());
    // Not taken apart either.
    let value = T::deserialize(&mut reader);
    match &value {
        Ok(_) => match reader.end() {
            Ok(()) => value,
            Err(error) => Err(reader.explain(&error)),
        },
        Err(error) => Err(reader.explain(error)),
    }
}

// === impl Reader ===

impl<'de> Reader<'de> {
    /// Starts at the beginning of a text that is like those in which lists had these lengths.
    pub(super) fn new(text: &'de str, managed_fields: ManagedFields, lengths: Lengths) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            place: match managed_fields {
                ManagedFields::Keep => Place::Elsewhere,
                ManagedFields::Skip => Place::Root,
            },
            unescaped: Vec::new(),
            lengths,
        }
    }

    /// How much was read.
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    /// How long the lists were.
    pub(super) fn lengths(&self) -> Lengths {
        self.lengths
    }

    /// Passes over a byte that has to come next, and the space before it.
    #[inline]
    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Error> {
        if self.peek()? != byte {
            return Err(malformed());
        }
        self.at += 1;
        Ok(())
    }

    /// Reads the string that has to come next.
    pub(super) fn string(&mut self) -> Result<&str, Error> {
        match self.peek()? {
            b'"' => self.read_text().map(Text::into_str),
            _ => Err(malformed()),
        }
    }

    /// The next byte that is not space, which is not passed.
    #[inline]
    fn peek(&mut self) -> Result<u8, Error> {
        match self.text.as_bytes().get(self.at) {
            // Servers write none.
            Some(&byte) if byte > b' ' => Ok(byte),
            _ => self.peek_behind_space(),
        }
    }

    fn peek_behind_space(&mut self) -> Result<u8, Error> {
        let bytes = self.text.as_bytes();
        self.at += leading_space(&bytes[self.at..]);
        bytes.get(self.at).copied().ok_or_else(malformed)
    }

    /// Makes sure that nothing but space follows.
    fn end(&self) -> Result<(), Error> {
        let rest = &self.text.as_bytes()[self.at..];
        if leading_space(rest) == rest.len() {
            Ok(())
        } else {
            Err(malformed())
        }
    }

    /// Enters an object or a list, and leaves it once `read` has read its members.
    fn nested<T>(
        &mut self,
        close: u8,
        read: impl FnOnce(&mut Self, Place) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.depth == DEPTH_MAX {
            return Err(Error::custom("recursion limit exceeded"));
        }
        self.at += 1;
        self.depth += 1;
        let place = std::mem::replace(&mut self.place, Place::Elsewhere);
        // Taken apart and put together again, the value would be moved twice, and there are large ones.
        let value = read(self, place);
        if value.is_ok() {
            self.depth -= 1;
            self.expect(close)?;
        }
        value
    }

    fn object<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        self.nested(b'}', |reader, place| {
            visitor.visit_map(Members {
                reader,
                place,
                first: true,
                is_metadata: false,
            })
        })
    }

    fn list<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        let place = Lengths::place(&self.text.as_bytes()[..self.at]);
        let likely = self.lengths.at(place);
        self.nested(b']', |reader, _| {
            let mut elements = Elements {
                reader: &mut *reader,
                read: 0,
                likely,
            };
            let value = visitor.visit_seq(&mut elements)?;
            let read = elements.read;
            reader.lengths.note(place, read);
            Ok(value)
        })
    }

    fn word(&mut self, word: &str) -> Result<(), Error> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return Err(malformed());
        }
        self.at += word.len();
        Ok(())
    }

    /// A number: plain integers are read here, and all others as `serde_json` does.
    #[inline]
    fn number<V: Visitor<'de>>(&mut self, visitor: V, other: Other<'de, V>) -> Result<V::Value, Error> {
        let bytes = self.text.as_bytes();
        let is_negative = bytes.get(self.at) == Some(&b'-');
        let start = self.at + usize::from(is_negative);
        let mut end = start;
        let mut value = 0_u64;
        while let Some(digit @ b'0'..=b'9') = bytes.get(end)
            && end - start < PLAIN_DIGITS_MAX
        {
            value = value * 10 + u64::from(digit - b'0');
            end += 1;
        }
        let is_plain = match bytes.get(start) {
            Some(b'1'..=b'9') => true,
            Some(b'0') => end == start + 1 && !is_negative,
            _ => false,
        };
        if !is_plain || matches!(bytes.get(end), Some(b'0'..=b'9' | b'.' | b'e' | b'E')) {
            return self.hand_over(|json| other(json, visitor));
        }
        self.at = end;
        if is_negative {
            visitor.visit_i64(-(value as i64))
        } else {
            visitor.visit_u64(value)
        }
    }

    /// Has `serde_json` parse the value that comes next.
    fn hand_over<T>(&mut self, parse: impl FnOnce(&mut Json<'de>) -> Result<T, Error>) -> Result<T, Error> {
        self.peek()?;
        let start = self.at;
        self.ignore()?;
        let mut json = Json::from_str(&self.text[start..self.at]);
        parse(&mut json)
            .and_then(|value| json.end().map(|()| value))
            .map_err(|error| without_place(&error))
    }

    /// The value that comes next is none that the visitor can take.
    #[cold]
    fn unexpected(&mut self, expected: &dyn Expected) -> Error {
        let Ok(byte) = self.peek() else {
            return malformed();
        };
        let start = self.at;
        if self.ignore().is_err() {
            return malformed();
        }
        let text = &self.text[start..self.at];
        match byte {
            b'"' => match serde_json::from_str::<String>(text) {
                Ok(text) => Error::invalid_type(Unexpected::Str(&text), expected),
                Err(_) => malformed(),
            },
            b'{' => Error::invalid_type(Unexpected::Map, expected),
            b'[' => Error::invalid_type(Unexpected::Seq, expected),
            b't' | b'f' => Error::invalid_type(Unexpected::Bool(byte == b't'), expected),
            b'n' => Error::invalid_type(Unexpected::Unit, expected),
            _ => match serde_json::from_str::<Number>(text) {
                Ok(number) => Error::invalid_type(unexpected_number(&number), expected),
                Err(_) => malformed(),
            },
        }
    }

    /// Says what is wrong with the text, and where.
    #[cold]
    fn explain(&self, error: &Error) -> Error {
        if let Err(error) = serde_json::from_str::<IgnoredAny>(self.text) {
            return error;
        }
        let before = &self.text.as_bytes()[..self.at];
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        let column = before.len() - memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        // The place is taken out of the words again, so that it can be asked for.
        Error::custom(format_args!("{error} at line {line} column {column}"))
    }
}

type Json<'de> = serde_json::Deserializer<StrRead<'de>>;

/// How `serde_json` parses what is rare.
type Other<'de, V> = fn(&mut Json<'de>, V) -> Result<<V as serde::de::Visitor<'de>>::Value, Error>;

/// An error in a part of the text, whose place is none in the whole.
#[cold]
fn without_place(error: &Error) -> Error {
    let words = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    Error::custom(words.strip_suffix(&place).unwrap_or(&words))
}

/// The words are found by [`Reader::explain`] for what is no JSON at all.
#[cold]
fn malformed() -> Error {
    Error::custom("malformed JSON")
}

fn unexpected_number(number: &Number) -> Unexpected<'static> {
    match (number.as_u64(), number.as_i64()) {
        (Some(number), _) => Unexpected::Unsigned(number),
        (_, Some(number)) => Unexpected::Signed(number),
        _ => Unexpected::Float(number.as_f64().unwrap_or(f64::NAN)),
    }
}

// === The deserializer ===

/// Methods for numbers, which are all written alike.
macro_rules! numbers {
    ($($method:ident)*) => {
        $(#[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.peek()? {
                b'-' | b'0'..=b'9' => self.number(visitor, |json, visitor| json.$method(visitor)),
                _ => Err(self.unexpected(&visitor)),
            }
        })*
    };
}

/// Methods that are rare enough to be `serde_json`'s.
macro_rules! rare {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.hand_over(|json| json.$method(visitor))
        })*
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Error;

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_f32 deserialize_f64
    }

    rare! { deserialize_i128 deserialize_u128 deserialize_bytes deserialize_byte_buf }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek()? {
            b'"' => self.deserialize_str(visitor),
            b'{' => self.object(visitor),
            b'[' => self.list(visitor),
            b't' | b'f' => self.deserialize_bool(visitor),
            b'n' => self.deserialize_unit(visitor),
            b'-' | b'0'..=b'9' => self.number(visitor, |json, visitor| json.deserialize_any(visitor)),
            _ => Err(malformed()),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek()? {
            b't' => {
                self.word("true")?;
                visitor.visit_bool(true)
            }
            b'f' => {
                self.word("false")?;
                visitor.visit_bool(false)
            }
            _ => Err(self.unexpected(&visitor)),
        }
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek()? {
            b'"' => match self.read_text()? {
                Text::Plain(text) => visitor.visit_borrowed_str(text),
                Text::Unescaped(text) => visitor.visit_str(text),
            },
            _ => Err(self.unexpected(&visitor)),
        }
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.peek()? == b'n' {
            self.word("null")?;
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.peek()? == b'n' {
            self.word("null")?;
            visitor.visit_unit()
        } else {
            Err(self.unexpected(&visitor))
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        // What `RawValue` asks for is a secret of its crate.
        if name == "$serde_json::private::RawValue" {
            return self.hand_over(|json| json.deserialize_newtype_struct(name, visitor));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek()? {
            b'[' => self.list(visitor),
            _ => Err(self.unexpected(&visitor)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek()? {
            b'{' => self.object(visitor),
            _ => Err(self.unexpected(&visitor)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.peek()? {
            b'{' => self.object(visitor),
            b'[' => self.list(visitor),
            _ => Err(self.unexpected(&visitor)),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.peek()? {
            b'"' => {
                let variant: StrDeserializer<'_, Error> = self.read_text()?.into_str().into_deserializer();
                visitor.visit_enum(variant)
            }
            // A variant with content.
            _ => self.hand_over(|json| json.deserialize_enum(name, variants, visitor)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.ignore()?;
        visitor.visit_unit()
    }
}

#[cfg(test)]
mod tests;
