//! The pure half of an election: what to ask of the lease next, and until when this process may lead.
//!
//! **Invariant:** whoever leads stops no later than the renew deadline after it *sent* its last successful renewal, on its own monotonic clock; whoever takes over waits for the
//! lease duration after it *saw* the last renewal, on its own. As long as clocks run at about the same rate, which is all that is asked of them, the two never meet. What the
//! wall clocks say decides nothing: their times in the lease are for people.
//!
//! # Leases that are deleted
//!
//! A lease that is deleted under its leader takes with it what others knew: its leader may have made it again, and somebody deleted it again, between any two looks. So a candidate that knew of
//! the lease and does not find it neither leads nor waits for what it saw before: it makes the lease again as a *vacancy*, which names nobody and holds as long as any. Its
//! leader, who still leads by its own clock, takes it back at its next renewal. If nobody does for the whole duration, nobody leads, and the first candidate takes it. What holds is
//! the invariant, because a vacancy that did not change is a lease that nobody renewed. The price is that the duration begins anew with the deletion.
//!
//! A process that never saw the lease cannot tell one that was deleted from one that nobody made yet. It takes the second for granted, as client-go does, because the first leader of all would have to wait
//! for a lease duration otherwise, every time that something is installed. So one gap stays: a process that begins between the deletion of a lease and the next renewal of its leader, before any other candidate looks,
//! leads beside that leader until the renewal, which is a retry period away, or the deadline if the leader cannot reach the server.
//!
//! # Source
//!
//! The algorithm and its parameters are those of client-go's leader election. Two things differ: a candidate shortens its waits by chance where client-go lengthens them, and
//! tries at the very moment at which the lease expires for it, so that a fail-over takes no longer than the lease duration and the retry period.

use std::time::Duration;

use jiff::Timestamp;

/// By how much of it a candidate's wait may be shortened.
const JITTER: f64 = 0.2;

/// The duration that a lease says once its leader gave it up. One that names nobody and says more was emptied by somebody else, or is a vacancy.
const RELEASED_SECONDS: i32 = 1;

/// What an election needs to know.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) identity: String,
    pub(super) lease_duration: Duration,
    pub(super) renew_deadline: Duration,
    pub(super) retry_period: Duration,
}

/// What a lease says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    /// Nobody if empty.
    pub(super) holder: String,
    pub(super) duration_seconds: i32,
    pub(super) acquired: Option<Timestamp>,
    pub(super) renewed: Option<Timestamp>,
    pub(super) transitions: i32,
}

/// What the driver performs next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Read the lease; give up at this moment.
    Read { until: Duration },
    /// Create the lease, or replace the one of this version; give up at this moment.
    Write {
        record: Record,
        version: Option<String>,
        until: Duration,
    },
    /// Do nothing before this moment.
    Wait { until: Duration },
    /// Do nothing before somebody wants to lead.
    Rest,
}

/// What came of an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// The lease with its version, or that there is none.
    Read(Option<(Record, String)>),
    /// The write was done; this is the version now.
    Written(String),
    /// Somebody else wrote in between, or created or deleted the lease.
    Conflict,
    /// There was no answer, or one that says nothing. A write may have been done.
    Failed,
    /// The moment came.
    Waited,
}

/// The state machine.
#[derive(Debug)]
pub(super) struct Machine {
    plan: Plan,
    next: Next,
    /// What the lease said last, its version, and since when it says so as far as this process has seen.
    observed: Option<(Record, String, Duration)>,
    /// Whether `observed` was read since the last wait.
    fresh: bool,
    /// Whether this process has seen that there is a lease, so that one that is not there was deleted.
    known: bool,
    /// Leading, until this moment unless the lease is renewed.
    until: Option<Duration>,
    /// Whether this process wants to lead.
    wanted: bool,
    /// Whether nothing is under way any more that needs the lease.
    drained: bool,
    /// Whether the write under way is a release.
    releasing: bool,
}

#[derive(Clone, Debug)]
enum Next {
    Read,
    Write { record: Record, asked: Option<Duration> },
    Wait(Duration),
}

// === impl Machine ===

impl Machine {
    pub(super) fn new(plan: Plan, wanted: bool) -> Self {
        Self {
            plan,
            next: Next::Read,
            observed: None,
            fresh: false,
            known: false,
            until: None,
            wanted,
            drained: true,
            releasing: false,
        }
    }

