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
            rest: Bytes::new(),
            decoder: MultiGzDecoder::new(Vec::new()),
        })
    })
}

/// A body that is decompressed as it is read.
struct Decompressed {
    /// Absent once it has ended.
    body: Option<Body>,
    /// What was read and is still to be decompressed.
    rest: Bytes,
    decoder: MultiGzDecoder<Vec<u8>>,
}

impl Decompressed {
    fn step(&mut self) -> io::Result<Bytes> {
        let len = self.rest.len().min(STEP_BYTES);
        self.decoder.write_all(&self.rest[..len])?;
        self.rest.advance(len);
        Ok(mem::take(self.decoder.get_mut()).into())
    }

    /// What is left once the body has ended, or the error that it ended too early.
    fn finish(&mut self) -> io::Result<Bytes> {
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
