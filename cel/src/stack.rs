//! Room on the stack for what is nested.
//!
//! Expressions may nest 250 levels deep, and chains of operators grow trees that are deeper. Without optimisation, which is
//! how a user's debug build compiles this crate, that is more than a thread's stack holds.

/// Below so much, more is allocated. It holds what happens between two calls of [`deeper`], which is one level.
const RED_ZONE: usize = 96 << 10;

const SEGMENT: usize = 1 << 20;

/// Calls `level`, on a further piece of stack where there is little left.
pub(crate) fn deeper<T>(level: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(RED_ZONE, SEGMENT, level)
}
