//! How a controller is doing, for whoever asks from outside of it.

use crate::{shared::Shared, watcher};

/// A handle on the state of one controller; see [`Controller::health`](super::Controller::health).
#[derive(Clone, Debug, Default)]
pub struct Health {
    state: Shared<State>,
}

#[derive(Debug, Default)]
struct State {
    watches: Vec<(String, watcher::Health)>,
    ready: bool,
    ended: bool,
}

// === impl Health ===

impl Health {
    /// Whether the cache of the controller's objects is complete, so that it reconciles, or would if it led.
    pub fn is_ready(&self) -> bool {
        let state = self.state.lock();
        state.ready && !state.ended
    }

    /// Whether the controller's stream has ended.
    pub fn is_ended(&self) -> bool {
        self.state.lock().ended
    }

    /// The controller's watches, each with the path that it is on. Empty before it runs; streams that somebody else watches are not among them.
    pub fn watches(&self) -> Vec<(String, watcher::Health)> {
        self.state.lock().watches.clone()
    }

    pub(super) fn add(&self, watch: &str, health: watcher::Health) {
        self.state.lock().watches.push((watch.to_owned(), health));
    }

    pub(super) fn set_ready(&self) {
        self.state.lock().ready = true;
    }

    pub(super) fn set_ended(&self) {
        self.state.lock().ended = true;
    }
}
