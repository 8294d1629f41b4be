//! What objects and lists are made of, one member or element at a time.

use serde::de::{DeserializeSeed, MapAccess, SeqAccess};
use serde_json::Error;

use super::{Place, Reader, key::Key, malformed};

/// The members of an object.
pub(super) struct Members<'r, 'de> {
    pub(super) reader: &'r mut Reader<'de>,
    pub(super) place: Place,
    /// Whether no member was read yet.
    pub(super) first: bool,
    /// Whether the value that comes next is the metadata of the root.
    pub(super) is_metadata: bool,
}

impl<'de> MapAccess<'de> for Members<'_, 'de> {
    type Error = Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        loop {
            match self.reader.peek()? {
                b'}' => return Ok(None),
                b',' if !self.first => {
                    self.reader.at += 1;
                    if self.reader.peek()? != b'"' {
                        return Err(malformed());
                    }
                }
                b'"' if self.first => self.first = false,
                _ => return Err(malformed()),
            }
            let key = self.reader.read_text()?;
            match self.place {
                Place::Elsewhere => {}
                Place::Root => self.is_metadata = key.as_str() == "metadata",
                Place::Metadata if key.as_str() == "managedFields" => {
                    self.reader.expect(b':')?;
                    self.reader.ignore()?;
                    continue;
                }
                Place::Metadata => {}
            }
            return seed.deserialize(Key(key)).map(Some);
        }
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        self.reader.expect(b':')?;
        if !self.is_metadata {
            return seed.deserialize(&mut *self.reader);
        }
        self.reader.place = Place::Metadata;
        let value = seed.deserialize(&mut *self.reader);
        // A value that is no object leaves it.
        self.reader.place = Place::Elsewhere;
        value
    }
}

/// The elements of a list.
pub(super) struct Elements<'r, 'de> {
    pub(super) reader: &'r mut Reader<'de>,
    /// How many elements were read.
    pub(super) read: usize,
    /// How many there may be; zero if nobody knows.
    pub(super) likely: usize,
}

impl<'de> SeqAccess<'de> for &mut Elements<'_, 'de> {
    type Error = Error;

    #[inline]
    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        match self.reader.peek()? {
            b']' => return Ok(None),
            b',' if self.read > 0 => {
                self.reader.at += 1;
                // A comma is no end.
                if self.reader.peek()? == b']' {
                    return Err(malformed());
                }
            }
            _ if self.read == 0 => {}
            _ => return Err(malformed()),
        }
        self.read += 1;
        seed.deserialize(&mut *self.reader).map(Some)
    }

    /// A guess. Who takes it for certain refuses the value or leaves some of it, and the value is read again by a reader that does not guess.
    fn size_hint(&self) -> Option<usize> {
        self.likely.checked_sub(self.read).filter(|left| *left > 0)
    }
}
