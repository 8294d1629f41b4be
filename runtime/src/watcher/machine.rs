//! The pure half of a watcher: what to ask the server next, and what its answers mean.
//!
//! The driver performs one [`Effect`] at a time and reports an [`Input`]; the machine adds to the list of outputs and says what comes next.
//! It neither waits nor fails: every failure leads to a later attempt.
//!
//! **Invariant:** once the server can be reached, whoever replays the events over an empty set ends with the server's set, and nothing goes
//! back in time meanwhile.

use std::{collections::VecDeque, time::Duration};

use super::{
    Event, InitialListStrategy, ListSemantic,
    effect::{Class, Effect, Failure, Frame, Input, List, Output, Watch},
    guard::Guard,
};
use crate::reflector::Lookup;

/// A watch that ends sooner than this, with nothing said, is a failure rather than an end.
const SHORT_WATCH: Duration = Duration::from_secs(1);

/// A watch that was open for this long was no failure, however it ended.
const HEALTHY_WATCH: Duration = Duration::from_secs(30);

/// How much longer than asked for the server may take to end a watch.
const WATCH_MARGIN: Duration = Duration::from_secs(5);

/// How long a streaming list may be silent before it is taken for a server that ignores the request for one.
const STREAMING_SILENCE_MAX: Duration = Duration::from_secs(30);

/// Failures in a row that the watcher deals with quietly, when it can deal with them at all.
const QUIET_FAILURES: u32 = 2;

