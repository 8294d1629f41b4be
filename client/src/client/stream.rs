//! Watch events out of the frames of a body.

use std::{
    io,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, BytesMut};
use futures::Stream;
use http_body::Body as _;
use serde::de::DeserializeOwned;

use super::Body;
use crate::{
    core::WatchEvent,
    error::{Error, Result, Target},
};

/// The events of a watch, one per line of the body.
///
/// Where the body is cut into frames does not matter. A line that the end of the body cuts short is dropped: it was not
/// sent whole, and the next watch will bring it again.
pub(super) struct Events<T> {
    target: Target,
    body: Option<Body>,
    /// What arrived and is not yet read as an event.
    buffer: BytesMut,
    /// The part of the buffer that is known to hold no end of line.
    searched: usize,
    types: PhantomData<fn() -> T>,
}

impl<T> Events<T> {
    pub(super) fn new(target: Target, body: Body) -> Self {
        Self {
            target,
            body: Some(body),
            buffer: BytesMut::new(),
            searched: 0,
            types: PhantomData,
        }
    }
}

impl<T: DeserializeOwned> Events<T> {
    fn next_in_buffer(&mut self) -> Option<Result<WatchEvent<T>>> {
        loop {
            let Some(end) = self.buffer[self.searched..]
                .iter()
                .position(|&byte| byte == b'\n')
            else {
                self.searched = self.buffer.len();
                return None;
            };
            let line = self.buffer.split_to(self.searched + end);
            self.buffer.advance(1);
            self.searched = 0;
            if !line.trim_ascii().is_empty() {
                return Some(serde_json::from_slice(&line).map_err(Error::SerdeError));
            }
        }
    }
}

impl<T: DeserializeOwned> Stream for Events<T> {
    type Item = Result<WatchEvent<T>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(event) = self.next_in_buffer() {
                return Poll::Ready(Some(event));
            }
            let Some(body) = &mut self.body else {
                return Poll::Ready(None);
            };
            match ready!(Pin::new(body).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.buffer.extend_from_slice(&data);
                    }
                }
                Some(Err(error)) => {
                    self.body = None;
                    let error = self.target.explain(true, error);
                    return Poll::Ready(Some(Err(Error::ReadEvents(io::Error::other(error)))));
                }
                None => self.body = None,
            }
        }
    }
}
