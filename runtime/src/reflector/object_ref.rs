//! Names of objects.

use std::{
    borrow::Cow,
    fmt,
    hash::{Hash, Hasher},
};

use k8s_openapi::{api::core::v1::ObjectReference, apimachinery::pkg::apis::meta::v1::OwnerReference};
use seatrial_client::{Resource, core::DynamicObject};

/// What can be looked up in a [`Store`](super::Store): it has a kind and a name.
///
/// Every [`Resource`] has it by the blanket impl. Implement it for types that stand for an object without being one.
pub trait Lookup {
    /// What has to be known at run time to name the kind.
    type DynamicType;

    /// The kind, such as `Pod`.
    fn kind(dyntype: &Self::DynamicType) -> Cow<'_, str>;

    /// The group; empty for the core group.
    fn group(dyntype: &Self::DynamicType) -> Cow<'_, str>;

    /// The version, such as `v1`.
    fn version(dyntype: &Self::DynamicType) -> Cow<'_, str>;

    /// The group and version as objects carry them.
    fn api_version(dyntype: &Self::DynamicType) -> Cow<'_, str> {
        let (group, version) = (Self::group(dyntype), Self::version(dyntype));
        if group.is_empty() {
            version
        } else {
            Cow::Owned(format!("{group}/{version}"))
        }
    }

    /// The name of the resource in URLs.
    fn plural(dyntype: &Self::DynamicType) -> Cow<'_, str>;

    /// The name of the object.
    fn name(&self) -> Option<Cow<'_, str>>;

    /// The namespace of the object.
    fn namespace(&self) -> Option<Cow<'_, str>>;

    /// The resource version of this state of the object.
    fn resource_version(&self) -> Option<Cow<'_, str>>;

    /// The UID of the object.
    fn uid(&self) -> Option<Cow<'_, str>>;

    /// The reference to this object.
    ///
    /// An object without a name, which no server sends, becomes a reference with an empty one, which finds nothing.
    fn to_object_ref(&self, dyntype: Self::DynamicType) -> ObjectRef<Self> {
        ObjectRef {
            dyntype,
            name: self.name().map(Cow::into_owned).unwrap_or_default(),
            namespace: self.namespace().map(Cow::into_owned),
            extra: ObjectRefExtra {
                resource_version: self.resource_version().map(Cow::into_owned),
                uid: self.uid().map(Cow::into_owned),
            },
        }
    }
}

impl<K: Resource> Lookup for K {
    type DynamicType = K::DynamicType;

    fn kind(dyntype: &Self::DynamicType) -> Cow<'_, str> {
        K::kind(dyntype)
    }

    fn group(dyntype: &Self::DynamicType) -> Cow<'_, str> {
        K::group(dyntype)
    }

    fn version(dyntype: &Self::DynamicType) -> Cow<'_, str> {
        K::version(dyntype)
    }

    fn api_version(dyntype: &Self::DynamicType) -> Cow<'_, str> {
        K::api_version(dyntype)
    }

    fn plural(dyntype: &Self::DynamicType) -> Cow<'_, str> {
        K::plural(dyntype)
    }

    fn name(&self) -> Option<Cow<'_, str>> {
        self.meta().name.as_deref().map(Cow::Borrowed)
    }

    fn namespace(&self) -> Option<Cow<'_, str>> {
        self.meta().namespace.as_deref().map(Cow::Borrowed)
    }

    fn resource_version(&self) -> Option<Cow<'_, str>> {
        self.meta().resource_version.as_deref().map(Cow::Borrowed)
    }

    fn uid(&self) -> Option<Cow<'_, str>> {
        self.meta().uid.as_deref().map(Cow::Borrowed)
    }
}

