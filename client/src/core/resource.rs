//! What ties a Rust type to a kind of the API.

use std::{borrow::Cow, collections::BTreeMap};

pub use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope, ResourceScope, SubResourceScope};
use k8s_openapi::{
    api::core::v1::ObjectReference,
    apimachinery::pkg::apis::meta::v1::{ManagedFieldsEntry, OwnerReference, Time},
};

use super::{metadata::ObjectMeta, path};

/// A type that is a kind of the API: its names, its scope and its metadata.
///
/// Types of `k8s-openapi` have it by a blanket impl and custom resources by the derive macro, both with `DynamicType = ()`. Types whose kind
/// is known at run time only ([`DynamicObject`](super::DynamicObject), [`Object`](super::Object)) carry it in the `DynamicType`, usually an
/// [`ApiResource`](super::ApiResource).
pub trait Resource {
    /// What has to be known at run time to name the kind; `()` where the type knows everything.
    type DynamicType: Send + Sync + 'static;
    /// Whether objects live in a namespace: [`NamespaceResourceScope`], [`ClusterResourceScope`] or [`DynamicResourceScope`].
    type Scope;

    /// The kind, in upper camel case.
    fn kind(dt: &Self::DynamicType) -> Cow<'_, str>;

    /// The API group; empty for the core group.
    fn group(dt: &Self::DynamicType) -> Cow<'_, str>;

    /// The version, such as `v1`.
    fn version(dt: &Self::DynamicType) -> Cow<'_, str>;

    /// The plural resource name that stands in URL paths.
    fn plural(dt: &Self::DynamicType) -> Cow<'_, str>;

    /// The metadata of this object.
    fn meta(&self) -> &ObjectMeta;

    /// The metadata of this object, to be changed.
    fn meta_mut(&mut self) -> &mut ObjectMeta;

    /// The value of `apiVersion`.
    fn api_version(dt: &Self::DynamicType) -> Cow<'_, str> {
        api_version_from_group_version(Self::group(dt), Self::version(dt))
    }

    /// The path of the collection, in a namespace or across all of them.
    ///
    /// # Shape
    /// `/api/v1/namespaces/{namespace}/pods`, `/apis/apps/v1/deployments`.
    fn url_path(dt: &Self::DynamicType, namespace: Option<&str>) -> String {
        path::collection(&Self::group(dt), &Self::version(dt), namespace, &Self::plural(dt))
    }

    /// Whether this type is read through the metadata-only representation (`PartialObjectMetadata`).
    fn metadata_api() -> bool {
        false
    }

    /// A reference to this object, as events and other objects carry it.
    fn object_ref(&self, dt: &Self::DynamicType) -> ObjectReference {
        let meta = self.meta();
        ObjectReference {
            api_version: Some(Self::api_version(dt).into_owned()),
            kind: Some(Self::kind(dt).into_owned()),
            name: meta.name.clone(),
            namespace: meta.namespace.clone(),
            resource_version: meta.resource_version.clone(),
            uid: meta.uid.clone(),
            field_path: None,
        }
    }

    /// A reference that makes this object the controller of the object that carries it.
    ///
    /// `None` before the server has given the object its name and UID.
    fn controller_owner_ref(&self, dt: &Self::DynamicType) -> Option<OwnerReference> {
        Some(OwnerReference {
            controller: Some(true),
            ..self.owner_ref(dt)?
        })
    }

    /// A reference that makes this object an owner, but not the controller, of the object that carries it.
    ///
    /// `None` before the server has given the object its name and UID.
    fn owner_ref(&self, dt: &Self::DynamicType) -> Option<OwnerReference> {
        let meta = self.meta();
        Some(OwnerReference {
            api_version: Self::api_version(dt).into_owned(),
            kind: Self::kind(dt).into_owned(),
            name: meta.name.clone()?,
            uid: meta.uid.clone()?,
            ..OwnerReference::default()
        })
    }
}

/// Scopes in which an object may live in a namespace.
pub trait NamespaceScope: ResourceScope {}

/// The scope of kinds that are known at run time only: the caller says whether a namespace belongs to them.
#[derive(Clone, Copy, Debug)]
pub struct DynamicResourceScope {}