    /// Until when this process leads, if it does.
    pub(super) fn leads_until(&self, now: Duration) -> Option<Duration> {
        self.until.filter(|until| now < *until)
    }

    /// Who leads, as far as this process has seen.
    pub(super) fn holder(&self) -> Option<&str> {
        let (record, ..) = self.observed.as_ref()?;
        Some(record.holder.as_str()).filter(|holder| !holder.is_empty())
    }

    /// Says whether this process wants to lead, and whether anything still needs the lease.
    pub(super) fn want(&mut self, now: Duration, wanted: bool, drained: bool) {
        if wanted && !self.wanted && self.leads_until(now).is_none() {
            self.next = Next::Read;
        }
        self.wanted = wanted;
        self.drained = drained;
    }

    /// Takes note of what the lease says, and tells since when it says so.
    ///
    /// Should it be older than what was known, it seems to hold longer than it does, and never shorter.
    pub(super) fn observe(&mut self, now: Duration, record: Record, version: String) -> Duration {
        let since = match &self.observed {
            Some((held, _, since)) if *held == record => *since,
            _ => now,
        };
        self.observed = Some((record, version, since));
        self.known = true;
        since
    }

    /// What to do next. A write that begins is reported by [`asked`](Self::asked).
    pub(super) fn effect(&self, now: Duration, wall: Timestamp) -> Effect {
        let leads = self.leads_until(now);
        if !self.wanted {
            return match (leads, &self.observed) {
                (Some(until), Some((record, version, _))) if self.drained && !version.is_empty() => {
                    Effect::Write {
                        record: released(record, wall),
                        version: Some(version.clone()),
                        until,
                    }
                }
                // Work is under way that needs the lease: it is renewed until that is done.
                (Some(_), _) => self.step(now),
                (None, _) => Effect::Rest,
            };
        }
        self.step(now)
    }

    fn step(&self, now: Duration) -> Effect {
        let patience = now.saturating_add(self.plan.renew_deadline);
        let until = self
            .leads_until(now)
            .map_or(patience, |until| until.min(patience));
        match &self.next {
            Next::Read => Effect::Read { until },
            Next::Write { record, .. } => Effect::Write {
                record: record.clone(),
                version: self.observed.as_ref().map(|(_, version, _)| version.clone()),
                until,
            },
            Next::Wait(due) => Effect::Wait {
                // Whoever leads is told of the end by the end.
                until: self.leads_until(now).map_or(*due, |until| until.min(*due)),
            },
        }
    }

    /// A write was sent at `now`: what it achieves counts from here.
    pub(super) fn asked(&mut self, now: Duration) {
        self.releasing = !self.wanted && self.drained && self.leads_until(now).is_some();
        if self.releasing {
            // Others may lead from here on, whether or when an answer comes.
            self.until = None;
            return;
        }
        if let Next::Write { asked, .. } = &mut self.next {
            *asked = Some(now);
        }
    }

