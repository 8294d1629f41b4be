//! Watch events out of the frames of a body.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures::Stream;
use http_body::Body as _;
use serde::de::DeserializeOwned;

use super::{Body, answer::undecodable};
use crate::{
    core::{
        WatchEvent,
        decode::{Decode, WatchDecoder},
    },
    error::{Error, Result, Target},
};

/// The events of a watch.
///
/// Where the body is cut into frames does not matter. An event that the end of the body cuts short is dropped: it was
/// not sent whole, and the next watch will bring it again.
pub(super) struct Events<T> {
    target: Target,
    /// Absent once the stream has ended.
    body: Option<Body>,
    decoder: WatchDecoder<T>,
}

impl<T: DeserializeOwned> Events<T> {
    pub(super) fn new(target: Target, body: Body, decode: Decode) -> Self {
        Self {
            target,
            body: Some(body),
            decoder: WatchDecoder::new(decode),
        }
    }
}

impl<T: DeserializeOwned> Stream for Events<T> {
    type Item = Result<WatchEvent<T>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            // What was pushed is read first, so that no event waits for a frame that may not come.
            match self.decoder.next_event() {
                Ok(Some(event)) => return Poll::Ready(Some(Ok(event))),
                Ok(None) => {}
                Err(error) => {
                    // Bytes that are no events leave no way to find the next one.
                    if !error.is_recoverable() {
                        self.body = None;
                    }
                    return Poll::Ready(Some(Err(undecodable(&error))));
                }
            }
            let Some(body) = &mut self.body else {
                return Poll::Ready(None);
            };
            match ready!(Pin::new(body).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.decoder.push(data);
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