/// Shorthand for the metadata that programs read and write most.
pub trait ResourceExt: Resource {
    /// The name of the object.
    ///
    /// # Panics
    /// Without `metadata.name`: on an object that was built locally without one, or with `generateName`. [`Self::name_any`] never panics.
    fn name_unchecked(&self) -> String;

    /// The name of the object, or its `generateName` while it has none, or an empty string.
    fn name_any(&self) -> String;

    /// The namespace of the object; `None` if the kind is cluster-scoped or none was set yet.
    fn namespace(&self) -> Option<String>;

    /// The resource version of the object: opaque, changed by every write.
    fn resource_version(&self) -> Option<String>;

    /// The UID: distinguishes this object from earlier and later ones of the same name.
    fn uid(&self) -> Option<String>;

    /// When the server created the object.
    fn creation_timestamp(&self) -> Option<Time>;

    /// The labels; empty if there are none.
    fn labels(&self) -> &BTreeMap<String, String>;

    /// The labels, to be changed.
    fn labels_mut(&mut self) -> &mut BTreeMap<String, String>;

    /// The annotations; empty if there are none.
    fn annotations(&self) -> &BTreeMap<String, String>;

    /// The annotations, to be changed.
    fn annotations_mut(&mut self) -> &mut BTreeMap<String, String>;

    /// The owners; empty if there are none.
    fn owner_references(&self) -> &[OwnerReference];

    /// The owners, to be changed.
    fn owner_references_mut(&mut self) -> &mut Vec<OwnerReference>;

    /// The finalizers that keep the object from being removed; empty if there are none.
    fn finalizers(&self) -> &[String];

    /// The finalizers, to be changed.
    fn finalizers_mut(&mut self) -> &mut Vec<String>;

    /// Which manager set which fields; empty if the server did not say.
    fn managed_fields(&self) -> &[ManagedFieldsEntry];

    /// Which manager set which fields, to be changed: sending it empty makes the server forget all owners.
    fn managed_fields_mut(&mut self) -> &mut Vec<ManagedFieldsEntry>;
}

/// Writes a group and a version as `apiVersion`: `group/version`, or `version` alone in the core group.
pub fn api_version_from_group_version<'a>(group: Cow<'a, str>, version: Cow<'a, str>) -> Cow<'a, str> {
    if group.is_empty() {
        return version;
    }
    let mut text = group.into_owned();
    text.push('/');
    text.push_str(&version);
    Cow::Owned(text)
}

// === impl Resource ===

impl<K, S> Resource for K
where
    K: k8s_openapi::Metadata<Ty = ObjectMeta> + k8s_openapi::Resource<Scope = S>,
{
    type DynamicType = ();
    type Scope = S;

    fn kind((): &()) -> Cow<'_, str> {
        K::KIND.into()
    }

    fn group((): &()) -> Cow<'_, str> {
        K::GROUP.into()
    }

    fn version((): &()) -> Cow<'_, str> {
        K::VERSION.into()
    }

    fn api_version((): &()) -> Cow<'_, str> {
        K::API_VERSION.into()
    }

    fn plural((): &()) -> Cow<'_, str> {
        K::URL_PATH_SEGMENT.into()
    }

    fn meta(&self) -> &ObjectMeta {
        self.metadata()
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        self.metadata_mut()
    }
}

// === impl NamespaceScope ===

impl NamespaceScope for NamespaceResourceScope {}
impl NamespaceScope for DynamicResourceScope {}
impl ResourceScope for DynamicResourceScope {}

// === impl ResourceExt ===

static NO_PAIRS: BTreeMap<String, String> = BTreeMap::new();

impl<K: Resource> ResourceExt for K {
    fn name_unchecked(&self) -> String {
        // The panic is this method's contract; see its documentation.
        self.meta().name.clone().expect(".metadata.name missing")
    }

    fn name_any(&self) -> String {
        let meta = self.meta();
        meta.name
            .clone()
            .or_else(|| meta.generate_name.clone())
            .unwrap_or_default()
    }

    fn namespace(&self) -> Option<String> {
        self.meta().namespace.clone()
    }

    fn resource_version(&self) -> Option<String> {
        self.meta().resource_version.clone()
    }

