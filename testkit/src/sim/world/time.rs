//! When time goes on, and when a world is at rest.
//!
//! A world settles in rounds: what can move moves, then the next timers run, until rounds pass in which nothing is written.

use std::time::Duration;

use crate::sim::{
    call::key,
    held::{Hold, Replica, Until},
    link::lock,
    process::Process,
    record::Ending,
    recurrence::Returns,
    trace::Happening,
};

use super::World;

/// Timers set for longer are those of watches and of resyncs: they fire once, at the end.
const LONG: Duration = Duration::from_secs(240);
/// How far time goes on where nobody is known to wait for anything.
const SILENCE: Duration = Duration::from_secs(60);
/// How far it goes on in the end where a program waits by timers that its environment knows nothing of: longer than the requeues that are usual.
const HIDDEN: Duration = Duration::from_secs(1800);
/// All timers fire so often without a change before a run counts as settled.
const ROUNDS: usize = 2;
/// The farthest a timer is waited for.
const FAR: Duration = Duration::from_secs(3600);

impl World {
    /// Lets things settle: until nothing changes though timers fire; a thorough one waits for the long timers, too.
    ///
    /// A fault counts as a change: what it made go wrong is yet to be tried again, by a timer that may wait for others.
    pub(crate) fn settle(&mut self, is_thorough: bool) -> Ending {
        let start = self.clock.elapsed();
        let (mut rounds, mut seen) = (0, self.happened());
        let mut returns = Returns::since(self.written.len(), self.befell.len());
        loop {
            if let Some(ending) = self.rest() {
                return ending;
            }
            if self.happened() != seen {
                (rounds, seen) = (0, self.happened());
                if self.never_rests(&mut returns) {
                    return Ending::Returning;
                }
            }
            let now = self.clock.elapsed();
            if now.saturating_sub(start) > self.limits.time {
                return Ending::OutOfTime;
            }
            let until = if rounds < ROUNDS {
                self.short_round()
            } else if self.let_go() {
                (rounds, seen) = (0, self.happened());
                continue;
            } else if rounds == ROUNDS && is_thorough {
                let state = || (self.server.fork(), self.effective);
                self.calm = self.calm.take().or_else(|| Some(state()));
                self.long_round()
            } else {
                return Ending::Settled;
            };
            rounds += 1;
            while self.clock.elapsed() < until && self.happened() == seen {
                self.advance(until);
                if let Some(ending) = self.rest() {
                    return ending;
                }
            }
        }
    }

    /// Lets processes hear again of what is held from them until a change that does not come; whether there was any such thing.
    ///
    /// Everything is at rest. If the user is about to change the object, the change comes. If not, nobody makes it, or only who would have to
    /// hear of the one before: a network that never delivers is no fault that a program could overcome, so that what was to be missed comes
    /// late instead.
    fn let_go(&mut self) -> bool {
        let next = self.next_object();
        let is_due = |hold: &Hold| match &hold.until {
            Until::Time(_) => true,
            Until::NextOf(change, _) => next
                .as_ref()
                .is_some_and(|(resource, key)| *resource == change.resource && *key == change.key),
        };
        let before = self.holds.len();
        self.holds.retain(is_due);
        let had_any = self.holds.len() < before;
        if had_any {
            self.note(|| Happening::Fault("what was held back comes, late".to_owned()));
        }
        had_any
    }

    /// The object that the user works on next: its resource and its key. None if it is being deleted, which others have to finish first.
    fn next_object(&self) -> Option<(String, String)> {
        let ops = self.script.get(self.script_at..)?;
        let (resource, namespace, name) = ops.iter().find_map(|op| op.object(&self.server))?;
        let object = self.server.get(&resource, &namespace, &name);
        let is_leaving = object.is_some_and(|o| o.pointer("/metadata/deletionTimestamp").is_some());
        (!is_leaving).then(|| (resource, key(&namespace, &name)))
    }

