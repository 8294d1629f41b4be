//! The pure half of a watcher: what to ask the server next, and what its answers mean.
//!
//! The driver performs one [`Effect`] at a time and reports an [`Input`]; the machine adds to the list of outputs and says what comes next.
//! It neither waits nor fails: every failure leads to a later attempt.
//!
//! **Invariant:** once the server can be reached, whoever replays the events over an empty set ends with the server's set, and nothing goes
//! back in time meanwhile.
//!
//! Reading order: here (the state, what comes next, and when an attempt failed), `machine/lists.rs`, `machine/watches.rs`.

mod lists;
mod watches;

use std::{collections::VecDeque, time::Duration};

use super::{
    InitialListStrategy, ListSemantic,
    effect::{Class, Effect, Failure, Input, List, Output, Watch},
    guard::Guard,
};
use crate::reflector::Lookup;

/// Failures in a row that the watcher deals with quietly, when it can deal with them at all.
const QUIET_FAILURES: u32 = 2;

/// What the machine needs to know of the configuration.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) semantic: ListSemantic,
    pub(super) strategy: InitialListStrategy,
    pub(super) page_size: Option<u32>,
    pub(super) watch_timeout: Duration,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) relist_interval: Option<Duration>,
}

/// How long to wait after the failure of this number in a row, counted from zero.
pub(crate) type Delays = Box<dyn FnMut(u32) -> Duration + Send + Sync>;

/// The state machine.
pub(super) struct Machine {
    plan: Plan,
    phase: Phase,
    /// The open watch.
    stream: Option<Stream>,
    /// The newest version that was told of. The next list is never older.
    newest: Option<String>,
    guard: Guard,
    delays: Delays,
    /// Failures since the last success.
    failures: u32,
    /// Lists since the last watch that got anywhere, so that list and expiry in turn do not become a storm.
    fruitless_lists: u32,
    /// No request before this moment.
    not_before: Duration,
    /// The next list asks for the most recent data, whatever the configuration says.
    most_recent: bool,
    /// Whether the server is thought to do streaming lists.
    streaming: bool,
    /// Something expired since the last complete list: the next list need not wait, but only once.
    expired: bool,
    /// Lists in a row whose later pages the server had no more; what cannot be read in pages is asked for whole.
    broken_lists: u32,
    /// Complete lists so far.
    lists: u64,
    /// The list under way asked for the most recent data.
    recent: bool,
    /// A complete list did.
    vouched: bool,
    /// When the last of them was complete.
    listed_at: Duration,
    /// The resume point moved since somebody asked.
    moved: bool,
}

#[derive(Debug)]
enum Phase {
    /// There is no place to go on from.
    Lost,
    /// A list has more pages.
    Listing { continue_token: String, version: String },
    /// The set is known as of this version.
    Synced { version: String },
}

#[derive(Debug)]
struct Stream {
    opened: Duration,
    heard: Duration,
    /// The existing objects are still being sent.
    initial: bool,
    /// The resume point moved.
    progressed: bool,
}

// === impl Machine ===

impl Machine {
    /// A machine that knows nothing yet.
    pub(super) fn new(plan: Plan, delays: Delays) -> Self {
        Self {
            expired: false,
            streaming: plan.strategy == InitialListStrategy::StreamingList,
            plan,
            phase: Phase::Lost,
            stream: None,
            newest: None,
            guard: Guard::default(),
            delays,
            failures: 0,
            fruitless_lists: 0,
            not_before: Duration::ZERO,
            most_recent: false,
            broken_lists: 0,
            lists: 0,
            recent: false,
            vouched: false,
            listed_at: Duration::ZERO,
            moved: false,
        }
    }

