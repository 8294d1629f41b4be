//! Reading objects through the client itself, for code that reads one here and one there.
//!
//! Where one kind is read or written again and again, an [`Api`](crate::Api) says its kind and namespace once.
//!
//! ```
//! use k8s_openapi::{
//!     api::{apps::v1::ReplicaSet, core::v1::Pod},
//!     apimachinery::pkg::apis::meta::v1::OwnerReference,
//! };
//! use seatrial_client::{
//!     Client, Result,
//!     client::scope::{Namespace, NamespacedRef},
//! };
//!
//! async fn siblings(client: &Client, pod: &Pod, owner: &OwnerReference) -> Result<i32> {
//!     let namespace = pod.metadata.namespace.clone();
//!     let set: ReplicaSet = client.fetch(&owner.within(namespace)).await?;
//!     let name = set.metadata.name.unwrap_or_default();
//!     let again: ReplicaSet = client.get(&name, &Namespace::from("apps")).await?;
//!     Ok(again.spec.and_then(|spec| spec.replicas).unwrap_or(1))
//! }
//! ```

use std::fmt::Debug;

use k8s_openapi::{
    ClusterResourceScope, NamespaceResourceScope,
    api::core::v1::{LocalObjectReference, Namespace as NamespaceObject, ObjectReference},
    apimachinery::pkg::apis::meta::v1::OwnerReference,
};
use serde::{Serialize, de::DeserializeOwned};

use super::{Answer, Client, Verb};
use crate::{
    core::{
        ApiResource, DynamicObject, GroupVersionKind, NamespaceScope, ObjectList, Request, Resource,
        decode::Decode,
        params::{GetParams, ListParams},
    },
    error::{Error, Result},
};

/// The whole cluster.
#[derive(Clone, Copy, Debug)]
pub struct Cluster;

/// One namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace(String);

/// The namespace object has no name yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the namespace has no name")]
pub struct NamespaceError(());

impl From<&str> for Namespace {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl From<String> for Namespace {
    fn from(name: String) -> Self {
        Self(name)
    }
}

impl TryFrom<&NamespaceObject> for Namespace {
    type Error = NamespaceError;

    fn try_from(object: &NamespaceObject) -> Result<Self, NamespaceError> {
        object.metadata.name.clone().map(Self).ok_or(NamespaceError(()))
    }
}

/// Where an object of kind `K` can be: [`Cluster`] or a [`Namespace`], whichever its kind allows.
pub trait ObjectUrl<K>: Place {}

/// Where objects of kind `K` can be listed: in a [`Namespace`] if its kind has them, or in the whole [`Cluster`].
pub trait CollectionUrl<K>: Place {}

impl<K: Resource<Scope = ClusterResourceScope>> ObjectUrl<K> for Cluster {}
impl<K: Resource<Scope = NamespaceResourceScope>> ObjectUrl<K> for Namespace {}
impl<K: Resource> CollectionUrl<K> for Cluster {}
impl<K: Resource<Scope = NamespaceResourceScope>> CollectionUrl<K> for Namespace {}

mod sealed {
    /// A part of the cluster.
    pub trait Place {
        /// The namespace that the place is, if it is not the whole cluster.
        fn namespace(&self) -> Option<&str>;
    }

    impl Place for super::Cluster {
        fn namespace(&self) -> Option<&str> {
            None
        }
    }

    impl Place for super::Namespace {
        fn namespace(&self) -> Option<&str> {
            Some(&self.0)
        }
    }
}
use sealed::Place;

/// A reference that names one object of kind `K`.
pub trait ObjectRef<K> {
    /// The path of the collection and the name of the object, or what is missing.
    ///
    /// # Errors
    ///
    /// [`Error::RefResolve`].
    fn resolve(&self) -> Result<(String, String)>;
}

/// A reference to an object that is in a namespace, but does not say in which.
pub trait NamespacedRef<K> {
    /// The reference in a namespace; in that of the reference itself, if it has one, for `None`.
    fn within(&self, namespace: impl Into<Option<String>>) -> impl ObjectRef<K>;
}

/// A reference in full.
struct Target {
    kind: Option<ApiResource>,
    namespace: Option<String>,
    name: Option<String>,
}

impl<K> ObjectRef<K> for Target {
    fn resolve(&self) -> Result<(String, String)> {
        let missing = |what: &str| Error::RefResolve(format!("it has no {what}"));
        let name = self
            .name
            .clone()
            .filter(|name| !name.is_empty())
            .ok_or_else(|| missing("name"))?;
        let kind = self.kind.as_ref().ok_or_else(|| missing("kind"))?;
        Ok((DynamicObject::url_path(kind, self.namespace.as_deref()), name))
    }
}

impl Target {
    fn of_object(reference: &ObjectReference, namespace: Option<String>) -> Self {
        let is_complete = reference.kind.is_some() && reference.api_version.is_some();
        Self {
            kind: is_complete.then(|| ApiResource::from_gvk(&reference.clone().into())),
            namespace: namespace.or_else(|| reference.namespace.clone()),
            name: reference.name.clone(),
        }
    }

