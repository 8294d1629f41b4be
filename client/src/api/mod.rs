//! Typed access to one kind of object.
//!
//! An [`Api`] is a [`Client`] that knows a kind and, for most purposes, a namespace.
//!
//! **Invariant:** each verb has one shape inside; what differs between its twins is the representation they ask for and
//! how they treat an absent object.
//!
//! Reading order: [`Api`] and its constructors, `read.rs`, `pages.rs`, `write.rs`, `apply.rs`, `retry.rs`, `subresource.rs`, `kinds.rs` for what only some
//! kinds have, `remote` for commands and ports of pods, [`entry`] for read-modify-write.

mod apply;
mod kinds;
mod pages;
mod read;
#[cfg(feature = "ws")]
mod remote;
mod retry;
mod subresource;
mod write;

pub mod entry;

use std::{fmt, marker::PhantomData, sync::Arc};

use k8s_openapi::NamespaceResourceScope;
use serde::de::DeserializeOwned;

#[cfg(feature = "ws")]
pub use self::remote::{Attach, AttachedProcess, Execute, Portforward, Portforwarder, TerminalSize};
pub use self::{
    kinds::{Ephemeral, Evict, Log, Resize},
    retry::retry_on_conflict,
};
pub use crate::core::{
    DynamicObject, GroupVersionKind, GroupVersionResource, ListMeta, NotUsed, Object, ObjectList, ObjectMeta,
    PartialObjectMeta, PartialObjectMetaExt, Request, Resource, ResourceExt, TypeMeta, WatchEvent,
    discovery::ApiResource,
    params::{
        DeleteParams, GetParams, ListParams, Patch, PatchParams, PostParams, Preconditions,
        PropagationPolicy, ValidationDirective, VersionMatch, WatchParams,
    },
    subresource::{AttachParams, EvictParams, LogParams, ScaleSpec, ScaleStatus},
};
use crate::{
    client::{Answer, Client, Verb, retry::RetryPolicy},
    core::{DynamicResourceScope, NamespaceScope, decode::Decode, discovery::Scope, request},
    error::Result,
};

/// The objects of one kind, in one namespace or across all of them.
///
/// Cheap to clone. A name passed to a method is looked up in the namespace of the `Api`: an `Api` across all namespaces
/// lists, watches and deletes collections, but cannot reach a namespaced object by name.
///
/// ```
/// use k8s_openapi::api::core::v1::Pod;
/// use seatrial_client::{Api, Client};
///
/// fn pods(client: Client) -> Api<Pod> {
///     Api::namespaced(client, "apps")
/// }
/// ```
pub struct Api<K> {
    /// Builds requests on the path of the collection.
    request: Request,
    client: Client,
    namespace: Option<String>,
    kind: Arc<Kind>,
    /// How the items of lists and the objects of watches are decoded.
    decode: Decode,
    /// A function pointer, so that an `Api` is `Send` and `Sync` whatever `K` is.
    types: PhantomData<fn() -> K>,
}

/// What an [`Api`] remembers of its kind, to find its way to another namespace.
struct Kind {
    resource: ApiResource,
    /// The kind is known, by discovery, to live outside of namespaces.
    is_cluster_scoped: bool,
}

// === Constructors ===

impl<K: Resource> Api<K>
where
    K::DynamicType: Default,
{
    /// The objects of a cluster-scoped kind, or of all namespaces.
    pub fn all(client: Client) -> Self {
        Self::all_with(client, &K::DynamicType::default())
    }

    /// The objects of one namespace.
    pub fn namespaced(client: Client, ns: &str) -> Self
    where
        K: Resource<Scope = NamespaceResourceScope>,
    {
        Self::at(client, Some(ns), &K::DynamicType::default(), false)
    }

    /// The objects of the client's [default namespace](Client::default_namespace).
    pub fn default_namespaced(client: Client) -> Self
    where
        K: Resource<Scope = NamespaceResourceScope>,
    {
        let ns = client.default_namespace().to_owned();
        Self::namespaced(client, &ns)
    }
}

impl<K: Resource> Api<K> {
    /// [`all`](Self::all), for a kind that is known at run time.
    pub fn all_with(client: Client, dyntype: &K::DynamicType) -> Self {
        Self::at(client, None, dyntype, false)
    }

    /// [`namespaced`](Self::namespaced), for a kind that is known at run time.
    pub fn namespaced_with(client: Client, ns: &str, dyntype: &K::DynamicType) -> Self
    where
        K: Resource<Scope = DynamicResourceScope>,
    {
        Self::at(client, Some(ns), dyntype, false)
    }

    /// [`default_namespaced`](Self::default_namespaced), for a kind that is known at run time.
    pub fn default_namespaced_with(client: Client, dyntype: &K::DynamicType) -> Self
    where
        K: Resource<Scope = DynamicResourceScope>,
    {
        let ns = client.default_namespace().to_owned();
        Self::namespaced_with(client, &ns, dyntype)
    }