    /// What to do next.
    pub(super) fn effect(&self, now: Duration) -> Effect {
        if let Some(stream) = &self.stream {
            return Effect::Read {
                until: self.patience(stream),
            };
        }
        if now < self.not_before {
            return Effect::Wait {
                until: self.not_before,
            };
        }
        match &self.phase {
            Phase::Lost if self.streaming => Effect::Watch(Watch {
                version: self.not_older_than().unwrap_or_default(),
                initial_events: true,
            }),
            Phase::Lost => {
                let not_older_than = self.not_older_than();
                // Pages of a list at version 0 do not exist: the server ignores the limit.
                let paged = self.broken_lists < 2 && not_older_than.as_deref() != Some("0");
                let limit = self.plan.page_size.filter(|_| paged);
                Effect::List(List {
                    continue_token: None,
                    not_older_than,
                    limit,
                })
            }
            Phase::Listing { continue_token, .. } => Effect::List(List {
                continue_token: Some(continue_token.clone()),
                not_older_than: None,
                limit: self.plan.page_size,
            }),
            Phase::Synced { version } => Effect::Watch(Watch {
                version: version.clone(),
                initial_events: false,
            }),
        }
    }

    /// Takes what came of the last effect.
    pub(super) fn handle<K: Lookup, E>(
        &mut self,
        now: Duration,
        input: Input<K, E>,
        out: &mut VecDeque<Output<K, E>>,
    ) {
        match input {
            Input::Page {
                items,
                continue_token,
                version,
            } => self.page(now, items, continue_token, version, out),
            Input::ListFailed(failure) => self.list_failed(now, failure, out),
            Input::Opened => {
                let initial = matches!(self.phase, Phase::Lost);
                self.stream = Some(Stream {
                    opened: now,
                    heard: now,
                    initial,
                    progressed: false,
                });
                if initial {
                    self.begin_list(out);
                }
            }
            Input::OpenFailed(failure) => self.watch_failed(now, failure, out),
            Input::Frame(frame) => self.frame(now, frame, out),
            Input::Unreadable(error) => {
                if let Some(stream) = &mut self.stream {
                    stream.heard = now;
                }
                out.push_back(Output::Failed(error));
            }
            Input::Broken(failure) => self.watch_failed(now, failure, out),
            Input::End => self.ended(now),
            Input::Silent => self.silent(now),
            Input::Waited => {}
        }
    }

    // --- what others may know ---

    /// Failures since the last success.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// Complete lists so far.
    pub(super) fn lists(&self) -> u64 {
        self.lists
    }

    /// Whether a list that asked for the most recent data was complete once. Nothing that is told later is older than that, so that this stays true.
    pub(super) fn vouched(&self) -> bool {
        self.vouched
    }

    /// The resume point, if it moved since this was last asked.
    pub(super) fn moved(&mut self) -> Option<&str> {
        if !std::mem::take(&mut self.moved) {
            return None;
        }
        match &self.phase {
            Phase::Synced { version } => Some(version),
            Phase::Lost | Phase::Listing { .. } => None,
        }
    }

    // --- failures ---

    /// Waits before the next attempt, and tells the failure if it will not pass by itself.
    fn note<K, E>(&mut self, now: Duration, failure: Failure<E>, out: &mut VecDeque<Output<K, E>>) {
        let tell = match failure.class {
            Class::Expired => false,
            Class::Refused | Class::NotFound | Class::Standing => true,
            Class::TooNew | Class::Internal | Class::Passing => self.failures >= QUIET_FAILURES,
        };
        // The first expiry is part of normal life: the list that follows it must not wait.
        if failure.class == Class::Expired
            && self.failures == 0
            && self.fruitless_lists <= 1
            && self.broken_lists <= 1
            && !self.expired
        {
            self.not_before = now;
        } else {
            self.wait_after_failure(now, failure.retry_after);
        }
        self.expired |= failure.class == Class::Expired;
        if tell {
            out.push_back(Output::Failed(failure.error));
        }
    }

    fn wait_after_failure(&mut self, now: Duration, retry_after: Option<Duration>) {
        let attempt = self
            .failures
            .max(self.fruitless_lists.saturating_sub(1))
            .max(self.broken_lists.saturating_sub(1));
        let delay = (self.delays)(attempt).max(retry_after.unwrap_or_default());
        self.failures = self.failures.saturating_add(1);
        self.not_before = now.saturating_add(delay);
    }
}

/// Whether one version is older than another for certain: versions that are not numbers have no order.
fn is_before(version: &str, other: &str) -> bool {
    match (version.parse::<u64>(), other.parse::<u64>()) {
        (Ok(version), Ok(other)) => version < other,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
