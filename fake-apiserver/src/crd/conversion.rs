//! Conversion by a webhook: what is asked, and what of an answer counts.
//!
//! A webhook may change everything but the identity of an object: of its metadata only labels and annotations are taken.
//!
//! # Source
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#webhook-conversion>

use std::time::Duration;

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::go_value::go_type;
use crate::status::go_quote;

/// How long a conversion may take.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);

const API_VERSION: &str = "apiextensions.k8s.io/v1";

/// An answer that converts nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The webhook says so, or does not speak the protocol.
    Failed(String),
    /// What it gave back is not the object in the version asked for.
    Invalid(String),
}

/// An identifier of a request that depends on nothing but its content.
pub(crate) fn uid(object: &Value, desired: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(desired);
    hash.update(object.to_string());
    let h = hash.finalize();
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    format!(
        "{}-{}-4{}-8{}-{}",
        hex(&h[0..4]),
        hex(&h[4..6]),
        &hex(&h[6..8])[1..],
        &hex(&h[8..10])[1..],
        hex(&h[10..16])
    )
}

/// The request to convert one object.
pub(crate) fn review(uid: &str, desired: &str, object: &Value) -> Value {
    json!({
        "kind": "ConversionReview",
        "apiVersion": API_VERSION,
        "request": {"uid": uid, "desiredAPIVersion": desired, "objects": [object]},
        "response": null,
    })
}

/// The object in the version asked for, with the metadata that it had; labels and annotations are the webhook's.
pub(crate) fn converted(answer: &Value, uid: &str, object: &Value, desired: &str) -> Result<Value, Refused> {
    let failed = |why: String| Err(Refused::Failed(why));
    let text = |v: &Value| v.as_str().unwrap_or("").to_owned();
    let (kind, version) = (text(&answer["kind"]), text(&answer["apiVersion"]));
    if kind != "ConversionReview" || version != API_VERSION {
        return failed(format!(
            "expected webhook response of {API_VERSION}, Kind=ConversionReview, got {version}, Kind={kind}"
        ));
    }
    let response = &answer["response"];
    if !response.is_object() {
        return failed("no response provided".into());
    }
    if response["uid"] != *uid {
        return failed(format!(
            "expected response.uid={}, got {}",
            go_quote(uid),
            go_quote(&text(&response["uid"]))
        ));
    }
    let status = text(&response["result"]["status"]);
    if status != "Success" {
        let message = text(&response["result"]["message"]);
        return failed(if message.is_empty() {
            format!("response.result.status was '{status}', not 'Success'")
        } else {
            message
        });
    }
    let all = response["convertedObjects"].as_array().map(Vec::as_slice);
    let [made] = all.unwrap_or_default() else {
        let n = all.map_or(0, <[Value]>::len);
        return Err(Refused::Invalid(format!("returned {n} objects, expected 1")));
    };
    let version = text(&made["apiVersion"]);
    if version != desired {
        return Err(Refused::Invalid(format!(
            "returned invalid object at index 0: invalid groupVersion (expected {desired}, received {version})"
        )));
    }
    if made["kind"] != object["kind"] {
        return Err(Refused::Invalid(format!(
            "returned invalid object at index 0: invalid kind (expected {}, received {})",
            text(&object["kind"]),
            text(&made["kind"])
        )));
    }
    let mut out = made.clone();
    out["metadata"] = metadata(&object["metadata"], &made["metadata"])
        .map_err(|why| Refused::Invalid(format!("returned invalid metadata: {why}")))?;
    Ok(out)
}

