//! Adaptors of streams of watch events.

mod backoff;
mod decode;
mod join_handle;
mod predicate;
mod stream_backoff;
mod watch_ext;

pub(crate) use self::backoff::Exponential;
pub use self::{
    backoff::{Backoff, DefaultBackoff, ExponentialBackoff, ResetTimerBackoff},
    decode::{EventDecode, EventModify},
    join_handle::CancelableJoinHandle,
    predicate::{Combine, Fallback, Predicate, PredicateConfig, PredicateFilter, predicates},
    stream_backoff::StreamBackoff,
    watch_ext::WatchStreamExt,
};
pub use crate::reflector::Reflect;
