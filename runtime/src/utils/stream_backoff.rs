//! A pause after each error of a stream.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures::{FutureExt, Stream, TryStream};
use pin_project_lite::pin_project;
use seatrial_client::{Env, env::Sleep};

use super::Backoff;
use crate::time::time_until;

pin_project! {
    /// Leaves a stream alone for a while after each error; made by [`WatchStreamExt::backoff`](super::WatchStreamExt::backoff).
    ///
    /// Errors are passed on, and success starts the sequence of delays again.
    #[must_use = "streams do nothing unless polled"]
    pub struct StreamBackoff<S, B> {
        #[pin]
        stream: S,
        backoff: B,
        env: Env,
        // The last delay, kept for a sequence that ends.
        last: Duration,
        // When the pause ends.
        pause: Option<(Duration, Sleep)>,
    }
}

// === impl StreamBackoff ===

impl<S: TryStream, B: Backoff> StreamBackoff<S, B> {
    /// Pauses after each error of `stream`, for as long as `backoff` says.
    pub fn new(stream: S, backoff: B) -> Self {
        Self::with_env(stream, backoff, Env::default())
    }

    /// The same with the timers of `env`.
    pub fn with_env(stream: S, backoff: B, env: Env) -> Self {
        Self {
            stream,
            backoff,
            env,
            last: Duration::ZERO,
            pause: None,
        }
    }
}

impl<S: TryStream, B: Backoff> Stream for StreamBackoff<S, B> {
    type Item = Result<S::Ok, S::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        while let Some((until, sleep)) = this.pause {
            ready!(sleep.poll_unpin(cx));
            let now = this.env.monotonic();
            *this.pause = (now < *until).then(|| (*until, this.env.sleep(time_until(now, *until))));
        }
        let item = ready!(this.stream.try_poll_next(cx));
        match &item {
            Some(Ok(_)) => this.backoff.reset(),
            Some(Err(_)) => {
                let delay = this.backoff.next().unwrap_or(*this.last);
                *this.last = delay;
                let now = this.env.monotonic();
                let until = now.saturating_add(delay);
                *this.pause = Some((until, this.env.sleep(time_until(now, until))));
            }
            None => {}
        }
        Poll::Ready(item)
    }
}

impl<S: fmt::Debug, B: fmt::Debug> fmt::Debug for StreamBackoff<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamBackoff")
            .field("stream", &self.stream)
            .field("backoff", &self.backoff)
            .finish_non_exhaustive()
    }
}
