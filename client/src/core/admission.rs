//! What the apiserver sends to, and takes from, an admission webhook.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#webhook-request-and-response>

use std::collections::BTreeMap;

use k8s_openapi::{ByteString, api::authentication::v1::UserInfo, apimachinery::pkg::runtime::RawExtension};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    dynamic::DynamicObject,
    gvk::{GroupVersionKind, GroupVersionResource},
    metadata::TypeMeta,
    resource::Resource,
    response::{Status, reason},
};

/// `apiVersion` of the envelope.
pub const META_API_VERSION_V1: &str = "admission.k8s.io/v1";
/// `kind` of the envelope.
pub const META_KIND: &str = "AdmissionReview";

/// The envelope of a request or a response.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AdmissionReview<T: Resource> {
    /// `apiVersion` and `kind` of the envelope.
    #[serde(flatten)]
    pub types: TypeMeta,
    /// What the apiserver asks.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub request: Option<AdmissionRequest<T>>,
    /// What the webhook answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<AdmissionResponse>,
}

/// A write that waits for admission.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdmissionRequest<T: Resource> {
    /// `apiVersion` and `kind` of the envelope, which the answer repeats.
    #[serde(skip)]
    pub types: TypeMeta,
    /// Identifies this request.
    pub uid: String,
    /// The kind of the object.
    pub kind: GroupVersionKind,
    /// The resource that is written to.
    pub resource: GroupVersionResource,
    /// The subresource that is written to, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_resource: Option<String>,
    /// The kind that the caller sent, where it was converted for this webhook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_kind: Option<GroupVersionKind>,
    /// The resource that the caller wrote to, where it was converted for this webhook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_resource: Option<GroupVersionResource>,
    /// The subresource that the caller wrote to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_sub_resource: Option<String>,
    /// The name of the object; empty where the server is still to make one.
    #[serde(default)]
    pub name: String,
    /// The namespace of the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// What is being done.
    pub operation: Operation,
    /// Who is doing it.
    pub user_info: UserInfo,
    /// The object as it will be; `None` for a deletion.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub object: Option<T>,
    /// The object as it is; `None` for a creation.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub old_object: Option<T>,
    /// Whether nothing will be stored: the webhook must do nothing that lasts either.
    #[serde(default)]
    pub dry_run: bool,
    /// The options of the operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<RawExtension>,
}

/// What is being done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Operation {
    /// It is created.
    Create,
    /// It is changed.
    Update,
    /// It is deleted.
    Delete,
    /// Somebody connects to it: exec, proxy and the like.
    Connect,
}

/// Whether a write may go on, and what to change about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AdmissionResponse {
    /// `apiVersion` and `kind` of the request's envelope.
    #[serde(skip)]
    pub types: TypeMeta,
    /// The request's.
    pub uid: String,
    /// Whether the write may go on.
    pub allowed: bool,
    /// Why not, for the caller.
    #[serde(rename = "status", default, skip_serializing_if = "is_default")]
    pub result: Status,
    /// What to change about the object: a JSON patch.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "base64_bytes")]
    pub patch: Option<Vec<u8>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    patch_type: Option<PatchType>,
    /// What the audit log notes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub audit_annotations: BTreeMap<String, String>,
    /// What the caller is warned of, if the write goes on or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warnings: Option<Vec<String>>,
}

/// The format of a response's patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PatchType {
    /// RFC 6902.
    #[serde(rename = "JSONPatch")]
    JsonPatch,
}

/// The envelope has no request in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("request missing in AdmissionReview")]
pub struct ConvertAdmissionReviewError;

