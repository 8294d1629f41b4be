//! Runs beyond the single faults: several at once, and other orders.

use seatrial_client::env::Rng;

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

/// What the so-manieth run of a strategy is.
pub(super) fn course(strategy: Strategy, singles: &[Injection], seed: u64, nth: u64) -> Course {
    let mut rng = Rng::new(seed ^ nth.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut course = Course::default();
    match strategy {
        Strategy::Pairs => course.injections = draw(singles, 2, &mut rng),
        Strategy::Random => course.schedule = Schedule::random(rng.next_u64()),
        Strategy::Pct(depth) => course.schedule = Schedule::pct(rng.next_u64(), depth),
        Strategy::Swarm => {
            // Each kind is in or out for the whole run.
            let mask = rng.next_u64();
            let is_in = |injection: &&Injection| mask >> (kind(injection) % 64) & 1 == 1;
            let some: Vec<Injection> = singles.iter().filter(is_in).cloned().collect();
            let count = 1 + rng.below(3);
            course.injections = draw(&some, count, &mut rng);
            if rng.chance(0.5) {
                course.schedule = Schedule::random(rng.next_u64());
            }
        }
    }
    course
}

fn draw(from: &[Injection], count: u64, rng: &mut Rng) -> Vec<Injection> {
    let mut drawn: Vec<Injection> = Vec::new();
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
fn kind(injection: &Injection) -> u32 {
    let told = format!("{:?}", injection.fate);
    let name = told
        .split(|c: char| c == '{' || c.is_ascii_digit())
        .next()
        .unwrap_or_default();
    name.bytes().fold(17, |hash: u32, byte| {
        hash.wrapping_mul(31).wrapping_add(u32::from(byte))
    })
}
