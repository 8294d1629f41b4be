//! The bodies of answers.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use crate::encode::{Chunks, Content};
use crate::watch_stream::WatchStream;

/// The body of an answer: all of it, a long list in pieces, or the frames of a watch as they come.
///
/// Dropping it ends a watch. Nothing runs in the background: a watch goes on when its body is polled.
pub struct Body(Inner);

enum Inner {
    Full(Bytes),
    List(Box<Chunks>),
    Watch(Box<WatchStream>),
    #[cfg(feature = "kubelet")]
    Log(Box<crate::kubelet::Log>),
}

// === impl Body ===

impl Body {
    pub(crate) fn full(bytes: Bytes) -> Self {
        Self(Inner::Full(bytes))
    }

    pub(crate) fn of(content: Content) -> Self {
        match content {
            Content::Whole(bytes) => Self::full(bytes),
            Content::List(chunks) => Self(Inner::List(chunks)),
        }
    }

    #[cfg(feature = "kubelet")]
    pub(crate) fn log(log: crate::kubelet::Log) -> Self {
        Self(Inner::Log(Box::new(log)))
    }

    pub(crate) fn watch(stream: WatchStream) -> Self {
        Self(Inner::Watch(Box::new(stream)))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut self.0 {
            Inner::Full(bytes) if bytes.is_empty() => Poll::Ready(None),
            Inner::Full(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Inner::List(chunks) => Poll::Ready(chunks.next().map(|chunk| Ok(Frame::data(chunk)))),
            Inner::Watch(stream) => stream
                .poll_frame(cx)
                .map(|frame| frame.map(|f| Ok(Frame::data(f)))),
            #[cfg(feature = "kubelet")]
            Inner::Log(log) => log.poll_frame(cx).map(|frame| frame.map(|f| Ok(Frame::data(f)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Inner::Full(bytes) => bytes.is_empty(),
            Inner::List(chunks) => chunks.left() == 0,
            _ => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Inner::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Inner::List(chunks) => SizeHint::with_exact(chunks.left() as u64),
            _ => SizeHint::default(),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Full(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Inner::List(chunks) => write!(f, "Body({} bytes)", chunks.left()),
            Inner::Watch(_) => f.write_str("Body(watch)"),
            #[cfg(feature = "kubelet")]
            Inner::Log(_) => f.write_str("Body(log)"),
        }
    }
}
