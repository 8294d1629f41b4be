//! The body of a request or of an answer.

use std::{
    any::Any,
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt;
use tower::BoxError;

use crate::{error::Error, transport::Replay};

/// The body of a request or of an answer: nothing, some bytes, or a stream of them.
///
/// What a service answers is wrapped without being read; what is sent to it is in memory and can be sent again.
pub struct Body {
    kind: Kind,
}

enum Kind {
    /// The bytes that are still to come, never empty.
    Whole(Option<Bytes>),
    Stream(Pin<Box<dyn http_body::Body<Data = Bytes, Error = BoxError> + Send>>),
}

impl Body {
    /// A body without bytes.
    pub const fn empty() -> Self {
        Self {
            kind: Kind::Whole(None),
        }
    }

    /// A body that passes on the frames of another.
    pub fn wrap<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        // A service that speaks our own body, as a layer or a mock does, is not boxed a second time.
        let mut body = Some(body);
        if let Some(body) = (&mut body as &mut dyn Any).downcast_mut::<Option<Self>>() {
            return body.take().unwrap_or_else(Self::empty);
        }
        match body {
            Some(body) => Self {
                kind: Kind::Stream(Box::pin(body.map_err(Into::into))),
            },
            None => Self::empty(),
        }
    }

    /// Reads the body to its end.
    ///
    /// A body that arrived in one piece is not copied.
    ///
    /// # Errors
    ///
    /// The error of the underlying body; the bytes read so far are dropped.
    pub async fn collect_bytes(mut self) -> Result<Bytes, Error> {
        let Some(first) = self.next_chunk().await? else {
            return Ok(Bytes::new());
        };
        let Some(second) = self.next_chunk().await? else {
            return Ok(first);
        };
        let mut chunks = vec![first, second];
        while let Some(chunk) = self.next_chunk().await? {
            chunks.push(chunk);
        }
        Ok(chunks.concat().into())
    }

    /// The next bytes; trailers are passed over.
    async fn next_chunk(&mut self) -> Result<Option<Bytes>, Error> {
        let mut body = Pin::new(self);
        poll_fn(|cx| {
            while let Some(frame) = ready!(body.as_mut().poll_frame(cx)) {
                match frame.map(Frame::into_data) {
                    Ok(Ok(chunk)) => return Poll::Ready(Ok(Some(chunk))),
                    Ok(Err(_)) => {}
                    Err(error) => return Poll::Ready(Err(error)),
                }
            }
            Poll::Ready(Ok(None))
        })
        .await
    }

    /// The bytes, unless this is a stream.
    pub(super) fn whole(&self) -> Option<Bytes> {
        match &self.kind {
            Kind::Whole(bytes) => Some(bytes.clone().unwrap_or_default()),
            Kind::Stream(_) => None,
        }
    }

    /// A second body with the same bytes, unless this one is a stream.
    pub fn try_clone(&self) -> Option<Self> {
        match &self.kind {
            Kind::Whole(bytes) => Some(Self {
                kind: Kind::Whole(bytes.clone()),
            }),
            Kind::Stream(_) => None,
        }
    }
}

impl Replay for Body {
    fn replay(&self) -> Option<Self> {
        self.try_clone()
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self {
            kind: Kind::Whole((!bytes.is_empty()).then_some(bytes)),
        }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Poll::Ready(match &mut self.kind {
            Kind::Whole(bytes) => bytes.take().map(|bytes| Ok(Frame::data(bytes))),
            Kind::Stream(body) => {
                ready!(body.as_mut().poll_frame(cx)).map(|frame| frame.map_err(Error::from_service))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Whole(bytes) => bytes.is_none(),
            Kind::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Whole(None) => SizeHint::with_exact(0),
            Kind::Whole(Some(bytes)) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Stream(body) => body.size_hint(),
        }
    }
}

impl fmt::Debug for Body {
    /// Shows how much there is, never what: a body can hold a Secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Whole(None) => f.write_str("Body(empty)"),
            Kind::Whole(Some(bytes)) => write!(f, "Body({} bytes)", bytes.len()),
            Kind::Stream(_) => f.write_str("Body(stream)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use http_body::Body as _;
    use http_body_util::StreamBody;

    use super::*;

    fn stream(chunks: &[&'static str]) -> Body {
        let frames: Vec<_> = chunks
            .iter()
            .map(|chunk| Ok::<_, BoxError>(Frame::data(Bytes::from_static(chunk.as_bytes()))))
            .collect();
        Body::wrap(StreamBody::new(futures::stream::iter(frames)))
    }

    #[test]
    fn a_whole_body_knows_its_size_and_can_be_sent_again() {
        let body = Body::from(b"abc".to_vec());
        assert_eq!(body.size_hint().exact(), Some(3));
        let copy = body.try_clone().unwrap();
        assert_eq!(block_on(body.collect_bytes()).unwrap(), "abc");
        assert_eq!(block_on(copy.collect_bytes()).unwrap(), "abc");
    }

    #[test]
    fn no_bytes_are_no_frame() {
        for body in [Body::empty(), Body::from(Vec::new()), Body::default()] {
            assert!(body.is_end_stream());
            assert_eq!(body.size_hint().exact(), Some(0));
            assert_eq!(block_on(body.collect_bytes()).unwrap(), "");
        }
    }

    #[test]
    fn a_stream_is_read_in_order_and_cannot_be_sent_again() {
        let body = stream(&["a", "bc"]);
        assert!(body.try_clone().is_none());
        assert_eq!(block_on(body.collect_bytes()).unwrap(), "abc");
    }

    #[test]
    fn trailers_are_no_bytes_and_an_error_ends_the_body() {
        let body = |end: Result<Frame<Bytes>, BoxError>| {
            let frames = [
                Ok(Frame::trailers(http::HeaderMap::new())),
                Ok(Frame::data(Bytes::from_static(b"a"))),
                Ok(Frame::data(Bytes::from_static(b"b"))),
                end,
            ];
            block_on(Body::wrap(StreamBody::new(futures::stream::iter(frames))).collect_bytes())
        };
        assert_eq!(body(Ok(Frame::trailers(http::HeaderMap::new()))).unwrap(), "ab");
        assert!(body(Err("reset".into())).is_err());
    }

    #[test]
    fn a_body_is_not_wrapped_twice() {
        let body = Body::wrap(Body::from(b"abc".to_vec()));
        assert!(body.try_clone().is_some());
    }

    #[test]
    fn debug_does_not_show_the_bytes() {
        let shown = format!("{:?} {:?}", Body::from(b"hunter2".to_vec()), stream(&["hunter2"]));
        assert_eq!(shown, "Body(7 bytes) Body(stream)");
    }
}
