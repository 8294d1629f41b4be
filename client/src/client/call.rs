//! One call: attempts, the waits between them, and the limits on both.
//!
//! `retry.rs` decides; this file sends, waits and tells `tracing`.
//!
//! Futures are pinned where they are made and handed on by reference: one that is handed on by value is copied at every layer, and takes twice the room
//! in each.

use std::{
    num::NonZeroUsize,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderValue, Request, Response, header, request::Parts};
use tokio::sync::{Semaphore, SemaphorePermit};
use tracing::{Instrument, Span};

use super::{
    Answer, Body, Client, Verb, guard,
    limit::Limit,
    retry::{Attempts, RetryPolicy},
    warning::{self, Warnings},
};
use crate::{
    core::request,
    env::Rng,
    error::{Error, NotSent, Result, Target},
};

/// How a client calls. Clients that were made from one another share the counters.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) retry: Option<RetryPolicy>,
    /// How long one attempt may take.
    pub(super) request_timeout: Option<Duration>,
    /// How long a call may take with all its attempts.
    pub(super) deadline: Option<Duration>,
    pub(super) user_agent: HeaderValue,
    pub(super) warnings: Option<Warnings>,
    /// Room for the requests that may be under way at the same time.
    pub(super) in_flight: Option<Arc<Semaphore>>,
    /// The streams of random numbers that were handed out so far: everybody who draws has one of its own.
    drawing: Arc<AtomicU64>,
}

impl Settings {
    pub(super) fn new() -> Self {
        Self {
            retry: None,
            request_timeout: None,
            deadline: None,
            user_agent: HeaderValue::from_static(concat!("seatrial/", env!("CARGO_PKG_VERSION"))),
            warnings: None,
            in_flight: None,
            drawing: Arc::default(),
        }
    }

    fn has_limits(&self) -> bool {
        self.in_flight.is_some() || self.request_timeout.is_some() || self.deadline.is_some()
    }

    pub(super) fn set_max_in_flight(&mut self, max: Option<NonZeroUsize>) {
        let permits = max.map(|max| max.get().min(Semaphore::MAX_PERMITS));
        self.in_flight = permits.map(|permits| Arc::new(Semaphore::new(permits)));
    }
}

/// A request on its way, which starts when it is polled.
///
/// Requests are large, and each layer of futures would move them twice. So they are handed to the service before the first of those is made.
type Sent = BoxFuture<'static, Result<Response<Body>>>;

/// What a call sends.
enum Original<'a> {
    /// Nothing has to be kept for another attempt.
    Once(Sent),
    Again(Box<Kept>, &'a RetryPolicy),
}

/// A request that can be sent more than once.
struct Kept {
    head: Parts,
    body: Bytes,
}

impl Kept {
    fn copy(&self) -> Request<Body> {
        Request::from_parts(self.head.clone(), Body::from(self.body.clone()))
    }

    fn is_guarded(&self) -> bool {
        guard::is_guarded(&self.head.method, &self.head.headers, &self.body)
    }
}

impl Client {
    /// Sends a request until it has an answer that `read` makes something of, or a failure that is not to be repeated.
    ///
    /// What `read` takes its time for counts: where an answer is a stream, it hands the stream out unread.
    pub(super) fn call<T, F>(
        &self,
        request: Request<Vec<u8>>,
        read: impl Fn(Answer) -> F,
    ) -> impl Future<Output = Result<T>>
    where
        F: Future<Output = Result<T>>,
    {
        self.call_as(Verb::of(&request), Ok(request), read)
    }

    /// As [`Client::call`], under a verb, which the request need not have in its extensions yet.
    ///
    /// No function of its own future: it would move the request on the way down and the object on the way back.
    pub(crate) fn call_as<T, F>(
        &self,
        verb: Verb,
        request: Result<Request<Vec<u8>>, request::Error>,
        read: impl Fn(Answer) -> F,
    ) -> impl Future<Output = Result<T>>
    where
        F: Future<Output = Result<T>>,
    {
        let prepared = request.map(|request| {
            let target = Target::new(verb, &request);
            let original = self.original(&target, request.map(Bytes::from));
            (target, original)
        });
        async move {
            let (target, original) = prepared?;
            let attempt = async |sent| {
                let response = self.answer_to(&target, sent).await?;
                if !response.status().is_success() {
                    return Err(Answer::read_refusal(&target, response, self.env()).await);
                }
                read(Answer::new(target.clone(), response.into_body())).await
            };
            let attempts = pin!(self.attempts(&target, original, attempt));
            let span = span_of(&target);
            if span.is_disabled() {
                attempts.await
            } else {
                attempts.instrument(span).await
            }
        }
    }

    /// As [`Client::call`], for whoever takes refusals as answers.
    pub(super) async fn call_raw(&self, request: Request<Body>) -> Result<Response<Body>> {
        let target = Target::of(&request);
        let span = span_of(&target);
        let Some(body) = request.body().whole() else {
            // A stream can be sent once.
            let answer = pin!(self.answer_to(&target, self.dispatch(target.verb(), request)));
            let attempt = pin!(self.limited(&target, self.settings.deadline, answer));
            return attempt.instrument(span).await;
        };
        let original = self.original(&target, request.map(|_| body));
        let refused = std::sync::Mutex::new(None);
        let attempt = async |sent| {
            let response = self.answer_to(&target, sent).await?;
            let is_refusal = response.status().is_client_error() || response.status().is_server_error();
            if self.settings.retry.is_none() || !is_refusal {
                return Ok(response);
            }
            // The body tells whether the refusal is one of those that pass. After a write whose answer was lost, any refusal may be the doing of that write.
            let (response, body) = Answer::read_error(response).await;
            let error = Answer::refusal(&target, &response, &body, self.env());
            *refused.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(response);
            Err(error)
        };
        let result = pin!(self.attempts(&target, original, attempt))
            .instrument(span)
            .await;
        match (result, refused.into_inner()) {
            // The last attempt was answered, and the answer is not the caller's error.
            (Err(Error::Api(_)), Ok(Some(response))) => Ok(response),
            (result, _) => result,
        }
    }