    fn uid(&self) -> Option<String> {
        self.meta().uid.clone()
    }

    fn creation_timestamp(&self) -> Option<Time> {
        self.meta().creation_timestamp.clone()
    }

    fn labels(&self) -> &BTreeMap<String, String> {
        self.meta().labels.as_ref().unwrap_or(&NO_PAIRS)
    }

    fn labels_mut(&mut self) -> &mut BTreeMap<String, String> {
        self.meta_mut().labels.get_or_insert_default()
    }

    fn annotations(&self) -> &BTreeMap<String, String> {
        self.meta().annotations.as_ref().unwrap_or(&NO_PAIRS)
    }

    fn annotations_mut(&mut self) -> &mut BTreeMap<String, String> {
        self.meta_mut().annotations.get_or_insert_default()
    }

    fn owner_references(&self) -> &[OwnerReference] {
        self.meta().owner_references.as_deref().unwrap_or_default()
    }

    fn owner_references_mut(&mut self) -> &mut Vec<OwnerReference> {
        self.meta_mut().owner_references.get_or_insert_default()
    }

    fn finalizers(&self) -> &[String] {
        self.meta().finalizers.as_deref().unwrap_or_default()
    }

    fn finalizers_mut(&mut self) -> &mut Vec<String> {
        self.meta_mut().finalizers.get_or_insert_default()
    }

    fn managed_fields(&self) -> &[ManagedFieldsEntry] {
        self.meta().managed_fields.as_deref().unwrap_or_default()
    }

    fn managed_fields_mut(&mut self) -> &mut Vec<ManagedFieldsEntry> {
        self.meta_mut().managed_fields.get_or_insert_default()
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::{
        apps::v1::Deployment,
        core::v1::{ConfigMap, Namespace, Pod},
    };

    use super::*;

    #[test]
    fn built_in_kinds_know_their_names() {
        assert_eq!(Pod::url_path(&(), Some("ns")), "/api/v1/namespaces/ns/pods");
        assert_eq!(Pod::url_path(&(), None), "/api/v1/pods");
        assert_eq!(Namespace::url_path(&(), None), "/api/v1/namespaces");
        assert_eq!(
            Deployment::url_path(&(), Some("a")),
            "/apis/apps/v1/namespaces/a/deployments"
        );
        assert_eq!(Deployment::api_version(&()), "apps/v1");
        assert!(!Deployment::metadata_api());
    }

    #[test]
    fn owner_references_need_name_and_uid() {
        let mut cm = ConfigMap::default();
        assert_eq!(cm.owner_ref(&()), None);
        cm.metadata.name = Some("a".into());
        assert_eq!(cm.controller_owner_ref(&()), None);
        cm.metadata.uid = Some("u".into());
        let owner = cm.owner_ref(&()).unwrap();
        assert_eq!(
            (owner.api_version.as_str(), owner.kind.as_str(), owner.controller),
            ("v1", "ConfigMap", None)
        );
        assert_eq!(cm.controller_owner_ref(&()).unwrap().controller, Some(true));
        assert_eq!(cm.object_ref(&()).uid.as_deref(), Some("u"));
    }

    #[test]
    fn names_fall_back_to_generate_name() {
        let mut cm = ConfigMap::default();
        assert_eq!(cm.name_any(), "");
        cm.metadata.generate_name = Some("a-".into());
        assert_eq!(cm.name_any(), "a-");
        cm.metadata.name = Some("a-1".into());
        assert_eq!((cm.name_any(), cm.name_unchecked()), ("a-1".into(), "a-1".into()));
    }

    #[test]
    fn empty_collections_read_as_empty_and_appear_when_written() {
        let mut cm = ConfigMap::default();
        assert!(cm.labels().is_empty() && cm.annotations().is_empty() && cm.finalizers().is_empty());
        assert!(cm.owner_references().is_empty() && cm.managed_fields().is_empty());
        cm.labels_mut().insert("k".into(), "v".into());
        cm.finalizers_mut().push("f".into());
        assert_eq!(cm.metadata.labels.unwrap()["k"], "v");
        assert_eq!(cm.metadata.finalizers.unwrap(), ["f"]);
    }
}
