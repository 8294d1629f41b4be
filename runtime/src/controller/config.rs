//! How a controller runs.

use std::time::Duration;

/// How many objects are reconciled at a time when the configuration does not say.
const CONCURRENCY: u16 = 16;

/// How a [`Controller`](super::Controller) runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub(super) debounce: Duration,
    pub(super) concurrency: u16,
    pub(super) reconcile_timeout: Option<Duration>,
    pub(super) shutdown_timeout: Option<Duration>,
}

// === impl Config ===

impl Default for Config {
    fn default() -> Self {
        Self {
            debounce: Duration::ZERO,
            concurrency: CONCURRENCY,
            reconcile_timeout: None,
            shutdown_timeout: None,
        }
    }
}

impl Config {
    /// Waits until nothing was heard of an object for `debounce` before it is reconciled; zero, the default, does not wait.
    ///
    /// Saves runs while an object changes quickly. An object that never stops changing is reconciled after ten times this.
    #[must_use]
    pub fn debounce(mut self, debounce: Duration) -> Self {
        self.debounce = debounce;
        self
    }

    /// Reconciles at most so many objects at a time; 16 by default, and 0 means no bound.
    ///
    /// Without a bound, a list of ten thousand objects is ten thousand reconciles at once.
    #[must_use]
    pub fn concurrency(mut self, concurrency: u16) -> Self {
        self.concurrency = concurrency;
        self
    }

    /// Gives a run at most this long; one that takes longer is dropped and counts as failed. No limit by default.
    #[must_use]
    pub fn reconcile_timeout(mut self, timeout: Duration) -> Self {
        self.reconcile_timeout = Some(timeout);
        self
    }

    /// Gives running reconciles at most this long after a graceful shutdown was asked for; then they are dropped. No limit by default.
    #[must_use]
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = Some(timeout);
        self
    }

    /// The bound as the queue takes it.
    pub(super) fn running_max(&self) -> Option<usize> {
        (self.concurrency > 0).then_some(self.concurrency.into())
    }
}
