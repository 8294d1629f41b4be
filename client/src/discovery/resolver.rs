//! Kinds looked up as they are met, and remembered.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{ApiCapabilities, ApiResource, Scope, documents, group::Resources};
use crate::{
    api::Api,
    client::Client,
    core::{DynamicObject, GroupVersionKind, TypeMeta},
    error::{DiscoveryError, Error, Result},
};

/// Finds the resources of kinds, one version of a group at a time, and remembers them.
///
/// A kind that is not known is asked for, and asked for again each time until it is there: a custom resource is found as
/// soon as its definition is served. For a look at everything there is, see [`Discovery`](super::Discovery).
///
/// A clone is another handle on the same memory.
///
/// ```
/// use seatrial_client::{Client, Result, api::DynamicObject, discovery::Resolver};
///
/// async fn read_again(resolver: &Resolver, object: &DynamicObject) -> Result<DynamicObject> {
///     let name = object.metadata.name.as_deref().unwrap_or_default();
///     resolver.api_of(object).await?.get(name).await
/// }
/// ```
#[derive(Clone)]
pub struct Resolver {
    client: Client,
    known: Arc<Mutex<BTreeMap<(String, String), Resources>>>,
}

impl Resolver {
    /// A resolver that knows nothing yet.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            known: Arc::default(),
        }
    }

    /// The resource of a kind.
    ///
    /// # Errors
    ///
    /// [`is_not_served`](Error::is_not_served) if the server has no such kind, and those of
    /// [`Client::request`](crate::Client::request).
    pub async fn resolve(&self, gvk: &GroupVersionKind) -> Result<(ApiResource, ApiCapabilities)> {
        let key = (gvk.group.clone(), gvk.version.clone());
        if let Some(found) = self.known().get(&key).and_then(|known| find(known, &gvk.kind)) {
            return Ok(found);
        }
        // Two who ask at the same time both ask the server, and both are told the same.
        let resources = documents::resources(&self.client, &gvk.group, &gvk.version).await?;
        let found = find(&resources, &gvk.kind);
        self.known().insert(key, resources);
        found.ok_or_else(|| {
            let kind = format!("{}, {}", gvk.api_version(), gvk.kind);
            Error::Discovery(DiscoveryError::MissingKind(kind))
        })
    }

    /// The resource that an object belongs to.
    ///
    /// # Errors
    ///
    /// As [`resolve`](Self::resolve), and [`Error::RefResolve`] if the object does not say what it is.
    pub async fn resolve_object(&self, object: &DynamicObject) -> Result<(ApiResource, ApiCapabilities)> {
        let types = object.types.as_ref();
        let gvk = types.and_then(|types: &TypeMeta| GroupVersionKind::try_from(types).ok());
        match gvk {
            Some(gvk) if !gvk.kind.is_empty() && !gvk.version.is_empty() => self.resolve(&gvk).await,
            _ => Err(Error::RefResolve("it has no apiVersion and kind".to_owned())),
        }
    }

    /// Access to an object's kind, in its namespace, or in the client's default one if it names none.
    ///
    /// # Errors
    ///
    /// As [`resolve_object`](Self::resolve_object).
    pub async fn api_of(&self, object: &DynamicObject) -> Result<Api<DynamicObject>> {
        let (resource, capabilities) = self.resolve_object(object).await?;
        let api = Api::dynamic(self.client.clone(), &resource, &capabilities.scope);
        Ok(match (&capabilities.scope, &object.metadata.namespace) {
            (Scope::Cluster, _) => api,
            (Scope::Namespaced, Some(namespace)) => api.constrain(namespace),
            (Scope::Namespaced, None) => api.constrain_default(),
        })
    }

    /// Forgets a group, after its definitions changed: a kind that was removed is known for ever otherwise.
    pub fn forget(&self, group: &str) {
        self.known().retain(|(known, _), _| known != group);
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<(String, String), Resources>> {
        // Every change is one step.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver")
            .field("known", &self.known().keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

fn find(resources: &Resources, kind: &str) -> Option<(ApiResource, ApiCapabilities)> {
    resources
        .iter()
        .find(|(resource, _)| resource.kind == kind)
        .cloned()
}
