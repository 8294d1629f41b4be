//! Processes that work by a lease: who they say they are, and what they do when it is another's.
//!
//! Reading order: [`shared_identity`], [`write_without_lease`], `Elections` (what both look at).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::verdict::{FailureKind, Verdict};
use crate::sim::{Called, Run, Writer, Written};

const LEASES: &str = "leases.coordination.k8s.io";

/// Two processes take one lease by the same identity: each believes that it leads when the other does.
///
/// Two lives of one process may have one: the first is over when the second begins, and pods keep their names.
pub(super) fn shared_identity(run: &Run) -> Option<Verdict> {
    let mut known = BTreeMap::new();
    let mut own = BTreeSet::new();
    for written in run.written.iter().filter(|w| is_lease(w)) {
        let (change, Writer::Process(process)) = (&written.change, written.writer) else {
            continue;
        };
        let lease = &*change.key;
        let before = change.old.as_deref().and_then(holder);
        let Some(identity) = holder(&change.new).filter(|_| !change.removed) else {
            continue;
        };
        if before == Some(identity) {
            if renewed(change.old.as_deref()) == renewed(Some(&change.new)) {
                continue;
            }
        } else if before.is_some_and(|before| own.contains(&(process, lease, before))) {
            // It hands the lease over.
            continue;
        }
        own.insert((process, lease, identity));
        let first = *known.entry((lease, identity)).or_insert(process);
        if first != process {
            let names = [first, process].map(|process| run.name(Writer::Process(process)));
            return Some(Verdict {
                kind: FailureKind::SharedIdentity,
                about: format!("{LEASES} {lease}"),
                at: vec![change.revision],
                details: vec![format!(
                    "{} and {} both hold {lease} as `{identity}`, the latter since @{}, so that both lead at once: give each process an \
                     identity of its own, as a rule the name of its pod",
                    names[0], names[1], change.revision
                )],
            });
        }
    }
    None
}

/// A process writes although the lease by which it was elected has become another's, and was so when it sent the write.
///
/// What was under way when the lease was lost is nobody's mistake. A lease that was given up is not looked at any more, nor is a resource that
/// processes write as well when they are not elected.
pub(super) fn write_without_lease(run: &Run) -> Option<Verdict> {
    let elections = Elections::of(run)?;
    let writes = || run.calls.iter().filter(|call| call.is_effective);
    let unled: BTreeSet<&str> = writes()
        .filter(|call| elections.stands_by(call))
        .map(|call| &*call.site.resource)
        .collect();
    let mut led = writes().filter(|call| !unled.contains(&*call.site.resource));
    led.find_map(|call| {
        let lost = elections.lost(call)?;
        let site = &call.site;
        Some(Verdict {
            kind: FailureKind::WriteWithoutLease,
            about: format!("{} {}", site.resource, site.key),
            at: run.written_by(call).map(|written| written.change.revision).collect(),
            details: vec![format!(
                "{site}, sent although {} was held by `{}` since @{}: look before each write whether the lease is still this process's, \
                 and fence the client by it",
                lost.lease, lost.holder, lost.revision
            )],
        })
    })
}

/// What became of the leases of a run.
struct Elections<'a> {
    /// The changes of each lease, in order.
    leases: BTreeMap<&'a str, Vec<Turn<'a>>>,
    /// The processes that were elected at some time.
    candidates: BTreeSet<&'a str>,
}

/// A change of a lease.
struct Turn<'a> {
    revision: u64,
    holder: Option<&'a str>,
    /// Which life of which process made it, if one did.
    by: Option<(&'a str, u32)>,
}

/// A lease that became another's.
struct Lost<'a> {
    lease: &'a str,
    holder: &'a str,
    revision: u64,
}

// === impl Elections ===

impl<'a> Elections<'a> {
    /// None where there are no leases.
    fn of(run: &'a Run) -> Option<Self> {
        run.written.iter().find(|w| is_lease(w))?;
        let mut lives = BTreeMap::new();
        let asked = run.calls.iter().filter(|call| call.site.resource == LEASES);
        for call in asked.filter(|call| !call.site.verb.is_read_only()) {
            let later = run.written.partition_point(|w| w.change.revision <= call.before);
            let its = run.written[later..].iter().find(|w| {
                is_lease(w) && *w.change.key == *call.site.key && run.name(w.writer) == call.site.process
            });
            if let Some(its) = its {
                // One that came to nothing is replaced by the one that did.
                lives.insert(its.change.revision, call.sent.life);
            }
        }
        let mut leases = BTreeMap::<&str, Vec<Turn<'_>>>::new();
        let mut candidates = BTreeSet::new();
        for written in run.written.iter().filter(|w| is_lease(w)) {
            let change = &written.change;
            let holder = holder(&change.new).filter(|_| !change.removed);
            let process = matches!(written.writer, Writer::Process(_)).then(|| run.name(written.writer));
            candidates.extend(process.filter(|_| holder.is_some()));
            let life = lives.get(&change.revision).copied();
            leases.entry(&change.key).or_default().push(Turn {
                revision: change.revision,
                holder,
                by: process.zip(life),
            });
        }
        Some(Self { leases, candidates })
    }

    /// Whether a process that takes part in elections was not elected when it sent this.
    fn stands_by(&self, call: &Called) -> bool {
        self.candidates.contains(&*call.site.process) && self.elected(call).next().is_none()
    }

    /// The lease that a process had lost when it sent this, if it had lost all by which it was elected.
    fn lost(&self, call: &Called) -> Option<Lost<'a>> {
        let mut elected = self.elected(call).peekable();
        elected.peek()?;
        let lost: Option<Vec<Lost<'a>>> = elected.map(|(_, lost)| lost).collect();
        lost?.pop()
    }

    /// The leases by which this life of a process was elected, and has not given up, and which of them it had lost.
    fn elected(&self, call: &Called) -> impl Iterator<Item = (&'a str, Option<Lost<'a>>)> {
        let who = (&*call.site.process, call.sent.life);
        self.leases.iter().filter_map(move |(lease, turns)| {
            let known = turns.partition_point(|turn| turn.revision <= call.sent.revision);
            let turns = &turns[..known];
            let own = turns.iter().rfind(|turn| turn.by == Some(who))?;
            let identity = own.holder?;
            let last = turns.last()?;
            let other = last.holder.filter(|holder| *holder != identity);
            let lost = other.map(|holder| {
                let since = turns.iter().rev().take_while(|turn| turn.holder == Some(holder));
                Lost {
                    lease,
                    holder,
                    revision: since.last().map_or(last.revision, |turn| turn.revision),
                }
            });
            Some((*lease, lost))
        })
    }
}

fn is_lease(written: &Written) -> bool {
    *written.change.resource == *LEASES
}

/// By whom a lease is held.
fn holder(lease: &Value) -> Option<&str> {
    let holder = lease.pointer("/spec/holderIdentity").and_then(Value::as_str);
    holder.filter(|holder| !holder.is_empty())
}

/// When a lease was renewed last.
fn renewed(lease: Option<&Value>) -> Option<&Value> {
    lease.and_then(|lease| lease.pointer("/spec/renewTime"))
}
