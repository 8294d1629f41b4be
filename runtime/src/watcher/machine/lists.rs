//! The set told from its beginning, page by page, and how old that may be.

use std::{collections::VecDeque, time::Duration};

use super::{Machine, Phase, is_before};
use crate::{
    reflector::Lookup,
    watcher::{
        Event, ListSemantic,
        effect::{Class, Failure, Output},
    },
};

impl Machine {
    pub(super) fn page<K: Lookup, E>(
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

    pub(super) fn list_failed<K, E>(
        &mut self,
        now: Duration,
        failure: Failure<E>,
        out: &mut VecDeque<Output<K, E>>,
    ) {
        let paging = matches!(self.phase, Phase::Listing { .. });
        match failure.class {
            // The token that may come with an expiry continues in another version: a new list is whole or nothing.
            Class::Expired | Class::Refused | Class::NotFound => {
                self.phase = Phase::Lost;
                self.most_recent = true;
                if paging {
                    self.broken_lists = self.broken_lists.saturating_add(1);
                }
            }
            Class::TooNew if self.failures > 0 => self.most_recent = true,
            Class::TooNew | Class::Internal | Class::Standing | Class::Passing => {}
        }
        self.note(now, failure, out);
    }

    /// The set is told from its beginning, as the request that was just answered asked for it.
    pub(super) fn begin_list<K, E>(&mut self, out: &mut VecDeque<Output<K, E>>) {
        self.recent = self.not_older_than().is_none();
        self.guard.begin_list();
        out.push_back(Output::Event(Event::Init));
    }

    /// The whole set is known as of `version`.
    pub(super) fn complete<K, E>(
        &mut self,
        now: Duration,
        version: String,
        out: &mut VecDeque<Output<K, E>>,
    ) {
        self.guard.end_list(&version);
        out.push_back(Output::Event(Event::InitDone));
        self.newest = Some(version.clone());
        self.phase = Phase::Synced { version };
        self.failures = 0;
        self.most_recent = false;
        self.expired = false;
        self.broken_lists = 0;
        self.lists += 1;
        self.vouched |= self.recent;
        self.listed_at = now;
        self.moved = true;
    }

    /// The age that the next list asks for.
    pub(super) fn not_older_than(&self) -> Option<String> {
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
}
