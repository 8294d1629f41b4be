//! One change after another, and what controllers recorded as Events, each a line.

use std::collections::BTreeMap;

use http::Method;
use seatrial_fake_apiserver::{Change, FakeApiServer};
use serde_json::Value;

use super::{Placeholders, fields, text};
use crate::identity::{is_time, is_uid};
use crate::raw;

/// See [`FakeCluster::events`](crate::FakeCluster::events).
pub(crate) fn events(server: &FakeApiServer) -> String {
    let (_, list) = raw::send(server, Method::GET, "/api/v1/events", None);
    let made: BTreeMap<String, u64> = server
        .changes_since(0)
        .into_iter()
        .filter(|change| change.old.is_none())
        .map(|change| (text(&change.new, "/metadata/uid").to_owned(), change.revision))
        .collect();
    let mut events: Vec<&Value> = list["items"].as_array().into_iter().flatten().collect();
    // As they were made, however often they were repeated since. What history has forgotten was made before the rest.
    events.sort_by_cached_key(|event| {
        let made = made
            .get(text(event, "/metadata/uid"))
            .copied()
            .unwrap_or_default();
        let name = ["/metadata/namespace", "/metadata/name"].map(|pointer| text(event, pointer).to_owned());
        (made, name)
    });
    let mut uids = Placeholders::default();
    events.iter().map(|event| line(event, &mut uids) + "\n").collect()
}

/// An Event as `kubectl events` shows it, less its age.
fn line(event: &Value, uids: &mut Placeholders) -> String {
    let either = |first: &str, second: &str| {
        let first = text(event, first);
        if first.is_empty() {
            text(event, second)
        } else {
            first
        }
        .to_owned()
    };
    let about = ["kind", "namespace", "name"]
        .map(|field| text(event, &format!("/involvedObject/{field}")).to_owned());
    let [kind, namespace, name] = &about;
    let object = if namespace.is_empty() {
        format!("{kind} {name}")
    } else {
        format!("{kind} {namespace}/{name}")
    };
    let count = ["/series/count", "/count"]
        .iter()
        .find_map(|pointer| event.pointer(pointer).and_then(Value::as_u64))
        .unwrap_or(1);
    let times = if count > 1 {
        format!(" ×{count}")
    } else {
        String::new()
    };
    format!(
        "{} {} {object}: {} ({}){times}",
        text(event, "/type"),
        text(event, "/reason"),
        redacted(&either("/message", "/note"), uids),
        either("/reportingComponent", "/source/component"),
    )
}

/// See [`FakeCluster::changes`](crate::FakeCluster::changes).
pub(crate) fn changes(server: &FakeApiServer, since: u64) -> String {
    let mut uids = Placeholders::default();
    let changes = server.changes_since(since);
    changes.iter().map(|change| told(change, &mut uids)).collect()
}

fn told(change: &Change, uids: &mut Placeholders) -> String {
    let kind = match (change.removed, &change.old) {
        (true, _) => "DELETED",
        (false, None) => "ADDED",
        (false, Some(_)) => "MODIFIED",
    };
    let mut lines = format!("{kind} {} {}\n", change.resource, change.key);
    if let (false, Some(old)) = (change.removed, &change.old) {
        for field in fields::fields(old, &change.new, uids) {
            lines += &format!("    {field}\n");
        }
    }
    lines
}

/// A text in which UIDs and times are replaced.
fn redacted(text: &str, uids: &mut Placeholders) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '.');
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (head, tail) = rest.split_at(word);
        // A full stop ends a sentence and not a time.
        let bare = head.trim_end_matches(['.', ':']);
        match bare {
            _ if is_uid(bare) => out += &format!("<uid-{}>", uids.number(bare)),
            _ if is_time(bare) => out += "<time>",
            _ => out += bare,
        }
        out += &head[bare.len()..];
        let gap = tail.find(is_part).unwrap_or(tail.len());
        out += &tail[..gap];
        rest = &tail[gap..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uids_and_times_in_a_text_are_replaced() {
        let mut uids = Placeholders::default();
        let uid = "0b9f4a3e-5c1d-4e2f-8a7b-6c5d4e3f2a1b";
        assert_eq!(
            redacted(
                &format!("uid {uid}, again {uid}: since 2026-01-01T00:00:00Z. Größe 1.5"),
                &mut uids
            ),
            "uid <uid-1>, again <uid-1>: since <time>. Größe 1.5"
        );
        assert_eq!(redacted("", &mut uids), "");
    }
}
