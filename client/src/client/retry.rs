//! When a request is sent again: by what its failure left behind, not by its status code.
//!
//! A request that [was not applied](Outcome::NotApplied) is sent again whatever its verb. One whose outcome is unknown
//! is sent again only if that cannot do harm: if it reads, or if it names the resource version (or, to delete, the UID)
//! that it expects. Everything else is the caller's to decide.
//!
//! The decisions are here and need neither a clock nor a server; `call.rs` carries them out.

use std::time::Duration;

use http::{Request, Response, StatusCode, header};
use tower::{
    BoxError,
    retry::{Policy, backoff::ExponentialBackoffMaker},
    util::rng::Rng as TowerRng,
};

use super::{Body, Verb, guard};
use crate::{
    env::{Env, Rng, Sleep},
    error::{Error, Outcome, OutcomeUnknown},
};

pub use tower::retry::backoff::InvalidBackoff;

/// How often and how long a request is sent again.
///
/// The waits double from the shortest to the longest, and each is drawn at random from its upper half, so that clients
/// that failed together do not come back together. A server that says how long to wait is waited for that long, and a
/// little longer.
///
/// A [`ClientBuilder`](super::ClientBuilder) takes it for a whole client and
/// [`Client::with_retry`](super::Client::with_retry) for single calls. It is a policy for [`tower::retry`], too, for
/// stacks of one's own; there it sees codes and headers only, and is the more careful for it: a write whose answer was lost is not sent again,
/// because a policy cannot tell the caller that the answer to the second may be about the first.
///
/// ```
/// use std::time::Duration;
/// use seatrial_client::client::retry::RetryPolicy;
///
/// let patient = RetryPolicy::default().max_retries(8).total(Duration::from_secs(120));
/// # let _ = patient;
/// ```
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    wait_min: Duration,
    wait_max: Duration,
    retries_max: u32,
    /// No further attempt starts once this much time has passed since the first.
    total_max: Duration,
    heeds_retry_after: bool,
    /// Where the policy of a tower stack takes its time and chance from.
    env: Option<Env>,
    /// The retries that the policy of a tower stack has seen.
    made: u32,
    /// When the policy of a tower stack saw its request first, on the monotonic clock.
    started: Option<Duration>,
}

impl RetryPolicy {
    /// A policy with waits between `min_delay` and `max_delay`, and at most `max_retries` attempts after the first.
    ///
    /// With `retry_after`, the wait that a server asks for is kept; without, the wait is drawn as if it had not asked.
    /// No attempt starts more than 30 s after the first, unless [`total`](Self::total) says otherwise.
    ///
    /// # Errors
    ///
    /// [`InvalidBackoff`] if the longest wait is zero or shorter than the shortest.
    pub fn new(
        min_delay: Duration,
        max_delay: Duration,
        max_retries: u32,
        retry_after: bool,
    ) -> Result<Self, InvalidBackoff> {
        // The error is tower's and only its own constructor makes one.
        ExponentialBackoffMaker::new(min_delay, max_delay, 0.5, Still)?;
        Ok(Self {
            wait_min: min_delay,
            wait_max: max_delay,
            retries_max: max_retries,
            heeds_retry_after: retry_after,
            ..Self::default()
        })
    }

    /// A policy that outlasts the restart of a server: fifteen retries over five minutes.
    ///
    /// Not for requests that somebody waits for.
    pub fn server_retry() -> Self {
        Self {
            wait_max: Duration::from_secs(30),
            retries_max: 15,
            total_max: Duration::from_secs(300),
            ..Self::default()
        }
    }

    /// Sets how many attempts there are after the first; with 0, none.
    #[must_use]
    pub fn max_retries(mut self, max_retries: u32) -> Self {
        self.retries_max = max_retries;
        self
    }

    /// Sets the time after which no further attempt starts, counted from the first.
    ///
    /// An attempt that would have to wait beyond it is given up at once, so that a server that asks for an hour does
    /// not get it.
    #[must_use]
    pub fn total(mut self, total: Duration) -> Self {
        self.total_max = total;
        self
    }

    /// Sets where a tower stack takes the time and the randomness of its waits from; the system's otherwise.
    ///
    /// A [`Client`](super::Client) uses its own.
    #[must_use]
    pub fn with_env(mut self, env: Env) -> Self {
        self.env = Some(env);
        self
    }

    /// The wait before the next attempt, `elapsed` after the first began, when `made` retries were made and `asked` is what the server asks for; none
    /// if the attempt would be too late.
    fn wait(&self, made: u32, elapsed: Duration, asked: Option<Duration>, rng: &mut Rng) -> Option<Duration> {
        let doubled = self.wait_min.saturating_mul(1 << made.min(20));
        let wait = doubled.min(self.wait_max);
        let wait = match asked.filter(|_| self.heeds_retry_after) {
            // Never less than what was asked for.
            Some(asked) => asked.saturating_add(self.wait_min.mul_f64(rng.f64())),
            None => wait.mul_f64(0.5 + rng.f64() / 2.0),
        };
        (elapsed.saturating_add(wait) <= self.total_max).then_some(wait)
    }
}

impl Default for RetryPolicy {
    /// Four retries over half a minute at most, with waits between 0.1 s and 5 s.
    fn default() -> Self {
        Self {
            wait_min: Duration::from_millis(100),
            wait_max: Duration::from_secs(5),
            retries_max: 4,
            total_max: Duration::from_secs(30),
            heeds_retry_after: true,
            env: None,
            made: 0,
            started: None,
        }
    }
}

/// What has been tried of one call.
pub(super) struct Attempts {
    verb: Verb,
    /// When the first one started, on the monotonic clock.
    started: Duration,
    /// How many were made after the first.
    retries: u32,
    /// A write was sent again although nobody knows what became of it: the error that said so.
    unknown: Option<Error>,
}

