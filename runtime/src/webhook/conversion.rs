//! Conversion of custom resources between versions.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::{self, Display},
    sync::Arc,
};

use bytes::Bytes;
use futures::{FutureExt, future::BoxFuture};
use seatrial_client::{
    Resource,
    core::{
        Status,
        conversion::{
            ConversionRequest, ConversionResponse, ConversionReview, Conversions, Hub, kept_metadata,
        },
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::router::Endpoint;
use crate::panic::guarded;

type Step = Arc<dyn Fn(Value) -> Result<Value, String> + Send + Sync>;

/// Converts objects between the versions of a kind, by steps between pairs of them.
///
/// For versions that are Rust types, `#[kube(hub(...))]` writes [`Conversions`], which become a converter by `From`. By hand, give a
/// step in both directions between each version and one that can hold everything, the hub: whatever is asked for is then at
/// most two steps away. The shortest way is taken; of several, the one over the versions that come first by name.
///
/// The identity of an object is carried over by itself: of the metadata, a step can only change labels and annotations, which is
/// what an apiserver permits.
///
/// ```
/// use seatrial_runtime::webhook::Converter;
/// use serde_json::json;
///
/// let converter = Converter::new()
///     .step_between("example.com/v1", "example.com/v2", |mut object| {
///         object["spec"]["replicas"] = object["spec"]["size"].take();
///         Ok(object)
///     });
/// let old = json!({"apiVersion": "example.com/v1", "kind": "Web", "metadata": {"name": "a"}, "spec": {"size": 3}});
/// let new = converter.convert(old, "example.com/v2").unwrap();
/// assert_eq!(new["spec"]["replicas"], 3);
/// assert_eq!(new["apiVersion"], "example.com/v2");
/// ```
#[derive(Clone, Default)]
pub struct Converter {
    /// By the versions that they lead from and to.
    steps: BTreeMap<String, BTreeMap<String, Step>>,
}

/// Answers conversion reviews.
pub(super) struct Conversion {
    converter: Converter,
}

// === impl Converter ===

impl Converter {
    /// A converter that knows no step: it converts what is of the version asked for already.
    pub fn new() -> Self {
        Self::default()
    }

    /// A step between two types of one kind.
    #[must_use]
    pub fn step<A, B, E>(self, convert: impl Fn(A) -> Result<B, E> + Send + Sync + 'static) -> Self
    where
        A: Resource<DynamicType = ()> + DeserializeOwned,
        B: Resource<DynamicType = ()> + Serialize,
        E: Display,
    {
        self.step_between(&A::api_version(&()), &B::api_version(&()), move |object| {
            let object = serde_json::from_value(object).map_err(|error| error.to_string())?;
            let converted = convert(object).map_err(|error| error.to_string())?;
            serde_json::to_value(converted).map_err(|error| error.to_string())
        })
    }

    /// A step between two versions, such as `example.com/v1`, over objects as JSON.
    #[must_use]
    pub fn step_between(
        mut self,
        from: &str,
        to: &str,
        convert: impl Fn(Value) -> Result<Value, String> + Send + Sync + 'static,
    ) -> Self {
        self.steps
            .entry(from.to_owned())
            .or_default()
            .insert(to.to_owned(), Arc::new(convert));
        self
    }

    /// Converts one object to `version`.
    ///
    /// # Errors
    ///
    /// What a step said, or that no steps lead there, in words for whoever sent the object.
    pub fn convert(&self, object: Value, version: &str) -> Result<Value, String> {
        let Some(from) = object["apiVersion"].as_str().map(str::to_owned) else {
            return Err("the object has no apiVersion".to_owned());
        };
        let Some(path) = self.path(&from, version) else {
            return Err(format!("no conversion leads from {from} to {version}"));
        };
        let (metadata, kind) = (object["metadata"].clone(), object["kind"].clone());
        let mut converted = object;
        for (to, step) in path {
            converted = guarded(|| step(converted))
                .unwrap_or_else(|_| Err("the conversion panicked".to_owned()))
                .map_err(|why| format!("converting to {to} failed: {why}"))?;
            let Some(fields) = converted.as_object_mut() else {
                return Err(format!("converting to {to} made no object"));
            };
            fields.insert("apiVersion".to_owned(), to.into());
            fields.insert("kind".to_owned(), kind.clone());
        }
        if let Some(fields) = converted.as_object_mut()
            && metadata.is_object()
        {
            let made = fields.remove("metadata").unwrap_or_default();
            fields.insert("metadata".to_owned(), kept_metadata(metadata, made));
        }
        Ok(converted)
    }

    /// The shortest way between two versions.
    fn path<'a>(&'a self, from: &'a str, to: &str) -> Option<Vec<(&'a str, &'a Step)>> {
        let mut came_from: BTreeMap<&str, Option<(&'a str, &'a Step)>> = BTreeMap::from([(from, None)]);
        let mut next = VecDeque::from([from]);
        while let Some(version) = next.pop_front() {
            if version == to {
                break;
            }
            for (reached, step) in self.steps.get(version).into_iter().flatten() {
                if !came_from.contains_key(reached.as_str()) {
                    came_from.insert(reached, Some((version, step)));
                    next.push_back(reached);
                }
            }
        }
        let mut path = Vec::new();
        let mut at = came_from.get_key_value(to)?;
        while let (version, Some((before, step))) = at {
            path.push((*version, *step));
            at = came_from.get_key_value(before)?;
        }
        path.reverse();
        Some(path)
    }
}

impl<H: Hub + 'static> From<Conversions<H>> for Converter {
    fn from(conversions: Conversions<H>) -> Self {
        let conversions = Arc::new(conversions);
        let hub = H::api_version(&()).into_owned();
        let spokes = conversions.api_versions().filter(|version| *version != hub);
        let both = spokes.flat_map(|spoke| [(spoke, &*hub), (&*hub, spoke)]);
        both.fold(Self::new(), |converter, (from, to)| {
            let (conversions, version) = (conversions.clone(), to.to_owned());
            converter.step_between(from, to, move |object| {
                let converted = conversions.convert(object, &version);
                converted.map_err(|error| match std::error::Error::source(&error) {
                    Some(cause) => cause.to_string(),
                    None => error.to_string(),
                })
            })
        })
    }
}

impl fmt::Debug for Converter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self
            .steps
            .iter()
            .flat_map(|(from, steps)| steps.keys().map(move |to| (from, to)));
        f.debug_set().entries(pairs).finish()
    }
}

