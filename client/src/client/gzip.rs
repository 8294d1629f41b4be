//! Answers that come compressed.
//!
//! # Source
//!
//! RFC 1952: a file is one member or several, one after the other.

use std::{
    io::{self, Write as _},
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use flate2::write::MultiGzDecoder;
use futures::{FutureExt, TryFutureExt, future::BoxFuture};
use http::{HeaderValue, Request, Response, header};
use http_body::Frame;
use tower::{BoxError, Service};

use super::{Body, Transport};

/// How much is decompressed at a time: a byte becomes about a thousand at most, so that a step stays within megabytes.
const STEP_BYTES: usize = 4 << 10;

/// Asks for compressed answers and decompresses them, unless the request says itself what it accepts.
#[derive(Clone)]
pub(super) struct Gzip {
    inner: Transport,
}

impl Gzip {
    pub(super) fn new(inner: Transport) -> Self {
        Self { inner }
    }
}

impl Service<Request<Body>> for Gzip {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<Body>, BoxError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let headers = request.headers_mut();
        if headers.contains_key(header::ACCEPT_ENCODING) {
            return self.inner.call(request);
        }
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        self.inner.call(request).map_ok(decompressed).boxed()
    }
}

fn decompressed(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    match headers.get(header::CONTENT_ENCODING) {
        Some(encoding) if encoding.as_bytes().eq_ignore_ascii_case(b"gzip") => {}
        _ => return response,
    }
    headers.remove(header::CONTENT_ENCODING);
    headers.remove(header::CONTENT_LENGTH);
    response.map(|body| {
        Body::wrap(Decompressed {
            body: Some(body),
            is_begun: false,
            rest: Bytes::new(),
            decoder: MultiGzDecoder::new(Vec::new()),
        })
    })
}

/// A body that is decompressed as it is read.
struct Decompressed {
    /// Absent once it has ended.
    body: Option<Body>,
    /// Whether there is anything to decompress: an answer without a body, such as a 204, can still name an encoding.
    is_begun: bool,
    /// What was read and is still to be decompressed.
    rest: Bytes,
    decoder: MultiGzDecoder<Vec<u8>>,
}

impl Decompressed {
    fn step(&mut self) -> io::Result<Bytes> {
        let len = self.rest.len().min(STEP_BYTES);
        self.is_begun = true;
        self.decoder.write_all(&self.rest[..len])?;
        // The decoder keeps what it has made until it is given more, which a watch may not have for long.
        self.decoder.flush()?;
        self.rest.advance(len);
        Ok(mem::take(self.decoder.get_mut()).into())
    }

    /// What is left once the body has ended, or the error that it ended too early.
    fn finish(&mut self) -> io::Result<Bytes> {
        if !self.is_begun {
            return Ok(Bytes::new());
        }
        self.decoder.try_finish()?;
        Ok(mem::take(self.decoder.get_mut()).into())
    }
}

impl http_body::Body for Decompressed {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            if !self.rest.is_empty() {
                let bytes = self.step();
                if bytes.is_err() {
                    self.rest = Bytes::new();
                    self.body = None;
                } else if bytes.as_ref().is_ok_and(Bytes::is_empty) {
                    continue;
                }
                return Poll::Ready(Some(bytes.map(Frame::data).map_err(Into::into)));
            }
            let Some(body) = &mut self.body else {
                return Poll::Ready(None);
            };
            match ready!(Pin::new(body).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    // Trailers are not compressed.
                    Err(frame) => return Poll::Ready(Some(Ok(frame))),
                },
                Some(Err(error)) => {
                    self.body = None;
                    return Poll::Ready(Some(Err(error.into())));
                }
                None => {
                    self.body = None;
                    let bytes = self.finish();
                    if bytes.as_ref().is_ok_and(Bytes::is_empty) {
                        return Poll::Ready(None);
                    }
                    return Poll::Ready(Some(bytes.map(Frame::data).map_err(Into::into)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compression, write::GzEncoder};
    use futures::channel::mpsc;
    use http_body_util::{BodyExt as _, StreamBody};

    use super::*;

    /// A compressed answer whose body is what is sent here.
    fn answer() -> (mpsc::UnboundedSender<Result<Frame<Bytes>, BoxError>>, Body) {
        let (sender, frames) = mpsc::unbounded();
        let mut response = Response::new(Body::wrap(StreamBody::new(frames)));
        let encoding = HeaderValue::from_static("gzip");
        response.headers_mut().insert(header::CONTENT_ENCODING, encoding);
        (sender, decompressed(response).into_body())
    }

    /// The next frame, which has to be there already.
    fn read(body: &mut Body) -> Option<Bytes> {
        let frame = body.frame().now_or_never().expect("a frame is there")?;
        Some(frame.unwrap().into_data().unwrap())
    }

    #[test]
    fn what_has_come_can_be_read_before_more_comes() {
        let (sender, mut body) = answer();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        for event in ["one", "two", "three"] {
            encoder.write_all(event.as_bytes()).unwrap();
            encoder.flush().unwrap();
            let frame = Frame::data(mem::take(encoder.get_mut()).into());
            sender.unbounded_send(Ok(frame)).unwrap();
            assert_eq!(read(&mut body).unwrap(), event);
        }
        let frame = Frame::data(encoder.finish().unwrap().into());
        sender.unbounded_send(Ok(frame)).unwrap();
        drop(sender);
        assert_eq!(read(&mut body), None);
    }

    #[test]
    fn nothing_is_nothing_whatever_its_encoding() {
        let (sender, mut body) = answer();
        sender.unbounded_send(Ok(Frame::data(Bytes::new()))).unwrap();
        drop(sender);
        assert_eq!(read(&mut body), None);
    }

    #[test]
    fn a_part_of_a_header_is_no_whole_answer() {
        let (sender, mut body) = answer();
        sender
            .unbounded_send(Ok(Frame::data(Bytes::from_static(&[0x1f]))))
            .unwrap();
        drop(sender);
        assert!(body.frame().now_or_never().unwrap().unwrap().is_err());
    }
}
