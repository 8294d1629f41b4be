//! When credentials are renewed, and that they are renewed once.

use std::{
    cell::Cell,
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::Poll,
    time::Duration,
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use http::HeaderValue;
use jiff::{SignedDuration, Timestamp};

use super::AuthError;
use crate::{config::IdentityPem, env::Env};

/// Credentials are renewed this long before they end, or at nine tenths of their life if that is later.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);
/// How long to leave a source alone that failed while the old credentials are still good.
const PAUSE: Duration = Duration::from_secs(10);
/// A source whose credentials have ended when they come is asked no more often than this.
const SHORTEST_LIFE: Duration = Duration::from_secs(1);

/// What a source gives.
#[derive(Clone, Default)]
pub(crate) struct Credential {
    /// The `Authorization` header.
    pub(crate) header: Option<HeaderValue>,
    /// The client certificate.
    pub(crate) identity: Option<Arc<IdentityPem>>,
    /// When it ends.
    pub(crate) expires: Option<Timestamp>,
    /// When to ask again although it has not ended, as of now.
    pub(crate) recheck: Option<Duration>,
}

/// Where credentials come from.
pub(crate) trait Source: Send + Sync + 'static {
    /// Gets credentials.
    fn obtain(self: Arc<Self>) -> BoxFuture<'static, Result<Credential, AuthError>>;
}

/// Where a credential plugin leaves its client certificate, for TLS to find.
#[derive(Default)]
pub(crate) struct IdentitySlot(Mutex<Option<Arc<IdentityPem>>>);

impl IdentitySlot {
    fn set(&self, identity: Option<Arc<IdentityPem>>) {
        *lock(&self.0) = identity;
    }

    #[cfg(any(feature = "openssl-tls", feature = "rustls-tls"))]
    pub(crate) fn get(&self) -> Option<Arc<IdentityPem>> {
        lock(&self.0).clone()
    }
}

/// Credentials that are renewed.
pub(crate) struct Credentials {
    source: Arc<dyn Source>,
    env: Env,
    identity: Arc<IdentitySlot>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Arc<Held>>,
    /// Not to be asked before this time, if there is a choice.
    not_before: Duration,
    /// The renewal under way, until it is done: where all who waited for it gave up, the next who comes goes on with it. What a renewal has begun
    /// can be done once only: it has spent a refresh token, or asked a user for a password.
    renewal: Option<Shared<Renewal>>,
}

type Renewal = BoxFuture<'static, Result<Arc<Held>, AuthError>>;

/// Credentials in hand.
pub(crate) struct Held {
    /// Counts the renewals, so that a rejection is known to be one of these very credentials.
    pub(crate) generation: u64,
    pub(crate) credential: Credential,
    life: Life,
}

impl Credentials {
    pub(crate) fn new(source: Arc<dyn Source>, env: Env) -> Self {
        Self {
            source,
            env,
            identity: Arc::default(),
            state: Mutex::default(),
        }
    }

    /// Where the client certificate will be.
    #[cfg(any(feature = "openssl-tls", feature = "rustls-tls"))]
    pub(crate) fn identity(&self) -> Arc<IdentitySlot> {
        Arc::clone(&self.identity)
    }

    /// Good credentials, and never those of the generation that the server has `rejected`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the renewal to whoever comes next.
    pub(crate) async fn get(self: &Arc<Self>, rejected: Option<u64>) -> Result<Arc<Held>, AuthError> {
        let (renewal, was_left, fallback) = {
            let mut state = lock(&self.state);
            let held = state
                .held
                .clone()
                .filter(|held| Some(held.generation) != rejected);
            let need = match &held {
                Some(held) => held.life.need(self.env.now(), self.env.monotonic()),
                None => Need::Must,
            };
            match (need, held) {
                (Need::Nothing, Some(held)) => return Ok(held),
                (Need::Should, Some(held)) if self.env.monotonic() < state.not_before => return Ok(held),
                (need, held) => {
                    // The state has one reference, and everybody who waits has one more.
                    let was_left = state.renewal.as_ref().and_then(Shared::strong_count) == Some(1);
                    let fallback = held.filter(|_| need == Need::Should);
                    (self.renewal(&mut state), was_left, fallback)
                }
            }
        };
        match (waiting(renewal).await, fallback) {
            (Err(error), Some(held)) => {
                tracing::warn!(%error, "keeping the old credentials, which are still good");
                Ok(held)
            }
            // Its time may have run out while nobody was there to go on with it, which says nothing about another try.
            (renewed, None) if was_left && self.is_stale(&renewed) => {
                let renewal = self.renewal(&mut lock(&self.state));
                waiting(renewal).await
            }
            (renewed, _) => renewed,
        }
    }

