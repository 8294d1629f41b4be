//! How a controller is doing, for whoever asks from outside of it.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::watcher;

/// A handle on the state of one controller; see [`Controller::health`](super::Controller::health).
#[derive(Clone, Default)]
pub struct Health {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    watches: Vec<(String, watcher::Health)>,
    ready: bool,
    ended: bool,
}

// === impl Health ===

impl Health {
    /// Whether the cache of the controller's objects is complete, so that it reconciles, or would if it led.
    pub fn is_ready(&self) -> bool {
        let state = self.lock();
        state.ready && !state.ended
    }

    /// Whether the controller's stream has ended.
    pub fn is_ended(&self) -> bool {
        self.lock().ended
    }

    /// The controller's watches, each with the path that it is on. Empty before it runs; streams that somebody else watches are not among them.
    pub fn watches(&self) -> Vec<(String, watcher::Health)> {
        self.lock().watches.clone()
    }

    pub(super) fn add(&self, watch: &str, health: watcher::Health) {
        self.lock().watches.push((watch.to_owned(), health));
    }

    pub(super) fn set_ready(&self) {
        self.lock().ready = true;
    }

    pub(super) fn set_ended(&self) {
        self.lock().ended = true;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that could panic runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Health")
            .field("ready", &state.ready)
            .field("ended", &state.ended)
            .field("watches", &state.watches)
            .finish()
    }
}
