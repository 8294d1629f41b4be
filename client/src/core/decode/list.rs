//! A list, item by item.

use std::{fmt, marker::PhantomData};

use bytes::Bytes;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::{
    Decode, Error,
    reader::Lengths,
    scan::{Scan, leading_space},
    window::Window,
};
use crate::core::{
    metadata::{ListMeta, TypeMeta},
    object::{ObjectList, untyped_list},
};

/// Decodes a list from chunks of its body, item by item.
///
/// Push a chunk, ask for items until there is none, push the next; at the end of the body, finish. The list's keys may come in any order. Items
/// are decoded in place where a chunk holds the whole of them.
///
/// ```
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use seatrial_client::core::decode::{Decode, ListDecoder};
///
/// # fn main() -> Result<(), seatrial_client::core::decode::Error> {
/// let mut decoder = ListDecoder::<ConfigMap>::new(Decode::default());
/// let mut names = Vec::new();
/// for chunk in [&br#"{"kind":"ConfigMapList","apiVersion":"v1","items":[{"metadata":{"na"#[..], br#"me":"a"}}]}"#] {
///     decoder.push(chunk.into());
///     while let Some(item) = decoder.next_item()? {
///         names.extend(item.metadata.name);
///     }
/// }
/// assert_eq!(names, ["a"]);
/// assert_eq!(decoder.finish()?.types.kind, "ConfigMapList");
/// # Ok(())
/// # }
/// ```
///
/// # Limits
/// Besides the item that is being decoded it holds a window of at most 256 KiB or twice the longest item that a chunk's end cuts.
pub struct ListDecoder<T> {
    window: Window,
    at: At,
    options: Decode,
    lengths: Lengths,
    /// How many items were found.
    items: usize,
    seen_items: bool,
    api_version: Option<Option<String>>,
    kind: Option<Option<String>>,
    metadata: Option<Option<ListMeta>>,
    _item: PhantomData<fn() -> T>,
}

/// What a list says besides its items.
#[derive(Clone, Debug, PartialEq)]
pub struct ListEnd {
    /// `apiVersion` and `kind` of the list; `v1` and `List` where the server named none.
    pub types: TypeMeta,
    /// The resource version of the list, and how to go on if it is a page.
    pub metadata: ListMeta,
}

/// Where in the list the next byte is.
#[derive(Debug)]
enum At {
    Start,
    /// After the opening brace, where the list may end at once.
    FirstKey,
    Key,
    Colon(Field),
    Value(Field),
    /// After the opening bracket, where the items may end at once.
    FirstItem,
    Item,
    AfterItem,
    AfterValue,
    /// After the closing brace: nothing but space may follow.
    End,
    /// In a value that is read as a whole.
    In(Whole, Scan),
    /// After bytes that made no sense: nothing behind them would.
    Broken,
}

#[derive(Clone, Copy, Debug)]
enum Whole {
    Key,
    Field(Field),
    Item,
}

#[derive(Clone, Copy, Debug)]
enum Field {
    ApiVersion,
    Kind,
    Metadata,
    Items,
    Unknown,
}

// === impl ListDecoder ===

impl<T: DeserializeOwned> ListDecoder<T> {
    /// Starts before the first byte of a body.
    pub fn new(options: Decode) -> Self {
        Self {
            window: Window::default(),
            at: At::Start,
            options,
            lengths: Lengths::default(),
            items: 0,
            seen_items: false,
            api_version: None,
            kind: None,
            metadata: None,
            _item: PhantomData,
        }
    }

    /// Takes the next chunk of the body.
    ///
    /// Ask for all items before: what is left of the last chunk is copied otherwise.
    pub fn push(&mut self, chunk: Bytes) {
        self.window.push(chunk);
    }

    /// The next item; `None` if it takes another chunk, or the list is at its end.
    ///
    /// # Errors
    /// [`Error::Item`] for an item that is not of its type; asking again goes on after it. All others end the list: from then on, there are no
    /// items.
    pub fn next_item(&mut self) -> Result<Option<T>, Error> {
        let result = self.step();
        if result.as_ref().is_err_and(|error| !error.is_recoverable()) {
            self.at = At::Broken;
            self.window.clear();
        }
        result
    }

    /// What the list says besides its items, at the end of the body.
    ///
    /// # Errors
    /// [`Error::Truncated`] if the list has not ended, or was broken before; [`Error::Malformed`] if it was none: an object or a table without
    /// `items` must not pass for an empty list, because whoever lists would take all that it knows for deleted.
    pub fn finish(self) -> Result<ListEnd, Error> {
        match self.at {
            At::End if !self.seen_items => Err(self.malformed("expected `items` before this")),
            At::End => Ok(ListEnd {
                types: TypeMeta::from_parts(self.api_version.flatten(), self.kind.flatten())
                    .unwrap_or_else(untyped_list),
                metadata: self.metadata.flatten().unwrap_or_default(),
            }),
            _ => Err(Error::Truncated {
                offset: self.window.offset(),
            }),
        }
    }