    fn is_stale(&self, renewed: &Result<Arc<Held>, AuthError>) -> bool {
        match renewed {
            Ok(held) => held
                .credential
                .expires
                .is_some_and(|expires| self.env.now() >= expires),
            Err(_) => true,
        }
    }

    /// The renewal under way, or a new one.
    fn renewal(self: &Arc<Self>, state: &mut MutexGuard<'_, State>) -> Shared<Renewal> {
        let renew = || {
            // The state holds the renewal, which therefore does not hold the state.
            renew(Arc::clone(&self.source), Arc::downgrade(self))
                .boxed()
                .shared()
        };
        state.renewal.get_or_insert_with(renew).clone()
    }

    fn renewed(&self, obtained: Result<Credential, AuthError>) -> Result<Arc<Held>, AuthError> {
        let mut state = lock(&self.state);
        state.renewal = None;
        match obtained {
            Ok(credential) => {
                let held = Arc::new(Held {
                    generation: state.held.as_ref().map_or(0, |held| held.generation + 1),
                    life: Life::new(&credential, self.env.now(), self.env.monotonic()),
                    credential,
                });
                self.identity.set(held.credential.identity.clone());
                state.held = Some(Arc::clone(&held));
                Ok(held)
            }
            Err(error) => {
                state.not_before = self.env.monotonic() + PAUSE;
                Err(error)
            }
        }
    }
}

async fn renew(source: Arc<dyn Source>, credentials: Weak<Credentials>) -> Result<Arc<Held>, AuthError> {
    let obtained = source.obtain().await;
    let credentials = credentials
        .upgrade()
        .expect("it is polled by `get` alone, whose caller holds the credentials");
    credentials.renewed(obtained)
}

// === Who waits ===

thread_local! {
    /// Whether what is being polled on this thread waits for credentials.
    static IS_WAITING: Cell<bool> = const { Cell::new(false) };
}

/// Polls something that may wait for credentials deep inside, and tells whether that is what it waits for.
///
/// The services between a client and its credentials know of neither, and the credentials know of no request: what they share is the poll.
pub(crate) fn poll_and_tell<T>(poll: impl FnOnce() -> Poll<T>) -> (Poll<T>, bool) {
    let outer = IS_WAITING.replace(false);
    let polled = poll();
    let is_waiting = IS_WAITING.get() && polled.is_pending();
    IS_WAITING.set(outer || is_waiting);
    (polled, is_waiting)
}

/// The end of a renewal. Those who poll are told that this is what is waited for.
async fn waiting(mut renewal: Shared<Renewal>) -> Result<Arc<Held>, AuthError> {
    poll_fn(|cx| {
        let polled = renewal.poll_unpin(cx);
        if polled.is_pending() {
            IS_WAITING.set(true);
        }
        polled
    })
    .await
}

/// Whether credentials have to be renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    Nothing,
    /// They are good, and will not be for long.
    Should,
    /// They are not good.
    Must,
}

/// From when to when credentials are good.
#[derive(Clone, Copy, Debug)]
struct Life {
    expires: Option<Timestamp>,
    renew: Option<Timestamp>,
    recheck: Option<Duration>,
    /// Until then they are good whatever they say.
    grace: Duration,
}

impl Life {
    fn new(credential: &Credential, now: Timestamp, monotonic: Duration) -> Self {
        let renew = credential.expires.map(|expires| {
            let life = expires.duration_since(now);
            let margin = MARGIN.min(life / 10).max(SignedDuration::ZERO);
            expires.saturating_sub(margin).unwrap_or(expires)
        });
        Self {
            expires: credential.expires,
            renew,
            recheck: credential.recheck.map(|recheck| monotonic + recheck),
            grace: monotonic + SHORTEST_LIFE,
        }
    }

    fn need(&self, now: Timestamp, monotonic: Duration) -> Need {
        let is_over = |time: Option<Timestamp>| time.is_some_and(|time| now >= time);
        if monotonic < self.grace {
            Need::Nothing
        } else if is_over(self.expires) {
            Need::Must
        } else if is_over(self.renew) || self.recheck.is_some_and(|recheck| monotonic >= recheck) {
            Need::Should
        } else {
            Need::Nothing
        }
    }
}

/// Nothing is left half done by a panic: each change is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
