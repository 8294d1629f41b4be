//! Which faults are tried, and where: one plan for each place of the reference run at which a fault can matter.

use std::collections::BTreeSet;

use crate::sim::{Called, Fate, Injection, Loss, Refusal, Rival, Run, Verb, Writer};

/// All single faults for a run, the most telling first.
pub(super) fn singles(run: &Run) -> Vec<Injection> {
    let made = made_by_processes(run);
    let mut plans = Vec::new();
    let mut add = |call: &Called, fates: &[Fate]| {
        plans.extend(fates.iter().map(|fate| Injection {
            at: (*call.site).clone(),
            fate: fate.clone(),
        }));
    };
    for call in run.calls.iter().filter(|call| call.is_effective) {
        add(call, &[Fate::CrashAfter, Fate::OutcomeUnknown(Loss::Timeout)]);
    }
    for call in run.calls.iter().filter(|call| call.is_effective) {
        let others = [
            Fate::CrashBefore,
            Fate::OutcomeUnknown(Loss::Reset),
            Fate::Lost(Loss::Timeout),
            Fate::Lost(Loss::Reset),
            Fate::Refused(Refusal::TooManyRequests),
        ];
        add(call, &others);
        if matches!(call.site.verb, Verb::Update | Verb::Patch | Verb::Delete) {
            add(call, &[Fate::Raced(Rival::Touches)]);
            if made.contains(&(object_of(call), call.site.key.clone())) {
                add(
                    call,
                    &[Fate::Raced(Rival::Deletes), Fate::Raced(Rival::Recreates)],
                );
            }
        }
    }
    let useful = last_effective(run);
    for call in run.calls[..useful]
        .iter()
        .filter(|call| !call.site.verb.is_write())
    {
        let refusals = [Refusal::Internal, Refusal::TooManyRequests, Refusal::Reset];
        add(call, &refusals.map(Fate::Refused));
    }
    plans
}

/// Reads after the last write that counts cannot make a difference to it.
fn last_effective(run: &Run) -> usize {
    run.calls
        .iter()
        .rposition(|call| call.is_effective)
        .map_or(run.calls.len(), |at| at + 1)
}

/// The resource of a request without the subresource.
fn object_of(call: &Called) -> String {
    call.site
        .resource
        .split('/')
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// What processes made: if somebody takes it away, they are to make it again.
fn made_by_processes(run: &Run) -> BTreeSet<(String, String)> {
    let written = run.written.iter();
    let made = written.filter(|w| matches!(w.writer, Writer::Process(_)) && w.change.old.is_none());
    made.map(|w| (w.change.resource.to_string(), w.change.key.to_string()))
        .collect()
}
