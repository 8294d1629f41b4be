//! Runs beyond the single faults: several at once, and other orders.

use std::fmt;

use seatrial_client::env::Rng;

use super::{attempt::class, coverage::Corpus, systematic::Systematic};
use crate::sim::{Course, Injection, Run, Schedule};

/// How runs beyond the single faults are made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Strategy {
    /// Pairs of faults, drawn from all of them, in the usual order.
    Pairs,
    /// No faults; every now and then something overtakes something.
    Random,
    /// No faults; messages have priorities, which change at so many moments (probabilistic concurrency testing).
    Pct(u32),
    /// Each run has some kinds of faults and not others, up to three of them, and half of the runs are out of order.
    Swarm,
    /// No faults; every order of things that differs from the usual one in at most so many decisions, those with fewer first. Orders that
    /// cannot differ, because what was exchanged has nothing to do with each other, are left out.
    Dfs {
        /// In how many decisions.
        max_preemptions: usize,
    },
    /// Faults and orders that led to something new, a request with an outcome in a state, are kept and changed a little.
    Coverage,
}

/// The runs of one strategy.
pub(super) struct Explorer {
    strategy: Strategy,
    seed: u64,
    memory: Memory,
}

/// What a strategy learns from its runs.
enum Memory {
    Nothing,
    Orders(Systematic),
    Corpus(Corpus),
}

// === impl Strategy ===

impl Strategy {
    /// Whether things go wrong in its runs, and do not only happen in another order.
    pub(super) fn has_faults(self) -> bool {
        match self {
            Self::Pairs | Self::Swarm | Self::Coverage => true,
            Self::Random | Self::Pct(_) | Self::Dfs { .. } => false,
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pairs => f.write_str("pairs"),
            Self::Random => f.write_str("random"),
            Self::Pct(depth) => write!(f, "pct-{depth}"),
            Self::Swarm => f.write_str("swarm"),
            Self::Dfs { max_preemptions } => write!(f, "dfs-{max_preemptions}"),
            Self::Coverage => f.write_str("coverage"),
        }
    }
}

// === impl Explorer ===

impl Explorer {
    /// `singles` are the faults there are; `shard` is which part of the runs is made, of how many.
    pub(super) fn new(strategy: Strategy, seed: u64, singles: &[Injection], shard: (usize, usize)) -> Self {
        let seed = Rng::new(seed).fork(&strategy.to_string()).next_u64();
        let memory = match strategy {
            Strategy::Dfs { max_preemptions } => Memory::Orders(Systematic::new(max_preemptions, shard)),
            Strategy::Coverage => Memory::Corpus(Corpus::new(singles, seed ^ shard.0 as u64)),
            _ => Memory::Nothing,
        };
        Self {
            strategy,
            seed,
            memory,
        }
    }

    /// Whether a run depends on those before.
    pub(super) fn learns(&self) -> bool {
        !matches!(self.memory, Memory::Nothing)
    }

    /// Takes a run into account that was made.
    pub(super) fn learn(&mut self, run: &Run) {
        match &mut self.memory {
            Memory::Nothing => {}
            Memory::Orders(orders) => orders.learn(),
            Memory::Corpus(corpus) => corpus.learn(run),
        }
    }

    /// What the so-manieth run is, if there is another; `singles` are the faults there are.
    pub(super) fn course(&mut self, singles: &[Injection], nth: usize) -> Option<Course> {
        match &mut self.memory {
            Memory::Nothing => {}
            Memory::Orders(orders) => return orders.next(),
            Memory::Corpus(corpus) => return Some(corpus.next()),
        }
        let mut rng = Rng::new(self.seed ^ (nth as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut course = Course::default();
        match self.strategy {
            Strategy::Pairs => course.injections = draw(singles, 2, &mut rng),
            Strategy::Random => course.schedule = Schedule::random(rng.next_u64()),
            Strategy::Pct(depth) => course.schedule = Schedule::pct(rng.next_u64(), depth),
            Strategy::Swarm => {
                // Each kind is in or out for the whole run.
                let mask = rng.next_u64();
                let is_in = |injection: &&Injection| mask >> (number(injection) % 64) & 1 == 1;
                let some: Vec<Injection> = singles.iter().filter(is_in).cloned().collect();
                let count = 1 + rng.below(3);
                course.injections = draw(&some, count, &mut rng);
                if rng.chance(0.5) {
                    course.schedule = Schedule::random(rng.next_u64());
                }
            }
            // They have a memory, which was asked above.
            Strategy::Dfs { .. } | Strategy::Coverage => {}
        }
        Some(course)
    }
}

fn draw(from: &[Injection], count: u64, rng: &mut Rng) -> Vec<Injection> {
    let mut drawn: Vec<Injection> = Vec::new();
    if from.is_empty() {
        return drawn;
    }
    for _ in 0..count {
        // Below the length of a slice.
        let at = rng.below(from.len() as u64) as usize;
        if let Some(injection) = from.get(at)
            && !drawn.iter().any(|other| other.at == injection.at)
        {
            drawn.push(injection.clone());
        }
    }
    drawn
}

/// A number for the kind of a fault.
fn number(injection: &Injection) -> u32 {
    let class = class(injection);
    class.bytes().fold(17, |hash: u32, byte| {
        hash.wrapping_mul(31).wrapping_add(u32::from(byte))
    })
}
