//! Events, in the spelling of either of their two groups.

use serde_json::{Value, json};

use super::{Row, human, value::text};

pub(super) fn cells(group: &str, resource: &str, row: &Row<'_>) -> Option<Vec<Value>> {
    if resource != "events" || !matches!(group, "" | "events.k8s.io") {
        return None;
    }
    // The newer group keeps the older one's fields under names of its own.
    let either = |new: &str, old: &str| match row.text(new) {
        "" => row.text(old).to_owned(),
        found => found.to_owned(),
    };
    let regarding = if row.has("/regarding") {
        "/regarding"
    } else {
        "/involvedObject"
    };
    let object = &row.object.pointer(regarding).cloned().unwrap_or_default();
    let first = first_of(&[
        &either("/deprecatedFirstTimestamp", "/firstTimestamp"),
        row.text("/eventTime"),
    ]);
    let last = first_of(&[
        row.text("/series/lastObservedTime"),
        &either("/deprecatedLastTimestamp", "/lastTimestamp"),
        &first,
    ]);
    let count = [
        row.int("/series/count"),
        row.int("/deprecatedCount"),
        row.int("/count"),
    ];
    let component = first_of(&[
        &either("/deprecatedSource/component", "/source/component"),
        &either("/reportingController", "/reportingComponent"),
    ]);
    let host = first_of(&[
        &either("/deprecatedSource/host", "/source/host"),
        row.text("/reportingInstance"),
    ]);
    let source = if host.is_empty() {
        component
    } else {
        format!("{component}, {host}")
    };
    Some(vec![
        json!(human::since(&last, row.now)),
        json!(row.text("/type")),
        json!(row.text("/reason")),
        json!(format!(
            "{}/{}",
            text(object, "/kind").to_lowercase(),
            text(object, "/name")
        )),
        json!(text(object, "/fieldPath")),
        json!(source),
        json!(either("/note", "/message").trim()),
        json!(human::since(&first, row.now)),
        json!(count.into_iter().find(|n| *n != 0).unwrap_or(1)),
        row.name(),
    ])
}

fn first_of(candidates: &[&str]) -> String {
    candidates
        .iter()
        .find(|c| !c.is_empty())
        .copied()
        .unwrap_or_default()
        .to_owned()
}
