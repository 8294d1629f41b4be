//! Deduplicating, delaying queue with one run per key at a time.
//!
//! **Invariant:** a key that was added is handed out again no later than the earliest time asked for, as long as somebody pops; a
//! key that was handed out is not handed out again before it is done.

use std::{
    borrow::Borrow,
    collections::{BTreeMap, VecDeque},
    hash::Hash,
    sync::Arc,
    time::Duration,
};

use crate::hash::Map;

/// How many runs of ordinary priority may pass while low ones wait, so that a busy cluster cannot starve an initial list.
const LOW_EVERY: u8 = 8;

/// How often the wait of a debounced key may be extended, so that an object that never stops changing is still seen.
const DEBOUNCE_WINDOWS_MAX: u32 = 10;

/// Who goes first among keys that are ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Priority {
    /// Objects found by listing: nothing says that they changed.
    Low,
    /// Everything that follows from a change.
    Normal,
}

/// When and why a key wants to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request<R> {
    /// The earliest moment to run, on the monotonic clock.
    pub(crate) at: Duration,
    /// The place among those that are ready.
    pub(crate) priority: Priority,
    /// Told to whoever runs the key.
    pub(crate) reason: R,
}

/// The queue.
#[derive(Debug)]
pub(crate) struct Queue<K, R> {
    /// What is known about each key that waits or runs; a key that does neither has no entry. Never iterated.
    ///
    /// Keys are shared by all who name them, because they are names of objects: several texts each.
    entries: Map<Arc<K>, Entry<R>>,
    /// Keys whose time has come, in order. An element whose ticket is not the entry's is a leftover and is skipped.
    ready_normal: VecDeque<(u64, Arc<K>)>,
    ready_low: VecDeque<(u64, Arc<K>)>,
    /// Keys whose time has not come, by time; the ticket keeps equal times in order of arrival.
    delayed: BTreeMap<(Duration, u64), Arc<K>>,
    /// How many keys are ready: the queues above may hold leftovers.
    ready: usize,
    /// How many keys are running, bounded by `running_max`.
    running: usize,
    /// No bound when absent.
    running_max: Option<usize>,
    /// The next ticket; it only grows, so a ticket names one waiting period of one key.
    ticket: u64,
    /// Runs of ordinary priority since the last low one, while low ones waited.
    passed_low: u8,
}

#[derive(Debug)]
struct Entry<R> {
    state: State<R>,
}

#[derive(Debug)]
enum State<R> {
    Delayed {
        ticket: u64,
        request: Request<R>,
        /// When the first of the debounced requests came.
        since: Option<Duration>,
    },
    Ready {
        ticket: u64,
        priority: Priority,
        reason: R,
        /// Since when.
        since: Duration,
    },
    /// Handed out; what was asked for meanwhile.
    Running {
        again: Option<(Request<R>, Option<Duration>)>,
    },
}

// === impl Queue ===

