//! A run that can be made again: what differs in it from a run without faults.

use super::workload::Workload;
use crate::sim::{Course, Injection, Overtaking, Run, Schedule};

/// Faults, decisions about the order of things, and what there is to do if that is less than the test says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Attempt {
    pub(super) injections: Vec<Injection>,
    pub(super) overtakings: Vec<Overtaking>,
    pub(super) workload: Option<Workload>,
}

// === impl Attempt ===

impl Attempt {
    pub(super) fn course(&self) -> Course {
        Course {
            injections: self.injections.clone(),
            schedule: Schedule::taped(&self.overtakings),
            ..Course::default()
        }
    }

    /// The first step that did not come up in a run, told as `step 2 of 3, …`: the program has changed since.
    pub(super) fn diverged(&self, run: &Run) -> Option<String> {
        let injections = self.injections.iter();
        let steps = injections.map(|step| (run.befell.contains(step), step.to_string()));
        let overtakings = self.overtakings.iter();
        let steps = steps.chain(overtakings.map(|step| (run.overtakings.contains(step), step.to_string())));
        let count = self.injections.len() + self.overtakings.len();
        let mut steps = steps.enumerate();
        let (at, (_, step)) = steps.find(|(_, (was_met, _))| !was_met)?;
        Some(format!(
            "step {} of {count}, which did not come up: {step}",
            at + 1
        ))
    }
}

/// The kind of a fault, without where it happens: `crashAfter`, `refused internal`, `mishap expired`.
pub(super) fn class(injection: &Injection) -> String {
    let told = serde_json::to_value(&injection.fate).unwrap_or_default();
    let mut class = String::new();
    let mut rest = &told;
    loop {
        match rest {
            serde_json::Value::String(name) => {
                push(&mut class, name);
                return class;
            }
            serde_json::Value::Object(fields) if fields.len() == 1 => {
                let Some((name, inner)) = fields.iter().next() else {
                    return class;
                };
                push(&mut class, name);
                // Further in are the fields of what was named.
                let is_named = matches!(inner, serde_json::Value::String(_))
                    || inner
                        .as_object()
                        .is_some_and(|o| o.len() == 1 && o.values().all(|v| v.is_number()));
                if !is_named {
                    return class;
                }
                rest = inner;
            }
            _ => return class,
        }
    }
}

fn push(class: &mut String, name: &str) {
    if !class.is_empty() {
        class.push(' ');
    }
    class.push_str(name);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sim::{ChangeRef, Fate, Mishap, Refusal, Trigger};

    #[test]
    fn faults_are_of_a_class_wherever_they_happen() {
        let to = ChangeRef {
            resource: "pods".to_owned(),
            key: "a/b".to_owned(),
            nth: 1,
        };
        let time = Duration::from_secs(20);
        for (fate, expected) in [
            (Fate::CrashAfter, "crashAfter"),
            (Fate::Refused(Refusal::Internal), "refused internal"),
            (Fate::Mishap(Mishap::Expired(1)), "mishap expired"),
            (Fate::Mishap(Mishap::NoBookmarks), "mishap noBookmarks"),
            (Fate::TimeTravel { to }, "timeTravel"),
            (Fate::Paused { time }, "paused"),
        ] {
            let at = Trigger::Settled(1);
            assert_eq!(class(&Injection { at, fate }), expected);
        }
    }
}
