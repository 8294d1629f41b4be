//! How long a campaign may take.
//!
//! This is the one place of the testkit that reads real time: a budget is what somebody is ready to wait. It decides how many runs are made,
//! and nothing about what happens in one.

use std::{
    rc::Rc,
    time::{Duration, Instant},
};

/// How long a campaign may take, if anybody said so.
#[derive(Clone)]
pub(super) struct Budget {
    limit: Option<Duration>,
    spent: Rc<dyn Fn() -> Duration>,
}

// === impl Budget ===

impl Budget {
    /// From now on.
    pub(super) fn begin(limit: Option<Duration>) -> Self {
        let start = Instant::now();
        Self::by(limit, Rc::new(move || start.elapsed()))
    }

    /// By a clock that tells how much was spent.
    pub(super) fn by(limit: Option<Duration>, spent: Rc<dyn Fn() -> Duration>) -> Self {
        Self { limit, spent }
    }

    pub(super) fn is_limited(&self) -> bool {
        self.limit.is_some()
    }

    pub(super) fn is_spent(&self) -> bool {
        self.limit.is_some_and(|limit| (self.spent)() >= limit)
    }
}
