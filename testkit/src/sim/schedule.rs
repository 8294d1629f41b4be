//! What happens next, where several things could.

use std::{cell::RefCell, collections::BTreeMap, fmt, rc::Rc, sync::Arc};

use seatrial_client::env::Rng;
use serde::{Deserialize, Serialize};

use super::Site;

/// Something that can happen next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Move {
    /// A request reaches the server.
    Request(#[serde(with = "shared")] Arc<Site>),
    /// An answer reaches the process that asked.
    Answer(#[serde(with = "shared")] Arc<Site>),
    /// The so-manieth piece of a watch reaches its process.
    Event(#[serde(with = "shared")] Arc<Site>, u32),
    /// The cluster's controllers do their so-manieth step.
    Actor(u32),
    /// A stage of an object is over, the so-manieth of all.
    Stage(u32),
    /// The user does the so-manieth operation.
    User(u32),
}

/// A decision that was not the usual one: what went first, and what would have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Overtaking {
    /// What would have happened.
    pub usual: Move,
    /// What happened instead.
    pub chosen: Move,
}

/// Who decides.
#[derive(Clone, Debug)]
pub(crate) enum Schedule {
    /// First come, first served.
    Usual,
    /// Chance.
    Random(Box<Rng>),
    /// Priorities, drawn for each line of messages; at some moments the first loses its own.
    Priorities(Box<Priorities>),
    /// Some decisions by their numbers, all others as usual; what there was to decide is written down.
    Led(Led),
    /// What was decided before: what goes before each move that would be first, one after another. A situation that did not arise then is
    /// decided as usual.
    Taped(BTreeMap<Move, Vec<Move>>),
}

/// The state of a schedule by priorities.
#[derive(Clone, Debug)]
pub(crate) struct Priorities {
    rng: Rng,
    drawn: BTreeMap<String, u64>,
    /// How many decisions are left until each change.
    changes: Vec<u64>,
    decided: u64,
    /// How often each line has been passed over since it last moved.
    passed: BTreeMap<String, u64>,
}

/// Decisions that are given by their numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Led {
    lead: BTreeMap<usize, Move>,
    decided: usize,
    /// The moves that there were at each decision, the usual one first.
    log: Rc<RefCell<Vec<Vec<Move>>>>,
}

/// So many decisions of a run are written down.
const LOG_MAX: usize = 2_000;

/// Within so many decisions priorities change.
const HORIZON: u64 = 200;

/// A line that was passed over so often goes first once: a message that never arrives while others exchange theirs without an end is no order of
/// things that a program could live with.
const PATIENCE: u64 = 200;

/// One in so many decisions is left to chance.
const RATE: u64 = 4;

// === impl Schedule ===

impl Schedule {
    pub(crate) fn random(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        Self::Random(Box::new(rng.fork("schedule")))
    }

    /// Probabilistic concurrency testing: `depth - 1` changes of priority find every bug that needs as many orderings, with a known chance.
    ///
    /// # Source
    /// S. Burckhardt and others, "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", 2010.
    pub(crate) fn pct(seed: u64, depth: u32) -> Self {
        let mut rng = Rng::new(seed).fork("priorities");
        let mut changes: Vec<u64> = (1..depth).map(|_| rng.below(HORIZON)).collect();
        changes.sort_unstable();
        Self::Priorities(Box::new(Priorities {
            rng,
            drawn: BTreeMap::new(),
            changes,
            decided: 0,
            passed: BTreeMap::new(),
        }))
    }

    pub(crate) fn taped(tape: &[Overtaking]) -> Self {
        let mut moves = BTreeMap::<Move, Vec<Move>>::new();
        for overtaking in tape {
            let before = moves.entry(overtaking.usual.clone()).or_default();
            before.push(overtaking.chosen.clone());
        }
        Self::Taped(moves)
    }

    /// Whether everything happens in its usual order.
    pub(super) fn is_usual(&self) -> bool {
        match self {
            Self::Usual => true,
            Self::Random(_) | Self::Priorities(_) | Self::Led(_) => false,
            Self::Taped(moves) => moves.is_empty(),
        }
    }

    /// Decides between moves, of which the first is the usual one.
    pub(crate) fn choose(&mut self, moves: &[Move]) -> usize {
        match self {
            Self::Usual => 0,
            Self::Random(rng) => {
                if moves.len() < 2 || rng.below(RATE) != 0 {
                    return 0;
                }
                // Below the length of a slice.
                rng.below(moves.len() as u64) as usize
            }
            Self::Priorities(priorities) => priorities.choose(moves),
            Self::Led(led) => led.choose(moves),
            Self::Taped(tape) => {
                let Some(before) = moves.first().and_then(|usual| tape.get_mut(usual)) else {
                    return 0;
                };
                // Whatever is first stays so until it moves: it was overtaken in this order, and by some perhaps not now.
                let place = |chosen: &Move| moves.iter().position(|other| other == chosen);
                let found = before
                    .iter()
                    .enumerate()
                    .find_map(|(at, chosen)| Some((at, place(chosen)?)));
                found.map_or(0, |(at, place)| {
                    before.drain(..=at);
                    place
                })
            }
        }
    }
}

// === impl Led ===

impl Led {
    pub(crate) fn new(lead: impl IntoIterator<Item = (usize, Move)>) -> Self {
        Self {
            lead: lead.into_iter().collect(),
            ..Self::default()
        }
    }

