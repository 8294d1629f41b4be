use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, WebhookClientConfig,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::*;
use crate::core::{ApiResource, CustomResourceExt, NamespaceResourceScope, ObjectMeta, Resource};

/// A version of the kind Door whose spec is `$spec`.
macro_rules! version {
    ($name:ident, $version:literal, $spec:ty, $schema:tt) => {
        #[derive(Clone, Debug, Deserialize, Serialize)]
        #[serde(rename_all = "camelCase")]
        struct $name {
            api_version: String,
            kind: String,
            metadata: ObjectMeta,
            spec: $spec,
        }

        impl Resource for $name {
            type DynamicType = ();
            type Scope = NamespaceResourceScope;
            fn kind((): &()) -> std::borrow::Cow<'_, str> {
                "Door".into()
            }
            fn group((): &()) -> std::borrow::Cow<'_, str> {
                "example.com".into()
            }
            fn version((): &()) -> std::borrow::Cow<'_, str> {
                $version.into()
            }
            fn plural((): &()) -> std::borrow::Cow<'_, str> {
                "doors".into()
            }
            fn meta(&self) -> &ObjectMeta {
                &self.metadata
            }
            fn meta_mut(&mut self) -> &mut ObjectMeta {
                &mut self.metadata
            }
        }

        impl CustomResourceExt for $name {
            fn crd() -> CustomResourceDefinition {
                serde_json::from_value(json!({
                    "metadata": {"name": "doors.example.com"},
                    "spec": {
                        "group": "example.com", "names": {"kind": "Door", "plural": "doors"}, "scope": "Namespaced",
                        "versions": [{"name": $version, "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                            "type": "object", "properties": {"spec": $schema}, "required": ["spec"],
                        }}}],
                    },
                }))
                .unwrap()
            }
            fn crd_name() -> &'static str {
                "doors.example.com"
            }
            fn api_resource() -> ApiResource {
                ApiResource::erase::<Self>(&())
            }
            fn shortnames() -> &'static [&'static str] {
                &[]
            }
        }
    };
}

version!(Old, "v1alpha1", bool, {"type": "boolean"});
version!(New, "v1", String, {"type": "string", "enum": ["open", "shut"]});

impl Old {
    fn of(from: ObjectMeta, spec: bool) -> Self {
        Self {
            api_version: "example.com/v1alpha1".into(),
            kind: "Door".into(),
            metadata: from,
            spec,
        }
    }
}

impl From<New> for Old {
    fn from(new: New) -> Self {
        Self::of(new.metadata, new.spec == "shut")
    }
}

impl From<Old> for New {
    fn from(old: Old) -> Self {
        let mut metadata = old.metadata;
        metadata
            .annotations
            .get_or_insert_default()
            .insert("example.com/came".into(), "from v1alpha1".into());
        metadata.name = Some("renamed".into());
        let spec = if old.spec { "shut" } else { "open" }.to_owned();
        Self {
            api_version: "example.com/v1".into(),
            kind: "Door".into(),
            metadata,
            spec,
        }
    }
}

impl Hub for New {
    fn conversions() -> Conversions<Self> {
        Conversions::hub().spoke::<Old>()
    }
}

fn old() -> Value {
    json!({
        "apiVersion": "example.com/v1alpha1", "kind": "Door",
        "metadata": {"name": "front", "uid": "u", "futureField": 1, "labels": {"a": "b"}}, "spec": true,
    })
}

#[test]
fn metadata_is_kept_but_for_labels_and_annotations() {
    let converted = New::conversions().convert(old(), "example.com/v1").unwrap();
    assert_eq!(
        converted,
        json!({
            "apiVersion": "example.com/v1", "kind": "Door", "spec": "shut",
            "metadata": {
                "name": "front", "uid": "u", "futureField": 1, "labels": {"a": "b"},
                "annotations": {"example.com/came": "from v1alpha1"},
            },
        })
    );
}

#[test]
fn an_object_of_the_version_wanted_stays_as_it_is() {
    let mut odd = old();
    odd["spec"] = json!({"not": "a door"});
    assert_eq!(
        New::conversions()
            .convert(odd.clone(), "example.com/v1alpha1")
            .unwrap(),
        odd
    );
}

#[test]
fn what_cannot_be_converted_is_told() {
    let check = |change: Value, to: &str, expect: &str| {
        let mut object = old();
        object
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let request = ConversionRequest {
            types: None,
            uid: "u".into(),
            desired_api_version: to.into(),
            objects: vec![old(), object],
        };
        let response = New::conversions().respond(request);
        assert_eq!(
            (response.uid.as_str(), response.result.message.as_str()),
            ("u", expect)
        );
        assert!(response.converted_objects.is_empty());
    };
    let known = "known are example.com/v1alpha1, example.com/v1";
    check(
        json!({"kind": "Gate"}),
        "example.com/v1",
        "this converts Door, not Gate",
    );
    check(
        json!({}),
        "example.com/v3",
        &format!("Door has no version example.com/v3; {known}"),
    );
    check(
        json!({"apiVersion": "v1"}),
        "example.com/v1",
        &format!("Door has no version v1; {known}"),
    );
    check(
        json!({"spec": 7}),
        "example.com/v1",
        "cannot convert from example.com/v1alpha1 to example.com/v1: invalid type: integer `7`, expected a boolean",
    );
}

#[test]
fn a_review_is_answered_in_its_envelope() {
    let review = serde_json::from_value(json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "ConversionReview",
        "request": {"uid": "u", "desiredAPIVersion": "example.com/v1", "objects": [old(), old()]},
    }));
    let answer = New::conversions().review(review.unwrap());
    let response = answer.response.unwrap();
    assert!(response.result.is_success());
    assert_eq!(response.converted_objects.len(), 2);
    let empty = ConversionReview {
        request: None,
        response: None,
        types: answer.types,
    };
    assert!(
        New::conversions()
            .review(empty)
            .response
            .unwrap()
            .result
            .is_bad_request()
    );
}

#[test]
fn the_definition_has_all_versions_and_the_webhook() {
    let webhook = WebhookClientConfig {
        url: Some("https://example.com/convert".into()),
        ..Default::default()
    };
    let definition = New::conversions().definition("v1", webhook.clone()).unwrap();
    let versions: Vec<_> = definition
        .spec
        .versions
        .iter()
        .map(|version| (&*version.name, version.storage))
        .collect();
    assert_eq!(versions, [("v1alpha1", false), ("v1", true)]);
    assert_eq!(
        serde_json::to_value(definition.spec.conversion).unwrap(),
        json!({"strategy": "Webhook", "webhook": {
            "clientConfig": {"url": "https://example.com/convert"}, "conversionReviewVersions": ["v1"],
        }})
    );
    assert!(New::conversions().definition("v2", webhook).is_err());
}

#[test]
fn a_loss_is_found_and_named() {
    // The annotation that the way up leaves behind is a difference of its own.
    let error = New::conversions().check_round_trips(20).unwrap_err();
    assert!(
        matches!(&error.why, Loss::Changed { path, .. } if path == ".metadata.annotations"),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .starts_with(".metadata.annotations of example.com/v1alpha1 is null and comes back from v1 as")
    );
    let again = New::conversions().check_spokes(20).unwrap_err();
    assert_eq!(error.to_string(), again.to_string());
    New::conversions().check_spokes(0).unwrap();
}
