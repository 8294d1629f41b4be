//! The bodies of answers.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use crate::watch_stream::WatchStream;

/// The body of an answer: all of it, or the frames of a watch as they come.
///
/// Dropping it ends a watch. Nothing runs in the background: a watch goes on when its body is polled.
pub struct Body(Inner);

enum Inner {
    Full(Bytes),
    Watch(Box<WatchStream>),
    #[cfg(feature = "kubelet")]
    Log(Box<crate::kubelet::Log>),
}

// === impl Body ===

impl Body {
    pub(crate) fn full(bytes: Bytes) -> Self {
        Self(Inner::Full(bytes))
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
            Inner::Watch(stream) => stream
                .poll_frame(cx)
                .map(|frame| frame.map(|f| Ok(Frame::data(f)))),
            #[cfg(feature = "kubelet")]
            Inner::Log(log) => log.poll_frame(cx).map(|frame| frame.map(|f| Ok(Frame::data(f)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.0, Inner::Full(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Inner::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            _ => SizeHint::default(),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Full(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Inner::Watch(_) => f.write_str("Body(watch)"),
            #[cfg(feature = "kubelet")]
            Inner::Log(_) => f.write_str("Body(log)"),
        }
    }
}
