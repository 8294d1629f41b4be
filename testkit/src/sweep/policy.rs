//! Which faults are tried, and where: one plan for each place of the reference run at which a fault can matter.
//!
//! Reading order: here, `prune` (which of them need no run).

mod prune;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::sim::{
    Break, Called, ChangeRef, Fate, Injection, Loss, Mishap, Refusal, Rival, Run, Told, Trigger, Verb,
    Writer, class_of, external_name,
};

/// How long a lagging watch is silent: longer than the usual first delays of a requeue.
const LAG: Duration = Duration::from_secs(20);
/// How long one is silent for those who do not wait for ever: longer than the five minutes for which what was written is usually expected.
const LONG_LAG: Duration = Duration::from_secs(600);
/// How long no server is reached: long enough to see who waits longer each time.
const OUTAGE: Duration = Duration::from_secs(240);
/// At so many of a watch's first events something may happen to it.
const EVENTS: usize = 2;
/// How long a process stands still: longer than the usual lease.
const PAUSE: Duration = Duration::from_secs(60);

/// The single faults for a run that are worth one, the most telling first; and how many are not.
pub(super) fn singles(run: &Run) -> (Vec<Injection>, usize) {
    let all = all(run);
    let before = all.len();
    let worth = prune::pruned(run, all);
    let left_out = before - worth.len();
    (worth, left_out)
}

/// All single faults for a run.
fn all(run: &Run) -> Vec<Injection> {
    let mut plans = Plans::default();
    plans.unfinished_writes(run);
    plans.time_travel(run);
    plans.lags(run);
    plans.unobserved(run);
    plans.other_writes(run);
    plans.stages(run);
    plans.restarts(run);
    plans.long_lags(run);
    plans.outages(run);
    plans.reads(run);
    plans.broken(run);
    plans.watches(run);
    plans.0
}

#[derive(Default)]
struct Plans(Vec<Injection>);

// === impl Plans ===

impl Plans {
    fn add(&mut self, call: &Called, fates: impl IntoIterator<Item = Fate>) {
        self.0.extend(fates.into_iter().map(|fate| Injection {
            at: Trigger::Request((*call.site).clone()),
            fate,
        }));
    }

    /// A write is carried out, and whoever asked for it does not know.
    fn unfinished_writes(&mut self, run: &Run) {
        for call in writes(run) {
            self.add(call, [Fate::CrashAfter, Fate::OutcomeUnknown(Loss::Timeout)]);
        }
    }

    /// A write is not carried out, is refused, or meets another.
    fn other_writes(&mut self, run: &Run) {
        let made = made_by_processes(run);
        for call in writes(run) {
            self.add(
                call,
                [
                    Fate::CrashBefore,
                    Fate::OutcomeUnknown(Loss::Reset),
                    Fate::Lost(Loss::Timeout),
                    Fate::Lost(Loss::Reset),
                    Fate::Refused(Refusal::TooManyRequests),
                    Fate::Refused(Refusal::Internal),
                ],
            );
            if matches!(call.site.verb, Verb::Update | Verb::Patch | Verb::Delete) {
                self.add(call, [Fate::Raced(Rival::Touches)]);
                let parts = [
                    ("spec", Rival::EditsSpec),
                    ("data", Rival::EditsSpec),
                    ("status", Rival::EditsStatus),
                ];
                let has = parts.iter().filter(|(part, _)| has_part(run, call, part));
                self.add(call, has.map(|(_, rival)| Fate::Raced(*rival)));
                if made.contains(&(object_of(call).to_owned(), call.site.key.clone())) {
                    self.add(call, [Rival::Deletes, Rival::Recreates].map(Fate::Raced));
                }
            }
            if run.processes.len() > 1 {
                self.add(call, [Fate::Paused { time: PAUSE }]);
            }
        }
    }

    /// An object goes on by another stage than the usual one, or late. What nothing leads back from only befalls what somebody is to replace.
    fn stages(&mut self, run: &Run) {
        let made = made_by_processes(run);
        for crossing in &run.crossings {
            let object = (crossing.at.resource.clone(), crossing.key.clone());
            let is_replaced = crossing.is_controlled || made.contains(&object);
            let ways = crossing.ways.iter().skip(1);
            let ways = ways.filter(|way| way.is_late || is_replaced || !way.is_lasting);
            self.0.extend(ways.map(|way| Injection {
                at: Trigger::Stage(crossing.at.clone()),
                fate: if way.is_late {
                    Fate::StagedLate
                } else {
                    Fate::Staged(way.name.clone())
                },
            }));
        }
    }