    /// Whether it is certain that things come back for ever.
    fn never_rests(&self, returns: &mut Returns) -> bool {
        let is_paused = self
            .processes
            .iter()
            .any(|process| process.paused_until().is_some());
        // What somebody is yet to hear of may change what he does.
        let is_held = !self.holds.is_empty() || !self.outages.is_empty();
        if is_paused || is_held || matches!(self.replica, Replica::Serving { .. }) {
            *returns = Returns::since(self.written.len(), self.befell.len());
            return false;
        }
        let now = self.clock.elapsed();
        returns.are_certain(&self.written, self.befell.len(), now, || self.long_round())
    }

    /// How many changes that count and how many faults there were.
    fn happened(&self) -> (usize, usize) {
        (self.effective, self.befell.len())
    }

    /// Lets everything happen that need not wait for a timer; the user does nothing.
    pub(super) fn rest(&mut self) -> Option<Ending> {
        // Only the user's operations are refused, and there are none.
        self.drain(false).unwrap_or_default()
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, until: Duration) -> Option<Ending> {
        loop {
            if let Some(ending) = self.rest() {
                return Some(ending);
            }
            if self.clock.elapsed() >= until {
                return None;
            }
            self.advance(until);
        }
    }

    /// When all short timers that are pending will have fired.
    pub(super) fn short_round(&self) -> Duration {
        let now = self.clock.elapsed();
        let timers = self.processes.iter().filter_map(|process| process.last_due(LONG));
        let restarts = self.processes.iter().filter_map(Process::restart_at);
        let serving = (!self.serving.is_empty()).then_some(now + Duration::from_secs(10));
        let last = timers
            .chain(self.last_stage())
            .chain(restarts)
            .chain(serving)
            .chain(self.held_until())
            .max();
        last.filter(|due| *due > now)
            .unwrap_or(now + SILENCE)
            .min(now + FAR)
    }

    /// When what is held for a time is free again.
    pub(super) fn held_until(&self) -> impl Iterator<Item = Duration> + '_ {
        let holds = self.holds.iter().filter_map(|hold| match hold.until {
            Until::Time(at) => Some(at),
            Until::NextOf(..) => None,
        });
        let outages = self.outages.iter().map(|outage| outage.until);
        holds
            .chain(outages)
            .chain(self.processes.iter().filter_map(|process| process.paused_until()))
    }

    /// When all timers will have.
    pub(super) fn long_round(&self) -> Duration {
        let now = self.clock.elapsed();
        let timers = self
            .processes
            .iter()
            .filter_map(|process| process.last_due(Duration::MAX));
        let hidden = self.processes.iter().any(Process::has_hidden_timers);
        let hidden = hidden.then_some(now + HIDDEN);
        let last = timers.chain(self.clock.last_due()).chain(hidden).max();
        last.unwrap_or(now).min(now + FAR)
    }

    /// Lets time go on to the next timer of anybody's, at most to `limit`.
    pub(super) fn advance(&mut self, limit: Duration) {
        let now = self.clock.elapsed();
        let processes = self.processes.iter();
        let dues = processes.flat_map(|p| match p.paused_until() {
            Some(until) => [Some(until), None],
            None => [p.next_due(), p.restart_at()],
        });
        let dues = dues.flatten().chain(self.held_until().filter(|at| *at > now));
        let dues = dues.chain(self.next_stage().filter(|at| *at > now));
        let next = dues.chain(self.clock.next_due()).fold(limit, Duration::min);
        // Runtimes keep time in whole milliseconds.
        let next = round_up(next.max(now));
        let next = if next > now {
            next
        } else {
            now + Duration::from_millis(1)
        };
        let mut reached = next;
        for index in 0..self.processes.len() {
            if self.is_paused(index) || !self.processes[index].is_alive() {
                continue;
            }
            while !self.processes[index].step(next) {
                if !lock(&self.outbox).is_empty() {
                    break;
                }
            }
            if !lock(&self.outbox).is_empty() {
                // Whoever asks something waits for the answer: the rest of its time comes later.
                reached = reached.min(self.processes[index].now().unwrap_or(next));
            }
            self.after_run(index);
        }
        self.clock.move_to(reached.max(now));
        self.toil = self.toil.saturating_sub(self.clock.elapsed().saturating_sub(now));
        for stream in &mut self.streams {
            stream.pull(&mut self.next, false);
        }
        self.resume();
    }
}

fn round_up(time: Duration) -> Duration {
    let millis = time.as_nanos().div_ceil(1_000_000);
    Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}
