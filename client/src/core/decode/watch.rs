//! A watch, event by event.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use bytes::Bytes;
use serde::{
    Deserialize,
    de::{DeserializeOwned, Error as _, IgnoredAny},
};
use serde_json::Value;

use super::{
    Decode, Error,
    members::Members,
    reader::Lengths,
    scan::{Scan, leading_space},
    window::Window,
};
use crate::core::{
    metadata::TypeMeta,
    response::{Status, reason},
    watch::{Bookmark, BookmarkMeta, WatchEvent},
};

/// How much of an error event's object that is no `Status` its message repeats.
const EXCERPT_CHARS_MAX: usize = 300;

/// Decodes a watch from chunks of its body, event by event.
///
/// Push a chunk, ask for events until there is none, push the next; at the end of the body, finish. An event is handed out as soon as its last byte
/// is there; line breaks between events are not needed and those inside do not matter.
///
/// # Limits
/// As [`ListDecoder`](super::ListDecoder): a window of at most 256 KiB or twice the longest event that a chunk's end cuts.
pub struct WatchDecoder<K> {
    window: Window,
    /// The event that the next byte is in, if any.
    frame: Option<Scan>,
    options: Decode,
    lengths: Lengths,
    /// How many events were found.
    events: usize,
    /// Whether bytes made no sense, so that nothing behind them would.
    broken: bool,
    _object: PhantomData<fn() -> K>,
}

// === impl WatchDecoder ===

impl<K: DeserializeOwned> WatchDecoder<K> {
    /// Starts before the first byte of a body.
    pub fn new(options: Decode) -> Self {
        Self {
            window: Window::default(),
            frame: None,
            options,
            lengths: Lengths::default(),
            events: 0,
            broken: false,
            _object: PhantomData,
        }
    }

    /// Takes the next chunk of the body.
    ///
    /// Ask for all events before: what is left of the last chunk is copied otherwise.
    pub fn push(&mut self, chunk: Bytes) {
        self.window.push(chunk);
    }

    /// The next event; `None` if it takes another chunk.
    ///
    /// An event of type `ERROR` is an event, not an error, whatever its object is: one that is no [`Status`] becomes one.
    ///
    /// # Errors
    /// [`Error::Event`] for an event that is not what it should be; asking again goes on after it. All others end the watch: from then on,
    /// there are no events.
    pub fn next_event(&mut self) -> Result<Option<WatchEvent<K>>, Error> {
        let result = self.step();
        if result.as_ref().is_err_and(|error| !error.is_recoverable()) {
            self.broken = true;
            self.window.clear();
        }
        result
    }

    /// Says whether the body ended between two events.
    ///
    /// # Errors
    /// [`Error::Truncated`] if it ended within one, which is dropped: what it would have said is not known. Resume from the event before.
    pub fn finish(self) -> Result<(), Error> {
        if self.frame.is_some() || self.broken || leading_space(self.window.rest()) < self.window.rest().len()
        {
            return Err(Error::Truncated {
                offset: self.window.offset(),
            });
        }
        Ok(())
    }

    fn step(&mut self) -> Result<Option<WatchEvent<K>>, Error> {
        if self.broken {
            self.window.clear();
            return Ok(None);
        }
        if self.frame.is_none() {
            self.window.skip(leading_space(self.window.rest()));
            match self.window.rest().first() {
                None => return Ok(None),
                Some(b'{') => {
                    if let Some(event) = self
                        .window
                        .try_take(|text| plain_event(text, self.options, &mut self.lengths))
                    {
                        self.events += 1;
                        return Ok(Some(event));
                    }
                    self.frame = Some(Scan::new());
                }
                Some(_) => {
                    return Err(Error::Malformed {
                        offset: self.window.offset(),
                        reason: "expected a watch event",
                    });
                }
            }
        }
        let Some(scan) = &mut self.frame else {
            return Ok(None);
        };
        if self.window.is_cut()
            && let Some(event) = self
                .window
                .try_take(|text| plain_event(text, self.options, &mut self.lengths))
        {
            self.frame = None;
            self.events += 1;
            return Ok(Some(event));
        }
        let Some(n) = scan.advance(self.window.rest()) else {
            self.window.keep_rest();
            return Ok(None);
        };
        self.frame = None;
        let index = self.events;
        self.events += 1;
        let options = self.options;
        let event = self.window.take_value(n, |frame| decode_event(frame, options));
        event.map(Some).map_err(|source| Error::Event { index, source })
    }
}

impl<K> fmt::Debug for WatchDecoder<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The window is left out: it holds parts of objects, which may be secret.
        f.debug_struct("WatchDecoder")
            .field("events", &self.events)
            .field("offset", &self.window.offset())
            .finish_non_exhaustive()
    }
}

