//! How a watch is doing, for whoever asks from outside of the stream.

use std::{
    fmt,
    task::{Context, Poll, Waker},
    time::Duration,
};

use seatrial_client::Env;

use super::guard::Version;
use crate::shared::Shared;

/// A handle on the state of one watch; see [`Watcher::health`](super::Watcher::health).
///
/// Cheap to clone. It may be asked at any time and from anywhere, and goes on answering after the watch was dropped, with what was last known.
///
/// ```
/// use k8s_openapi::api::core::v1::Pod;
/// use seatrial_client::{Api, Client};
/// use seatrial_runtime::watcher::{Config, watcher};
///
/// fn watch(client: Client) {
///     let pods = watcher(Api::<Pod>::all(client), Config::default());
///     let health = pods.health();
///     // Poll `pods` somewhere, and meanwhile:
///     assert!(!health.is_synced());
///     assert_eq!(health.last_event_age(), None);
/// }
/// ```
#[derive(Clone)]
pub struct Health {
    env: Env,
    state: Shared<State>,
}

#[derive(Default)]
struct State {
    heard: Option<Duration>,
    lists: u64,
    /// One of the lists asked for the most recent data.
    vouched: bool,
    failures: u32,
    last_error: Option<String>,
    /// Everything up to here was taken by whoever polls the watch.
    position: Option<Version>,
    /// Those who wait for the position to move.
    waiting: Vec<Waker>,
}

// === impl Health ===

impl Health {
    pub(super) fn new(env: Env) -> Self {
        Self {
            env,
            state: Shared::default(),
        }
    }

    /// How long ago the server last told something of this watch: a page of a list, an event or a bookmark. Nothing before the first.
    ///
    /// A server sends a bookmark about once a minute, so an age of several minutes says that the watch is dead or stalled.
    pub fn last_event_age(&self) -> Option<Duration> {
        let heard = self.state.lock().heard?;
        Some(self.env.monotonic().saturating_sub(heard))
    }

    /// Whether the whole set was told at least once.
    pub fn is_synced(&self) -> bool {
        self.state.lock().lists > 0
    }

    /// Whether the set was told and cannot be followed at present: the last attempt failed.
    pub fn is_stale(&self) -> bool {
        let state = self.state.lock();
        state.lists > 0 && state.failures > 0
    }

    /// Whether what was told may be older than what this process or another one has seen already.
    ///
    /// It is so until a whole set was told that was the most recent one when it was asked for, and again while the set cannot be followed ([`is_stale`](Self::is_stale)). With
    /// [`ListSemantic::MostRecent`](super::ListSemantic::MostRecent), that set is the first; with [`Any`](super::ListSemantic::Any), whose sets may be of any age, it is one that follows an expiry or
    /// [`Config::relist_interval`](super::Config::relist_interval), so that the answer may be "yes" for long although the watch has caught up. What must not be done by an old state, such as
    /// deleting what nothing seems to need, waits for this; or it waits until the set shows a version that a read of the most recent data was answered with:
    /// [`Store::wrote_at`](crate::reflector::Store::wrote_at).
    ///
    /// "No" is no promise that the server has nothing newer: every watch has a delay. See [`last_event_age`](Self::last_event_age) for one that stands still.
    ///
    /// # Source
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list>
    pub fn may_be_stale(&self) -> bool {
        let state = self.state.lock();
        !state.vouched || state.failures > 0
    }

    /// How many attempts failed since the last success.
    pub fn failures(&self) -> u32 {
        self.state.lock().failures
    }

    /// How often the whole set was told again after the first time.
    pub fn relists(&self) -> u64 {
        self.state.lock().lists.saturating_sub(1)
    }

    /// What the last attempt failed of; nothing after a success.
    pub fn last_error(&self) -> Option<String> {
        self.state.lock().last_error.clone()
    }

    /// Whether everything up to `version` was told and taken; registers for a wake-up if not.
    ///
    /// Versions without order are taken as reached: nobody could say when they are.
    pub(crate) fn poll_reached(&self, version: u64, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.state.lock();
        match &state.position {
            Some(Version::Number(position)) if *position >= version => Poll::Ready(()),
            Some(Version::Opaque(_)) => Poll::Ready(()),
            Some(Version::Number(_)) | None => {
                if !state.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
                    state.waiting.push(cx.waker().clone());
                }
                Poll::Pending
            }
        }
    }

    pub(super) fn heard(&self, now: Duration) {
        self.state.lock().heard = Some(now);
    }

    /// What is so after an attempt; the error is the attempt's, if it failed.
    pub(super) fn note(&self, lists: u64, vouched: bool, failures: u32, error: Option<String>) {
        let mut state = self.state.lock();
        state.lists = lists;
        state.vouched = vouched;
        state.failures = failures;
        if failures == 0 {
            state.last_error = None;
        } else if error.is_some() {
            state.last_error = error;
        }
    }

    pub(super) fn reached(&self, version: &str) {
        let mut state = self.state.lock();
        state.position = Some(Version::from(version));
        for waker in state.waiting.drain(..) {
            waker.wake();
        }
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (age, may_be_stale) = (self.last_event_age(), self.may_be_stale());
        let state = self.state.lock();
        f.debug_struct("Health")
            .field("last_event_age", &age)
            .field("synced", &(state.lists > 0))
            .field("may_be_stale", &may_be_stale)
            .field("failures", &state.failures)
            .field("last_error", &state.last_error)
            .finish_non_exhaustive()
    }
}
