//! Ownership of `replicas` through the `scale` subresource.
//!
//! A `Scale` has one field of its own, the parent's number of replicas. [`to_scale`] says who owns it as entries of the
//! `Scale`; after a write [`to_parent`] carries what became of them back into the parent's entries.

use std::sync::Arc;

use super::entries::{Entries, Entry, ManagerId};
use super::field_set::{FieldSet, Path, PathElement};

/// The version of `Scale`.
pub const SCALE_VERSION: &str = "autoscaling/v1";

/// The subresource under which the parent's entries are kept.
const SUBRESOURCE: &str = "scale";

/// Where the parent keeps its number of replicas, in each of its versions.
#[derive(Debug, Clone, Default)]
pub struct Mapping(Vec<(String, Option<Path>)>);

/// The entries of the `Scale` of an object that has these.
pub fn to_scale(parent: &Entries, mapping: &Mapping) -> Entries {
    let mut out = Entries::new();
    for entry in parent.iter() {
        if mapping.owns_replicas(entry) {
            out.put(scale_entry(entry));
        }
    }
    out.sort();
    out
}

/// The parent's entries brought up to date with those of its `Scale` after a write through the subresource, which wrote
/// the parent in `api_version`.
///
/// Entries that come from a `Scale` have no time.
pub fn to_parent(parent: &Entries, mut after: Entries, api_version: &str, mapping: &Mapping) -> Entries {
    let mut out = Entries::new();
    for entry in parent.iter() {
        let Some(path) = mapping.path(&entry.api_version) else {
            continue;
        };
        let Some(path) = path.filter(|p| entry.fields().has(p)) else {
            out.put(entry.clone());
            continue;
        };
        // An applier is the same in both; an updater's version differs, and it comes back below.
        if after.take(&entry.id).is_some() {
            out.put(entry.clone());
            continue;
        }
        let mut lost = FieldSet::new();
        lost.insert(path);
        let mut entry = entry.clone();
        entry.set_fields(entry.fields().difference(&lost));
        if !entry.fields().is_empty() {
            out.put(entry);
        }
    }
    let replicas = replicas_of_scale();
    if let Some(Some(path)) = mapping.path(api_version) {
        for entry in after.iter().filter(|e| e.fields().has(&replicas)) {
            let id = ManagerId::new(
                &entry.id.manager,
                entry.id.operation,
                api_version,
                &entry.id.subresource,
            );
            let mut fields = FieldSet::new();
            fields.insert(path);
            match out.take(&id) {
                Some(mut there) => {
                    let fields = there.fields().union(&fields);
                    Arc::make_mut(&mut there).set_fields(fields);
                    out.put(there);
                }
                None => out.put(Entry::new(id, api_version, None, fields)),
            }
        }
    }
    out.sort();
    out
}

fn scale_entry(entry: &Entry) -> Entry {
    let id = ManagerId::new(
        &entry.id.manager,
        entry.id.operation,
        SCALE_VERSION,
        &entry.id.subresource,
    );
    let mut fields = FieldSet::new();
    fields.insert(&replicas_of_scale());
    Entry::new(id, SCALE_VERSION, entry.time(), fields)
}

fn replicas_of_scale() -> Path {
    vec![PathElement::field("spec"), PathElement::field("replicas")]
}

// === impl Mapping ===

impl Mapping {
    /// The mapping of a parent's versions; a path is dotted (`.spec.replicas`), and `None` where a version has no
    /// `scale`.
    pub fn new<'a>(versions: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Self {
        let path = |dotted: &str| -> Path {
            let steps = dotted.split('.').filter(|s| !s.is_empty());
            steps.map(PathElement::field).collect()
        };
        let versions = versions
            .into_iter()
            .map(|(version, dotted)| (version.to_owned(), dotted.map(path)));
        Self(versions.collect())
    }

    /// The subresource of the entries that a write through `scale` makes.
    pub fn subresource() -> &'static str {
        SUBRESOURCE
    }

    fn path(&self, api_version: &str) -> Option<Option<&Path>> {
        self.0
            .iter()
            .find(|(v, _)| v == api_version)
            .map(|(_, p)| p.as_ref())
    }

    fn owns_replicas(&self, entry: &Entry) -> bool {
        self.path(&entry.api_version)
            .flatten()
            .is_some_and(|p| entry.fields().has(p))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn entry(manager: &str, operation: &str, version: &str, sub: &str, fields: Value) -> Value {
        let mut e = json!({"manager": manager, "operation": operation, "apiVersion": version,
            "fieldsType": "FieldsV1", "fieldsV1": fields});
        if sub.is_empty() {
            e["time"] = "2026-01-01T00:00:00Z".into();
        } else {
            e["subresource"] = sub.into();
        }
        e
    }

    fn object(entries: &[Value]) -> Entries {
        Entries::parse(&entries.into()).unwrap()
    }

    fn replicas() -> Value {
        json!({"f:spec": {"f:replicas": {}}})
    }

    fn mapping() -> Mapping {
        Mapping::new([("apps/v1", Some(".spec.replicas"))])
    }

    #[test]
    fn the_owners_of_replicas_are_the_owners_of_the_scale() {
        let all = json!({"f:spec": {"f:replicas": {}, "f:selector": {}}});
        let parent = object(&[
            entry("app", "Apply", "apps/v1", "", all),
            entry(
                "other",
                "Update",
                "apps/v1",
                "",
                json!({"f:spec": {"f:paused": {}}}),
            ),
        ]);
        let mut scale = entry("app", "Apply", "autoscaling/v1", "", replicas());
        scale["time"] = "2026-01-01T00:00:00Z".into();
        assert_eq!(to_scale(&parent, &mapping()).to_value(), json!([scale]));
    }

    #[test]
    fn a_scaler_takes_replicas_from_their_owner() {
        let all = json!({"f:spec": {"f:replicas": {}, "f:selector": {}}});
        let parent = object(&[entry("app", "Apply", "apps/v1", "", all)]);
        let scale = object(&[entry("hpa", "Update", "autoscaling/v1", "scale", replicas())]);
        let parent = to_parent(&parent, scale, "apps/v1", &mapping());
        let left = json!({"f:spec": {"f:selector": {}}});
        assert_eq!(
            parent,
            object(&[
                entry("app", "Apply", "apps/v1", "", left),
                entry("hpa", "Update", "apps/v1", "scale", replicas()),
            ])
        );
    }

    #[test]
    fn an_applier_that_keeps_replicas_keeps_its_entry() {
        let before = [entry("app", "Apply", "apps/v1", "", replicas())];
        let parent = object(&before);
        let scale = object(&[entry("app", "Apply", "autoscaling/v1", "", replicas())]);
        let parent = to_parent(&parent, scale, "apps/v1", &mapping());
        assert_eq!(parent, object(&before));
    }
}
