//! What a run is judged by, with nothing said by the user.
//!
//! Runs without faults say what the end looks like ([`reference`]); a run with faults must end the same, and must not have made or deleted
//! more than they did. Reading order: `normal` (what of an object can be compared), `reference`, `lints`,
//! `verdict`.

mod lints;
mod normal;
mod reference;
mod verdict;

pub use self::verdict::FailureKind;
pub(crate) use self::{
    reference::Reference,
    verdict::{Verdict, judge},
};