/// The old metadata with the labels and annotations of the new.
fn metadata(old: &Value, new: &Value) -> Result<Value, String> {
    let Some(old) = old.as_object() else {
        return Err(format!(
            "invalid metadata of type {} in input object",
            go_type(old)
        ));
    };
    let Some(new) = new.as_object() else {
        return Err(format!(
            "invalid metadata of type {} in converted object",
            go_type(new)
        ));
    };
    for (field, word) in [("name", "name"), ("namespace", "namespace"), ("uid", "UID")] {
        let text = |m: &Map<String, Value>| m.get(field).and_then(Value::as_str).unwrap_or("").to_owned();
        let (was, is) = (text(old), text(new));
        if was != is {
            return Err(format!("must have the same {word}: {was} != {is}"));
        }
    }
    let mut out = old.clone();
    for field in ["labels", "annotations"] {
        match new.get(field) {
            None | Some(Value::Null) => drop(out.remove(field)),
            Some(Value::Object(all)) => {
                if let Some((key, value)) = all.iter().find(|(_, v)| !v.is_string()) {
                    return Err(format!(
                        "invalid metadata.{field} in converted object: the value of {} is a {}",
                        go_quote(key),
                        go_type(value)
                    ));
                }
                out.insert(field.into(), Value::Object(all.clone()));
            }
            Some(other) => {
                return Err(format!(
                    "metadata.{field} in converted object is a {}",
                    go_type(other)
                ));
            }
        }
    }
    Ok(Value::Object(out))
}

// === impl Refused ===

impl Refused {
    /// What the client is told; `api_version` and `kind` are those of the object that was to be converted.
    pub(crate) fn about(&self, api_version: &str, kind: &str) -> String {
        match self {
            Self::Failed(why) => format!("conversion webhook for {api_version}, Kind={kind} failed: {why}"),
            Self::Invalid(why) => format!("conversion webhook for {api_version}, Kind={kind} {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(change: impl FnOnce(&mut Value)) -> Result<Value, String> {
        let object = json!({"apiVersion": "example.com/v1", "kind": "Widget",
            "metadata": {"name": "a", "uid": "u", "labels": {"l": "1"}, "finalizers": ["f/f"]}, "spec": {"size": 1}});
        let mut made = object.clone();
        made["apiVersion"] = "example.com/v2".into();
        made["metadata"] = json!({"name": "a", "uid": "u", "annotations": {"by": "webhook"}});
        let mut answer = json!({"apiVersion": API_VERSION, "kind": "ConversionReview", "response": {
            "uid": "id", "result": {"status": "Success"}, "convertedObjects": [made]}});
        change(&mut answer);
        converted(&answer, "id", &object, "example.com/v2").map_err(|e| e.about("example.com/v1", "Widget"))
    }

    #[test]
    fn labels_and_annotations_are_all_the_metadata_that_a_webhook_writes() {
        assert_eq!(
            answer(|_| {}).unwrap()["metadata"],
            json!({"name": "a", "uid": "u", "finalizers": ["f/f"], "annotations": {"by": "webhook"}})
        );
        let renamed = answer(|a| a["response"]["convertedObjects"][0]["metadata"]["name"] = "b".into());
        assert_eq!(
            renamed.unwrap_err(),
            "conversion webhook for example.com/v1, Kind=Widget returned invalid metadata: must have the same name: a != b"
        );
    }

    #[test]
    fn an_answer_that_converts_nothing_says_why() {
        let why = |change: fn(&mut Value)| answer(change).unwrap_err();
        let of = "conversion webhook for example.com/v1, Kind=Widget";
        assert_eq!(
            why(|a| a["response"]["result"] = json!({"status": "Failure", "message": "no way"})),
            format!("{of} failed: no way")
        );
        assert_eq!(
            why(|a| a["response"]["uid"] = "other".into()),
            format!("{of} failed: expected response.uid=\"id\", got \"other\"")
        );
        assert_eq!(
            why(|a| a["response"]["convertedObjects"] = json!([])),
            format!("{of} returned 0 objects, expected 1")
        );
        assert_eq!(
            why(|a| a["response"]["convertedObjects"][0]["apiVersion"] = "example.com/v3".into()),
            format!(
                "{of} returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v3)"
            )
        );
        assert_eq!(
            why(|a| a["response"] = Value::Null),
            format!("{of} failed: no response provided")
        );
    }
}