/// Decodes the event that the text begins with if it is one of an object, in the form in which servers write it: what happened, then the object, and
/// nothing else.
fn plain_event<K: DeserializeOwned>(
    text: &[u8],
    options: Decode,
    lengths: &mut Lengths,
) -> Option<(WatchEvent<K>, usize)> {
    options.leading(text, lengths, |reader| {
        let other = || serde_json::Error::custom("an event of another form");
        reader.expect(b'{')?;
        if reader.string()? != "type" {
            return Err(other());
        }
        reader.expect(b':')?;
        let event = match reader.string()? {
            "ADDED" => WatchEvent::Added,
            "MODIFIED" => WatchEvent::Modified,
            "DELETED" => WatchEvent::Deleted,
            _ => return Err(other()),
        };
        reader.expect(b',')?;
        if reader.string()? != "object" {
            return Err(other());
        }
        reader.expect(b':')?;
        let object = K::deserialize(&mut *reader)?;
        reader.expect(b'}')?;
        Ok(event(object))
    })
}

/// Decodes an event of any form.
fn decode_event<K: DeserializeOwned>(
    frame: &[u8],
    options: Decode,
) -> Result<WatchEvent<K>, serde_json::Error> {
    let (mut kind, mut object) = (None, None);
    let Some(mut members) = Members::of(frame) else {
        return Err(serde_json::Error::custom("a watch event is an object"));
    };
    for member in members.by_ref() {
        let value = &frame[member.value];
        match &*member.key {
            "type" => kind = Some(serde_json::from_slice::<String>(value)?),
            "object" => object = Some(value),
            _ => {
                serde_json::from_slice::<IgnoredAny>(value)?;
            }
        }
    }
    if !members.ended() {
        // The parser says best what is wrong with the text.
        serde_json::from_slice::<IgnoredAny>(frame)?;
        return Err(serde_json::Error::custom("malformed watch event"));
    }
    let kind = kind.ok_or_else(|| serde_json::Error::missing_field("type"))?;
    let object = object.ok_or_else(|| serde_json::Error::missing_field("object"))?;
    Ok(match kind.as_str() {
        "ADDED" => WatchEvent::Added(options.object(object)?),
        "MODIFIED" => WatchEvent::Modified(options.object(object)?),
        "DELETED" => WatchEvent::Deleted(options.object(object)?),
        "BOOKMARK" => WatchEvent::Bookmark(decode_bookmark(object)?),
        "ERROR" => WatchEvent::Error(decode_status(object)?.boxed()),
        other => {
            return Err(serde_json::Error::custom(format_args!(
                "unknown type {:?} of a watch event",
                excerpt(other)
            )));
        }
    })
}

/// Reads the resource version and the annotations of a bookmark, whose other fields, required ones too, are empty.
fn decode_bookmark(object: &[u8]) -> Result<Bookmark, serde_json::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        api_version: Option<String>,
        kind: Option<String>,
        metadata: Option<Meta>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Meta {
        resource_version: Option<String>,
        annotations: Option<BTreeMap<String, String>>,
    }

    let wire: Wire = serde_json::from_slice(object)?;
    let meta = wire
        .metadata
        .ok_or_else(|| serde_json::Error::missing_field("metadata"))?;
    // Without a version it marks nothing; resuming from an empty one would lose what happened in between.
    let resource_version = meta
        .resource_version
        .filter(|version| !version.is_empty())
        .ok_or_else(|| serde_json::Error::missing_field("resourceVersion"))?;
    Ok(Bookmark {
        types: TypeMeta {
            api_version: wire.api_version.unwrap_or_default(),
            kind: wire.kind.unwrap_or_default(),
        },
        metadata: BookmarkMeta {
            resource_version,
            annotations: meta.annotations.unwrap_or_default(),
        },
    })
}

/// Reads the status of an error event; a proxy in between may have put something else there.
fn decode_status(object: &[u8]) -> Result<Status, serde_json::Error> {
    let value: Value = serde_json::from_slice(object)?;
    let is_status = value.get("kind").is_none_or(|kind| kind == "Status");
    let status = Status::deserialize(&value)
        .ok()
        .filter(|status| is_status && *status != Status::default());
    Ok(status.unwrap_or_else(|| {
        let text = format!(
            "the watch failed with no Status but {}",
            excerpt(&value.to_string())
        );
        Status::failure(&text, reason::UNKNOWN).with_code(500)
    }))
}

/// A short, one-line beginning of a text.
fn excerpt(text: &str) -> String {
    // Only as much as can matter is looked at: the text may be megabytes long.
    let mut words = text.split_whitespace().flat_map(|word| word.chars().chain([' ']));
    let mut short: String = words.by_ref().take(EXCERPT_CHARS_MAX).collect();
    let more = words.next().is_some();
    short.truncate(short.trim_end().len());
    if more {
        short.push('…');
    }
    short
}