    fn of_owner(reference: &OwnerReference, namespace: Option<String>) -> Self {
        let gvk = GroupVersionKind::from(reference.clone());
        Self {
            kind: (!gvk.kind.is_empty()).then(|| ApiResource::from_gvk(&gvk)),
            namespace,
            name: Some(reference.name.clone()),
        }
    }
}

impl<K: Resource> ObjectRef<K> for ObjectReference {
    fn resolve(&self) -> Result<(String, String)> {
        ObjectRef::<K>::resolve(&Target::of_object(self, None))
    }
}

impl<K: Resource> ObjectRef<K> for OwnerReference {
    fn resolve(&self) -> Result<(String, String)> {
        ObjectRef::<K>::resolve(&Target::of_owner(self, None))
    }
}

impl<K> NamespacedRef<K> for ObjectReference
where
    K: Resource,
    K::Scope: NamespaceScope,
{
    fn within(&self, namespace: impl Into<Option<String>>) -> impl ObjectRef<K> {
        Target::of_object(self, namespace.into())
    }
}

impl<K> NamespacedRef<K> for OwnerReference
where
    K: Resource,
    K::Scope: NamespaceScope,
{
    fn within(&self, namespace: impl Into<Option<String>>) -> impl ObjectRef<K> {
        Target::of_owner(self, namespace.into())
    }
}

impl<K> NamespacedRef<K> for LocalObjectReference
where
    K: Resource,
    K::DynamicType: Default,
    K::Scope: NamespaceScope,
{
    fn within(&self, namespace: impl Into<Option<String>>) -> impl ObjectRef<K> {
        Target {
            kind: Some(ApiResource::erase::<K>(&K::DynamicType::default())),
            namespace: namespace.into(),
            name: Some(self.name.clone()),
        }
    }
}

/// # Reading objects of any kind
///
/// The errors of these are those of [`Api::get`](crate::Api::get) and [`Api::list`](crate::Api::list).
impl Client {
    /// The object of kind `K` named `name`.
    ///
    /// # Errors
    ///
    /// As [`Api::get`](crate::Api::get).
    pub async fn get<K>(&self, name: &str, scope: &impl ObjectUrl<K>) -> Result<K>
    where
        K: Resource + Serialize + DeserializeOwned + Clone + Debug,
        K::DynamicType: Default,
    {
        self.read(K::url_path(&K::DynamicType::default(), scope.namespace()), name)
            .await
    }

    /// The objects of kind `K` that `lp` selects.
    ///
    /// # Errors
    ///
    /// As [`Api::list`](crate::Api::list).
    pub async fn list<K>(&self, lp: &ListParams, scope: &impl CollectionUrl<K>) -> Result<ObjectList<K>>
    where
        K: Resource + Serialize + DeserializeOwned + Clone + Debug,
        K::DynamicType: Default,
    {
        let path = K::url_path(&K::DynamicType::default(), scope.namespace());
        let request = Request::new(path).list(lp);
        self.call_as(Verb::List, request, |answer| answer.list(Decode::default()))
            .await
    }

    /// The object that a reference names.
    ///
    /// The plural of its kind is guessed, which suits the built-in kinds and most others.
    ///
    /// # Errors
    ///
    /// [`Error::RefResolve`] if the reference lacks a name or a kind, otherwise as [`Api::get`](crate::Api::get).
    pub async fn fetch<K>(&self, reference: &impl ObjectRef<K>) -> Result<K>
    where
        K: Resource + Serialize + DeserializeOwned + Clone + Debug,
    {
        let (path, name) = reference.resolve()?;
        self.read(path, &name).await
    }

    async fn read<K: DeserializeOwned>(&self, path: String, name: &str) -> Result<K> {
        let request = Request::new(path).get(name, &GetParams::default());
        self.call_as(Verb::Get, request, Answer::json).await
    }
}