/// The name of an object: kind, namespace and name.
///
/// Two references are equal if those are; [`extra`](Self::extra) does not count.
#[non_exhaustive]
pub struct ObjectRef<K: Lookup + ?Sized> {
    /// What names the kind.
    pub dyntype: K::DynamicType,
    /// The name of the object.
    pub name: String,
    /// The namespace of the object; nothing for kinds that live in none.
    pub namespace: Option<String>,
    /// What else the source of the reference knew.
    pub extra: ObjectRefExtra,
}

/// What a reference may know beyond the name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectRefExtra {
    /// The resource version of the object that the reference was made from.
    pub resource_version: Option<String>,
    /// The UID of the object that the reference was made from, or that an owner reference names.
    pub uid: Option<String>,
}

// === impl ObjectRef ===

impl<K: Lookup> ObjectRef<K>
where
    K::DynamicType: Default,
{
    /// The object of this name, in no namespace.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self::new_with(name, K::DynamicType::default())
    }

    /// The reference to `object`.
    #[must_use]
    pub fn from_obj(object: &K) -> Self {
        object.to_object_ref(K::DynamicType::default())
    }
}

impl<K: Lookup> ObjectRef<K> {
    /// The object of this name, in no namespace, of a kind known at run time.
    #[must_use]
    pub fn new_with(name: &str, dyntype: K::DynamicType) -> Self {
        Self {
            dyntype,
            name: name.to_owned(),
            namespace: None,
            extra: ObjectRefExtra::default(),
        }
    }

    /// The same name in `namespace`.
    #[must_use]
    pub fn within(mut self, namespace: &str) -> Self {
        self.namespace = Some(namespace.to_owned());
        self
    }

    /// The reference to `object`, of a kind known at run time.
    #[must_use]
    pub fn from_obj_with(object: &K, dyntype: K::DynamicType) -> Self
    where
        K: Lookup,
    {
        object.to_object_ref(dyntype)
    }

    /// The owner that `owner` names, if it is of this kind.
    ///
    /// `namespace` is that of the object that is owned: an owner in a namespace has the same. Versions of one group name the same objects, so
    /// the version of the reference does not matter.
    #[must_use]
    pub fn from_owner_ref(
        namespace: Option<&str>,
        owner: &OwnerReference,
        dyntype: K::DynamicType,
    ) -> Option<Self> {
        let group = owner.api_version.rsplit_once('/').map_or("", |(group, _)| group);
        if K::group(&dyntype) != group || K::kind(&dyntype) != owner.kind {
            return None;
        }
        Some(Self {
            dyntype,
            name: owner.name.clone(),
            namespace: namespace.map(str::to_owned),
            extra: ObjectRefExtra {
                resource_version: None,
                uid: Some(owner.uid.clone()),
            },
        })
    }

    /// The same name taken as of another kind, which is not checked.
    #[must_use]
    pub fn into_kind_unchecked<K2: Lookup>(self, dyntype: K2::DynamicType) -> ObjectRef<K2> {
        ObjectRef {
            dyntype,
            name: self.name,
            namespace: self.namespace,
            extra: self.extra,
        }
    }

    /// The same reference with its kind as data.
    #[must_use]
    pub fn erase(self) -> ObjectRef<DynamicObject> {
        let dyntype = seatrial_client::core::ApiResource {
            group: K::group(&self.dyntype).into_owned(),
            version: K::version(&self.dyntype).into_owned(),
            api_version: K::api_version(&self.dyntype).into_owned(),
            kind: K::kind(&self.dyntype).into_owned(),
            plural: K::plural(&self.dyntype).into_owned(),
        };
        self.into_kind_unchecked(dyntype)
    }
}

impl<K: Lookup + ?Sized> Clone for ObjectRef<K>
where
    K::DynamicType: Clone,
{
    fn clone(&self) -> Self {
        Self {
            dyntype: self.dyntype.clone(),
            name: self.name.clone(),
            namespace: self.namespace.clone(),
            extra: self.extra.clone(),
        }
    }
}