impl Attempts {
    pub(super) fn start(verb: Verb, now: Duration) -> Self {
        Self {
            verb,
            started: now,
            retries: 0,
            unknown: None,
        }
    }

    pub(super) fn retries(&self) -> u32 {
        self.retries
    }

    /// The time since the first attempt started.
    pub(super) fn elapsed(&self, now: Duration) -> Duration {
        now.saturating_sub(self.started)
    }

    /// The wait before the next attempt, or the error that the call ends with.
    ///
    /// `is_guarded` says whether the request names the state it expects; it is asked only where that matters.
    pub(super) fn after(
        &mut self,
        error: Error,
        policy: &RetryPolicy,
        deadline: Option<Duration>,
        now: Duration,
        rng: &mut Rng,
        is_guarded: impl FnOnce() -> bool,
    ) -> Result<Duration, Error> {
        if self.retries >= policy.retries_max {
            return Err(self.conclude(error));
        }
        let outcome = error.outcome();
        let (asked, is_unknown) = match outcome {
            Outcome::NotApplied { retry_after } if is_transient(&error) => (retry_after, false),
            Outcome::Unknown if self.verb.is_read_only() && is_transient(&error) => {
                (error.retry_after(), false)
            }
            Outcome::Unknown if guard::applies_to(self.verb) && is_transient(&error) && is_guarded() => {
                (error.retry_after(), true)
            }
            _ => return Err(self.conclude(error)),
        };
        let elapsed = self.elapsed(now);
        let is_in_time =
            |wait: &Duration| deadline.is_none_or(|deadline| elapsed.saturating_add(*wait) < deadline);
        let wait = policy.wait(self.retries, elapsed, asked, rng);
        let Some(wait) = wait.filter(is_in_time) else {
            return Err(self.conclude(error));
        };
        self.retries += 1;
        if is_unknown {
            self.unknown = Some(error);
        }
        Ok(wait)
    }

    /// The error that a call ends with: once a write was sent twice, no later answer can tell what became of the first.
    fn conclude(&mut self, error: Error) -> Error {
        match self.unknown.take() {
            None => error,
            Some(first) => Error::OutcomeUnknown(Box::new(OutcomeUnknown::new(first, error))),
        }
    }
}

/// The next attempt may end otherwise: the failure is one of the moment, not of the request.
fn is_transient(error: &Error) -> bool {
    match error {
        Error::Api(status) => matches!(status.code, 429 | 502..=504) || is_storage_trouble(status),
        Error::Service(_) => true,
        // An answer that ended too early; other answers that cannot be read will not be read better.
        Error::SerdeError(error) => error.is_eof(),
        _ => false,
    }
}

/// 500s that come from the way to the storage, or from it, while it is looking for a leader.
fn is_storage_trouble(status: &crate::core::Status) -> bool {
    status.code == 500
        && (status.is_server_timeout()
            || status.message.starts_with("etcdserver: ")
            || status.message.contains("etcdserver: leader changed")
            || status.message.contains("etcdserver: request timed out"))
}

// === A policy for tower ===

impl<Res> Policy<Request<Body>, Response<Res>, BoxError> for RetryPolicy {
    type Future = Sleep;

    fn retry(
        &mut self,
        request: &mut Request<Body>,
        result: &mut Result<Response<Res>, BoxError>,
    ) -> Option<Sleep> {
        if self.made >= self.retries_max {
            return None;
        }
        let env = self.env.get_or_insert_default();
        let verb = Verb::of(request);
        let asked = match result {
            Ok(response) => {
                let asked = super::answer::retry_after(response.headers(), env);
                let is_refusal = match response.status() {
                    // A disruption budget refuses with the same code; only the body would tell.
                    StatusCode::TOO_MANY_REQUESTS => !request.uri().path().ends_with("/eviction"),
                    // Only a server that refuses at its door asks to come back; a proxy sends pages.
                    StatusCode::SERVICE_UNAVAILABLE => asked.is_some() && is_json(response.headers()),
                    _ => false,
                };
                let is_lost = matches!(response.status().as_u16(), 502..=504);
                let is_harmless = is_refusal || (is_lost && verb.is_read_only());
                if !is_harmless {
                    return None;
                }
                asked
            }
            Err(error) => {
                let is_unsent = crate::error::proves_not_sent(error.as_ref());
                if !is_unsent && !verb.is_read_only() {
                    return None;
                }
                None
            }
        };
        let id = format!("retry {} {}", self.made, request.uri().path());
        let (env, mut rng) = (env.clone(), env.rng(&id));
        let now = env.monotonic();
        let elapsed = now.saturating_sub(self.started.unwrap_or(now));
        let wait = self.wait(self.made, elapsed, asked, &mut rng)?;
        self.made += 1;
        Some(env.sleep(wait))
    }

    fn clone_request(&mut self, request: &Request<Body>) -> Option<Request<Body>> {
        // Asked for before each attempt. The service keeps its policy for the next request, and that one starts anew.
        if self.made == 0 {
            self.started = Some(self.env.get_or_insert_default().monotonic());
        }
        let mut copy = Request::new(request.body().try_clone()?);
        copy.method_mut().clone_from(request.method());
        copy.uri_mut().clone_from(request.uri());
        copy.headers_mut().clone_from(request.headers());
        copy.extensions_mut().clone_from(request.extensions());
        *copy.version_mut() = request.version();
        Some(copy)
    }
}

fn is_json(headers: &http::HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"))
}

/// The randomness of a backoff that is only built to be checked.
struct Still;

impl TowerRng for Still {
    fn next_u64(&mut self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests;