/// The patch could not be written as JSON.
#[derive(Debug, thiserror::Error)]
#[error("failed to serialize patch")]
pub struct SerializePatchError(#[source] serde_json::Error);

// === impl AdmissionRequest ===

impl<T: Resource> TryFrom<AdmissionReview<T>> for AdmissionRequest<T> {
    type Error = ConvertAdmissionReviewError;

    fn try_from(review: AdmissionReview<T>) -> Result<Self, Self::Error> {
        let request = review.request.ok_or(ConvertAdmissionReviewError)?;
        Ok(Self {
            types: review.types,
            ..request
        })
    }
}

// === impl AdmissionResponse ===

impl<T: Resource> From<&AdmissionRequest<T>> for AdmissionResponse {
    /// Lets the write go on as it is.
    fn from(request: &AdmissionRequest<T>) -> Self {
        Self {
            types: request.types.clone(),
            uid: request.uid.clone(),
            allowed: true,
            result: Status::default(),
            patch: None,
            patch_type: None,
            audit_annotations: BTreeMap::new(),
            warnings: None,
        }
    }
}

impl AdmissionResponse {
    /// The answer to something of which not even the UID can be read.
    pub fn invalid<T: ToString>(reason: T) -> Self {
        Self {
            types: TypeMeta {
                api_version: META_API_VERSION_V1.to_owned(),
                kind: META_KIND.to_owned(),
            },
            uid: String::new(),
            allowed: false,
            result: Status::failure(&reason.to_string(), reason::BAD_REQUEST).with_code(400),
            patch: None,
            patch_type: None,
            audit_annotations: BTreeMap::new(),
            warnings: None,
        }
    }

    /// Stops the write and tells the caller why.
    #[must_use]
    pub fn deny<T: ToString>(mut self, reason: T) -> Self {
        self.allowed = false;
        self.result.message = reason.to_string();
        self
    }

    /// Changes the object before it goes on.
    ///
    /// # Errors
    /// If the patch cannot be written as JSON.
    pub fn with_patch(mut self, patch: json_patch::Patch) -> Result<Self, SerializePatchError> {
        self.patch = Some(serde_json::to_vec(&patch).map_err(SerializePatchError)?);
        self.patch_type = Some(PatchType::JsonPatch);
        Ok(self)
    }

    /// Puts the answer into an envelope of the request's version.
    pub fn into_review(self) -> AdmissionReview<DynamicObject> {
        AdmissionReview {
            types: self.types.clone(),
            request: None,
            response: Some(self),
        }
    }
}

/// `Option::default` without asking `T` for a default.
fn none<T>() -> Option<T> {
    None
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Bytes stand in JSON as base64.
mod base64_bytes {
    use super::{ByteString, Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde passes fields by reference")]
    pub(super) fn serialize<S: Serializer>(
        bytes: &Option<Vec<u8>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        bytes.clone().map(ByteString).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        Ok(Option::<ByteString>::deserialize(deserializer)?.map(|ByteString(bytes)| bytes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn review(version: &str) -> AdmissionReview<DynamicObject> {
        serde_json::from_value(json!({
            "apiVersion": version, "kind": "AdmissionReview",
            "request": {
                "uid": "u", "kind": {"group": "", "version": "v1", "kind": "Pod"},
                "resource": {"group": "", "version": "v1", "resource": "pods"}, "operation": "CREATE",
                "userInfo": {"username": "admin"}, "object": {"metadata": {"generateName": "a-"}}, "oldObject": null,
                "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"}, "requestKind": null,
            },
        }))
        .unwrap()
    }

    #[test]
    fn a_request_is_answered_in_its_own_version() {
        let request: AdmissionRequest<DynamicObject> = review("admission.k8s.io/v1beta1").try_into().unwrap();
        assert_eq!(
            (request.name.as_str(), request.operation, request.dry_run),
            ("", Operation::Create, false)
        );
        assert!(request.object.is_some() && request.old_object.is_none());
        assert_eq!(
            serde_json::to_value(AdmissionResponse::from(&request).into_review()).unwrap(),
            json!({"apiVersion": "admission.k8s.io/v1beta1", "kind": "AdmissionReview", "response": {"uid": "u", "allowed": true}})
        );
    }

    #[test]
    fn answers_can_be_read_again() {
        let request: AdmissionRequest<DynamicObject> = review(META_API_VERSION_V1).try_into().unwrap();
        let patch: json_patch::Patch =
            serde_json::from_value(json!([{"op": "remove", "path": "/a"}])).unwrap();
        let answer = AdmissionResponse::from(&request)
            .with_patch(patch)
            .unwrap()
            .deny("because");
        let wire = serde_json::to_value(answer.clone().into_review()).unwrap();
        assert_eq!(
            wire["response"],
            json!({
                "uid": "u", "allowed": false, "status": {"message": "because"}, "patchType": "JSONPatch",
                "patch": "W3sib3AiOiJyZW1vdmUiLCJwYXRoIjoiL2EifV0=",
            })
        );
        let mut read = serde_json::from_value::<AdmissionReview<DynamicObject>>(wire)
            .unwrap()
            .response
            .unwrap();
        read.types = answer.types.clone();
        assert_eq!(read, answer);
    }

    #[test]
    fn what_is_no_request_is_answered_in_the_current_version() {
        let empty = AdmissionReview {
            request: None,
            ..review("admission.k8s.io/v1beta1")
        };
        let error = AdmissionRequest::try_from(empty).unwrap_err();
        let review = AdmissionResponse::invalid(error).into_review();
        assert_eq!(
            (review.types.api_version.as_str(), review.types.kind.as_str()),
            (META_API_VERSION_V1, META_KIND)
        );
        let response = review.response.unwrap();
        assert!(!response.allowed && response.result.is_failure());
        assert_eq!(response.result.message, "request missing in AdmissionReview");
    }
}
