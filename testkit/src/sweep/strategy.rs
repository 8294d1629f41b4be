//! Runs beyond the single faults: several at once, and other orders.

use std::fmt;

use seatrial_client::env::Rng;

use super::attempt::class;
use crate::sim::{Course, Injection, Schedule};

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
}

/// The runs of one strategy.
pub(super) struct Explorer {
    strategy: Strategy,
    seed: u64,
}

// === impl Strategy ===

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pairs => f.write_str("pairs"),
            Self::Random => f.write_str("random"),
            Self::Pct(depth) => write!(f, "pct-{depth}"),
            Self::Swarm => f.write_str("swarm"),
        }
    }
}

// === impl Explorer ===

impl Explorer {
    pub(super) fn new(strategy: Strategy, seed: u64) -> Self {
        let seed = Rng::new(seed).fork(&strategy.to_string()).next_u64();
        Self { strategy, seed }
    }

    /// What the so-manieth run is, if there is another; `singles` are the faults there are.
    pub(super) fn course(&mut self, singles: &[Injection], nth: usize) -> Option<Course> {
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