    /// What there was to decide so far, taken out.
    pub(crate) fn take_log(&self) -> Vec<Vec<Move>> {
        self.log.take()
    }

    fn choose(&mut self, moves: &[Move]) -> usize {
        let at = self.decided;
        self.decided += 1;
        let mut log = self.log.borrow_mut();
        if at < LOG_MAX {
            log.push(moves.to_vec());
        }
        let chosen = self.lead.get(&at);
        let place = chosen.and_then(|chosen| moves.iter().position(|other| other == chosen));
        place.unwrap_or(0)
    }
}

// === impl Priorities ===

impl Priorities {
    fn choose(&mut self, moves: &[Move]) -> usize {
        let lines: Vec<String> = moves.iter().map(Move::line).collect();
        let chosen = self.overdue(&lines).unwrap_or_else(|| self.by_priority(&lines));
        self.passed.retain(|line, _| lines.contains(line));
        for line in &lines {
            *self.passed.entry(line.clone()).or_default() += 1;
        }
        if let Some(line) = lines.get(chosen) {
            self.passed.remove(line);
        }
        chosen
    }

    /// The first that has been passed over too often.
    fn overdue(&self, lines: &[String]) -> Option<usize> {
        let mut places = lines.iter();
        places.position(|line| self.passed.get(line).is_some_and(|passed| *passed >= PATIENCE))
    }

    fn by_priority(&mut self, lines: &[String]) -> usize {
        let first = self.first(lines);
        self.decided += 1;
        if self.changes.first().is_some_and(|at| *at < self.decided) {
            self.changes.remove(0);
            // Behind all that were drawn, which are above the number of changes.
            let last = self.changes.len() as u64;
            if let Some(line) = lines.get(first) {
                self.drawn.insert(line.clone(), last);
            }
            return self.first(lines);
        }
        first
    }

    fn first(&mut self, lines: &[String]) -> usize {
        let mut best = (0, 0);
        for (place, line) in lines.iter().enumerate() {
            let rng = &mut self.rng;
            let drawn = self
                .drawn
                .entry(line.clone())
                .or_insert_with(|| rng.next_u64() | 1 << 32);
            if *drawn > best.0 {
                best = (*drawn, place);
            }
        }
        best.1
    }
}

// === impl Move ===

impl Move {
    /// What it keeps its order with.
    fn line(&self) -> String {
        match self {
            Self::Request(site) => format!("to the server, {}", site.process),
            Self::Answer(site) => format!("answers, {}", site.process),
            Self::Event(site, _) => format!("{} {}", site.process, site.resource),
            Self::Actor(_) => "cluster".to_owned(),
            Self::Stage(_) => "stages".to_owned(),
            Self::User(_) => "user".to_owned(),
        }
    }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(site) => write!(f, "request {site}"),
            Self::Answer(site) => write!(f, "answer to {site}"),
            Self::Event(site, nth) => write!(f, "event {nth} of {site}"),
            Self::Actor(step) => write!(f, "step {} of the cluster's controllers", step + 1),
            Self::Stage(step) => write!(f, "step {} of stages", step + 1),
            Self::User(step) => write!(f, "step {} of the user", step + 1),
        }
    }
}

impl fmt::Display for Overtaking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} before {}", self.chosen, self.usual)
    }
}

/// Writes and reads what is shared as if it were not.
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Site;

    pub(super) fn serialize<S: Serializer>(site: &Arc<Site>, serializer: S) -> Result<S::Ok, S::Error> {
        Site::serialize(site, serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<Site>, D::Error> {
        Site::deserialize(deserializer).map(Arc::new)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Moves everything that arrives, of which some is there from the start and each move makes the next arrive.
    fn moved(schedule: &mut Schedule, count: u32) -> (Vec<Move>, Vec<Overtaking>) {
        let mut waiting: Vec<Move> = (0..3).map(Move::User).collect();
        let mut next = 3;
        let (mut order, mut overtakings) = (Vec::new(), Vec::new());
        while !waiting.is_empty() {
            let chosen = schedule.choose(&waiting);
            if chosen > 0 {
                overtakings.push(Overtaking {
                    usual: waiting[0].clone(),
                    chosen: waiting[chosen].clone(),
                });
            }
            order.push(waiting.remove(chosen));
            if next < count {
                waiting.push(Move::User(next));
                next += 1;
            }
        }
        (order, overtakings)
    }

    proptest! {
        #[test]
        fn nobody_waits_for_ever(seed: u64, depth in 1_u32..5) {
            let mut schedule = Schedule::pct(seed, depth);
            let mut waited = 0;
            for step in 0..1_000 {
                // The user always has something to do, and the cluster's controllers are ready all the time.
                let moves = [Move::User(step), Move::Actor(0)];
                waited = if schedule.choose(&moves) == 1 { 0 } else { waited + 1 };
                prop_assert!(waited <= PATIENCE);
            }
        }

        #[test]
        fn the_same_decisions_make_the_same_order(seed: u64, depth in 0_u32..5) {
            let mut drawn = if depth == 0 { Schedule::random(seed) } else { Schedule::pct(seed, depth) };
            let (order, overtakings) = moved(&mut drawn, 40);
            let (again, as_before) = moved(&mut Schedule::taped(&overtakings), 40);
            prop_assert_eq!(again, order);
            prop_assert_eq!(as_before, overtakings);
        }
    }
}
