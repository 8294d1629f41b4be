//! Objects of kinds that are known at run time only.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
    ser::{Error as _, SerializeMap},
};
use serde_json::{Map, Value};

pub use super::discovery::ApiResource;
use super::{
    metadata::{ObjectMeta, TypeMeta},
    resource::{DynamicResourceScope, Resource},
};

/// An object of any kind: typed metadata, the rest as JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DynamicObject {
    /// `apiVersion` and `kind`; absent in items of a list.
    pub types: Option<TypeMeta>,
    /// The metadata.
    pub metadata: ObjectMeta,
    /// Everything else, as a JSON object.
    pub data: Value,
}

/// The object is not of the type it was parsed into.
#[derive(Debug, thiserror::Error)]
#[error("failed to parse this DynamicObject into a Resource")]
pub struct ParseDynamicObjectError {
    source: serde_json::Error,
}

// === impl DynamicObject ===

impl DynamicObject {
    /// An object of the given kind and name, with no data.
    pub fn new(name: &str, resource: &ApiResource) -> Self {
        Self {
            types: Some(TypeMeta {
                api_version: resource.api_version.clone(),
                kind: resource.kind.clone(),
            }),
            metadata: ObjectMeta {
                name: Some(name.to_owned()),
                ..ObjectMeta::default()
            },
            data: Value::Null,
        }
    }

    /// Sets everything but type metadata and metadata.
    #[must_use]
    pub fn data(mut self, data: Value) -> Self {
        self.data = data;
        self
    }

    /// Puts the object into a namespace.
    #[must_use]
    pub fn within(mut self, namespace: &str) -> Self {
        self.metadata.namespace = Some(namespace.to_owned());
        self
    }

    /// Reads the object as a typed one.
    ///
    /// # Errors
    /// If the object does not have the shape of `K`.
    pub fn try_parse<K: Resource + for<'a> Deserialize<'a>>(self) -> Result<K, ParseDynamicObjectError> {
        serde_json::to_value(self)
            .and_then(serde_json::from_value)
            .map_err(|source| ParseDynamicObjectError { source })
    }
}

impl Resource for DynamicObject {
    type DynamicType = ApiResource;
    type Scope = DynamicResourceScope;

    fn kind(dt: &ApiResource) -> Cow<'_, str> {
        dt.kind.as_str().into()
    }

    fn group(dt: &ApiResource) -> Cow<'_, str> {
        dt.group.as_str().into()
    }

    fn version(dt: &ApiResource) -> Cow<'_, str> {
        dt.version.as_str().into()
    }

    fn api_version(dt: &ApiResource) -> Cow<'_, str> {
        dt.api_version.as_str().into()
    }

    fn plural(dt: &ApiResource) -> Cow<'_, str> {
        dt.plural.as_str().into()
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl Serialize for DynamicObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        TypeMeta::serialize_into(self.types.as_ref(), &mut map)?;
        map.serialize_entry("metadata", &self.metadata)?;
        match &self.data {
            Value::Null => {}
            Value::Object(data) => {
                for (key, value) in data {
                    // The typed fields win: a key written twice would be read differently by different servers.
                    let typed = match key.as_str() {
                        "metadata" => true,
                        "apiVersion" | "kind" => self.types.is_some(),
                        _ => false,
                    };
                    if !typed {
                        map.serialize_entry(key, value)?;
                    }
                }
            }
            _ => {
                return Err(S::Error::custom(
                    "the data of a dynamic object is not a JSON object",
                ));
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for DynamicObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

/// Reads an object field by field, so that metadata is typed at once and the rest becomes JSON once.
struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = DynamicObject;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Kubernetes object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<DynamicObject, A::Error> {
        let (mut api_version, mut kind, mut metadata) = (None, None, None);
        let mut data = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "apiVersion" => api_version = map.next_value::<Option<String>>()?,
                "kind" => kind = map.next_value::<Option<String>>()?,
                "metadata" => metadata = map.next_value::<Option<ObjectMeta>>()?,
                _ => {
                    data.insert(key, map.next_value()?);
                }
            }
        }
        Ok(DynamicObject {
            types: TypeMeta::from_parts(api_version, kind),
            metadata: metadata.unwrap_or_default(),
            data: Value::Object(data),
        })
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{ConfigMap, Pod};
    use serde_json::json;

    use super::*;
    use crate::core::gvk::GroupVersionKind;

    fn config_map() -> ApiResource {
        ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", "ConfigMap"))
    }

    #[test]
    fn objects_round_trip_and_parse() {
        let object = DynamicObject::new("a", &config_map())
            .within("ns")
            .data(json!({"data": {"k": "v"}}));
        let wire = serde_json::to_value(&object).unwrap();
        assert_eq!(
            wire,
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "ns"}, "data": {"k": "v"}})
        );
        assert_eq!(serde_json::from_value::<DynamicObject>(wire).unwrap(), object);
        let typed: ConfigMap = object.clone().try_parse().unwrap();
        assert_eq!(typed.data.unwrap()["k"], "v");
        let error = object.try_parse::<Pod>().unwrap_err();
        assert!(std::error::Error::source(&error).is_some());
    }

    #[test]
    fn typed_fields_win_over_data() {
        let data = json!({"apiVersion": "v2", "kind": "X", "metadata": {"name": "b"}, "spec": 1});
        let object = DynamicObject::new("a", &config_map()).data(data);
        assert_eq!(
            serde_json::to_string(&object).unwrap(),
            r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"spec":1}"#
        );
    }

    #[test]
    fn data_that_is_no_object_is_refused() {
        let object = DynamicObject::new("a", &config_map()).data(json!([1]));
        assert!(serde_json::to_string(&object).is_err());
    }

    #[test]
    fn items_of_lists_have_no_type_metadata() {
        let object: DynamicObject = serde_json::from_str(r#"{"metadata":null,"spec":{}}"#).unwrap();
        assert_eq!(object.types, None);
        assert_eq!(object.data, json!({"spec": {}}));
    }
}