    /// A watch of each resource lags after each write.
    fn lags(&mut self, run: &Run) {
        let watched = watched(run);
        for call in writes(run) {
            let resources = watched
                .iter()
                .filter(|(process, _)| *process == call.site.process);
            self.add(
                call,
                resources.map(|(_, resource)| Fate::Lags {
                    resource: resource.clone(),
                    time: LAG,
                }),
            );
        }
    }

    /// The watch of what was written lags until nobody waits for it any more.
    fn long_lags(&mut self, run: &Run) {
        let watched = watched(run);
        for call in writes(run) {
            let resource = object_of(call).to_owned();
            let watch = (call.site.process.clone(), resource.clone());
            if watched.contains(&watch) {
                let time = LONG_LAG;
                self.add(call, [Fate::Lags { resource, time }]);
            }
        }
    }

    /// A change is not seen, because the next one of the object comes before.
    fn unobserved(&mut self, run: &Run) {
        let watched: BTreeSet<String> = watched(run).into_iter().map(|(_, resource)| resource).collect();
        let changes = changes(run);
        let next: BTreeSet<&ChangeRef> = changes.iter().map(|(change, _)| change).collect();
        for (change, _) in &changes {
            let has_next = next.contains(&ChangeRef {
                nth: change.nth + 1,
                ..change.clone()
            });
            if has_next && watched.contains(&change.resource) {
                self.0
                    .extend([Fate::Unobserved, Fate::Coalesced].map(|fate| Injection {
                        at: Trigger::Change(change.clone()),
                        fate,
                    }));
            }
        }
    }

    /// A restart on a replica that is at the state after each change but the last.
    fn time_travel(&mut self, run: &Run) {
        let changes = changes(run);
        for (point, last) in run.rests.iter().enumerate() {
            let earlier = changes.iter().filter(|(_, revision)| revision < last);
            let earlier: Vec<_> = earlier.collect();
            let is_final = point + 1 == run.rests.len();
            // At a rest on the way only what happened since the last one is new.
            let since = if is_final || point == 0 {
                0
            } else {
                run.rests[point - 1]
            };
            for (change, revision) in earlier {
                if *revision >= since {
                    self.0.push(Injection {
                        at: Trigger::Settled(point_number(point)),
                        fate: Fate::TimeTravel { to: change.clone() },
                    });
                }
            }
        }
    }

    /// No server is reached: for each process from its first write on, and for all once everything is done. What is outside is not reached from
    /// the first write of each kind on: to make something there is waited for otherwise than to take it away.
    fn outages(&mut self, run: &Run) {
        let mut known = BTreeSet::new();
        for call in writes(run) {
            let outside = external_name(object_of(call)).map(str::to_owned);
            if let Some(system) = outside.filter(|system| known.insert((system.clone(), call.site.verb))) {
                self.add(call, [Fate::OutsideOutage { system, time: OUTAGE }]);
            }
        }
        let mut known = BTreeSet::new();
        for call in writes(run).filter(|call| known.insert(&call.site.process)) {
            self.add(call, [Fate::Outage { time: OUTAGE }]);
        }
        if let Some(last) = run.rests.len().checked_sub(1) {
            self.0.push(Injection {
                at: Trigger::Settled(point_number(last)),
                fate: Fate::Outage { time: OUTAGE },
            });
        }
    }

    /// A restart with an empty memory at each rest.
    fn restarts(&mut self, run: &Run) {
        for point in (0..run.rests.len()).rev() {
            self.0.push(Injection {
                at: Trigger::Settled(point_number(point)),
                fate: Fate::Restarted,
            });
        }
    }

    /// Each read fails once.
    fn reads(&mut self, run: &Run) {
        for call in useful(run).iter().filter(|call| call.site.verb.is_read_only()) {
            let refusals = [Refusal::Internal, Refusal::TooManyRequests, Refusal::Reset];
            self.add(call, refusals.map(Fate::Refused));
        }
    }

