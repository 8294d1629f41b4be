//! The service that both clients talk to: a collection of objects that are alike, listed, watched and read.
//!
//! Bodies are made while they are read, in the chunks of a connection, and belong to the reader as bytes that came from a
//! socket do. So a large answer costs no memory but the reader's, and both sides pay the same for its making.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    ops::Range,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response, header};
use http_body::Frame;
use tower::Service;

/// How much a connection delivers at a time.
const CHUNK_BYTES: usize = 32 << 10;

/// The version of the list; events have later ones.
const LIST_VERSION: u64 = 1_000_000;

/// The text of an object, cut where its name, UID and resource version are.
#[derive(Clone, Debug)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Text(Box<str>),
    Name,
    Uid,
    Version,
}

impl Template {
    /// An object's JSON. The first `name`, `uid` and `resourceVersion` in it are its own and are replaced.
    pub fn new(json: &str) -> Self {
        let mut places = Vec::new();
        for (key, part) in [
            ("name", Part::Name),
            ("uid", Part::Uid),
            ("resourceVersion", Part::Version),
        ] {
            let key = format!("\"{key}\":\"");
            if let Some(at) = json.find(&key) {
                let start = at + key.len();
                let len = json[start..].find('"').expect("the object is JSON");
                places.push((start..start + len, part));
            }
        }
        places.sort_by_key(|(place, _)| place.start);
        let (mut parts, mut at) = (Vec::new(), 0);
        for (place, part) in places {
            parts.push(Part::Text(json[at..place.start].into()));
            parts.push(part);
            at = place.end;
        }
        parts.push(Part::Text(json[at..].into()));
        Self(parts)
    }

    /// Writes the object of this number at this version.
    fn write(&self, key: usize, version: u64, out: &mut Vec<u8>) {
        for part in &self.0 {
            match part {
                Part::Text(text) => out.extend_from_slice(text.as_bytes()),
                Part::Name => put(out, format_args!("web-6d4cf56db6-{key:06}")),
                Part::Uid => put(out, format_args!("f24b41d9-ffe1-4744-81ce-{key:012x}")),
                Part::Version => put(out, format_args!("{version}")),
            }
        }
    }

    /// The object of this number as the list shows it.
    pub fn object(&self, key: usize) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(key, key as u64 + 1, &mut out);
        out
    }
}

fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    std::io::Write::write_fmt(out, text).expect("a vector takes everything");
}

/// A server of one collection.
#[derive(Clone, Debug)]
pub struct Server {
    template: Arc<Template>,
    objects: usize,
    /// The answer to a request for one object.
    object: Bytes,
    /// How many events a watch has, and whether it stays open after them.
    events: usize,
    stays_open: bool,
}

impl Server {
    /// A server of so many objects, whose watches stay open and silent.
    pub fn new(template: Template, objects: usize) -> Self {
        Self {
            object: template.object(0).into(),
            template: Arc::new(template),
            objects,
            events: 0,
            stays_open: true,
        }
    }

    /// The same with so many changes in a watch, which go through the objects in turn.
    pub fn with_events(self, events: usize) -> Self {
        Self { events, ..self }
    }

    /// The same with watches that end after the last event.
    pub fn closing(self) -> Self {
        Self {
            stays_open: false,
            ..self
        }
    }

    /// How many objects there are.
    pub fn objects(&self) -> usize {
        self.objects
    }

    /// The version after which each object is in its last state.
    pub fn last_versions_after(&self) -> u64 {
        match self.events.checked_sub(self.objects) {
            Some(before) if self.events > 0 => LIST_VERSION + before as u64,
            _ => 0,
        }
    }

