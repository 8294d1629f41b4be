//! Type metadata, and objects of which only the metadata is read.

use std::{borrow::Cow, fmt, marker::PhantomData};

pub use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ListMeta, ObjectMeta};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeMap};

use super::{dynamic::DynamicObject, resource::Resource};

/// What an object says about its kind: `apiVersion` and `kind`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TypeMeta {
    /// Group and version.
    pub api_version: String,
    /// The kind.
    pub kind: String,
}

/// An object of which only the metadata is known.
///
/// Reads with the metadata methods ask the server for this representation, which saves the rest of every object on the wire and in memory.
/// `K` is the kind it stands for.
pub struct PartialObjectMeta<K = DynamicObject> {
    /// `apiVersion` and `kind`: `PartialObjectMetadata`'s in answers, the patched kind's in requests.
    pub types: Option<TypeMeta>,
    /// The metadata.
    pub metadata: ObjectMeta,
    /// Ties the value to its kind.
    pub _phantom: PhantomData<K>,
}

/// Turns metadata into metadata-only objects.
pub trait PartialObjectMetaExt: private::Sealed {
    /// An object that stands for a kind `K` in a request: a server-side apply of labels, for example.
    fn into_request_partial<K: Resource<DynamicType = ()>>(self) -> PartialObjectMeta<K>;

    /// An object as the server would answer it.
    fn into_response_partial<K>(self) -> PartialObjectMeta<K>;
}

mod private {
    pub trait Sealed {}
    impl Sealed for super::ObjectMeta {}
}

/// `apiVersion` of the server's metadata-only objects.
const META_API_VERSION: &str = "meta.k8s.io/v1";

// === impl TypeMeta ===

impl TypeMeta {
    /// The type metadata of an object of kind `K`.
    pub fn resource<K: Resource<DynamicType = ()>>() -> Self {
        Self {
            api_version: K::api_version(&()).into_owned(),
            kind: K::kind(&()).into_owned(),
        }
    }

    /// The type metadata of a list of objects of kind `K`.
    pub fn list<K: Resource<DynamicType = ()>>() -> Self {
        Self {
            api_version: K::api_version(&()).into_owned(),
            kind: K::kind(&()).into_owned() + "List",
        }
    }

    /// Type metadata where both fields are there: half of it says nothing.
    pub(super) fn from_parts(api_version: Option<String>, kind: Option<String>) -> Option<Self> {
        Some(Self {
            api_version: api_version?,
            kind: kind?,
        })
    }

    /// Writes the two fields into an object that is being written.
    pub(super) fn serialize_into<M: SerializeMap>(types: Option<&Self>, map: &mut M) -> Result<(), M::Error> {
        if let Some(types) = types {
            map.serialize_entry("apiVersion", &types.api_version)?;
            map.serialize_entry("kind", &types.kind)?;
        }
        Ok(())
    }
}

// === impl PartialObjectMeta ===

impl PartialObjectMetaExt for ObjectMeta {
    fn into_request_partial<K: Resource<DynamicType = ()>>(self) -> PartialObjectMeta<K> {
        PartialObjectMeta {
            types: Some(TypeMeta::resource::<K>()),
            metadata: self,
            _phantom: PhantomData,
        }
    }

    fn into_response_partial<K>(self) -> PartialObjectMeta<K> {
        let types = TypeMeta {
            api_version: META_API_VERSION.to_owned(),
            kind: "PartialObjectMetadata".to_owned(),
        };
        PartialObjectMeta {
            types: Some(types),
            metadata: self,
            _phantom: PhantomData,
        }
    }
}

impl<K: Resource> Resource for PartialObjectMeta<K> {
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
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }

    fn metadata_api() -> bool {
        true
    }
}

// Written out, because deriving would ask the same of `K`, of which there is no value.

impl<K> Clone for PartialObjectMeta<K> {
    fn clone(&self) -> Self {
        Self {
            types: self.types.clone(),
            metadata: self.metadata.clone(),
            _phantom: PhantomData,
        }
    }
}

impl<K> Default for PartialObjectMeta<K> {
    fn default() -> Self {
        Self {
            types: None,
            metadata: ObjectMeta::default(),
            _phantom: PhantomData,
        }
    }
}

impl<K> PartialEq for PartialObjectMeta<K> {
    fn eq(&self, other: &Self) -> bool {
        self.types == other.types && self.metadata == other.metadata
    }
}

impl<K> fmt::Debug for PartialObjectMeta<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartialObjectMeta")
            .field("types", &self.types)
            .field("metadata", &self.metadata)
            .finish()
    }
}

impl<K> Serialize for PartialObjectMeta<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        TypeMeta::serialize_into(self.types.as_ref(), &mut map)?;
        map.serialize_entry("metadata", &self.metadata)?;
        map.end()
    }
}

impl<'de, K> Deserialize<'de> for PartialObjectMeta<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Plain fields, not a flattened `TypeMeta`: flattening would buffer the whole object before reading it.
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", rename = "PartialObjectMetadata")]
        struct Wire {
            api_version: Option<String>,
            kind: Option<String>,
            metadata: Option<ObjectMeta>,
        }

        let wire = Wire::deserialize(deserializer)?;
        Ok(Self {
            types: TypeMeta::from_parts(wire.api_version, wire.kind),
            metadata: wire.metadata.unwrap_or_default(),
            _phantom: PhantomData,
        })
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Pod;
    use serde_json::json;

    use super::*;
    use crate::core::discovery::ApiResource;

    #[test]
    fn partial_objects_read_any_object() {
        let partial: PartialObjectMeta<Pod> = serde_json::from_value(json!({
            "kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a"}, "spec": {"containers": []},
        }))
        .unwrap();
        assert_eq!(partial.types, Some(TypeMeta::resource::<Pod>()));
        assert_eq!(partial.metadata.name.as_deref(), Some("a"));
        assert_eq!(
            Pod::url_path(&(), None),
            PartialObjectMeta::<Pod>::url_path(&(), None)
        );
        assert!(PartialObjectMeta::<Pod>::metadata_api());
        let odd = ApiResource {
            api_version: "as/told".to_owned(),
            ..ApiResource::erase::<Pod>(&())
        };
        assert_eq!(PartialObjectMeta::<DynamicObject>::api_version(&odd), "as/told");
        let bare: PartialObjectMeta<Pod> = serde_json::from_value(json!({"metadata": null})).unwrap();
        assert_eq!(bare, PartialObjectMeta::default());
    }

    #[test]
    fn partial_objects_say_what_they_stand_for() {
        let meta = ObjectMeta {
            name: Some("a".into()),
            ..Default::default()
        };
        assert_eq!(
            serde_json::to_value(meta.clone().into_request_partial::<Pod>()).unwrap(),
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}})
        );
        assert_eq!(
            serde_json::to_value(meta.into_response_partial::<Pod>()).unwrap(),
            json!({"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": {"name": "a"}})
        );
        assert_eq!(TypeMeta::list::<Pod>().kind, "PodList");
    }
}