    /// As [`Client::call`], for answers that switch protocols.
    #[cfg(feature = "ws")]
    pub(super) async fn call_upgrade(
        &self,
        target: &Target,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Body>> {
        let original = self.original(target, request.map(Bytes::from));
        let attempt = async |sent| {
            let response = self.answer_to(target, sent).await?;
            self.accept_upgrade(target, response).await
        };
        pin!(self.attempts(target, original, attempt))
            .instrument(span_of(target))
            .await
    }

    /// Random numbers that nobody else draws.
    pub(super) fn stream_of_chance(&self, purpose: &str) -> Rng {
        let number = self.settings.drawing.fetch_add(1, Ordering::Relaxed);
        self.env.rng(&format!("client/{purpose}/{number}"))
    }

    fn original(&self, target: &Target, request: Request<Bytes>) -> Original<'_> {
        match &self.settings.retry {
            None => Original::Once(self.dispatch(target.verb(), request.map(Body::from))),
            Some(retry) => {
                let (head, body) = request.into_parts();
                Original::Again(Box::new(Kept { head, body }), retry)
            }
        }
    }

    async fn attempts<T, F>(
        &self,
        target: &Target,
        original: Original<'_>,
        attempt: impl Fn(Sent) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let deadline = &self.settings.deadline;
        let (original, retry) = match original {
            Original::Once(sent) => {
                let attempt = pin!(attempt(sent));
                if !self.settings.has_limits() {
                    return attempt.await;
                }
                return self.limited(target, *deadline, attempt).await;
            }
            Original::Again(original, retry) => (original, retry),
        };
        let mut attempts = Attempts::start(target.verb(), self.env.monotonic());
        let mut rng = None;
        loop {
            let left =
                deadline.map(|deadline| deadline.saturating_sub(attempts.elapsed(self.env.monotonic())));
            let sent = self.dispatch(target.verb(), original.copy());
            let result = self.limited(target, left, pin!(attempt(sent))).await;
            let error = match result {
                Err(error) => error,
                result => return result,
            };
            let rng = rng.get_or_insert_with(|| self.stream_of_chance("retry"));
            let outcome = error.outcome();
            let now = self.env.monotonic();
            let is_guarded = || original.is_guarded();
            let wait = attempts.after(error, retry, *deadline, now, rng, is_guarded)?;
            tracing::info!(
                verb = %target.verb(),
                path = original.head.uri.path(),
                retries = attempts.retries(),
                ?wait,
                ?outcome,
                "the request will be sent again"
            );
            self.env.sleep(wait).await;
        }
    }

    /// One attempt within its limits: the room for requests, the time for one and what is left of the time for all.
    async fn limited<T>(
        &self,
        target: &Target,
        left: Option<Duration>,
        attempt: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let started = left.map(|_| self.env.monotonic());
        let _room = match &self.settings.in_flight {
            Some(in_flight) => self.room(in_flight, target, left).await?,
            None => None,
        };
        let left = left.zip(started).map(|(left, started)| {
            let waited = self.env.monotonic().saturating_sub(started);
            left.saturating_sub(waited)
        });
        let attempt = pin!(attempt);
        let Some(limit) = Limit::start(&self.env, self.settings.request_timeout, left) else {
            return attempt.await;
        };
        match limit.keep(attempt).await {
            Ok(result) => result,
            Err(error) => Err(target.explain(false, Error::Service(error))),
        }
    }

    async fn room<'a>(
        &self,
        in_flight: &'a Semaphore,
        target: &Target,
        left: Option<Duration>,
    ) -> Result<Option<SemaphorePermit<'a>>> {
        let permit = match left {
            None => in_flight.acquire().await,
            Some(left) => match self.env.timeout(left, in_flight.acquire()).await {
                Ok(permit) => permit,
                Err(elapsed) => {
                    let error = Error::Service(NotSent::new(elapsed).into());
                    return Err(target.explain(false, error));
                }
            },
        };
        // It is an error only once the semaphore is closed, which nobody does.
        Ok(permit.ok())
    }

    /// Has the request given to the service.
    fn dispatch(&self, verb: Verb, mut request: Request<Body>) -> Sent {
        verb.mark(&mut request);
        let user_agent = request.headers_mut().entry(header::USER_AGENT);
        user_agent.or_insert_with(|| self.settings.user_agent.clone());
        self.service.call(request)
    }

    /// The answer to what was sent, whatever its status.
    async fn answer_to(&self, target: &Target, sent: Sent) -> Result<Response<Body>> {
        let response = sent.await.map_err(|error| target.explain(false, error))?;
        warning::collect(response.headers(), self.settings.warnings.as_ref());
        Ok(response)
    }
}

fn span_of(target: &Target) -> Span {
    tracing::debug_span!("request", verb = %target.verb(), path = target.path())
}
