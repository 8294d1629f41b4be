use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::sim::{Injection, Loss, Overtaking, Script};

fn workload(script: Script) -> Workload {
    Workload {
        processes: vec!["a".to_owned(), "b".to_owned()],
        given: vec![
            json!({"kind": "A"}),
            json!({"kind": "B", "spec": {"replicas": 9}}),
        ],
        script: script.ops().unwrap().to_vec(),
    }
}

fn settled(nth: u32, fate: Fate) -> Injection {
    Injection {
        at: Trigger::Settled(nth),
        fate,
    }
}

proptest! {
    #[test]
    fn what_is_needed_stays_and_nothing_else(needed in proptest::collection::btree_set(0_u32..40, 0..5)) {
        let all: Vec<u32> = (0..40).collect();
        let mut runs = 0;
        let left = minimal(all, |items| {
            runs += 1;
            needed.iter().all(|n| items.contains(n))
        });
        prop_assert_eq!(left, needed.into_iter().collect::<Vec<_>>());
        prop_assert!(runs < 200, "{}", runs);
    }
}

#[test]
fn all_that_does_not_matter_goes() {
    let script = Script::new()
        .delete("ConfigMap/v1 x")
        .settle()
        .delete("ConfigMap/v1 y")
        .settle()
        .delete("ConfigMap/v1 z");
    let all = workload(script);
    let attempt = Attempt {
        injections: vec![
            settled(1, Fate::Restarted),
            settled(1, Fate::CrashAfter),
            settled(2, Fate::CrashAfter),
            settled(
                2,
                Fate::Paused {
                    time: Duration::from_secs(60),
                },
            ),
            settled(3, Fate::Lost(Loss::Reset)),
        ],
        overtakings: vec![Overtaking {
            usual: Move::Actor(0),
            chosen: Move::User(4),
        }],
        workload: None,
    };
    let mut tried = Vec::new();
    // It takes y, a pause of eight seconds at least at the rest after it, b, and an object B.
    let smallest = shrink(attempt, &all, |attempt| {
        tried.push(attempt.clone());
        let workload = attempt.workload.as_ref().unwrap_or(&all);
        let steps: Vec<String> = workload.steps().collect();
        let y = steps.iter().position(|step| step.contains("/y"));
        let rest = y.map(|y| steps[..y].iter().filter(|step| *step == "settle").count() as u32 + 1);
        let pauses = |i: &Injection| match &i.fate {
            Fate::Paused { time } => {
                *time >= Duration::from_secs(8) && rest.is_some_and(|rest| i.at == Trigger::Settled(rest))
            }
            _ => false,
        };
        attempt.injections.iter().any(pauses)
            && workload.processes.contains(&"b".to_owned())
            && workload.given.iter().any(|object| object["kind"] == "B")
    });
    let workload = smallest.workload.unwrap();
    assert_eq!(
        workload.steps().collect::<Vec<_>>(),
        ["delete ConfigMap default/y"]
    );
    assert_eq!(workload.processes, ["b"]);
    assert_eq!(workload.given, [json!({"kind": "B", "spec": {"replicas": 1}})]);
    assert_eq!(smallest.overtakings, []);
    let time = Duration::from_secs(15);
    assert_eq!(smallest.injections, [settled(1, Fate::Paused { time })]);
    // Whole classes go before single faults, and faults before operations.
    let crashes = |attempt: &Attempt| {
        attempt
            .injections
            .iter()
            .filter(|i| i.fate == Fate::CrashAfter)
            .count()
    };
    assert!(tried.iter().all(|attempt| crashes(attempt) != 1), "{tried:#?}");
    assert!(tried.len() < 60, "{}", tried.len());
}

#[test]
fn what_is_told_by_number_is_told_the_new_one() {
    let script = Script::new().delete("ConfigMap/v1 x").settle().settle();
    let all = workload(script);
    let attempt = |nth, chosen| Attempt {
        injections: vec![settled(nth, Fate::Restarted)],
        overtakings: vec![Overtaking {
            usual: Move::Actor(0),
            chosen: Move::User(chosen),
        }],
        workload: None,
    };
    for (nth, kept, expected) in [
        (1, vec![0, 2], 1),
        (2, vec![0, 1], 2),
        (2, vec![0, 2], 1),
        (3, vec![0, 1], 2),
        (3, vec![0], 1),
    ] {
        let smaller = without(&attempt(nth, 0), &all, &kept).unwrap();
        assert_eq!(
            smaller.injections,
            [settled(expected, Fate::Restarted)],
            "{nth} {kept:?}"
        );
    }
    assert_eq!(
        without(&attempt(1, 2), &all, &[0, 2]).unwrap().overtakings[0].chosen,
        Move::User(1)
    );
    assert_eq!(without(&attempt(1, 0), &all, &[1]), None);
}
