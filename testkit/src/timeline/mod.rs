//! What happened in a run, told to people: the data and its renderings.
//!
//! A [`Trace`] is plain data: whoever runs a world writes down what happens in it, and a failing test prints the trace as
//! [text](Trace::text) and leaves it behind as a [page](Trace::html) for a browser.
//!
//! Nothing here knows how a run comes about, reads a clock or decides anything.
//!
//! Reading order: `trace.rs` (the data), `row.rs` (what is told in one line, and how much it matters), `words.rs` (how requests are said), `secret.rs` (what is not told), `text.rs` (some thirty lines for
//! a test's output), `html.rs` (the page, with `page.css` and `page.js`).

mod html;
mod row;
mod secret;
mod text;
mod trace;
mod words;

pub(crate) use secret::{hide_field, redact, redacted};
pub use trace::{Entry, Exchange, Failure, Lane, LaneId, LaneKind, Trace, What};
