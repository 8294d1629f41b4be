//! The work queue of a controller: which object is reconciled next, and when.
//!
//! `queue.rs` decides, `limiter.rs` says how long a failing key waits. Both are pure: time comes in as a [`Duration`] since the
//! start of the process, randomness as a number, and nothing here waits. The controller's loop is the driver.
//!
//! [`Duration`]: std::time::Duration

mod limiter;
#[allow(clippy::module_inception, reason = "the queue is what this folder is about")]
mod queue;

pub(crate) use self::{
    limiter::Limiter,
    queue::{Priority, Queue, Request},
};
