//! What must not be told: the data of Secrets, and tokens.
//!
//! A timeline is kept by systems that build and test, mailed and put into issues. So values are replaced where a body becomes part of one, and
//! whoever renders it cannot forget to.

use serde_json::Value;

/// Stands where a value was.
const REDACTED: &str = "<redacted>";

/// What `kubectl apply` leaves in an object: the object itself.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// A body without what must not be told. `is_secret` says that it is about Secrets even if it does not say so itself, as a patch does not.
pub(crate) fn redacted(body: &str, is_secret: bool) -> String {
    let may_tell = !is_secret && !body.contains("Secret") && !body.contains("TokenRequest");
    if may_tell || body.is_empty() {
        return body.to_owned();
    }
    let parsed = serde_json::from_str::<Value>(body).or_else(|_| serde_saphyr::from_str::<Value>(body));
    match parsed {
        Ok(mut value) if value.is_object() || value.is_array() => {
            if redact(&mut value, is_secret) {
                value.to_string()
            } else {
                body.to_owned()
            }
        }
        // A broken body of a secret is one that may hold anything.
        _ if is_secret => REDACTED.to_owned(),
        _ => body.to_owned(),
    }
}

/// Replaces the values of a field if they must not be told; `path` is where it is in an object of the resource.
pub(crate) fn hide_field<V: From<&'static str>>(resource: &str, path: &str, values: [&mut Option<V>; 2]) {
    let hidden = ["data", "stringData", "metadata.annotations"];
    if resource == "secrets" && hidden.iter().any(|part| path.starts_with(part)) {
        for value in values.into_iter().flatten() {
            *value = REDACTED.into();
        }
    }
}

/// Replaces what must not be told in a value and all within it; whether there was any.
pub(crate) fn redact(value: &mut Value, is_secret: bool) -> bool {
    match value {
        // A JSON patch, or the items of a list.
        Value::Array(items) => {
            let mut any = false;
            for item in items {
                let is_operation = is_secret && item.get("op").is_some();
                any |= is_operation && item.get_mut("value").is_some_and(hide);
                any |= redact(item, is_secret && !is_operation);
            }
            any
        }
        Value::Object(fields) => {
            let kind = fields.get("kind").and_then(Value::as_str).unwrap_or_default();
            let is_status = kind == "Status";
            let is_token = kind == "TokenRequest";
            let is_secret = (is_secret && !is_status) || kind == "Secret" || kind == "SecretList";
            let mut any = false;
            for (name, field) in fields.iter_mut() {
                any |= match name.as_str() {
                    "data" | "stringData" if is_secret => hide(field),
                    "token" if is_token => hide(field),
                    "status" if is_token => field.get_mut("token").is_some_and(hide),
                    "metadata" => {
                        let applied = field
                            .pointer_mut("/annotations")
                            .and_then(|a| a.get_mut(LAST_APPLIED));
                        applied.is_some_and(|applied| {
                            let tells =
                                is_secret || applied.as_str().is_some_and(|text| text.contains("Secret"));
                            tells && hide(applied)
                        })
                    }
                    "items" | "object" => redact(field, is_secret),
                    _ => redact(field, false),
                };
            }
            any
        }
        _ => false,
    }
}

/// Replaces each value; whether there was any.
fn hide(value: &mut Value) -> bool {
    let hide_all = |values: &mut dyn Iterator<Item = &mut Value>| {
        // Each of them, and not only the first.
        let hidden = values.filter_map(|value| hide(value).then_some(())).count();
        hidden > 0
    };
    match value {
        Value::Null => false,
        Value::Object(fields) => hide_all(&mut fields.values_mut()),
        Value::Array(items) => hide_all(&mut items.iter_mut()),
        _ => {
            *value = REDACTED.into();
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const HIDDEN: &str = "aHVudGVyMg==";

    #[track_caller]
    fn hides(body: &Value, is_secret: bool) -> Value {
        let text = redacted(&body.to_string(), is_secret);
        assert!(!text.contains(HIDDEN), "{text}");
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn data_of_secrets_are_hidden_wherever_they_are() {
        let applied = json!({"kind": "Secret", "data": {"key": HIDDEN}}).to_string();
        let secret = json!({
            "kind": "Secret", "metadata": {"name": "a", "annotations": {LAST_APPLIED: applied, "x": "y"}},
            "data": {"key": HIDDEN}, "stringData": {"other": HIDDEN}, "type": "Opaque",
        });
        let shown = hides(&secret, false);
        assert_eq!(shown["data"], json!({"key": REDACTED}));
        assert_eq!(shown["metadata"]["annotations"]["x"], "y");
        assert_eq!(shown["type"], "Opaque");
        hides(&json!({"type": "ADDED", "object": secret}), false);
        hides(&json!({"kind": "List", "items": [secret]}), false);
        hides(
            &json!({"kind": "SecretList", "items": [{"data": {"key": HIDDEN}}]}),
            false,
        );
        hides(&json!({"spec": {"template": secret}}), false);
        // Patches do not say what they are about.
        hides(&json!({"data": {"key": HIDDEN}}), true);
        hides(
            &json!([{"op": "replace", "path": "/data/key", "value": HIDDEN}]),
            true,
        );
        hides(
            &json!([{"op": "add", "path": "/data", "value": {"key": HIDDEN}}]),
            true,
        );
        hides(
            &json!({"kind": "TokenRequest", "status": {"token": HIDDEN}}),
            false,
        );
        assert!(!redacted(&format!("data:\n  key: {HIDDEN}\n"), true).contains(HIDDEN));
        assert_eq!(
            redacted(&format!("{{\"data\": {{\"key\": \"{HIDDEN}"), true),
            REDACTED
        );
    }

    #[test]
    fn what_is_no_secret_is_told_as_it_is() {
        for body in [
            "",
            "not JSON: Secret",
            r#"{"kind":"ConfigMap","data":{"about":"Secret"}}"#,
            r#"{"kind":"Pod","spec":{"volumes":[{"secret":{"secretName":"Secret"}}]}}"#,
        ] {
            assert_eq!(redacted(body, false), body);
        }
        let refused = r#"{"kind":"Status","message":"secrets \"a\" not found","details":{"kind":"secrets"}}"#;
        assert_eq!(redacted(refused, true), refused);
    }

    proptest! {
        #[test]
        fn no_cut_of_a_secret_tells_it(cut in 0_usize..200) {
            let secret = json!({"apiVersion": "v1", "kind": "Secret", "data": {"key": HIDDEN}, "metadata": {"name": "a"}}).to_string();
            let part: String = secret.chars().take(cut).collect();
            prop_assert!(!redacted(&part, true).contains(HIDDEN));
        }
    }
}
