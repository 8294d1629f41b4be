//! Whether sweeps find the mutants, and what the README says of it.

use std::{
    collections::BTreeMap,
    num::NonZero,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use mutants::{MUTANTS, Mutant};
use seatrial::testkit::{Finding, Report, Sweep};

include!(concat!(env!("OUT_DIR"), "/mutants.rs"));

/// What became of a mutant.
struct Outcome {
    /// How its sweep failed; None where it did not.
    told: Option<String>,
    runs: usize,
}

// === impl Outcome ===

impl Outcome {
    /// Sweeps a mutant.
    fn of(nth: usize, sweep: fn() -> Sweep) -> Self {
        let swept = thread::Builder::new()
            .name(format!("mutant {nth}"))
            .spawn(move || {
                let Report { findings, runs, .. } = sweep().run();
                (findings.first().map(told), runs)
            });
        match swept.expect("there is room for a thread").join() {
            Ok((told, runs)) => Self { told, runs },
            // What the user does is refused already in a world without faults.
            Err(_) => Self {
                told: Some("the scenario does not work".to_owned()),
                runs: 1,
            },
        }
    }
}

/// How a finding is told in one line.
fn told(finding: &Finding) -> String {
    let faults: Vec<_> = finding.injections.iter().map(ToString::to_string).collect();
    let orders = finding.overtakings.iter().map(ToString::to_string);
    let by: Vec<_> = faults.into_iter().chain(orders).collect();
    let by = if by.is_empty() {
        "without a fault".to_owned()
    } else {
        by.join("; ")
    };
    format!("{} ({}): {by}", finding.kind, finding.about)
}

/// All of them, on as many threads as there are processors.
fn outcomes() -> BTreeMap<usize, Outcome> {
    assert_eq!(MUTANTS.len(), SWEEPS.len());
    let (next, outcomes) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(|| {
                loop {
                    let nth = next.fetch_add(1, Ordering::Relaxed);
                    let Some((_, sweep)) = SWEEPS.get(nth) else { break };
                    let outcome = Outcome::of(nth, *sweep);
                    outcomes.lock().unwrap().insert(nth, outcome);
                }
            });
        }
    });
    outcomes.into_inner().unwrap()
}

/// The beginning of a mutant's row in the README: what is wrong with it.
fn row(mutant: &Mutant) -> String {
    let (was, is) = mutant.changed().expect("one line differs");
    let code = |line: &str| format!("`{}`", line.replace('|', "\\|"));
    let (example, what) = (mutant.example, mutant.what);
    format!("| {example} | {what}: {} → {} |", code(was), code(is))
}

#[test]
fn nine_of_ten_are_found() {
    let outcomes = outcomes();
    for (mutant, outcome) in MUTANTS.iter().zip(outcomes.values()) {
        let told = outcome.told.as_deref().unwrap_or("**not found**");
        println!("{} {told} | {} |", row(mutant), outcome.runs);
    }
    let found = outcomes.values().filter(|outcome| outcome.told.is_some());
    let found = found.count();
    assert!(
        found * 10 >= MUTANTS.len() * 9,
        "{found} of {} were found",
        MUTANTS.len()
    );
}

#[test]
fn the_readme_has_a_row_for_each() {
    let readme = include_str!("../README.md");
    for mutant in MUTANTS {
        assert!(
            readme.contains(&row(mutant)),
            "not in the README:\n{}",
            row(mutant)
        );
    }
    let rows = readme
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains(".rs |"));
    assert_eq!(rows.count(), MUTANTS.len());
}