    /// All objects of a kind that discovery found.
    ///
    /// Follow with [`constrain`](Self::constrain) to stay in a namespace, as `kubectl --namespace` does: a kind that
    /// lives outside of namespaces is not affected by it.
    pub fn dynamic(client: Client, dyntype: &K::DynamicType, scope: &Scope) -> Self
    where
        K: Resource<DynamicType = ApiResource, Scope = DynamicResourceScope>,
    {
        Self::at(client, None, dyntype, matches!(scope, Scope::Cluster))
    }

    /// The same kind in the namespace `ns`; across all namespaces if `ns` is empty.
    ///
    /// An `Api` made by [`dynamic`](Self::dynamic) for a cluster-scoped kind stays as it is.
    #[must_use]
    pub fn constrain(self, ns: &str) -> Self
    where
        K::Scope: NamespaceScope,
    {
        self.moved(Some(ns).filter(|ns| !ns.is_empty()))
    }

    /// The same kind in the client's [default namespace](Client::default_namespace).
    #[must_use]
    pub fn constrain_default(self) -> Self
    where
        K::Scope: NamespaceScope,
    {
        let ns = self.client.default_namespace().to_owned();
        self.constrain(&ns)
    }

    /// The same kind across all namespaces.
    #[must_use]
    pub fn unconstrain(self) -> Self
    where
        K::Scope: NamespaceScope,
    {
        self.moved(None)
    }

    /// The same kind, with the items of lists and the objects of watches decoded as `decode` says.
    ///
    /// Single objects are decoded in full all the same, so that one that was read can be written back.
    #[must_use]
    pub fn with_decode(mut self, decode: Decode) -> Self {
        self.decode = decode;
        self
    }

    /// The same kind with another way to repeat requests, or none; see [`Client::with_retry`].
    #[must_use]
    pub fn with_retry(mut self, retry: impl Into<Option<RetryPolicy>>) -> Self {
        self.client = self.client.with_retry(retry);
        self
    }

    /// The client that this was made from.
    pub fn into_client(self) -> Client {
        self.client
    }

    /// The path of the collection.
    pub fn resource_url(&self) -> &str {
        &self.request.url_path
    }

    /// The namespace, unless this is across all of them or the kind has none.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    fn at(client: Client, ns: Option<&str>, dyntype: &K::DynamicType, is_cluster_scoped: bool) -> Self {
        Self {
            request: Request::new(K::url_path(dyntype, ns)),
            client,
            namespace: ns.map(str::to_owned),
            kind: Arc::new(Kind {
                resource: ApiResource::erase::<K>(dyntype),
                is_cluster_scoped,
            }),
            decode: Decode::default(),
            types: PhantomData,
        }
    }

    fn moved(self, ns: Option<&str>) -> Self {
        if self.kind.is_cluster_scoped {
            return self;
        }
        Self {
            request: Request::new(DynamicObject::url_path(&self.kind.resource, ns)),
            namespace: ns.map(str::to_owned),
            ..self
        }
    }
}

// === The one shape of all calls ===

impl<K> Api<K> {
    /// [`namespace`](Self::namespace), whatever the kind.
    pub(crate) fn namespace_name(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The client that requests go to.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Sends what core built, under its verb, and reads the answer if it is one of success.
    ///
    /// No function of its own future, nor are the next, as with [`Client::call_as`].
    fn call<T, F>(
        &self,
        verb: Verb,
        request: Result<http::Request<Vec<u8>>, request::Error>,
        read: impl Fn(Answer) -> F,
    ) -> impl Future<Output = Result<T>>
    where
        F: Future<Output = Result<T>>,
    {
        self.client.call_as(verb, request, read)
    }

    /// A call that is answered with one document.
    fn call_for<T: DeserializeOwned>(
        &self,
        verb: Verb,
        request: Result<http::Request<Vec<u8>>, request::Error>,
    ) -> impl Future<Output = Result<T>> {
        self.call(verb, request, Answer::json)
    }

    /// A call that is answered with a stream.
    fn open(
        &self,
        verb: Verb,
        request: Result<http::Request<Vec<u8>>, request::Error>,
    ) -> impl Future<Output = Result<Answer>> {
        self.call(verb, request, |answer| std::future::ready(Ok(answer)))
    }
}

/// The body of a request.
fn to_json(value: &impl serde::Serialize) -> Result<Vec<u8>, request::Error> {
    serde_json::to_vec(value).map_err(request::Error::SerializeBody)
}

// === Traits of Api ===

impl<K> Clone for Api<K> {
    fn clone(&self) -> Self {
        Self {
            request: self.request.clone(),
            client: self.client.clone(),
            namespace: self.namespace.clone(),
            kind: Arc::clone(&self.kind),
            decode: self.decode,
            types: PhantomData,
        }
    }
}

impl<K> From<Api<K>> for Client {
    fn from(api: Api<K>) -> Self {
        api.client
    }
}

impl<K> fmt::Debug for Api<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api")
            .field("url", &self.request.url_path)
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}