// === impl Conversion ===

impl Conversion {
    pub(super) fn new(converter: Converter) -> Self {
        Self { converter }
    }

    fn review(&self, body: &[u8]) -> Result<Vec<u8>, String> {
        let review: ConversionReview =
            serde_json::from_slice(body).map_err(|error| format!("this is no ConversionReview: {error}"))?;
        if review.types.kind != "ConversionReview" || review.types.api_version != "apiextensions.k8s.io/v1" {
            return Err(format!(
                "expected a ConversionReview of apiextensions.k8s.io/v1, got {} of {}",
                review.types.kind, review.types.api_version
            ));
        }
        let mut request = ConversionRequest::from_review(review).map_err(|error| error.to_string())?;
        let version = request.desired_api_version.clone();
        let objects = std::mem::take(&mut request.objects);
        // The apiserver takes all or nothing.
        let converted: Result<Vec<_>, _> = objects
            .into_iter()
            .map(|object| self.converter.convert(object, &version))
            .collect();
        let response = ConversionResponse::for_request(request);
        let response = match converted {
            Ok(objects) => response.success(objects),
            Err(why) => response.failure(Status::failure(&why, "Invalid").with_code(422)),
        };
        serde_json::to_vec(&response.into_review()).map_err(|error| error.to_string())
    }
}

impl Endpoint for Conversion {
    fn answer(&self, body: Bytes) -> BoxFuture<'static, Result<Vec<u8>, String>> {
        futures::future::ready(self.review(&body)).boxed()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn versioned() -> Converter {
        let mark = |version: &'static str| {
            move |mut object: Value| {
                object["trail"] = format!("{} {version}", object["trail"].as_str().unwrap_or("-")).into();
                Ok(object)
            }
        };
        Converter::new()
            .step_between("g/v1", "g/v3", mark("v3"))
            .step_between("g/v2", "g/v3", mark("v3"))
            .step_between("g/v3", "g/v1", mark("v1"))
            .step_between("g/v3", "g/v2", mark("v2"))
            .step_between("g/v3", "g/v4", |_| Err("v4 cannot hold this".to_owned()))
    }

    fn object(version: &str) -> Value {
        json!({"apiVersion": version, "kind": "K", "metadata": {"name": "a", "uid": "u", "labels": {"l": "1"}}})
    }

    #[test]
    fn the_shortest_way_is_taken() {
        let converter = versioned();
        assert_eq!(
            converter.convert(object("g/v1"), "g/v2").unwrap()["trail"],
            "- v3 v2"
        );
        assert_eq!(converter.convert(object("g/v1"), "g/v1").unwrap(), object("g/v1"));
        assert_eq!(
            converter.convert(object("g/v9"), "g/v1").unwrap_err(),
            "no conversion leads from g/v9 to g/v1"
        );
        assert_eq!(
            converter.convert(object("g/v1"), "g/v4").unwrap_err(),
            "converting to g/v4 failed: v4 cannot hold this"
        );
    }

    #[test]
    fn the_identity_of_an_object_is_not_a_steps_to_change() {
        let converter = Converter::new().step_between("g/v1", "g/v2", |_| {
            Ok(json!({"kind": "Other", "metadata": {"name": "b", "annotations": {"n": "1"}}}))
        });
        assert_eq!(
            converter.convert(object("g/v1"), "g/v2").unwrap(),
            json!({"apiVersion": "g/v2", "kind": "K", "metadata": {"name": "a", "uid": "u", "annotations": {"n": "1"}}})
        );
    }

    #[test]
    fn a_step_that_panics_is_a_failure() {
        let converter = Converter::new().step_between("g/v1", "g/v2", |_| panic!("as planned"));
        assert_eq!(
            converter.convert(object("g/v1"), "g/v2").unwrap_err(),
            "converting to g/v2 failed: the conversion panicked"
        );
    }
}
