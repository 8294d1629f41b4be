//! When credentials are renewed, and that they are renewed once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
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
    /// The renewal under way, for as long as somebody waits for it.
    renewal: Option<WeakShared<Renewal>>,
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
    pub(crate) async fn get(self: &Arc<Self>, rejected: Option<u64>) -> Result<Arc<Held>, AuthError> {
        let (renewal, fallback) = {
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
                (need, held) => (self.renewal(&mut state), held.filter(|_| need == Need::Should)),
            }
        };
        match (renewal.await, fallback) {
            (Err(error), Some(held)) => {
                tracing::warn!(%error, "keeping the old credentials, which are still good");
                Ok(held)
            }
            (renewed, _) => renewed,
        }
    }

    /// The renewal under way, or a new one.
    fn renewal(self: &Arc<Self>, state: &mut MutexGuard<'_, State>) -> Shared<Renewal> {
        if let Some(renewal) = state.renewal.as_ref().and_then(WeakShared::upgrade) {
            return renewal;
        }
        let renewal = Arc::clone(self).renew().boxed().shared();
        state.renewal = renewal.downgrade();
        renewal
    }

    async fn renew(self: Arc<Self>) -> Result<Arc<Held>, AuthError> {
        let obtained = Arc::clone(&self.source).obtain().await;
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
