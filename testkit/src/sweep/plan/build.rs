//! Plans as a test writes them: `after(create("StatefulSet")).crash()`.

use std::time::Duration;

use crate::sim::{
    Ask, Break, ChangeRef, Fate, Injection, Loss, Mishap, Pattern, Refusal, Rival, Trigger, Verb,
};

/// The first create of an object of this kind.
pub fn create(kind: &str) -> Pattern {
    Pattern::new(Ask::Verb(Verb::Create)).of(kind)
}

/// The first replacement of an object of this kind.
pub fn update(kind: &str) -> Pattern {
    Pattern::new(Ask::Verb(Verb::Update)).of(kind)
}

/// The first patch of an object of this kind; an apply is one.
pub fn patch(kind: &str) -> Pattern {
    Pattern::new(Ask::Verb(Verb::Patch)).of(kind)
}

/// The first deletion of an object of this kind.
pub fn delete(kind: &str) -> Pattern {
    Pattern::new(Ask::Verb(Verb::Delete)).of(kind)
}

/// The first read of an object of this kind.
pub fn get(kind: &str) -> Pattern {
    Pattern::new(Ask::Verb(Verb::Get)).of(kind)
}

/// The first list of objects of this kind.
pub fn list(kind: &str) -> Pattern {
    Pattern::new(Ask::Verb(Verb::List)).of(kind)
}

/// The first watch of objects of this kind.
pub fn watch(kind: &str) -> Pattern {
    Pattern::new(Ask::Verb(Verb::Watch)).of(kind)
}

/// The first request of whatever verb that may change an object of this kind.
pub fn write(kind: &str) -> Pattern {
    Pattern::new(Ask::Write).of(kind)
}

/// The first request of whatever verb that reads objects of this kind.
pub fn read(kind: &str) -> Pattern {
    Pattern::new(Ask::Read).of(kind)
}

/// Once a request is carried out, and before its answer comes.
pub fn after(request: Pattern) -> After {
    After(request)
}

/// Before a request is carried out.
pub fn before(request: Pattern) -> Before {
    Before(request)
}

/// When a request reaches the server.
pub fn at(request: Pattern) -> At {
    At(request)
}

/// Whenever everything is at rest for the so-manieth time, from 1: once for each `settle` of the scenario, and once at its end.
pub fn at_rest(nth: u32) -> Rest {
    Rest(nth)
}

/// The so-manieth change of an object, from 1: its making is the first. The key is `namespace/name`.
pub fn change(kind: &str, key: &str, nth: u32) -> Changed {
    Changed(ChangeRef {
        resource: kind.to_owned(),
        key: key.to_owned(),
        nth,
    })
}

/// The so-manieth time, from 1, that an object may go on by more than one stage, or by one at more than one time. The key is `namespace/name`.
pub fn stage(kind: &str, key: &str, nth: u32) -> Crossed {
    Crossed(ChangeRef {
        resource: kind.to_owned(),
        key: key.to_owned(),
        nth,
    })
}

/// What can go wrong once a request is carried out; by [`after`].
#[derive(Clone, Debug)]
#[must_use = "nothing goes wrong until it is said what"]
pub struct After(Pattern);

/// What can go wrong before a request is carried out; by [`before`].
#[derive(Clone, Debug)]
#[must_use = "nothing goes wrong until it is said what"]
pub struct Before(Pattern);

/// What can become of a request; by [`at`].
#[derive(Clone, Debug)]
#[must_use = "nothing goes wrong until it is said what"]
pub struct At(Pattern);

/// What can happen at rest; by [`at_rest`].
#[derive(Clone, Copy, Debug)]
#[must_use = "nothing goes wrong until it is said what"]
pub struct Rest(u32);

/// What can happen at a change; by [`change`].
#[derive(Clone, Debug)]
#[must_use = "nothing goes wrong until it is said what"]
pub struct Changed(ChangeRef);

/// Where an object can go on in another way; by [`stage`].
#[derive(Clone, Debug)]
#[must_use = "nothing goes wrong until it is said what"]
pub struct Crossed(ChangeRef);