    /// Takes what came of the last effect; `unit` in `0.0..1.0` places a wait within its jitter.
    pub(super) fn handle(&mut self, now: Duration, wall: Timestamp, unit: f64, input: Input) {
        if self.until.is_some_and(|until| until <= now) {
            self.until = None;
        }
        let releasing = std::mem::take(&mut self.releasing);
        match input {
            Input::Read(None) => {
                self.fresh = true;
                let transitions = self.observed.take().map_or(0, |(record, ..)| record.transitions);
                if self.known && self.until.is_none() {
                    self.write(self.vacancy(wall, transitions));
                } else {
                    self.write(self.record(wall, wall, transitions));
                }
            }
            Input::Read(Some((record, version))) => {
                let mine = record.holder == self.plan.identity;
                let vacant = is_vacancy(&record);
                let released = record.holder.is_empty() && !vacant;
                let (acquired, transitions) = (record.acquired.unwrap_or(wall), record.transitions);
                let validity = validity(&record);
                let valid_until = self.observe(now, record, version).saturating_add(validity);
                self.fresh = true;
                if mine || vacant && self.until.is_some() {
                    self.write(self.record(acquired, wall, transitions));
                } else if released || valid_until <= now {
                    self.until = None;
                    self.write(self.record(wall, wall, transitions.saturating_add(1)));
                } else {
                    self.stand_by(now, unit, valid_until);
                }
            }
            Input::Written(version) => {
                if releasing {
                    if let Some((record, ..)) = self.observed.take() {
                        self.observed = Some((released(&record, wall), version, now));
                    }
                    self.until = None;
                    self.next = Next::Read;
                    return;
                }
                if let Next::Write { record, asked } = std::mem::replace(&mut self.next, Next::Read) {
                    if record.holder.is_empty() {
                        let validity = validity(&record);
                        let since = self.observe(now, record, version);
                        return self.stand_by(now, unit, since.saturating_add(validity));
                    }
                    let counts_from = asked.unwrap_or(now);
                    self.until = Some(counts_from.saturating_add(self.plan.renew_deadline))
                        .filter(|until| now < *until);
                    self.observed = Some((record, version, now));
                    self.known = true;
                }
                self.pause(now, 0.0);
            }
            Input::Conflict if releasing => self.until = None,
            Input::Conflict if !self.fresh => self.next = Next::Read,
            Input::Conflict => {
                self.fresh = false;
                self.pause(now, unit);
            }
            Input::Failed => {
                // A release is tried once: without it, the lease expires.
                if releasing {
                    self.until = None;
                }
                // The write may have been done, so the version is not to be relied on.
                self.fresh = false;
                if let Next::Write { .. } = self.next
                    && let Some((_, version, _)) = &mut self.observed
                {
                    version.clear();
                }
                self.pause(now, unit);
            }
            Input::Waited => {
                self.fresh = false;
                let renewable = self.leads_until(now).is_some();
                self.next = match &self.observed {
                    Some((record, version, _)) if renewable && !version.is_empty() => Next::Write {
                        record: Record {
                            renewed: Some(wall),
                            ..record.clone()
                        },
                        asked: None,
                    },
                    _ => Next::Read,
                };
            }
        }
    }

    fn write(&mut self, record: Record) {
        self.next = Next::Write { record, asked: None };
    }

    fn pause(&mut self, now: Duration, unit: f64) {
        let wait = self.plan.retry_period.mul_f64(1.0 - JITTER * unit);
        self.next = Next::Wait(now.saturating_add(wait));
    }

    /// Somebody else leads until `until`, whatever this process believed.
    fn stand_by(&mut self, now: Duration, unit: f64, until: Duration) {
        self.until = None;
        let wait = self.plan.retry_period.mul_f64(1.0 - JITTER * unit);
        self.next = Next::Wait(now.saturating_add(wait).min(until));
    }

    fn record(&self, acquired: Timestamp, renewed: Timestamp, transitions: i32) -> Record {
        Record {
            holder: self.plan.identity.clone(),
            duration_seconds: self.duration_seconds(),
            acquired: Some(acquired),
            renewed: Some(renewed),
            transitions,
        }
    }

    /// The lease of nobody in the place of one that was deleted.
    fn vacancy(&self, wall: Timestamp, transitions: i32) -> Record {
        Record {
            holder: String::new(),
            // Longer than that of one that was released, however short leases are.
            duration_seconds: self.duration_seconds().max(RELEASED_SECONDS + 1),
            acquired: None,
            renewed: Some(wall),
            transitions,
        }
    }

    fn duration_seconds(&self) -> i32 {
        i32::try_from(self.plan.lease_duration.as_secs()).unwrap_or(i32::MAX)
    }
}

/// How long a lease holds after it was renewed. Its holder says so, and so everybody goes by the same.
fn validity(record: &Record) -> Duration {
    Duration::from_secs(u64::try_from(record.duration_seconds).unwrap_or_default())
}

/// Whether the lease names nobody and yet may have a leader, because it was not its leader who gave it up.
fn is_vacancy(record: &Record) -> bool {
    record.holder.is_empty() && record.duration_seconds > RELEASED_SECONDS
}

/// The lease without a holder, as client-go leaves it.
fn released(record: &Record, wall: Timestamp) -> Record {
    Record {
        holder: String::new(),
        duration_seconds: RELEASED_SECONDS,
        acquired: Some(wall),
        renewed: Some(wall),
        transitions: record.transitions,
    }
}

#[cfg(test)]
mod tests;
