//! Lists, and objects put together from a spec and a status.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeMap};

use super::{
    discovery::ApiResource,
    metadata::{ListMeta, ObjectMeta, TypeMeta},
    resource::{DynamicResourceScope, Resource},
};

/// A list as the server answers it.
///
/// Items of a typed list carry no `apiVersion` and `kind`: the list's stand for theirs.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectList<T>
where
    T: Clone,
{
    /// `apiVersion` and `kind` of the list; `v1` and `List` where the server named none.
    pub types: TypeMeta,
    /// The resource version of the list, and how to go on if it is a page.
    pub metadata: ListMeta,
    /// The objects.
    pub items: Vec<T>,
}

/// An object with a typed spec and status whose kind is known at run time.
///
/// For kinds that somebody else defines and of which a program needs a few fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Object<P, U>
where
    P: Clone,
    U: Clone,
{
    /// `apiVersion` and `kind`; absent in items of a list.
    pub types: Option<TypeMeta>,
    /// The metadata.
    pub metadata: ObjectMeta,
    /// What is wanted.
    pub spec: P,
    /// What is.
    pub status: Option<U>,
}

/// Stands where an [`Object`] has no spec or no status, or where it should be thrown away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotUsed {}

/// Objects with a spec.
pub trait HasSpec {
    /// The type of the spec.
    type Spec;

    /// The spec.
    fn spec(&self) -> &Self::Spec;

    /// The spec, to be changed.
    fn spec_mut(&mut self) -> &mut Self::Spec;
}

/// Objects with a status.
pub trait HasStatus {
    /// The type of the status.
    type Status;

    /// The status; `None` until somebody has reported one.
    fn status(&self) -> Option<&Self::Status>;

    /// The status, to be changed.
    fn status_mut(&mut self) -> &mut Option<Self::Status>;
}

// === impl ObjectList ===

impl<T: Clone> ObjectList<T> {
    /// Iterates over the objects.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter()
    }

    /// Iterates over the objects, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.items.iter_mut()
    }
}

impl<T: Clone> Default for ObjectList<T> {
    fn default() -> Self {
        Self {
            types: untyped_list(),
            metadata: ListMeta::default(),
            items: Vec::new(),
        }
    }
}

impl<T: Clone> IntoIterator for ObjectList<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T: Clone> IntoIterator for &'a ObjectList<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl<'a, T: Clone> IntoIterator for &'a mut ObjectList<T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter_mut()
    }
}

impl<T: Clone + Serialize> Serialize for ObjectList<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        TypeMeta::serialize_into(Some(&self.types), &mut map)?;
        map.serialize_entry("metadata", &self.metadata)?;
        map.serialize_entry("items", &self.items)?;
        map.end()
    }
}

impl<'de, T: Clone + Deserialize<'de>> Deserialize<'de> for ObjectList<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Go writes an empty slice or struct pointer as null: both `items` and `metadata` may be. What has no `items` at all is no list.
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", rename = "List")]
        struct Wire<T> {
            api_version: Option<String>,
            kind: Option<String>,
            metadata: Option<ListMeta>,
            #[serde(
                deserialize_with = "Option::deserialize",
                bound(deserialize = "T: Deserialize<'de>")
            )]
            items: Option<Vec<T>>,
        }

        let wire = Wire::deserialize(deserializer)?;
        Ok(Self {
            types: TypeMeta::from_parts(wire.api_version, wire.kind).unwrap_or_else(untyped_list),
            metadata: wire.metadata.unwrap_or_default(),
            items: wire.items.unwrap_or_default(),
        })
    }
}

/// What a list says that says nothing.
pub(super) fn untyped_list() -> TypeMeta {
    TypeMeta {
        api_version: "v1".to_owned(),
        kind: "List".to_owned(),
    }
}

// === impl Object ===

impl<P: Clone, U: Clone> Object<P, U> {
    /// An object of the given kind and name.
    pub fn new(name: &str, ar: &ApiResource, spec: P) -> Self {
        Self {
            types: Some(TypeMeta {
                api_version: ar.api_version.clone(),
                kind: ar.kind.clone(),
            }),
            metadata: ObjectMeta {
                name: Some(name.to_owned()),
                ..ObjectMeta::default()
            },
            spec,
            status: None,
        }
    }

