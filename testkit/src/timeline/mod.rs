//! What happened in a run, told to people: the data and its renderings.
//!
//! A [`Trace`] is plain data: whoever runs a world writes down what happens in it, and a failing test prints the trace as
//! text and leaves it behind as a page for a browser.
//!
//! Nothing here knows how a run comes about, reads a clock or decides anything.
//!
//! Reading order: `trace.rs` (the data).

mod trace;

pub use trace::{Entry, Exchange, Failure, Lane, LaneId, LaneKind, Trace, What};
