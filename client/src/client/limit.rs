//! How long an attempt may take: the wait for credentials is not part of it.
//!
//! Credentials have a limit of their own, because a plugin may have to ask a person. Counting that wait as well would give up attempts that were
//! never sent, and a client with a short limit and a slow plugin would never get anywhere.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tower::BoxError;

use crate::{
    env::{Elapsed, Env, Sleep},
    error::NotSent,
    transport::poll_and_tell,
};

/// The times at which an attempt is given up, on the monotonic clock.
pub(super) struct Limit<'a> {
    env: &'a Env,
    /// For what the server and the way to it take. It moves on while credentials are awaited.
    attempt: Option<Duration>,
    /// For everything.
    call: Option<Duration>,
    /// Since when credentials have been awaited, while they are.
    waiting_since: Option<Duration>,
    /// Running until the time next to it, once somebody has to wait.
    timer: Option<(Duration, Sleep)>,
}

impl<'a> Limit<'a> {
    /// A limit that starts now, unless neither time is given.
    pub(super) fn start(env: &'a Env, attempt: Option<Duration>, call: Option<Duration>) -> Option<Self> {
        attempt.or(call)?;
        let now = env.monotonic();
        let at = |limit: Option<Duration>| limit.map(|limit| now.saturating_add(limit));
        Some(Self {
            env,
            attempt: at(attempt),
            call: at(call),
            waiting_since: None,
            timer: None,
        })
    }

    /// What an attempt comes to, or the error that it took too long.
    pub(super) async fn keep<F: Future>(mut self, mut attempt: Pin<&mut F>) -> Result<F::Output, BoxError> {
        poll_fn(|cx| {
            let (polled, is_waiting) = poll_and_tell(|| attempt.as_mut().poll(cx));
            if polled.is_ready() {
                return polled.map(Ok);
            }
            self.poll_timer(is_waiting, cx).map(|elapsed| {
                Err(if is_waiting {
                    NotSent::new(elapsed).into()
                } else {
                    // The request may have been read; only its answer did not come in time.
                    elapsed.into()
                })
            })
        })
        .await
    }

    fn poll_timer(&mut self, is_waiting: bool, cx: &mut Context<'_>) -> Poll<Elapsed> {
        if is_waiting != self.waiting_since.is_some() {
            let now = self.env.monotonic();
            match self.waiting_since.take() {
                None => self.waiting_since = Some(now),
                Some(since) => {
                    self.attempt = self
                        .attempt
                        .map(|at| at.saturating_add(now.saturating_sub(since)));
                }
            }
        }
        let attempt = self.attempt.filter(|_| !is_waiting);
        let Some(at) = attempt.into_iter().chain(self.call).min() else {
            return Poll::Pending;
        };
        let timer = match &mut self.timer {
            Some((set, timer)) if *set == at => timer,
            timer => {
                let sleep = self.env.sleep(at.saturating_sub(self.env.monotonic()));
                &mut timer.insert((at, sleep)).1
            }
        };
        Pin::new(timer).poll(cx).map(|()| Elapsed::new())
    }
}
