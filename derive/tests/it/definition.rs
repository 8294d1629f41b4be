use schemars::JsonSchema;
use seatrial_client::core::{
    CustomResourceExt,
    crd::{MergeError, merge_crds},
};
use seatrial_derive::CustomResource;
use serde::{Deserialize, Serialize};

use crate::server::Served;

#[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "example.com", version = "v1", kind = "Minimal")]
struct MinimalSpec {
    /// How many.
    replicas: i32,
}

/// Comments of the spec describe the spec.
#[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "example.com", version = "v1alpha2", kind = "Everything", namespaced)]
#[kube(
    plural = "everythings",
    singular = "thing",
    shortname = "ev",
    shortname = "evs",
    category = "all"
)]
#[kube(
    status = "EverythingStatus",
    doc = "A bit of all.",
    selectable = ".spec.color"
)]
#[kube(
    printcolumn = r#"{"name": "Replicas", "type": "integer", "jsonPath": ".spec.replicas", "priority": 1}"#
)]
#[kube(printcolumn(
    name = "Age",
    type = "date",
    json_path = ".metadata.creationTimestamp",
    format = "date-time",
    description = "since when"
))]
#[kube(scale(
    spec_replicas_path = ".spec.replicas",
    status_replicas_path = ".status.replicas",
    label_selector_path = ".status.selector"
))]
#[kube(annotation("a.example.com/b", "c"), label("app", "everything"))]
#[kube(storage = false, served = true, deprecated = "use v1")]
#[kube(validation = Rule::new("self.metadata.name != 'no'").message("not no").reason(Reason::FieldValueForbidden))]
#[kube(validation = "self.spec.replicas >= 0", rule = ("true", "a pair"))]
#[kube(attr = "allow(clippy::large_enum_variant)", derive = "PartialEq")]
struct EverythingSpec {
    replicas: i32,
    color: String,
}

impl PartialEq for EverythingSpec {
    fn eq(&self, other: &Self) -> bool {
        self.replicas == other.replicas
    }
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct EverythingStatus {
    replicas: i32,
    selector: String,
}

#[derive(CustomResource, Clone, Debug, Deserialize, Serialize)]
#[kube(
    group = "example.com",
    version = "v1",
    kind = "Foreign",
    schema = "disabled",
    deprecated
)]
#[kube(scale = r#"{"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}"#)]
struct ForeignSpec {}

#[derive(CustomResource, Clone, Debug, Deserialize, Serialize)]
#[kube(group = "example.com", version = "v1", kind = "Manual", schema = "manual")]
struct ManualSpec {}

impl JsonSchema for Manual {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Manual".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["object", "null"],
            "properties": {
                "apiVersion": {"const": "example.com/v1"},
                "metadata": {"properties": {"name": {"type": "string", "maxLength": 10}, "labels": {"type": "object"}}},
                "spec": true,
            },
            "additionalProperties": {"type": "string"},
        })
    }
}

fn json(crd: impl Serialize) -> serde_json::Value {
    serde_json::to_value(crd).unwrap()
}

#[test]
fn minimal() {
    insta::assert_yaml_snapshot!(json(Minimal::crd()));
}

#[test]
fn every_attribute() {
    insta::assert_yaml_snapshot!(json(Everything::crd()));
}

#[test]
fn schema_modes() {
    let foreign = Foreign::crd();
    assert_eq!(foreign.spec.versions[0].schema, None);
    assert_eq!(foreign.spec.versions[0].deprecated, Some(true));
    insta::assert_yaml_snapshot!(json(Manual::crd().spec.versions[0].schema.as_ref()));
}

#[test]
fn servers_take_the_definitions() {
    Served::new(&Minimal::crd());
    Served::new(&Manual::crd());
    // A server wants one version to be stored.
    let mut everything = Everything::crd();
    everything.spec.versions[0].storage = true;
    Served::new(&everything);
}

#[test]
fn the_definition_is_the_same_at_every_call() {
    assert_eq!(
        json(Everything::crd()).to_string(),
        json(Everything::crd()).to_string()
    );
}

mod v1 {
    use super::*;

    #[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
    #[kube(group = "example.com", version = "v1", kind = "Minimal", storage = false)]
    pub(super) struct MinimalSpec {
        replicas: i32,
    }
}

mod v2 {
    use super::*;

    #[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
    #[kube(group = "example.com", version = "v2", kind = "Minimal", shortname = "mi")]
    pub(super) struct MinimalSpec {
        size: i32,
    }
}

#[test]
fn versions_merge_into_one_definition() {
    let merged = merge_crds(vec![v1::Minimal::crd(), v2::Minimal::crd()], "v2").unwrap();
    let versions: Vec<_> = merged
        .spec
        .versions
        .iter()
        .map(|version| (version.name.as_str(), version.storage))
        .collect();
    assert_eq!(versions, [("v1", false), ("v2", true)]);
    assert_eq!(merged.spec.names.short_names, Some(vec!["mi".to_owned()]));
}

#[test]
fn what_does_not_merge() {
    let (one, two) = (v1::Minimal::crd(), v2::Minimal::crd());
    assert_eq!(merge_crds(Vec::new(), "v1"), Err(MergeError::MissingCrds));
    assert_eq!(
        merge_crds(vec![one.clone()], "v3"),
        Err(MergeError::MissingStoredApi("v3".into()))
    );
    assert_eq!(
        merge_crds(vec![one.clone(), one.clone()], "v1"),
        Err(MergeError::PropertyMismatch("spec.versions[v1]".into()))
    );
    assert_eq!(
        merge_crds(vec![one.clone(), Everything::crd()], "v1"),
        Err(MergeError::PropertyMismatch("spec.names.kind".into()))
    );
    let merged = merge_crds(vec![one.clone(), two], "v1").unwrap();
    assert_eq!(
        merge_crds(vec![merged, one.clone()], "v1"),
        Err(MergeError::MultiVersionCrd)
    );
    let mut none = one.clone();
    none.spec.versions.clear();
    assert_eq!(
        merge_crds(vec![none, one], "v1"),
        Err(MergeError::MissingVersions)
    );
}
