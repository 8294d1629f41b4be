//! From a tape to a plan: places told by what they mean, as loosely as still shows the failure.

use super::{attempt::Attempt, kinds::Kinds, plan::Plan};
use crate::sim::{Pattern, Run, Site, Trigger};

/// The loosest attempt found that fails alike, with places in it told by kinds; `run` is a run of it, and `fails` says whether one fails.
pub(super) fn lift(
    attempt: &Attempt,
    run: &Run,
    kinds: &Kinds,
    mut fails: impl FnMut(&Attempt) -> bool,
) -> Plan {
    let mut best = attempt.clone();
    for at in 0..best.injections.len() {
        let Trigger::Request(site) = best.injections[at].at.clone() else {
            continue;
        };
        for pattern in looser(&site, run) {
            let mut candidate = best.clone();
            candidate.injections[at].at = Trigger::Matching(pattern);
            if fails(&candidate) {
                best = candidate;
                break;
            }
        }
    }
    for injection in &mut best.injections {
        match &mut injection.at {
            Trigger::Matching(pattern) => {
                let kind = pattern.kind.as_deref().and_then(|resource| kinds.kind(resource));
                pattern.kind = kind.or_else(|| pattern.kind.take());
            }
            Trigger::Change(change) | Trigger::Stage(change) => {
                if let Some(kind) = kinds.kind(&change.resource) {
                    change.resource = kind;
                }
            }
            _ => {}
        }
    }
    Plan {
        faults: best.injections,
        order: best.overtakings,
        workload: best.workload,
        ..Plan::default()
    }
}

/// What a request may be told as, the loosest first: by verb and kind, then with its object, then with the process.
fn looser(site: &Site, run: &Run) -> Vec<Pattern> {
    let Some(at) = run.calls.iter().position(|call| *call.site == *site) else {
        return Vec::new();
    };
    let by_kind = Pattern::new(site.verb.into()).of(&site.resource);
    let by_key = by_kind.clone().key(&site.key);
    let by_process = by_key.clone().by(&site.process);
    let counted = |pattern: Pattern| {
        let alike = run.calls[..=at].iter().filter(|call| pattern.covers(&call.site));
        let nth = alike.count();
        pattern.nth(u32::try_from(nth).unwrap_or(u32::MAX))
    };
    [by_kind, by_key, by_process].map(counted).to_vec()
}