    /// Puts the object into a namespace.
    #[must_use]
    pub fn within(mut self, namespace: &str) -> Self {
        self.metadata.namespace = Some(namespace.to_owned());
        self
    }
}

impl<P: Clone, U: Clone> Resource for Object<P, U> {
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

impl<P: Clone, U: Clone> HasSpec for Object<P, U> {
    type Spec = P;

    fn spec(&self) -> &P {
        &self.spec
    }

    fn spec_mut(&mut self) -> &mut P {
        &mut self.spec
    }
}

impl<P: Clone, U: Clone> HasStatus for Object<P, U> {
    type Status = U;

    fn status(&self) -> Option<&U> {
        self.status.as_ref()
    }

    fn status_mut(&mut self) -> &mut Option<U> {
        &mut self.status
    }
}

impl<P: Clone + Serialize, U: Clone + Serialize> Serialize for Object<P, U> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        TypeMeta::serialize_into(self.types.as_ref(), &mut map)?;
        map.serialize_entry("metadata", &self.metadata)?;
        map.serialize_entry("spec", &self.spec)?;
        if let Some(status) = &self.status {
            map.serialize_entry("status", status)?;
        }
        map.end()
    }
}

impl<'de, P, U> Deserialize<'de> for Object<P, U>
where
    P: Clone + Deserialize<'de>,
    U: Clone + Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", rename = "Object")]
        struct Wire<P, U> {
            api_version: Option<String>,
            kind: Option<String>,
            metadata: Option<ObjectMeta>,
            spec: P,
            status: Option<U>,
        }

        let wire = Wire::deserialize(deserializer)?;
        Ok(Self {
            types: TypeMeta::from_parts(wire.api_version, wire.kind),
            metadata: wire.metadata.unwrap_or_default(),
            spec: wire.spec,
            status: wire.status,
        })
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Pod;
    use serde_json::json;

    use super::*;
    use crate::core::gvk::GroupVersionKind;

    #[test]
    fn lists_tolerate_what_go_leaves_out() {
        for body in [
            json!({"items": null, "metadata": null}),
            json!({"items": null}),
            json!({"kind": null, "items": [], "metadata": {}, "unknown": {"items": [1]}}),
        ] {
            let list: ObjectList<Pod> = serde_json::from_value(body).unwrap();
            assert_eq!(list, ObjectList::default());
            assert_eq!(list.types.kind, "List");
        }
        for none in [json!({}), json!({"kind": "Pod", "metadata": {}})] {
            let error = serde_json::from_value::<ObjectList<Pod>>(none).unwrap_err();
            assert_eq!(error.to_string(), "missing field `items`");
        }
    }

    #[test]
    fn lists_round_trip() {
        let body = json!({
            "apiVersion": "v1", "kind": "PodList", "metadata": {"resourceVersion": "7"},
            "items": [{"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}],
        });
        let list: ObjectList<super::super::DynamicObject> = serde_json::from_value(body.clone()).unwrap();
        assert_eq!(list.items[0].types, None);
        assert_eq!(list.iter().count(), 2);
        assert_eq!(serde_json::to_value(&list).unwrap(), body);
    }

    #[test]
    fn objects_carry_their_kind() {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        struct Spec {
            replicas: i32,
        }
        let ar = ApiResource::from_gvk(&GroupVersionKind::gvk("a.io", "v1", "Thing"));
        let object = Object::<Spec, NotUsed>::new("x", &ar, Spec { replicas: 2 }).within("ns");
        let wire = json!({
            "apiVersion": "a.io/v1", "kind": "Thing", "metadata": {"name": "x", "namespace": "ns"}, "spec": {"replicas": 2},
        });
        assert_eq!(serde_json::to_value(&object).unwrap(), wire);
        assert_eq!(
            serde_json::from_value::<Object<Spec, NotUsed>>(wire).unwrap(),
            object
        );
        assert_eq!(
            Object::<Spec, NotUsed>::url_path(&ar, Some("ns")),
            "/apis/a.io/v1/namespaces/ns/things"
        );
    }
}