    /// The watch of what was written breaks before it tells of it.
    fn broken(&mut self, run: &Run) {
        let watched = watched(run);
        for call in writes(run) {
            let resource = object_of(call).to_owned();
            if watched.contains(&(call.site.process.clone(), resource.clone())) {
                let ways = [Break::MidFrame, Break::Expired, Break::End];
                let broken = |how| Fate::Broken {
                    resource: resource.clone(),
                    how,
                };
                self.add(call, ways.map(broken));
            }
        }
    }

    /// Each watch meets each mishap, at each place where it makes a difference: before its first event, after each of the first ones and after its
    /// first bookmark, and in the middle of the first ones.
    fn watches(&mut self, run: &Run) {
        for call in useful(run).iter().filter(|call| call.site.verb == Verb::Watch) {
            let mut mishaps = vec![
                Mishap::ExpiredAtConnect,
                Mishap::RefusedAtConnect(403),
                Mishap::RefusedAtConnect(429),
                Mishap::NoBookmarks,
                Mishap::ResumedEarlier(3),
                Mishap::Rechunked(7),
            ];
            let told: Vec<&Told> = run.told.iter().filter(|piece| piece.site == call.site).collect();
            let mut start = 0;
            for piece in told.iter().take(EVENTS) {
                mishaps.push(Mishap::Cut(start + piece.bytes / 2));
                start += piece.bytes;
            }
            let bookmark = told.iter().position(|piece| piece.is_bookmark);
            let places = bookmark.map(|at| at + 1).filter(|after| *after > EVENTS);
            for after in (0..=EVENTS).chain(places) {
                mishaps.extend([
                    Mishap::End(after),
                    Mishap::Expired(after),
                    Mishap::TooLargeVersion(after),
                    Mishap::InternalError(after),
                    Mishap::TooManyRequests(after),
                ]);
            }
            self.add(call, mishaps.into_iter().map(Fate::Mishap));
        }
    }
}

fn point_number(point: usize) -> u32 {
    u32::try_from(point + 1).unwrap_or(u32::MAX)
}

/// The writes that count.
fn writes(run: &Run) -> impl Iterator<Item = &Called> {
    run.calls.iter().filter(|call| call.is_effective)
}

/// What was asked up to the last write that counts: what comes after cannot make a difference to it.
fn useful(run: &Run) -> &[Called] {
    let last = run.calls.iter().rposition(|call| call.is_effective);
    &run.calls[..last.map_or(run.calls.len(), |at| at + 1)]
}

/// The resource of a request without the subresource.
fn object_of(call: &Called) -> &str {
    call.site.resource.split('/').next().unwrap_or_default()
}

/// Whether the object of a write ever had such a field.
fn has_part(run: &Run, call: &Called, part: &str) -> bool {
    let mut states = run.written.iter().map(|written| &written.change);
    states.any(|state| {
        *state.resource == *object_of(call) && *state.key == *call.site.key && state.new.get(part).is_some()
    })
}

/// Who watches what.
fn watched(run: &Run) -> BTreeSet<(String, String)> {
    let watches = run.calls.iter().filter(|call| call.site.verb == Verb::Watch);
    watches
        .map(|call| (call.site.process.clone(), call.site.resource.clone()))
        .collect()
}

/// The changes that count, as they are named, with their revisions.
fn changes(run: &Run) -> Vec<(ChangeRef, u64)> {
    let mut counts = BTreeMap::<(String, String), u32>::new();
    let mut changes = Vec::new();
    for written in &run.written {
        let change = &written.change;
        let resource = change.resource.to_string();
        let key = class_of(&change.key, &change.new).unwrap_or_else(|| change.key.to_string());
        let count = counts.entry((resource.clone(), key.clone())).or_default();
        *count += 1;
        if written.is_effective {
            let named = ChangeRef {
                resource,
                key,
                nth: *count,
            };
            changes.push((named, change.revision));
        }
    }
    changes
}

/// What processes made: if somebody takes it away, they are to make it again.
fn made_by_processes(run: &Run) -> BTreeSet<(String, String)> {
    let written = run.written.iter();
    let made = written.filter(|w| matches!(w.writer, Writer::Process(_)) && w.change.old.is_none());
    made.map(|w| (w.change.resource.to_string(), w.change.key.to_string()))
        .collect()
}
