//! Something that was made of what stands elsewhere, and follows it.

use std::{
    error::Error,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A thing, what it was made of, and how often it was replaced.
pub(super) struct Reloaded<Raw, T> {
    /// What it is, for the log.
    what: &'static str,
    state: Mutex<State<Raw, T>>,
}

struct State<Raw, T> {
    raw: Raw,
    made: T,
    changes: u64,
}

impl<Raw: PartialEq, T: Clone> Reloaded<Raw, T> {
    pub(super) fn new(what: &'static str, raw: Raw, made: T) -> Self {
        let changes = 0;
        Self {
            what,
            state: Mutex::new(State { raw, made, changes }),
        }
    }

    pub(super) fn current(&self) -> T {
        self.lock().made.clone()
    }

    pub(super) fn changes(&self) -> u64 {
        self.lock().changes
    }

    /// Makes it anew of `raw`, if that is not what it was made of. What cannot be used changes nothing: of two files one
    /// may be new, and the other not yet.
    pub(super) fn offer<E: Error + 'static>(&self, raw: Raw, make: impl FnOnce(&Raw) -> Result<T, E>) {
        let mut state = self.lock();
        if state.raw == raw {
            return;
        }
        match make(&raw) {
            Ok(made) => {
                let changes = state.changes + 1;
                *state = State { raw, made, changes };
            }
            Err(error) => {
                let error: &(dyn Error + 'static) = &error;
                tracing::warn!(error, "keeping the old {}", self.what);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<Raw, T>> {
        // Nothing is left half done by a panic: each change is one assignment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Raw, T> std::fmt::Debug for Reloaded<Raw, T> {
    /// Shows neither what it is made of nor what it is: it may be a private key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.what)
    }
}