impl<K, R> Queue<K, R>
where
    K: Eq + Hash,
{
    /// An empty queue that hands out at most `running_max` keys at a time.
    pub(crate) fn new(running_max: Option<usize>) -> Self {
        Self {
            entries: Map::default(),
            ready_normal: VecDeque::new(),
            ready_low: VecDeque::new(),
            delayed: BTreeMap::new(),
            ready: 0,
            running: 0,
            running_max,
            ticket: 0,
            passed_low: 0,
        }
    }

    /// Asks for a run of `key`.
    ///
    /// Several requests for a key that waits become one run at the earliest of their times, with the reason of the request that set
    /// that time. A request for a key that runs is kept until it is done.
    pub(crate) fn add(&mut self, now: Duration, key: impl Into<Arc<K>> + Borrow<K>, request: Request<R>) {
        self.merge(now, key, request, None);
    }

    /// Asks for a run of `key` once no request came for `window`.
    ///
    /// A key that keeps being asked for runs after ten windows all the same.
    pub(crate) fn add_debounced(
        &mut self,
        now: Duration,
        key: impl Into<Arc<K>> + Borrow<K>,
        priority: Priority,
        reason: R,
        window: Duration,
    ) {
        let at = now.saturating_add(window);
        self.merge(now, key, Request { at, priority, reason }, Some(window));
    }

    /// The next key to run, why, and how long it was ready; nothing while none is ready or too many run.
    pub(crate) fn pop(&mut self, now: Duration) -> Option<(Arc<K>, R, Duration)> {
        self.promote(now);
        if self.running_max.is_some_and(|max| self.running >= max) || self.ready == 0 {
            return None;
        }
        let low_first = self.passed_low >= LOW_EVERY;
        let (key, priority, reason, since) = if low_first {
            self.take(Priority::Low).or_else(|| self.take(Priority::Normal))
        } else {
            self.take(Priority::Normal).or_else(|| self.take(Priority::Low))
        }?;
        self.passed_low = match priority {
            Priority::Normal if !self.ready_low.is_empty() => self.passed_low.saturating_add(1),
            Priority::Normal | Priority::Low => 0,
        };
        self.ready -= 1;
        self.running += 1;
        Some((key, reason, now.saturating_sub(since)))
    }

    /// Says that the run of `key` has ended; requests that came meanwhile count from now.
    ///
    /// A key that was not handed out is left alone.
    pub(crate) fn done(&mut self, now: Duration, key: &K) {
        let Some((index, _, entry)) = self.entries.get_full_mut(key) else {
            return;
        };
        if !matches!(entry.state, State::Running { .. }) {
            return;
        }
        self.running -= 1;
        if let Some((
            key,
            Entry {
                state: State::Running {
                    again: Some((request, since)),
                },
            },
        )) = self.entries.swap_remove_index(index)
        {
            self.place(now, key, request, since);
        }
    }

    /// The moment at which [`pop`](Self::pop) has more to give than now, if time alone can do that.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        self.delayed.first_key_value().map(|((at, _), _)| *at)
    }

    /// How many keys are handed out and not done.
    pub(crate) fn running(&self) -> usize {
        self.running
    }

    /// How many keys wait for nothing but a free place.
    pub(crate) fn ready(&self) -> usize {
        self.ready
    }

    /// How many keys wait, for their time or for a free place.
    pub(crate) fn waiting(&self) -> usize {
        self.ready + self.delayed.len()
    }

    fn merge(
        &mut self,
        now: Duration,
        key: impl Into<Arc<K>> + Borrow<K>,
        request: Request<R>,
        window: Option<Duration>,
    ) {
        let since = window.map(|_| now);
        let Some((_, shared, entry)) = self.entries.get_full_mut(key.borrow()) else {
            return self.place(now, key.into(), request, since);
        };
        let key = Arc::clone(shared);
        match &mut entry.state {
            State::Running { again } => {
                *again = Some(match again.take() {
                    Some(held) => join(held, request, window, now),
                    None => (request, since),
                });
            }
            State::Ready { priority, reason, .. } => {
                // Only what is due counts: a later request is part of the run that is about to start.
                if request.at <= now && request.priority > *priority {
                    *priority = request.priority;
                    *reason = request.reason;
                    self.ticket += 1;
                    let State::Ready { ticket, .. } = &mut entry.state else {
                        return;
                    };
                    *ticket = self.ticket;
                    self.ready_normal.push_back((self.ticket, key));
                }
            }
            State::Delayed {
                ticket,
                request: held,
                since: held_since,
            } => {
                let place = (held.at, *ticket);
                let joined = {
                    let held = Request {
                        at: held.at,
                        priority: held.priority,
                        reason: (),
                    };
                    let new = Request {
                        at: request.at,
                        priority: request.priority,
                        reason: (),
                    };
                    join((held, *held_since), new, window, now)
                };
                let (
                    Request {
                        at,
                        priority,
                        reason: (),
                    },
                    since,
                ) = joined;
                if at == held.at {
                    held.priority = priority;
                    *held_since = since;
                    return;
                }
                self.delayed.remove(&place);
                let reason = request.reason;
                self.place(now, key, Request { at, priority, reason }, since);
            }
        }
    }

    /// Files a key that is neither waiting nor running any more.
    fn place(&mut self, now: Duration, key: Arc<K>, request: Request<R>, since: Option<Duration>) {
        self.ticket += 1;
        let ticket = self.ticket;
        let state = if request.at <= now {
            self.ready += 1;
            self.lane(request.priority).push_back((ticket, Arc::clone(&key)));
            State::Ready {
                ticket,
                priority: request.priority,
                reason: request.reason,
                since: now,
            }
        } else {
            self.delayed.insert((request.at, ticket), Arc::clone(&key));
            State::Delayed {
                ticket,
                request,
                since,
            }
        };
        self.entries.insert(key, Entry { state });
    }

    /// Moves the keys whose time has come to the ready ones.
    fn promote(&mut self, now: Duration) {
        while let Some(first) = self.delayed.first_entry() {
            if first.key().0 > now {
                break;
            }
            let ((at, due), key) = first.remove_entry();
            match self.entries.swap_remove(&key).map(|entry| entry.state) {
                // It waits since its time, and not since somebody looks.
                Some(State::Delayed { ticket, request, .. }) if ticket == due => {
                    self.place(at, key, request, None)
                }
                // The map and the entries are changed together, so there is nothing else to find.
                other => {
                    debug_assert!(false, "a delayed key without a delayed entry");
                    if let Some(state) = other {
                        self.entries.insert(key, Entry { state });
                    }
                }
            }
        }
    }

    /// Takes the first key of a lane and marks it as running.
    fn take(&mut self, lane: Priority) -> Option<(Arc<K>, Priority, R, Duration)> {
        loop {
            let (ticket, key) = self.lane(lane).pop_front()?;
            let Some(entry) = self.entries.get_mut(&key) else {
                continue;
            };
            match &entry.state {
                State::Ready { ticket: current, .. } if *current == ticket => {}
                State::Ready { .. } | State::Delayed { .. } | State::Running { .. } => continue,
            }
            let State::Ready {
                priority,
                reason,
                since,
                ..
            } = std::mem::replace(&mut entry.state, State::Running { again: None })
            else {
                continue;
            };
            return Some((key, priority, reason, since));
        }
    }

    fn lane(&mut self, priority: Priority) -> &mut VecDeque<(u64, Arc<K>)> {
        match priority {
            Priority::Low => &mut self.ready_low,
            Priority::Normal => &mut self.ready_normal,
        }
    }
}

/// What one run must satisfy to answer both requests.
fn join<R>(
    (held, held_since): (Request<R>, Option<Duration>),
    new: Request<R>,
    window: Option<Duration>,
    now: Duration,
) -> (Request<R>, Option<Duration>) {
    let priority = held.priority.max(new.priority);
    // A debounced request that meets another pushes the run back; in every other case the earlier time wins.
    if let (Some(window), Some(since)) = (window, held_since) {
        let latest = since.saturating_add(window.saturating_mul(DEBOUNCE_WINDOWS_MAX));
        let at = new.at.min(latest).max(held.at);
        return (
            Request {
                at,
                priority,
                reason: new.reason,
            },
            Some(since),
        );
    }
    if new.at < held.at {
        let since = window.map(|_| now);
        (Request { priority, ..new }, since)
    } else {
        (Request { priority, ..held }, held_since)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
