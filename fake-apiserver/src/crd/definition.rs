//! The definition as an object: defaults, what the server owns of it, remarks, and the mark of deletion.

use serde_json::{Value, json};

use super::format;
use super::props::Props;

/// What keeps a definition until its objects are gone.
pub const FINALIZER: &str = "customresourcecleanup.apiextensions.k8s.io";

/// Fills in what a definition leaves out; for every write, after decoding.
pub fn default(crd: &mut Value) {
    let spec = &mut crd["spec"];
    if spec["conversion"].is_null() {
        spec["conversion"] = json!({"strategy": "None"});
    }
    if let Some(service) = spec.pointer_mut("/conversion/webhook/clientConfig/service")
        && service.is_object()
        && service["port"].is_null()
    {
        service["port"] = 443.into();
    }
    let kind = text(&spec["names"]["kind"]).to_owned();
    let names = &mut spec["names"];
    if text(&names["singular"]).is_empty() && !kind.is_empty() {
        names["singular"] = kind.to_lowercase().into();
    }
    if text(&names["listKind"]).is_empty() && !kind.is_empty() {
        names["listKind"] = format!("{kind}List").into();
    }
    let empty = crd["status"]["storedVersions"]
        .as_array()
        .is_none_or(Vec::is_empty);
    if empty && let Some(storage) = storage_version(crd) {
        crd["status"]["storedVersions"] = json!([storage]);
    }
}

/// Resets what a new definition says of its status.
pub fn prepare_create(crd: &mut Value) {
    let stored = storage_version(crd).map(|v| json!([v])).unwrap_or_default();
    crd["status"] = json!({
        "acceptedNames": {"kind": "", "plural": ""},
        "conditions": null,
        "storedVersions": stored,
    });
}

/// Takes the status from the stored definition and adds a new storage version to the stored ones.
pub fn prepare_update(crd: &mut Value, old: &Value) {
    crd["status"] = old["status"].clone();
    for storage in storage_versions(crd) {
        let stored = &mut crd["status"]["storedVersions"];
        match stored.as_array_mut() {
            Some(all) if all.iter().any(|v| *v == *storage) => {}
            Some(all) => all.push(storage.into()),
            None => *stored = json!([storage]),
        }
    }
}

/// What the server remarks when a definition is written: formats that it does not know.
pub fn warnings(crd: &Value) -> Vec<String> {
    let mut all = Vec::new();
    for version in crd["spec"]["versions"].as_array().into_iter().flatten() {
        let schema = Props::parse(&version["schema"]["openAPIV3Schema"]);
        schema.walk(&mut |s: &Props| {
            if !s.format.is_empty() && !format::known(&s.format) {
                let warning = format!("unrecognized format {}", crate::status::go_quote(&s.format));
                if !all.contains(&warning) {
                    all.push(warning);
                }
            }
        });
    }
    all
}

/// Marks a definition before its first removal: the finalizer, and the condition that says so.
pub fn begin_deletion(crd: &mut Value, now: &str) {
    let finalizers = &mut crd["metadata"]["finalizers"];
    match finalizers.as_array_mut() {
        Some(all) if all.iter().any(|f| f == FINALIZER) => {}
        Some(all) => all.push(FINALIZER.into()),
        None => *finalizers = json!([FINALIZER]),
    }
    let message = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon";
    set_condition(
        crd,
        "Terminating",
        "True",
        "InstanceDeletionPending",
        message,
        now,
    );
}

/// Sets a condition; the time changes with the status only.
pub fn set_condition(crd: &mut Value, kind: &str, status: &str, reason: &str, message: &str, now: &str) {
    let mut new = json!({
        "type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": now,
    });
    let conditions = &mut crd["status"]["conditions"];
    let Some(all) = conditions.as_array_mut() else {
        *conditions = json!([new]);
        return;
    };
    match all.iter_mut().find(|c| c["type"] == kind) {
        Some(old) => {
            if old["status"] == status {
                new["lastTransitionTime"] = old["lastTransitionTime"].take();
            }
            *old = new;
        }
        None => all.push(new),
    }
}

/// Whether a condition holds.
pub fn is_true(crd: &Value, kind: &str) -> bool {
    let conditions = crd["status"]["conditions"].as_array();
    conditions
        .into_iter()
        .flatten()
        .any(|c| c["type"] == kind && c["status"] == "True")
}

/// The version in which objects are stored.
pub fn storage_version(crd: &Value) -> Option<String> {
    storage_versions(crd).into_iter().next()
}

fn storage_versions(crd: &Value) -> Vec<String> {
    let versions = crd["spec"]["versions"].as_array();
    versions
        .into_iter()
        .flatten()
        .filter(|v| v["storage"] == true)
        .map(|v| text(&v["name"]).to_owned())
        .collect()
}

pub(super) fn text(v: &Value) -> &str {
    v.as_str().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widgets() -> Value {
        json!({"metadata": {"name": "widgets.example.com"}, "spec": {
            "group": "example.com", "scope": "Namespaced", "names": {"plural": "widgets", "kind": "Widget"},
            "versions": [{"name": "v1", "served": true, "storage": true}],
        }})
    }

    #[test]
    fn names_conversion_and_stored_versions_have_defaults() {
        let mut crd = widgets();
        default(&mut crd);
        prepare_create(&mut crd);
        assert_eq!(
            crd["spec"]["names"],
            json!({"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"})
        );
        assert_eq!(crd["spec"]["conversion"], json!({"strategy": "None"}));
        assert_eq!(
            crd["status"],
            json!({"acceptedNames": {"kind": "", "plural": ""}, "conditions": null, "storedVersions": ["v1"]})
        );
    }

    #[test]
    fn a_new_storage_version_is_added_to_the_stored_ones() {
        let mut old = widgets();
        default(&mut old);
        let mut crd = old.clone();
        crd["spec"]["versions"] = json!([{"name": "v1", "storage": false}, {"name": "v2", "storage": true}]);
        prepare_update(&mut crd, &old);
        assert_eq!(crd["status"]["storedVersions"], json!(["v1", "v2"]));
    }

    #[test]
    fn deletion_is_marked_once() {
        let mut crd = widgets();
        begin_deletion(&mut crd, "2024-01-02T03:04:05Z");
        begin_deletion(&mut crd, "2024-01-02T03:04:06Z");
        assert_eq!(crd["metadata"]["finalizers"], json!([FINALIZER]));
        assert_eq!(
            crd["status"]["conditions"][0]["lastTransitionTime"],
            "2024-01-02T03:04:05Z"
        );
        assert!(is_true(&crd, "Terminating"));
    }
}
