//! Answers kube 5.0.0's public names, one by one.
//!
//! `core.tsv`, `client.tsv` and `runtime.tsv` list every public path of kube-core, kube-client and kube-runtime 5.0.0 (as
//! `cargo public-api` prints them, without generics) with what becomes of it here:
//!
//! - `same`: it exists under the same name. The `.rs` file of the same name holds a probe that uses it with the argument
//!   types that kube lists, under the name `kube`; the compiler is the judge.
//! - `better`: as `same`, and it behaves differently on purpose; the third column says how.
//! - `left out`: it does not exist; the third column says why, or when it comes.

mod client;
mod core;
mod runtime;

use std::collections::BTreeSet;

/// A value of any type, for code that is compiled and never run.
fn arg<T>() -> T {
    unreachable!("probes are compiled, never run")
}

/// A path of kube 5.0.0, and the code that shows it exists here.
macro_rules! same {
    ($name:literal => $($probe:tt)*) => {
        const _: () = {
            $($probe)*
        };
    };
}
use same;

/// One crate of kube: its table, its probes, and the number of answered paths that may only rise.
struct Answered {
    name: &'static str,
    table: &'static str,
    probes: &'static str,
    floor: usize,
}

const CRATES: [Answered; 3] = [
    Answered {
        name: "core",
        table: include_str!("core.tsv"),
        probes: include_str!("core.rs"),
        floor: 709,
    },
    Answered {
        name: "client",
        table: include_str!("client.tsv"),
        probes: include_str!("client.rs"),
        floor: 571,
    },
    Answered {
        name: "runtime",
        table: include_str!("runtime.tsv"),
        probes: include_str!("runtime.rs"),
        floor: 295,
    },
];

#[test]
fn every_path_is_answered_by_a_probe_or_a_reason() {
    for crate_ in &CRATES {
        let probed: BTreeSet<&str> = crate_
            .probes
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("same! { \""))
            .filter_map(|rest| rest.split_once("\" =>"))
            .map(|(name, _)| name)
            .collect();
        let mut answered = BTreeSet::new();
        for row in crate_.table.lines() {
            match row.split('\t').collect::<Vec<_>>().as_slice() {
                ["same", path] => assert!(answered.insert(*path), "{path} stands twice"),
                ["better", path, how] => assert!(answered.insert(*path) && !how.is_empty(), "{row}"),
                ["left out", path, why] => assert!(why.len() > 10 && !probed.contains(path), "{row}"),
                _ => panic!("not a row of the table: {row}"),
            }
        }
        let unproved: Vec<_> = answered.difference(&probed).collect();
        let untold: Vec<_> = probed.difference(&answered).collect();
        assert!(
            unproved.is_empty() && untold.is_empty(),
            "{}: {unproved:?} {untold:?}",
            crate_.name
        );
    }
}

#[test]
fn the_number_of_answered_paths_only_rises() {
    for crate_ in &CRATES {
        let rows = crate_.table.lines().count();
        let answered = crate_
            .table
            .lines()
            .filter(|row| !row.starts_with("left out"))
            .count();
        println!("{}: {answered} of {rows} paths", crate_.name);
        assert!(
            answered >= crate_.floor,
            "{}: {answered} answered, the floor is {}",
            crate_.name,
            crate_.floor
        );
        assert!(
            answered == crate_.floor,
            "{}: raise the floor to {answered}",
            crate_.name
        );
    }
}
