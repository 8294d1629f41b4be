//! Versions of one kind that become each other through one of them.

use std::fmt;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceConversion, CustomResourceDefinition, WebhookClientConfig, WebhookConversion,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{ConversionRequest, ConversionResponse, ConversionReview, RoundTripError, round_trip};
use crate::core::{
    Resource,
    crd::{CustomResourceExt, MergeError, merge_crds},
    response::{Status, reason},
};

/// The version that all others of its kind convert to and from.
///
/// `#[kube(hub(v1alpha1::Foo, v1beta1::Foo))]` implements it for the root type.
pub trait Hub: CustomResourceExt + Resource<DynamicType = ()> + Serialize + DeserializeOwned {
    /// This version, and the others with the way to each.
    fn conversions() -> Conversions<Self>;
}

/// The versions of a kind and the ways between them: each goes to the hub `H` and from there to any other.
///
/// `#[kube(hub(...))]` of the derive macro writes it, and its documentation shows how it is used. By hand it is
/// `Conversions::hub().spoke::<v1alpha1::Foo>().spoke::<v1beta1::Foo>()`.
pub struct Conversions<H> {
    hub: Version<H>,
    spokes: Vec<Version<H>>,
}

/// One version, without its type.
pub(super) struct Version<H> {
    pub(super) api_version: String,
    /// Its name in the definition.
    pub(super) name: String,
    pub(super) definition: fn() -> CustomResourceDefinition,
    /// What this version's type makes of an object: its fields in its order, nothing that it does not know.
    pub(super) read: fn(Value) -> Result<Value, serde_json::Error>,
    pub(super) to_hub: fn(Value) -> Result<H, serde_json::Error>,
    pub(super) from_hub: fn(H) -> Result<Value, serde_json::Error>,
}

/// Why an object was not converted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// The object is of another kind, or says of none.
    #[error("this converts {expected}, not {found}")]
    OtherKind {
        /// The kind that is converted here.
        expected: String,
        /// What the object says.
        found: String,
    },
    /// There is no such version.
    #[error("{kind} has no version {api_version}; known are {known}")]
    UnknownVersion {
        /// The kind.
        kind: String,
        /// What was asked for, or what the object says.
        api_version: String,
        /// The versions that there are.
        known: String,
    },
    /// The object does not fit the type of the version that it says it has, or cannot be written as the other.
    #[error("cannot convert from {from} to {to}")]
    Unfit {
        /// The object's version.
        from: String,
        /// The version asked for.
        to: String,
        /// Which field, and why.
        source: serde_json::Error,
    },
}

// === impl Conversions ===

impl<H: Hub> Conversions<H> {
    /// The hub alone; [`Self::spoke`] adds the others.
    pub fn hub() -> Self {
        Self {
            hub: Version {
                api_version: H::api_version(&()).into_owned(),
                name: H::version(&()).into_owned(),
                definition: H::crd,
                read: reread::<H>,
                to_hub: serde_json::from_value::<H>,
                from_hub: |hub| serde_json::to_value(hub),
            },
            spokes: Vec::new(),
        }
    }

    /// Adds a version.
    #[must_use]
    pub fn spoke<S>(mut self) -> Self
    where
        S: CustomResourceExt + Resource<DynamicType = ()> + Serialize + DeserializeOwned + Into<H> + From<H>,
    {
        self.spokes.push(Version {
            api_version: S::api_version(&()).into_owned(),
            name: S::version(&()).into_owned(),
            definition: S::crd,
            read: reread::<S>,
            to_hub: |value| serde_json::from_value::<S>(value).map(Into::into),
            from_hub: |hub| serde_json::to_value(S::from(hub)),
        });
        self
    }

    /// One definition with all versions, the hub's last, that stores the version named `stored` (`v1`) and has the others made by the webhook
    /// that `webhook` says where to find.
    ///
    /// # Errors
    /// If there is no such version, or the versions differ in what is common to them.
    pub fn definition(
        &self,
        stored: &str,
        webhook: WebhookClientConfig,
    ) -> Result<CustomResourceDefinition, MergeError> {
        let definitions = self.versions().map(|version| (version.definition)()).collect();
        let mut merged = merge_crds(definitions, stored)?;
        merged.spec.conversion = Some(CustomResourceConversion {
            strategy: "Webhook".to_owned(),
            webhook: Some(WebhookConversion {
                client_config: Some(webhook),
                conversion_review_versions: vec!["v1".to_owned()],
            }),
        });
        Ok(merged)
    }

    /// Answers a review: all objects converted, or the reason why one cannot be.
    pub fn review(&self, review: ConversionReview) -> ConversionReview {
        match ConversionRequest::from_review(review) {
            Ok(request) => self.respond(request).into_review(),
            Err(error) => {
                ConversionResponse::invalid(Status::failure(&error.to_string(), reason::BAD_REQUEST))
                    .into_review()
            }
        }
    }

    /// Answers a request: all objects converted, or the reason why one cannot be.
    pub fn respond(&self, mut request: ConversionRequest) -> ConversionResponse {
        let objects = std::mem::take(&mut request.objects);
        let converted: Result<Vec<Value>, ConvertError> = objects
            .into_iter()
            .map(|object| self.convert(object, &request.desired_api_version))
            .collect();
        let response = ConversionResponse::for_request(request);
        match converted {
            Ok(converted) => response.success(converted),
            Err(error) => response.failure(Status::failure(&told(&error), reason::INVALID)),
        }
    }

