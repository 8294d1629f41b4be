//! What a controller tells about itself.

use std::time::Duration;

use crate::watcher::Health;

/// Takes measurements of controllers.
///
/// Implement it for whatever collects yours, and give it to [`Controller::with_metrics`](super::Controller::with_metrics). Each method does nothing unless it is
/// implemented. They are called from within the controller, so they must be quick, and must neither wait nor panic.
///
/// What they are told as text is of a fixed number: names of controllers, paths of watches and [`ReconcileResult::as_str`], and nothing of objects or errors. So all of it may become labels of
/// time series.
///
/// ```
/// use std::{sync::atomic::{AtomicUsize, Ordering}, time::Duration};
///
/// use seatrial_runtime::controller::{Metrics, ReconcileResult};
///
/// #[derive(Default)]
/// struct Failures(AtomicUsize);
///
/// impl Metrics for Failures {
///     fn reconciled(&self, _controller: &str, result: ReconcileResult, _took: Duration) {
///         if result.is_failure() {
///             self.0.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
/// ```
pub trait Metrics: Send + Sync {
    /// How many objects wait to be reconciled for nothing but a free place, or for the caches to show what their last run wrote. Told whenever it changes.
    ///
    /// An object whose time has not come, because it asked for that, failed, or is debounced, does not count.
    fn queue_depth(&self, controller: &str, depth: usize) {
        let _ = (controller, depth);
    }

    /// How long an object waited after its time had come.
    fn queue_latency(&self, controller: &str, waited: Duration) {
        let _ = (controller, waited);
    }

    /// A reconcile ended, and took so long.
    fn reconciled(&self, controller: &str, result: ReconcileResult, took: Duration) {
        let _ = (controller, result, took);
    }

    /// An object will be reconciled again after `delay` because its last run failed, or asked for growing delays ([`Action::backoff`](super::Action::backoff)).
    ///
    /// Delays that grow belong to an object that fails again and again.
    fn retrying(&self, controller: &str, delay: Duration) {
        let _ = (controller, delay);
    }

    /// The controller begins a watch. Its age, lists and failures are read from `health` whenever they are wanted.
    fn watching(&self, controller: &str, watch: &str, health: &Health) {
        let _ = (controller, watch, health);
    }
}

/// How a reconcile ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ReconcileResult {
    /// It succeeded and waits for a change.
    Success,
    /// It succeeded and comes round again after a time.
    Requeue,
    /// It returned an error.
    Error,
    /// It panicked.
    Panic,
    /// It took too long.
    Timeout,
    /// This process stopped leading meanwhile.
    Fenced,
}

// === impl ReconcileResult ===

impl ReconcileResult {
    /// A word for it, such as `success`, as a label of a metric.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Requeue => "requeue",
            Self::Error => "error",
            Self::Panic => "panic",
            Self::Timeout => "timeout",
            Self::Fenced => "fenced",
        }
    }

    /// Whether the reconciler failed to do its work.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Error | Self::Panic | Self::Timeout)
    }
}