/// Failures in a row at one resume point after which it is given up for a new list.
const RESUMES_MAX: u32 = 5;

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
    /// Continue tokens that expired in a row; a list that cannot be paged in time is asked for whole.
    expired_pages: u32,
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
            expired_pages: 0,
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
                let paged = self.expired_pages < 2 && not_older_than.as_deref() != Some("0");
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

    // --- lists ---

    fn page<K: Lookup, E>(
        &mut self,
        now: Duration,
        items: Vec<Box<K>>,
        continue_token: Option<String>,
        version: String,
        out: &mut VecDeque<Output<K, E>>,
    ) {
        let version = match std::mem::replace(&mut self.phase, Phase::Lost) {
            // All pages are of one version, the first one's.
            Phase::Listing { version, .. } => version,
            Phase::Lost | Phase::Synced { .. } => {
                if self.is_stale(&version) {
                    // A replica that is behind and did not wait. The most recent data is what the next list asks for, and that is
                    // believed: after a restore of etcd it may be older than what was known.
                    self.most_recent = true;
                    return self.wait_after_failure(now, None);
                }
                self.begin_list(out);
                version
            }
        };
        for item in &items {
            self.guard
                .listed(item.uid().as_deref(), item.resource_version().as_deref());
        }
        out.push_back(Output::Listed(items.into_iter()));
        self.failures = 0;
        match continue_token.filter(|token| !token.is_empty()) {
            Some(continue_token) => {
                self.phase = Phase::Listing {
                    continue_token,
                    version,
                }
            }
            None => self.complete(now, version, out),
        }
    }

    fn list_failed<K, E>(&mut self, now: Duration, failure: Failure<E>, out: &mut VecDeque<Output<K, E>>) {
        let paging = matches!(self.phase, Phase::Listing { .. });
        match failure.class {
            Class::Expired => {
                // The token that may come with the answer continues in another version: a new list is whole or nothing.
                self.phase = Phase::Lost;
                self.most_recent = true;
                if paging {
                    self.expired_pages += 1;
                }
            }
            Class::TooNew if self.failures > 0 => self.most_recent = true,
            Class::Refused | Class::NotFound => {
                self.phase = Phase::Lost;
                self.most_recent = true;
            }
            Class::TooNew | Class::Internal | Class::Standing | Class::Passing => {}
        }
        self.note(now, failure, out);
    }

    /// The set is told from its beginning, as the request that was just answered asked for it.
    fn begin_list<K, E>(&mut self, out: &mut VecDeque<Output<K, E>>) {
        self.recent = self.not_older_than().is_none();
        self.guard.begin_list();
        out.push_back(Output::Event(Event::Init));
    }

    /// The whole set is known as of `version`.
    fn complete<K, E>(&mut self, now: Duration, version: String, out: &mut VecDeque<Output<K, E>>) {
        self.guard.end_list(&version);
        out.push_back(Output::Event(Event::InitDone));
        self.newest = Some(version.clone());
        self.phase = Phase::Synced { version };
        self.failures = 0;
        self.most_recent = false;
        self.expired = false;
        self.expired_pages = 0;
        self.lists += 1;
        self.vouched |= self.recent;
        self.listed_at = now;
        self.moved = true;
    }

    /// The age that the next list asks for.
    fn not_older_than(&self) -> Option<String> {
        match (&self.plan.semantic, &self.newest) {
            _ if self.most_recent => None,
            (ListSemantic::MostRecent, _) => None,
            (ListSemantic::Any, None) => Some("0".to_owned()),
            (ListSemantic::Any, Some(newest)) => Some(newest.clone()),
        }
    }

    /// Whether a list of this version would take the set back in time.
    fn is_stale(&self, version: &str) -> bool {
        !self.most_recent
            && self
                .newest
                .as_deref()
                .is_some_and(|newest| is_before(version, newest))
    }

    // --- watches ---

    fn frame<K: Lookup, E>(&mut self, now: Duration, frame: Frame<K, E>, out: &mut VecDeque<Output<K, E>>) {
        let Some(stream) = &mut self.stream else { return };
        stream.heard = now;
        let initial = stream.initial;
        match frame {
            Frame::Added(item) | Frame::Modified(item) if initial => {
                self.hear_of(item.resource_version().as_deref());
                self.guard
                    .listed(item.uid().as_deref(), item.resource_version().as_deref());
                out.push_back(Output::Event(Event::InitApply(item)));
            }
            Frame::Added(item) | Frame::Modified(item) => {
                let fresh = self
                    .guard
                    .admit(item.uid().as_deref(), item.resource_version().as_deref());
                self.advance(item.resource_version().as_deref());
                if fresh {
                    out.push_back(Output::Event(Event::Apply(item)));
                }
            }
            Frame::Deleted(item) => {
                let fresh = self
                    .guard
                    .bury(item.uid().as_deref(), item.resource_version().as_deref());
                if initial {
                    self.hear_of(item.resource_version().as_deref());
                } else {
                    self.advance(item.resource_version().as_deref());
                }
                if fresh {
                    out.push_back(Output::Event(Event::Delete(item)));
                }
            }
            Frame::Bookmark {
                version,
                initial_end: true,
            } if initial => {
                stream.initial = false;
                stream.progressed = true;
                self.complete(now, version, out);
            }
            // Objects that exist come in no order, so a version on the way is no place to go on from.
            Frame::Bookmark { .. } if initial => {}
            Frame::Bookmark { version, .. } => self.advance(Some(&version)),
            Frame::Error(failure) => self.watch_failed(now, failure, out),
        }
    }

    /// A set that is still being told shows this version. Should it break off, the next one must not show an older state.
    fn hear_of(&mut self, version: Option<&str>) {
        let Some(version) = version.filter(|version| version.parse::<u64>().is_ok()) else {
            return;
        };
        match &mut self.newest {
            Some(newest) if is_before(newest, version) => {
                newest.clear();
                newest.push_str(version);
            }
            Some(_) => {}
            newest @ None => *newest = Some(version.to_owned()),
        }
    }

    /// Moves the resume point, never back.
    fn advance(&mut self, version: Option<&str>) {
        let Phase::Synced { version: held } = &mut self.phase else {
            return;
        };
        let Some(version) = version.filter(|version| !version.is_empty()) else {
            return;
        };
        if version == held || is_before(version, held) {
            return;
        }
        held.clear();
        held.push_str(version);
        match &mut self.newest {
            Some(newest) => {
                newest.clear();
                newest.push_str(version);
            }
            newest @ None => *newest = Some(version.to_owned()),
        }
        self.failures = 0;
        self.fruitless_lists = 0;
        self.moved = true;
        if let Some(stream) = &mut self.stream {
            stream.progressed = true;
        }
    }

    fn watch_failed<K, E>(&mut self, now: Duration, failure: Failure<E>, out: &mut VecDeque<Output<K, E>>) {
        let initial = match self.stream.take() {
            Some(stream) => {
                if failure.class == Class::Passing && now.saturating_sub(stream.opened) >= HEALTHY_WATCH {
                    // Somebody on the way cuts connections that are quiet. This one is the first to fail.
                    self.failures = 0;
                }
                stream.initial
            }
            None => matches!(self.phase, Phase::Lost),
        };
        match failure.class {
            Class::Refused if initial => {
                // The server, or the store behind it, does not do streaming lists. That is an answer, not a failure.
                self.streaming = false;
                return;
            }
            Class::Expired | Class::Refused => {
                self.most_recent |= initial || self.fruitless_lists > 0;
                self.phase = Phase::Lost;
                self.fruitless_lists += 1;
            }
            // What is not served now may come back as something else.
            Class::NotFound => self.phase = Phase::Lost,
            Class::TooNew if initial => self.most_recent = true,
            // It may pass, but not for ever: perhaps it is this version that the server cannot serve.
            Class::TooNew | Class::Internal => {
                if self.failures >= RESUMES_MAX && matches!(self.phase, Phase::Synced { .. }) {
                    self.phase = Phase::Lost;
                    self.most_recent = true;
                }
            }
            // The place is as good as before; an outage is no reason to list.
            Class::Passing | Class::Standing => {}
        }
        self.note(now, failure, out);
    }

    fn ended(&mut self, now: Duration) {
        let Some(stream) = self.stream.take() else { return };
        if stream.progressed || (!stream.initial && now.saturating_sub(stream.opened) >= SHORT_WATCH) {
            self.failures = 0;
            self.fruitless_lists = 0;
            return;
        }
        if self.failures >= RESUMES_MAX && matches!(self.phase, Phase::Synced { .. }) {
            // A server that keeps closing at this version may have lost it without saying so.
            self.phase = Phase::Lost;
        }
        self.wait_after_failure(now, None);
    }

    fn silent(&mut self, now: Duration) {
        let Some(stream) = self.stream.take() else { return };
        if stream.initial {
            self.streaming = false;
        } else if self.relist_at().is_some_and(|due| due <= now) {
            self.phase = Phase::Lost;
            self.most_recent = true;
        }
        self.not_before = now;
    }

    /// When to give an open watch up.
    fn patience(&self, stream: &Stream) -> Duration {
        let deadline = stream
            .opened
            .saturating_add(self.plan.watch_timeout)
            .saturating_add(WATCH_MARGIN);
        let silence = if stream.initial {
            Some(STREAMING_SILENCE_MAX)
        } else {
            self.plan.idle_timeout
        };
        let deadline = match self.relist_at() {
            Some(due) if !stream.initial => deadline.min(due),
            Some(_) | None => deadline,
        };
        silence.map_or(deadline, |silence| {
            deadline.min(stream.heard.saturating_add(silence))
        })
    }

    /// When the set is listed anew though nothing went wrong.
    fn relist_at(&self) -> Option<Duration> {
        let interval = self.plan.relist_interval?;
        Some(self.listed_at.saturating_add(interval))
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
            && self.expired_pages <= 1
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
            .max(self.expired_pages.saturating_sub(1));
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
