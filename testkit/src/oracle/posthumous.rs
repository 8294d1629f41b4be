//! Objects that are made for owners that are gone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    normal,
    verdict::{FailureKind, Verdict},
};
use crate::sim::{Run, Writer};

/// So often an object may be made for an owner that is gone: whoever makes it hears late that the owner is.
const MOST: usize = 5;

/// An object was made again and again for an owner that was gone, and collected each time: who makes it believes a cache that is behind, and
/// hears of the collection at once.
pub(super) fn made_for_nobody(run: &Run) -> Option<Verdict> {
    let mut gone = BTreeSet::new();
    let mut made = BTreeMap::new();
    for written in &run.written {
        let change = &written.change;
        if change.removed {
            let uid = change.new.pointer("/metadata/uid").and_then(Value::as_str);
            gone.insert(uid.unwrap_or_default());
            continue;
        }
        let is_made = change.old.is_none() && matches!(written.writer, Writer::Process(_));
        if !is_made || !is_posthumous(&change.new, &gone) {
            continue;
        }
        let (class, _) = normal::class(&change.resource, &change.key, &change.new);
        let about = format!("{} {}", class.0, class.1);
        let count = made.entry(class).or_insert(0);
        *count += 1;
        if *count > MOST {
            return Some(Verdict {
                kind: FailureKind::MadeForNobody,
                at: vec![change.revision],
                details: vec![format!(
                    "{about} was made more than {MOST} times for an owner that was gone, for the last time at @{}: ask the \
                     apiserver whether the owner is there, as a cache may be behind",
                    change.revision
                )],
                about,
            });
        }
    }
    None
}

/// Whether an object has owners, and all of them are gone.
fn is_posthumous(object: &Value, gone: &BTreeSet<&str>) -> bool {
    let owners = object
        .pointer("/metadata/ownerReferences")
        .and_then(Value::as_array);
    let is_gone = |owner: &Value| owner["uid"].as_str().is_some_and(|uid| gone.contains(uid));
    owners.is_some_and(|owners| !owners.is_empty() && owners.iter().all(is_gone))
}