    fn answer(&self, request: &Request<()>) -> Body {
        let path = request.uri().path();
        let query = request.uri().query().unwrap_or_default();
        let parameter = |name: &str| {
            query.split('&').find_map(|pair| {
                let (key, value) = pair.split_once('=')?;
                (key == name).then_some(value)
            })
        };
        if !(path.ends_with("/pods") || path.ends_with("/configmaps")) {
            return Body {
                // A connection's bytes are nobody else's.
                rest: self.object.to_vec(),
                ..Body::new(self, Shape::Object, 0..0)
            };
        }
        if parameter("watch").is_some_and(|value| value != "false") {
            return Body::new(self, Shape::Watch, 0..self.events);
        }
        let number = |name| parameter(name).and_then(|value| value.parse::<usize>().ok());
        let from = number("continue").unwrap_or(0);
        // The whole list comes from the watch cache at version 0, as a real server has it.
        let limit = number("limit").filter(|_| parameter("resourceVersion") != Some("0"));
        let to = limit.map_or(self.objects, |limit| (from + limit).min(self.objects));
        Body::new(self, Shape::List, from..to)
    }
}

impl<B> Service<Request<B>> for Server {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (head, _) = request.into_parts();
        let body = self.answer(&Request::from_parts(head, ()));
        let response = Response::builder().header(header::CONTENT_TYPE, "application/json");
        ready(Ok(response.body(body).expect("the header is one")))
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Object,
    List,
    Watch,
}

/// An answer, a chunk at a time.
#[derive(Debug)]
pub struct Body {
    server: Server,
    shape: Shape,
    items: Range<usize>,
    started: bool,
    ended: bool,
    /// What was made beyond the last chunk.
    rest: Vec<u8>,
}

impl Body {
    fn new(server: &Server, shape: Shape, items: Range<usize>) -> Self {
        Self {
            server: server.clone(),
            shape,
            items,
            started: false,
            ended: false,
            rest: Vec::new(),
        }
    }

    /// Writes the next piece; nothing once all was written.
    fn advance(&mut self, out: &mut Vec<u8>) -> Option<()> {
        if self.ended {
            return None;
        }
        let template = &self.server.template;
        let first = !std::mem::replace(&mut self.started, true);
        let Some(item) = self.items.next() else {
            self.ended = true;
            match self.shape {
                Shape::Object | Shape::Watch => {}
                Shape::List if first => out.extend_from_slice(
                    br#"{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1000000"},"items":[]}"#,
                ),
                Shape::List => out.extend_from_slice(b"]}\n"),
            }
            return Some(());
        };
        match self.shape {
            Shape::Object => {}
            Shape::List => {
                if first {
                    let next = self.items.end;
                    put(
                        out,
                        format_args!(
                            r#"{{"kind":"List","apiVersion":"v1","metadata":{{"resourceVersion":"{LIST_VERSION}""#
                        ),
                    );
                    if next < self.server.objects {
                        put(
                            out,
                            format_args!(
                                r#","continue":"{next}","remainingItemCount":{}"#,
                                self.server.objects - next
                            ),
                        );
                    }
                    out.extend_from_slice(br#"},"items":["#);
                } else {
                    out.push(b',');
                }
                template.write(item, item as u64 + 1, out);
            }
            Shape::Watch => {
                out.extend_from_slice(br#"{"type":"MODIFIED","object":"#);
                template.write(item % self.server.objects, LIST_VERSION + 1 + item as u64, out);
                out.extend_from_slice(b"}\n");
            }
        }
        Some(())
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let mut chunk = std::mem::take(&mut self.rest);
        if self.shape != Shape::Object {
            chunk.reserve(2 * CHUNK_BYTES);
        }
        while chunk.len() < CHUNK_BYTES && self.advance(&mut chunk).is_some() {}
        if chunk.is_empty() {
            // Nobody has to wake the reader of a silent watch.
            return if self.shape == Shape::Watch && self.server.stays_open {
                Poll::Pending
            } else {
                Poll::Ready(None)
            };
        }
        if chunk.len() > CHUNK_BYTES {
            self.rest = chunk.split_off(CHUNK_BYTES);
        }
        Poll::Ready(Some(Ok(Frame::data(chunk.into()))))
    }
}