impl<K: Lookup + ?Sized> fmt::Debug for ObjectRef<K>
where
    K::DynamicType: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectRef")
            .field("dyntype", &self.dyntype)
            .field("name", &self.name)
            .field("namespace", &self.namespace)
            .field("extra", &self.extra)
            .finish()
    }
}

impl<K: Lookup + ?Sized> PartialEq for ObjectRef<K>
where
    K::DynamicType: PartialEq,
{
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.namespace == other.namespace && self.dyntype == other.dyntype
    }
}

impl<K: Lookup + ?Sized> Eq for ObjectRef<K> where K::DynamicType: Eq {}

impl<K: Lookup + ?Sized> Hash for ObjectRef<K>
where
    K::DynamicType: Hash,
{
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.dyntype.hash(state);
        self.name.hash(state);
        self.namespace.hash(state);
    }
}

/// `Kind.version.group/name.namespace`, the namespace left out where there is none.
impl<K: Lookup> fmt::Display for ObjectRef<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, version, group) = (
            K::kind(&self.dyntype),
            K::version(&self.dyntype),
            K::group(&self.dyntype),
        );
        write!(f, "{kind}.{version}.{group}/{}", self.name)?;
        match &self.namespace {
            Some(namespace) => write!(f, ".{namespace}"),
            None => Ok(()),
        }
    }
}

impl<K: Lookup> From<&K> for ObjectRef<K>
where
    K::DynamicType: Default,
{
    fn from(object: &K) -> Self {
        Self::from_obj(object)
    }
}

impl<K: Lookup> From<ObjectRef<K>> for ObjectReference {
    fn from(object: ObjectRef<K>) -> Self {
        Self {
            api_version: Some(K::api_version(&object.dyntype).into_owned()),
            kind: Some(K::kind(&object.dyntype).into_owned()),
            name: Some(object.name),
            namespace: object.namespace,
            resource_version: object.extra.resource_version,
            uid: object.extra.uid,
            field_path: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::{
        apps::v1::Deployment,
        core::v1::{ConfigMap, Namespace, Pod},
    };

    use super::*;

    fn owner(api_version: &str, kind: &str) -> OwnerReference {
        OwnerReference {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            name: "web".to_owned(),
            uid: "u".to_owned(),
            ..OwnerReference::default()
        }
    }

    #[test]
    fn display_names_the_kind_in_full() {
        assert_eq!(
            ObjectRef::<Namespace>::new("kube-system").to_string(),
            "Namespace.v1./kube-system"
        );
        assert_eq!(
            ObjectRef::<Pod>::new("web-1").within("shop").to_string(),
            "Pod.v1./web-1.shop"
        );
        assert_eq!(
            ObjectRef::<Deployment>::new("web").within("shop").to_string(),
            "Deployment.v1.apps/web.shop"
        );
        assert_eq!(
            ObjectRef::<Deployment>::new("web").erase().to_string(),
            "Deployment.v1.apps/web"
        );
    }

    #[test]
    fn extra_does_not_count() {
        let mut object = ConfigMap::default();
        object.metadata.name = Some("a".to_owned());
        object.metadata.uid = Some("1".to_owned());
        assert_eq!(ObjectRef::from_obj(&object), ObjectRef::new("a"));
        assert_ne!(ObjectRef::from_obj(&object), ObjectRef::new("a").within("b"));
    }

    #[test]
    fn owners_match_by_group_and_kind() {
        let find = |api_version, kind| {
            ObjectRef::<Deployment>::from_owner_ref(Some("shop"), &owner(api_version, kind), ())
        };
        assert_eq!(
            find("apps/v1", "Deployment"),
            Some(ObjectRef::new("web").within("shop"))
        );
        assert!(find("apps/v1beta2", "Deployment").is_some());
        assert!(find("extensions/v1beta1", "Deployment").is_none());
        assert!(find("apps/v1", "ReplicaSet").is_none());
        assert!(find("v1", "Deployment").is_none());
    }
}
