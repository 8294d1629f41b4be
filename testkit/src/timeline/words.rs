//! Requests in words: what is asked for, what is made by it, what is changed.

use serde_json::Value;

use super::{Entry, text::cut};
use crate::request::decoded;

/// How much of a patch is told in its line.
const CHANGE_WIDTH: usize = 72;

/// A request as people say it: `PATCH greetings default/morning status`, `GET pods, watch`.
pub(super) fn words(method: &str, path: &str) -> String {
    let (address, query) = path.split_once('?').unwrap_or((path, ""));
    let parts: Vec<&str> = address.split('/').filter(|part| !part.is_empty()).collect();
    let resource = match parts.as_slice() {
        ["api", _, resource @ ..] | ["apis", _, _, resource @ ..] if !resource.is_empty() => resource,
        _ => return format!("{method} {path}"),
    };
    let mut said = match resource {
        ["namespaces", namespace, plural, rest @ ..] if !matches!(*plural, "status" | "finalize") => {
            let mut said = format!("{method} {plural} {namespace}/");
            said.push_str(&rest.join(" "));
            said
        }
        _ => format!("{method} {}", resource.join(" ")),
    };
    for (field, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        match (field, value) {
            ("watch", "true" | "1") => said.push_str(", watch"),
            ("resourceVersion", version) => {
                said.push_str(" @");
                said.push_str(version);
            }
            ("labelSelector" | "fieldSelector" | "continue" | "dryRun", value) => {
                said.push_str(", ");
                said.push_str(field);
                said.push('=');
                said.push_str(&decoded(value));
            }
            _ => {}
        }
    }
    said
}

/// The name of what a request makes, for behind the collection in which it does; nothing where it makes nothing.
pub(super) fn made(method: &str, path: &str, request: &Entry, answer: Option<&Entry>) -> String {
    let address = path.split('?').next().unwrap_or_default().trim_matches('/');
    let parts: Vec<&str> = address.split('/').collect();
    let parent = match parts.as_slice() {
        ["api", _, rest @ ..] | ["apis", _, _, rest @ ..] if method == "POST" => rest,
        _ => return String::new(),
    };
    let is_namespaced = match parent {
        ["namespaces", _, _] => true,
        [_] => false,
        _ => return String::new(),
    };
    let bodies = answer.into_iter().chain([request]);
    let metadata = bodies.map(|entry| serde_json::from_str(&entry.body).unwrap_or_default());
    let name = metadata.into_iter().find_map(|object: Value| {
        let text = |field: &str| object["metadata"][field].as_str().map(str::to_owned);
        text("name").or_else(|| Some(format!("{}*", text("generateName")?)))
    });
    match (name, is_namespaced) {
        (Some(name), true) => name,
        (Some(name), false) => format!(" {name}"),
        (None, _) => String::new(),
    }
}

/// What a patch changes, in a few words.
pub(super) fn change(body: &str) -> Option<String> {
    let mut patch: Value = serde_json::from_str(body).ok()?;
    if let Some(fields) = patch.as_object_mut().filter(|fields| fields.len() > 1) {
        // These say of which object it is, as the address does.
        fields.retain(|name, _| !matches!(name.as_str(), "apiVersion" | "kind" | "metadata"));
    }
    Some(cut(&patch.to_string(), CHANGE_WIDTH))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::timeline::{LaneKind, Trace, What};

    #[test]
    fn requests_are_said_in_words() {
        let check = |line: &str, said: &str| {
            let (method, path) = line.split_once(' ').unwrap();
            assert_eq!(words(method, path), said);
        };
        check("GET /api/v1/pods", "GET pods");
        check("GET /api/v1/namespaces/a", "GET namespaces a");
        check("PUT /api/v1/namespaces/a/finalize", "PUT namespaces a finalize");
        check("PUT /api/v1/namespaces/a/status", "PUT namespaces a status");
        check(
            "POST /api/v1/namespaces/a/configmaps?fieldManager=x",
            "POST configmaps a/",
        );
        check(
            "GET /apis/apps/v1/namespaces/a/deployments/b",
            "GET deployments a/b",
        );
        check(
            "PATCH /apis/x.dev/v1/namespaces/a/greetings/b/status",
            "PATCH greetings a/b status",
        );
        check(
            "GET /apis/x.dev/v1/greetings?watch=true&resourceVersion=6",
            "GET greetings, watch @6",
        );
        check(
            "GET /api/v1/pods?labelSelector=app%3Dweb%2Ctier+in+%28a%29",
            "GET pods, labelSelector=app=web,tier in (a)",
        );
        check(
            "GET /api/v1/pods?labelSelector=100%",
            "GET pods, labelSelector=100%",
        );
        check("GET /version", "GET /version");
        check("GET /apis/apps/v1", "GET /apis/apps/v1");
    }

    #[test]
    fn a_patch_is_told_by_what_it_changes() {
        let apply = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"x":1}}"#;
        assert_eq!(change(apply).unwrap(), r#"{"spec":{"x":1}}"#);
        let own = r#"{"metadata":{"finalizers":[]}}"#;
        assert_eq!(change(own).unwrap(), own);
        assert_eq!(
            change(r#"[{"op":"remove","path":"/a"}]"#).unwrap(),
            r#"[{"op":"remove","path":"/a"}]"#
        );
        assert!(change("apiVersion: v1").is_none());
        let long = format!(r#"{{"data":{{"x":"{}"}}}}"#, "ä".repeat(200));
        assert_eq!(change(&long).unwrap().chars().count(), CHANGE_WIDTH);
    }

    #[test]
    fn what_is_made_has_a_name_in_its_line() {
        let check = |line: &str, body: &str, answer: &str, name: &str| {
            let (method, path) = line.split_once(' ').unwrap();
            let lane = Trace::new("t").lane(LaneKind::Process, "p");
            let entry = |body: &str| Entry::new(Duration::ZERO, lane, What::Crash).body(body);
            assert_eq!(
                made(method, path, &entry(body), Some(&entry(answer))),
                name,
                "{line}"
            );
        };
        let (pods, own) = (
            "POST /api/v1/namespaces/a/pods?x=y",
            r#"{"metadata":{"name":"web"}}"#,
        );
        let generated = r#"{"metadata":{"generateName":"web-"}}"#;
        check(pods, own, "", "web");
        check(pods, generated, r#"{"metadata":{"name":"web-x"}}"#, "web-x");
        check(pods, generated, r#"{"kind":"Status","metadata":{}}"#, "web-*");
        check(pods, "no JSON", "", "");
        check("POST /apis/x.dev/v1/things", own, "", " web");
        check("POST /api/v1/namespaces/a/pods/web/eviction", own, "", "");
        check("PUT /api/v1/namespaces/a/pods/web", own, "", "");
    }
}
