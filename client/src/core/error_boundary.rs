//! Objects that may be malformed without taking the list they are in with them.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{
    metadata::{ObjectMeta, PartialObjectMeta},
    resource::Resource,
};

/// An object that was read, or why it could not be.
///
/// A kind whose schema is looser than its Rust type would otherwise fail a whole list or watch for one bad object. Metadata must be readable
/// in any case.
#[derive(Clone, Debug)]
pub struct DeserializeGuard<K>(pub Result<K, InvalidObject>);

/// An object that does not have the shape of its type.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{error}")]
pub struct InvalidObject {
    /// What was wrong.
    pub error: String,
    /// The metadata, which could be read.
    pub metadata: ObjectMeta,
}

// === impl DeserializeGuard ===

impl<'de, K> Deserialize<'de> for DeserializeGuard<K>
where
    K: Deserialize<'de> + Resource,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As a value, because it is read a second time where the first fails.
        let value = Value::deserialize(deserializer)?;
        Ok(Self(match K::deserialize(value.clone()) {
            Ok(object) => Ok(object),
            Err(error) => {
                let partial = PartialObjectMeta::<K>::deserialize(value).map_err(serde::de::Error::custom)?;
                Err(InvalidObject {
                    error: error.to_string(),
                    metadata: partial.metadata,
                })
            }
        }))
    }
}

impl<K: Resource> Resource for DeserializeGuard<K> {
    type DynamicType = K::DynamicType;
    type Scope = K::Scope;

    fn kind(dt: &Self::DynamicType) -> Cow<'_, str> {
        K::kind(dt)
    }

    fn group(dt: &Self::DynamicType) -> Cow<'_, str> {
        K::group(dt)
    }

    fn version(dt: &Self::DynamicType) -> Cow<'_, str> {
        K::version(dt)
    }

    fn api_version(dt: &Self::DynamicType) -> Cow<'_, str> {
        K::api_version(dt)
    }

    fn plural(dt: &Self::DynamicType) -> Cow<'_, str> {
        K::plural(dt)
    }

    fn meta(&self) -> &ObjectMeta {
        self.0.as_ref().map_or_else(|invalid| &invalid.metadata, K::meta)
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        self.0
            .as_mut()
            .map_or_else(|invalid| &mut invalid.metadata, K::meta_mut)
    }

    fn metadata_api() -> bool {
        K::metadata_api()
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;
    use serde_json::json;

    use super::*;
    use crate::core::{ObjectList, ResourceExt};

    #[test]
    fn one_bad_object_does_not_spoil_the_list() {
        let list: ObjectList<DeserializeGuard<ConfigMap>> = serde_json::from_value(json!({"items": [
            {"metadata": {"name": "good"}, "data": {"k": "v"}},
            {"metadata": {"name": "bad"}, "data": 5},
        ]}))
        .unwrap();
        assert!(list.items[0].0.is_ok());
        let invalid = list.items[1].0.as_ref().unwrap_err();
        assert_eq!(list.items[1].name_any(), "bad");
        assert!(invalid.to_string().contains("invalid type"), "{invalid}");
    }

    #[test]
    fn metadata_must_be_readable() {
        assert!(
            serde_json::from_value::<DeserializeGuard<ConfigMap>>(json!({"metadata": 1, "data": 5})).is_err()
        );
    }
}
