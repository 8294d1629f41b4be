//! The events of an open watch, and its end in all its forms.

use std::{collections::VecDeque, time::Duration};

use super::{Machine, Phase, Stream, is_before};
use crate::{
    reflector::Lookup,
    watcher::{
        Event,
        effect::{Class, Failure, Frame, Output},
    },
};

/// A watch that ends sooner than this, with nothing said, is a failure rather than an end.
const SHORT_WATCH: Duration = Duration::from_secs(1);

/// A watch that was open for this long was no failure, however it ended.
const HEALTHY_WATCH: Duration = Duration::from_secs(30);

/// How much longer than asked for the server may take to end a watch.
const WATCH_MARGIN: Duration = Duration::from_secs(5);

/// How long a streaming list may be silent before it is taken for a server that ignores the request for one.
const STREAMING_SILENCE_MAX: Duration = Duration::from_secs(30);

/// Failures in a row at one resume point after which it is given up for a new list.
const RESUMES_MAX: u32 = 5;

impl Machine {
    pub(super) fn frame<K: Lookup, E>(
        &mut self,
        now: Duration,
        frame: Frame<K, E>,
        out: &mut VecDeque<Output<K, E>>,
    ) {
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

    pub(super) fn watch_failed<K, E>(
        &mut self,
        now: Duration,
        failure: Failure<E>,
        out: &mut VecDeque<Output<K, E>>,
    ) {
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
            Class::NotFound => {
                self.phase = Phase::Lost;
                self.fruitless_lists += 1;
            }
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

    pub(super) fn ended(&mut self, now: Duration) {
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

    pub(super) fn silent(&mut self, now: Duration) {
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
    pub(super) fn patience(&self, stream: &Stream) -> Duration {
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
}
