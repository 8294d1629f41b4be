//! Somebody else, who changes an object between a program's read and its write.

use http::Method;
use seatrial_fake_apiserver::FakeApiServer;
use serde_json::{Value, json};

use super::Rival;
use crate::raw;

/// What somebody else does to the object of a request.
pub(super) fn commit(server: &FakeApiServer, path: &str, rival: Rival) -> bool {
    let (code, mut object) = raw::send(server, Method::GET, path, None);
    if !code.is_success() {
        return false;
    }
    match rival {
        Rival::Touches => {
            let patch = json!({"metadata": {"annotations": {"rival.seatrial.dev/touched": "yes"}}});
            let merge = "application/merge-patch+json";
            raw::send_as(server, Method::PATCH, path, merge, Some(&patch))
                .0
                .is_success()
        }
        Rival::EditsSpec => there_and_back(server, path, "", specification(&object), &object),
        Rival::EditsStatus => there_and_back(server, path, "/status", "status", &object),
        Rival::Deletes => raw::send(server, Method::DELETE, path, None).0.is_success(),
        Rival::Recreates => {
            if !raw::send(server, Method::DELETE, path, None).0.is_success() {
                return false;
            }
            let Some(metadata) = object["metadata"].as_object_mut() else {
                return true;
            };
            for field in [
                "uid",
                "resourceVersion",
                "creationTimestamp",
                "managedFields",
                "generation",
            ] {
                metadata.remove(field);
            }
            let (collection, _) = path.rsplit_once('/').unwrap_or_default();
            raw::send(server, Method::POST, collection, Some(&object));
            true
        }
    }
}

/// The field that says what is wanted: few kinds call it otherwise.
fn specification(object: &Value) -> &'static str {
    if object.get("spec").is_none() {
        "data"
    } else {
        "spec"
    }
}

/// Changes one value in a field of an object and changes it back; whether the server let both happen.
fn there_and_back(
    server: &FakeApiServer,
    path: &str,
    subresource: &str,
    field: &str,
    object: &Value,
) -> bool {
    let path = format!("{path}{subresource}?fieldManager=rival");
    let mut edits = Vec::new();
    if let Some(value) = object.get(field) {
        edits_of(value, &mut edits);
    }
    let patch = |server: &FakeApiServer, value: &Value| {
        let patch = json!({ field: value });
        raw::send_as(
            server,
            Method::PATCH,
            &path,
            "application/merge-patch+json",
            Some(&patch),
        )
        .0
        .is_success()
    };
    // What cannot be taken back is not done: the first that can.
    edits.truncate(EDITS_MAX);
    let can_be = |(there, back): &&(Value, Value)| {
        let trial = server.fork();
        patch(&trial, there) && trial.revision() > server.revision() && patch(&trial, back)
    };
    edits
        .iter()
        .find(can_be)
        .is_some_and(|(there, back)| patch(server, there) && patch(server, back))
}

/// So many values are tried until one can be changed.
const EDITS_MAX: usize = 8;

/// Each single value of some fields changed, and as it was: pairs of merge patches.
fn edits_of(value: &Value, edits: &mut Vec<(Value, Value)>) {
    let changed = match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let mut inner = Vec::new();
                edits_of(field, &mut inner);
                edits.extend(
                    inner
                        .into_iter()
                        .map(|(there, back)| (json!({ name: there }), json!({ name: back }))),
                );
            }
            return;
        }
        Value::String(text) => json!(format!("{text}-rival")),
        Value::Bool(is_so) => json!(!is_so),
        Value::Number(number) => match number.as_i64() {
            Some(number) => json!(number.wrapping_add(1)),
            None => return,
        },
        Value::Null | Value::Array(_) => return,
    };
    edits.push((changed, value.clone()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rival_takes_back_what_it_edits() {
        let server = FakeApiServer::new();
        let object = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "namespace": "default"},
            "spec": {"selector": {"app": "a"}, "ports": [{"port": 80}]}});
        raw::send(
            &server,
            Method::POST,
            "/api/v1/namespaces/default/services",
            Some(&object),
        );
        let path = "/api/v1/namespaces/default/services/a";
        let before = server.get("services", "default", "a").unwrap();
        assert!(commit(&server, path, Rival::EditsSpec));
        let after = server.get("services", "default", "a").unwrap();
        assert_eq!(before["spec"], after["spec"]);
        assert_ne!(
            before["metadata"]["resourceVersion"],
            after["metadata"]["resourceVersion"]
        );
        // Without a status that has any value there is nothing to edit.
        let revision = server.revision();
        assert!(!commit(&server, path, Rival::EditsStatus));
        assert_eq!(server.revision(), revision);
    }
}
