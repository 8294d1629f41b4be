//! Every recorded patch, applied to the object as it was recorded before: what the server did to it must be there, whatever
//! it added by itself.

use std::collections::BTreeMap;

use seatrial_fake_apiserver::patch::{Patched, gojson, json, merge, strategic};
use seatrial_fake_apiserver::schema::{builtin, decode};
use seatrial_fake_apiserver::status::StatusError;
use serde_json::Value;

use super::format::{Payload, Request, Step, Transcript, files};
use super::run::recorded;

/// In the place of any that was taken out.
const TIME: &str = "2026-01-02T03:04:05Z";
/// What every write changes, other writers have a say in, or the server fills in itself.
const NOT_THE_PATCHES: [&str; 6] = [
    "managedFields",
    "resourceVersion",
    "generation",
    "status",
    "targetPort",
    "tolerations",
];

#[test]
fn recorded_patches_do_what_they_did() {
    let mut tally = BTreeMap::new();
    let mut failures = Vec::new();
    for path in files(&recorded()).expect("the folder of transcripts can be read") {
        let transcript = Transcript::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut objects: BTreeMap<String, Value> = BTreeMap::new();
        for (index, step) in transcript.steps.iter().enumerate() {
            let Step::Exchange {
                request, expected, ..
            } = step
            else {
                continue;
            };
            // Elsewhere the server has more to say about what becomes of an object.
            let about_patches = transcript.area() == "patch" || transcript.name.contains("strategic");
            let place = format!("{} step {index}", transcript.name);
            let path = object_path(request, expected);
            if let Some((kind, body)) = patch_of(request)
                && let Some(before) = objects.get(&path)
                && before["kind"] != "Secret" // It is written in two ways.
                && before["metadata"]["name"].as_str() == path.rsplit('/').next()
                && (about_patches || kind == "strategic")
            {
                if let Err(failure) = check(before, kind, &body, &with_times(expected)) {
                    failures.push(format!("{place}: {kind} {body}: {failure}"));
                }
                *tally.entry(kind).or_insert(0) += 1;
            }
            let body = &expected["body"];
            let is_object = body["metadata"]["uid"].is_string() && body["kind"] != "PartialObjectMetadata";
            if is_object && !request.path.contains("dryRun") {
                objects.insert(path, with_times(body));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(
        tally.len() == 3 && tally.values().all(|&count| count > 50),
        "few were found: {tally:?}"
    );
}

/// The object's own path; subresources have another.
fn object_path(request: &Request, expected: &Value) -> String {
    let path = request.path.split('?').next().unwrap_or_default();
    match request.method.as_str() {
        "POST" => format!(
            "{path}/{}",
            expected["body"]["metadata"]["name"].as_str().unwrap_or_default()
        ),
        _ => path.to_owned(),
    }
}

/// The kind of a patch and its body, where nothing has to be filled in.
fn patch_of(request: &Request) -> Option<(&'static str, String)> {
    let (_, content_type) = request
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))?;
    let kind = match content_type.as_deref()? {
        "application/json-patch+json" => "json",
        "application/merge-patch+json" => "merge",
        "application/strategic-merge-patch+json" => "strategic",
        _ => return None,
    };
    let body = match &request.payload {
        Payload::Json(json) => json.to_wire(),
        Payload::Raw(text) => text.clone(),
        Payload::None => return None,
    };
    // UIDs were replaced in the objects.
    let whole = !body.contains("{{") && !body.contains("\"uid\"");
    (request.method == "PATCH" && whole).then_some((kind, body))
}

fn check(before: &Value, kind: &str, body: &str, expected: &Value) -> Result<(), String> {
    let text = gojson::write(before);
    let api_version = before["apiVersion"].as_str().unwrap_or_default();
    let node = builtin().kind_of(api_version, before["kind"].as_str().unwrap_or_default());
    let schema = builtin().schema();
    let outcome: Result<Patched, StatusError> = match (kind, node) {
        ("json", _) => json::apply(&text, body.as_bytes()).map_err(|e| e.status()),
        ("merge", _) => merge::apply(&text, body.as_bytes()).map_err(|e| e.status()),
        (_, Some(node)) => strategic::apply(schema, node, before, body.as_bytes()).map_err(|e| e.status()),
        // Not served for custom resources.
        (_, None) => return Ok(()),
    };
    let answer = &expected["body"];
    match outcome {
        Err(error) if &error.to_json() == answer => Ok(()),
        Err(error) => Err(format!("{} became {answer}", error.to_json())),
        Ok(patched) if expected["status"] == 200 && answer["metadata"]["uid"].is_string() => {
            let decoded = node.map(|node| decode::decode_value(schema, node, patched.value()));
            let after = match decoded {
                Some(decoded) => decoded.map_err(|e| e.to_string())?.value,
                // What is pruned and defaulted there is another matter.
                None => return Ok(()),
            };
            if after["kind"] == answer["kind"] {
                contained("", &after, answer)
            } else {
                Ok(())
            }
        }
        // What failed for another reason: validation, a conflict, admission.
        Ok(_) => {
            let message = answer["message"].as_str().unwrap_or_default();
            if message.contains("error decoding patch") {
                Err(message.to_owned())
            } else {
                Ok(())
            }
        }
    }
}

/// The value with a time wherever one was taken out.
fn with_times(value: &Value) -> Value {
    match value {
        Value::String(s) if s == "<time>" => TIME.into(),
        Value::Array(items) => items.iter().map(with_times).collect(),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(key, value)| (key.clone(), with_times(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// Whether everything in a value is in the other one too, lists item by item.
fn contained(path: &str, part: &Value, whole: &Value) -> Result<(), String> {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => {
            for (key, value) in part
                .iter()
                .filter(|(key, _)| !NOT_THE_PATCHES.contains(&key.as_str()))
            {
                match whole.get(key) {
                    Some(other) => contained(&format!("{path}/{key}"), value, other)?,
                    // Emptied, which is printed or not.
                    None if is_empty(value) => {}
                    None => return Err(format!("{path}/{key}: {value} is missing")),
                }
            }
            Ok(())
        }
        (Value::Array(part), Value::Array(whole)) if part.len() == whole.len() => part
            .iter()
            .zip(whole)
            .enumerate()
            .try_for_each(|(i, (part, whole))| contained(&format!("{path}/{i}"), part, whole)),
        (Value::String(a), Value::String(b)) if is_time(a) && is_time(b) => Ok(()),
        (part, whole) if part == whole || part.as_f64().is_some_and(|n| whole.as_f64() == Some(n)) => Ok(()),
        (part, whole) => Err(format!("{path}: {part} became {whole}")),
    }
}

fn is_time(text: &str) -> bool {
    text.len() >= TIME.len() && text.ends_with('Z') && text.as_bytes()[10] == b'T'
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}