    /// The object in the version that `api_version` (`example.com/v1`) names.
    ///
    /// An object of that version stays as it is. Of the metadata only labels and annotations may change on the way, since a server refuses anything
    /// else; what the types do not know of it is kept.
    ///
    /// # Errors
    /// If the object is of another kind, one of the versions is unknown, or the object does not fit its version's type.
    pub fn convert(&self, object: Value, api_version: &str) -> Result<Value, ConvertError> {
        let kind = H::kind(&());
        let said = |key: &str| {
            object
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        if said("kind") != kind {
            return Err(ConvertError::OtherKind {
                expected: kind.into_owned(),
                found: said("kind"),
            });
        }
        let from = self.version(&said("apiVersion"))?;
        let to = self.version(api_version)?;
        if from.api_version == to.api_version {
            return Ok(object);
        }
        let metadata = object.get("metadata").cloned();
        let converted = (from.to_hub)(object).and_then(to.from_hub);
        let mut converted = converted.map_err(|source| ConvertError::Unfit {
            from: from.api_version.clone(),
            to: to.api_version.clone(),
            source,
        })?;
        if let (Some(fields), Some(metadata)) = (converted.as_object_mut(), metadata) {
            let made = fields.remove("metadata").unwrap_or_default();
            fields.insert("metadata".to_owned(), kept_metadata(metadata, made));
        }
        Ok(converted)
    }

    /// Whether objects come back unchanged, in as many cases a version as said: objects of each version's schema are made at random, always the same
    /// ones, taken to the hub and back; then objects of the hub, to each version and back.
    ///
    /// Kubernetes wants conversions without loss: a client that writes an old version must not erase what only a newer one has. What an older
    /// version has no field for is commonly kept in an annotation. Where that is not wanted, [`Self::check_spokes`] checks the first half.
    ///
    /// # Errors
    /// The first object that comes back changed, and the field.
    ///
    /// # Source
    /// [API changes](https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api_changes.md).
    pub fn check_round_trips(&self, cases: u32) -> Result<(), Box<RoundTripError>> {
        self.check_spokes(cases)?;
        self.spokes
            .iter()
            .try_for_each(|spoke| self.check(&self.hub, spoke, cases))
    }

    /// Whether objects of the other versions come back unchanged from the hub; see [`Self::check_round_trips`].
    ///
    /// # Errors
    /// The first object that comes back changed, and the field.
    pub fn check_spokes(&self, cases: u32) -> Result<(), Box<RoundTripError>> {
        self.spokes
            .iter()
            .try_for_each(|spoke| self.check(spoke, &self.hub, cases))
    }

    fn check(&self, from: &Version<H>, through: &Version<H>, cases: u32) -> Result<(), Box<RoundTripError>> {
        round_trip::check(from, &through.name, cases, |object| {
            let there = self.convert(object, &through.api_version)?;
            self.convert(there, &from.api_version)
        })
    }

    /// The `apiVersion` of each version, the hub's last.
    pub fn api_versions(&self) -> impl Iterator<Item = &str> {
        self.versions().map(|version| version.api_version.as_str())
    }

    fn versions(&self) -> impl Iterator<Item = &Version<H>> {
        self.spokes.iter().chain([&self.hub])
    }

    fn version(&self, api_version: &str) -> Result<&Version<H>, ConvertError> {
        let found = self.versions().find(|version| version.api_version == api_version);
        found.ok_or_else(|| ConvertError::UnknownVersion {
            kind: H::kind(&()).into_owned(),
            api_version: api_version.to_owned(),
            known: self.api_versions().collect::<Vec<_>>().join(", "),
        })
    }
}

impl<H> fmt::Debug for Conversions<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spokes = self.spokes.iter().map(|spoke| &spoke.api_version);
        f.debug_struct("Conversions")
            .field("hub", &self.hub.api_version)
            .field("spokes", &spokes.collect::<Vec<_>>())
            .finish()
    }
}

/// Reads a value as `T` and writes it again.
fn reread<T: Serialize + DeserializeOwned>(value: Value) -> Result<Value, serde_json::Error> {
    serde_json::to_value(serde_json::from_value::<T>(value)?)
}

/// The metadata as it was, with the labels and annotations that a conversion made: a server refuses any other change to it.
///
/// ```
/// use seatrial_client::core::conversion::kept_metadata;
/// use serde_json::json;
///
/// let was = json!({"name": "a", "uid": "1", "labels": {"old": "1"}});
/// let made = json!({"name": "b", "labels": {"new": "1"}});
/// assert_eq!(kept_metadata(was, made), json!({"name": "a", "uid": "1", "labels": {"new": "1"}}));
/// ```
pub fn kept_metadata(mut metadata: Value, mut made: Value) -> Value {
    if let Some(fields) = metadata.as_object_mut() {
        for key in ["labels", "annotations"] {
            match made.get_mut(key).map(Value::take) {
                Some(value) if !value.is_null() => drop(fields.insert(key.to_owned(), value)),
                _ => drop(fields.remove(key)),
            }
        }
    }
    metadata
}

/// An error and its causes in one line, for a message that travels.
fn told(error: &ConvertError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
