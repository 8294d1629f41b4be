//! Server-side apply: what one manager wants of an object, and who stands in its way.
//!
//! # Source
//!
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/>

use std::fmt::Debug;

use k8s_openapi::api::autoscaling::v1::Scale;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::{Api, Patch, PatchParams};
use crate::{client::Verb, core::request, error::Result};

/// # Applying
///
/// An apply states all that one manager wants of an object: what it stated before and leaves out now is removed, and
/// what others stated stays. What is applied is written as it is, but for what an apply must not or need not say:
/// `apiVersion` and `kind` are those of this `Api`, and `managedFields` and `resourceVersion` are left out, so that an
/// object that was read can be applied.
///
/// The manager stands for the parameters where nothing else is to be said:
///
/// ```
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use seatrial_client::{Api, Result, api::PatchParams};
/// use serde_json::json;
///
/// async fn settle(api: &Api<ConfigMap>) -> Result<ConfigMap> {
///     let wanted = json!({"metadata": {"name": "settings"}, "data": {"mode": "fast"}});
///     match api.apply(&wanted, "my-controller").await {
///         Err(error) if error.is_conflict() => {
///             for conflict in error.apply_conflicts() {
///                 println!("{} owns {}", conflict.manager, conflict.field);
///             }
///             api.apply(&wanted, PatchParams::apply("my-controller").force()).await
///         }
///         result => result,
///     }
/// }
/// ```
///
/// # Errors
///
/// [`is_conflict`](crate::Error::is_conflict) if somebody else owns a field and wants another value;
/// [`apply_conflicts`](crate::Error::apply_conflicts) tells who and which.
/// [`Error::BuildRequest`](crate::Error::BuildRequest) if what is applied has no name, or there is no manager.
impl<K: Clone + DeserializeOwned + Debug> Api<K> {
    /// Applies an object, which is created if there is none of its name.
    ///
    /// # Errors
    ///
    /// As said above, and those of [`patch`](Self::patch).
    pub async fn apply(&self, object: &impl Serialize, params: impl Into<PatchParams>) -> Result<K> {
        let (name, object) = self.stated(object)?;
        let request = self.request.patch(&name, &params.into(), &Patch::Apply(object));
        self.call_for(Verb::Patch, request).await
    }

    /// Applies the status of an object, and nothing else of it.
    ///
    /// # Errors
    ///
    /// As [`apply`](Self::apply); [`is_not_found`](crate::Error::is_not_found) if there is no such object.
    pub async fn apply_status(&self, object: &impl Serialize, params: impl Into<PatchParams>) -> Result<K> {
        let (name, mut object) = self.stated(object)?;
        object.retain(|field, _| matches!(field.as_str(), "apiVersion" | "kind" | "metadata" | "status"));
        if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
            // The rest of the metadata is not this subresource's to own.
            metadata.retain(|field, _| matches!(field.as_str(), "name" | "namespace" | "uid"));
        }
        self.patch_part("status", &name, &params.into(), &Patch::Apply(object))
            .await
    }

    /// Applies the number of replicas of the object named `name`.
    ///
    /// # Errors
    ///
    /// As [`apply_status`](Self::apply_status).
    pub async fn apply_scale(
        &self,
        name: &str,
        replicas: i32,
        params: impl Into<PatchParams>,
    ) -> Result<Scale> {
        let scale = json!({
            "apiVersion": "autoscaling/v1", "kind": "Scale",
            "metadata": {"name": name}, "spec": {"replicas": replicas},
        });
        self.patch_part("scale", name, &params.into(), &Patch::Apply(scale))
            .await
    }

    /// The name of an object, and what an apply of it states.
    fn stated(&self, object: &impl Serialize) -> Result<(String, Map<String, Value>), request::Error> {
        let object = serde_json::to_value(object).map_err(request::Error::SerializeBody)?;
        let Value::Object(mut object) = object else {
            return Err(request::Error::Validation(
                "what is applied is no object".to_owned(),
            ));
        };
        let resource = &self.kind.resource;
        object.insert("apiVersion".to_owned(), resource.api_version.clone().into());
        object.insert("kind".to_owned(), resource.kind.clone().into());
        let Some(Value::Object(metadata)) = object.get_mut("metadata") else {
            return Err(request::Error::Validation(
                "what is applied has no metadata".to_owned(),
            ));
        };
        metadata.remove("managedFields");
        metadata.remove("resourceVersion");
        match metadata.get("name") {
            Some(Value::String(name)) if !name.is_empty() => Ok((name.clone(), object)),
            _ => Err(request::Error::Validation(
                "what is applied has no name".to_owned(),
            )),
        }
    }
}
