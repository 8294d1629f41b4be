//! Whether a write names the state that it expects, so that a second copy of it can change nothing.

use http::{HeaderMap, Method, header};
use serde::Deserialize;

use super::Verb;

/// Whether writes of this verb can name what they expect. A creation has nothing to name.
pub(super) fn applies_to(verb: Verb) -> bool {
    matches!(verb, Verb::Update | Verb::Patch | Verb::Delete)
}

/// Whether a write of one object names the resource version that it expects or, to delete, the UID.
///
/// The first copy that is applied changes both, so that every other one is refused. A UID alone does not guard a change:
/// two copies of it would both fit.
pub(super) fn is_guarded(method: &Method, headers: &HeaderMap, body: &[u8]) -> bool {
    match method.as_str() {
        "PUT" => names_version(body),
        "DELETE" => serde_json::from_slice(body).is_ok_and(|DeleteOptions { preconditions }| {
            preconditions.is_some_and(|found| is_named(&found.resource_version) || is_named(&found.uid))
        }),
        "PATCH" => {
            let kind = headers.get(header::CONTENT_TYPE).map(|kind| kind.as_bytes());
            match kind {
                Some(b"application/json-patch+json") => tests_version(body),
                _ => names_version(body),
            }
        }
        _ => false,
    }
}

/// An object, or a part of one, with its resource version. Zero is none: the server takes it as "whatever there is".
fn names_version(body: &[u8]) -> bool {
    serde_json::from_slice(body).is_ok_and(|Object { metadata }| {
        let version = metadata.and_then(|metadata| metadata.resource_version);
        is_named(&version) && version.is_none_or(|version| version.parse() != Ok(0_u64))
    })
}

/// A JSON patch that begins by testing the resource version; a test behind the first change guards as well, because
/// a patch is applied as a whole.
fn tests_version(body: &[u8]) -> bool {
    serde_json::from_slice::<Vec<Operation<'_>>>(body).is_ok_and(|operations| {
        operations
            .iter()
            .any(|operation| operation.op == "test" && operation.path == "/metadata/resourceVersion")
    })
}

fn is_named(value: &Option<String>) -> bool {
    value.as_ref().is_some_and(|value| !value.is_empty())
}

#[derive(Deserialize)]
struct Object {
    metadata: Option<Identity>,
}

#[derive(Deserialize)]
struct DeleteOptions {
    preconditions: Option<Identity>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    resource_version: Option<String>,
    uid: Option<String>,
}

#[derive(Deserialize)]
struct Operation<'a> {
    #[serde(borrow)]
    op: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    path: std::borrow::Cow<'a, str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: Method, kind: &str, body: &str, expect: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        assert_eq!(is_guarded(&method, &headers, body.as_bytes()), expect, "{body}");
    }

    #[test]
    fn a_resource_version_guards_a_change() {
        let versioned = r#"{"kind": "Pod", "metadata": {"name": "a", "resourceVersion": "7"}}"#;
        check(Method::PUT, "application/json", versioned, true);
        check(Method::PATCH, "application/merge-patch+json", versioned, true);
        check(Method::PATCH, "application/apply-patch+yaml", versioned, true);
        check(Method::POST, "application/json", versioned, false);
        for body in [
            r#"{"metadata": {"resourceVersion": ""}}"#,
            r#"{"metadata": {"resourceVersion": "0"}}"#,
            r#"{"metadata": {"resourceVersion": null}}"#,
            r#"{"metadata": {"uid": "u"}}"#,
            r#"{"spec": {"resourceVersion": "7"}}"#,
            "{}",
            "",
            "[]",
        ] {
            check(Method::PUT, "application/json", body, false);
            check(
                Method::PATCH,
                "application/strategic-merge-patch+json",
                body,
                false,
            );
        }
    }

    #[test]
    fn a_test_of_the_version_guards_a_json_patch() {
        let kind = "application/json-patch+json";
        let test = r#"[{"op": "add", "path": "/a", "value": 1}, {"op": "test", "path": "/metadata/resourceVersion", "value": "7"}]"#;
        check(Method::PATCH, kind, test, true);
        check(
            Method::PATCH,
            kind,
            r#"[{"op": "add", "path": "/metadata/resourceVersion", "value": "7"}]"#,
            false,
        );
        check(
            Method::PATCH,
            kind,
            r#"{"metadata": {"resourceVersion": "7"}}"#,
            false,
        );
    }

    #[test]
    fn a_uid_or_a_version_guards_a_deletion() {
        let kind = "application/json";
        check(Method::DELETE, kind, r#"{"preconditions": {"uid": "u"}}"#, true);
        check(
            Method::DELETE,
            kind,
            r#"{"preconditions": {"resourceVersion": "7"}}"#,
            true,
        );
        check(Method::DELETE, kind, r#"{"gracePeriodSeconds": 0}"#, false);
        check(Method::DELETE, kind, "", false);
    }
}