    fn step(&mut self) -> Result<Option<T>, Error> {
        loop {
            if let At::In(whole, scan) = &mut self.at {
                let whole = *whole;
                if matches!(whole, Whole::Item)
                    && self.window.is_cut()
                    && let Some(item) = self
                        .window
                        .try_take(|text| self.options.leading_object(text, &mut self.lengths))
                {
                    return Ok(Some(self.pass(item)));
                }
                let Some(n) = scan.advance(self.window.rest()) else {
                    self.window.keep_rest();
                    return Ok(None);
                };
                match self.read(whole, n)? {
                    Some(item) => return Ok(Some(item)),
                    None => continue,
                }
            }
            self.window.skip(leading_space(self.window.rest()));
            let Some(&byte) = self.window.rest().first() else {
                return Ok(None);
            };
            // A value's first byte is left for the scan; all others are passed.
            let (at, pass) = match (&self.at, byte) {
                (At::Broken, _) => {
                    self.window.clear();
                    return Ok(None);
                }
                (At::Start, b'{') => (At::FirstKey, true),
                (At::FirstKey, b'}') | (At::AfterValue, b'}') => (At::End, true),
                (At::FirstKey | At::Key, b'"') => (At::In(Whole::Key, Scan::new()), false),
                (At::Colon(field), b':') => (At::Value(*field), true),
                (At::FirstItem | At::AfterItem, b']') => (At::AfterValue, true),
                (At::Value(_) | At::FirstItem | At::Item, b',' | b':' | b']' | b'}') => {
                    return Err(self.malformed("expected a value"));
                }
                (At::Value(Field::Items), b'[') => (At::FirstItem, true),
                (At::Value(Field::Items), byte) if byte != b'n' => {
                    return Err(self.malformed("expected a list of items"));
                }
                (At::Value(field), _) => (At::In(Whole::Field(*field), Scan::new()), false),
                (At::FirstItem | At::Item, _) => {
                    if let Some(item) = self
                        .window
                        .try_take(|text| self.options.leading_object(text, &mut self.lengths))
                    {
                        return Ok(Some(self.pass(item)));
                    }
                    (At::In(Whole::Item, Scan::new()), false)
                }
                (At::AfterItem, b',') => (At::Item, true),
                (At::AfterValue, b',') => (At::Key, true),
                (At::Start, _) => return Err(self.malformed("expected an object")),
                (At::FirstKey | At::Key, _) => return Err(self.malformed("expected a key")),
                (At::Colon(_), _) => return Err(self.malformed("expected ':'")),
                (At::AfterItem, _) => return Err(self.malformed("expected ',' or ']'")),
                (At::AfterValue, _) => return Err(self.malformed("expected ',' or '}'")),
                (At::End, _) => return Err(self.malformed("expected the end")),
                (At::In(..), _) => continue,
            };
            if pass {
                self.window.skip(1);
            }
            self.at = at;
        }
    }

    /// Reads a value that ends after `n` more bytes.
    fn read(&mut self, whole: Whole, n: usize) -> Result<Option<T>, Error> {
        match whole {
            Whole::Key => {
                let key = self.take::<String>(n);
                let key = key.map_err(|_| self.malformed("expected a key before this"))?;
                self.at = At::Colon(self.field(&key)?);
                Ok(None)
            }
            Whole::Field(field) => {
                self.at = At::AfterValue;
                self.read_field(field, n)?;
                Ok(None)
            }
            Whole::Item => {
                self.at = At::AfterItem;
                let index = self.items;
                self.items += 1;
                let options = self.options;
                let item = self.window.take_value(n, |json| options.object(json));
                item.map(Some).map_err(|source| Error::Item { index, source })
            }
        }
    }

    /// Goes behind an item that was taken.
    fn pass(&mut self, item: T) -> T {
        self.at = At::AfterItem;
        self.items += 1;
        item
    }

    fn field(&mut self, key: &str) -> Result<Field, Error> {
        let (field, seen) = match key {
            "apiVersion" => (Field::ApiVersion, self.api_version.is_some()),
            "kind" => (Field::Kind, self.kind.is_some()),
            "metadata" => (Field::Metadata, self.metadata.is_some()),
            "items" => (Field::Items, std::mem::replace(&mut self.seen_items, true)),
            _ => (Field::Unknown, false),
        };
        if seen {
            Err(self.malformed("a key of the list is there twice"))
        } else {
            Ok(field)
        }
    }

    fn read_field(&mut self, field: Field, n: usize) -> Result<(), Error> {
        let (name, result) = match field {
            Field::ApiVersion => ("apiVersion", self.take_into(n, |list| &mut list.api_version)),
            Field::Kind => ("kind", self.take_into(n, |list| &mut list.kind)),
            Field::Metadata => ("metadata", self.take_into(n, |list| &mut list.metadata)),
            // A list's beginning is met before; what begins like null has to be it.
            Field::Items => ("items", self.take::<()>(n)),
            Field::Unknown => (
                "an unknown field",
                self.take::<IgnoredAny>(n).map(|IgnoredAny| ()),
            ),
        };
        result.map_err(|source| Error::Field { field: name, source })
    }

    fn take_into<V: DeserializeOwned>(
        &mut self,
        n: usize,
        place: fn(&mut Self) -> &mut Option<V>,
    ) -> Result<(), serde_json::Error> {
        let value = self.take(n)?;
        *place(self) = Some(value);
        Ok(())
    }

    fn take<V: DeserializeOwned>(&mut self, n: usize) -> Result<V, serde_json::Error> {
        self.window.take(n, |json| serde_json::from_slice(json))
    }

    fn malformed(&self, reason: &'static str) -> Error {
        Error::Malformed {
            offset: self.window.offset(),
            reason,
        }
    }
}

impl<T> fmt::Debug for ListDecoder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The window is left out: it holds parts of objects, which may be secret.
        f.debug_struct("ListDecoder")
            .field("items", &self.items)
            .field("offset", &self.window.offset())
            .finish_non_exhaustive()
    }
}

// === impl ListEnd ===

impl ListEnd {
    /// Puts the list together with its items.
    pub fn into_list<T: Clone>(self, items: Vec<T>) -> ObjectList<T> {
        ObjectList {
            types: self.types,
            metadata: self.metadata,
            items,
        }
    }
}