fn injection(request: Pattern, fate: Fate) -> Injection {
    Injection {
        at: Trigger::Matching(request),
        fate,
    }
}

// === impl After ===

impl After {
    /// The process is killed, and starts anew with an empty memory.
    pub fn crash(self) -> Injection {
        injection(self.0, Fate::CrashAfter)
    }

    /// The process is told that something went wrong.
    pub fn lose(self, answer: Loss) -> Injection {
        injection(self.0, Fate::OutcomeUnknown(answer))
    }

    /// The process's watches of a resource, such as `pods`, break before they have told of what it changed.
    pub fn break_watch(self, resource: &str, how: Break) -> Injection {
        let resource = resource.to_owned();
        injection(self.0, Fate::Broken { resource, how })
    }

    /// The process hears nothing of a resource, such as `pods`, for a time.
    pub fn lag(self, resource: &str, time: Duration) -> Injection {
        injection(
            self.0,
            Fate::Lags {
                resource: resource.to_owned(),
                time,
            },
        )
    }
}

// === impl Before ===

impl Before {
    /// The process is killed, and starts anew with an empty memory.
    pub fn crash(self) -> Injection {
        injection(self.0, Fate::CrashBefore)
    }

    /// Somebody else changes the object.
    pub fn race(self, rival: Rival) -> Injection {
        injection(self.0, Fate::Raced(rival))
    }

    /// The process stands still for a time.
    pub fn pause(self, time: Duration) -> Injection {
        injection(self.0, Fate::Paused { time })
    }
}

// === impl At ===

impl At {
    /// The request is lost, and the process is told so.
    pub fn lose(self, answer: Loss) -> Injection {
        injection(self.0, Fate::Lost(answer))
    }

    /// The request is refused.
    pub fn refuse(self, refusal: Refusal) -> Injection {
        injection(self.0, Fate::Refused(refusal))
    }

    /// Something happens to the answer, or to the watch that it opens.
    pub fn mishap(self, mishap: Mishap) -> Injection {
        injection(self.0, Fate::Mishap(mishap))
    }

    /// The process reaches no server for a time, from this request on.
    pub fn outage(self, time: Duration) -> Injection {
        injection(self.0, Fate::Outage { time })
    }

    /// No process reaches a system outside of the cluster, such as `buckets`, for a time, from this request on.
    pub fn outage_of(self, system: &str, time: Duration) -> Injection {
        let system = system.to_owned();
        injection(self.0, Fate::OutsideOutage { system, time })
    }

    /// Whatever this says.
    pub fn fate(self, fate: Fate) -> Injection {
        injection(self.0, fate)
    }
}

// === impl Rest ===

impl Rest {
    /// Every process starts anew with an empty memory.
    pub fn restart(self) -> Injection {
        Injection {
            at: Trigger::Settled(self.0),
            fate: Fate::Restarted,
        }
    }

    /// Every process starts anew, on a replica that has seen nothing after a change.
    pub fn travel(self, to: Changed) -> Injection {
        Injection {
            at: Trigger::Settled(self.0),
            fate: Fate::TimeTravel { to: to.0 },
        }
    }
}

// === impl Changed ===

impl Changed {
    /// The change is not seen: the watches of it end before, and begin again after the next one.
    pub fn unobserved(self) -> Injection {
        Injection {
            at: Trigger::Change(self.0),
            fate: Fate::Unobserved,
        }
    }

    /// The change is not seen by itself: watches tell of it and of the next one at once.
    pub fn coalesced(self) -> Injection {
        Injection {
            at: Trigger::Change(self.0),
            fate: Fate::Coalesced,
        }
    }
}

// === impl Crossed ===

impl Crossed {
    /// It goes on by the stage of this name, such as `pod-evicted`, instead of the usual one.
    pub fn goes_by(self, stage: &str) -> Injection {
        Injection {
            at: Trigger::Stage(self.0),
            fate: Fate::Staged(stage.to_owned()),
        }
    }

    /// It goes on by the usual stage, as late as that may come.
    pub fn late(self) -> Injection {
        Injection {
            at: Trigger::Stage(self.0),
            fate: Fate::StagedLate,
        }
    }
}
