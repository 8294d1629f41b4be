//! Cleaning up before an object goes.

use std::{error::Error as StdError, fmt::Debug, sync::Arc};

use futures::{TryFuture, TryFutureExt};
use json_patch::{PatchOperation, RemoveOperation, TestOperation, jsonptr::PointerBuf};
use seatrial_client::{
    Api, Error as ClientError, Resource, ResourceExt,
    api::{Patch, PatchParams},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::controller::Action;

/// What a reconciler with a finalizer is asked to do.
#[derive(Clone, Debug)]
pub enum Event<K> {
    /// Make the world as the object says. The finalizer is in place.
    Apply(Arc<K>),
    /// The object is being deleted: undo what [`Apply`](Self::Apply) did outside of the object. The finalizer is removed once this succeeded.
    ///
    /// It may be asked for more than once, and for an object that was never applied to the end.
    Cleanup(Arc<K>),
}

/// Reconciling with a finalizer failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error<ReconcileErr>
where
    ReconcileErr: StdError + 'static,
{
    /// Applying failed.
    #[error("applying the object failed")]
    ApplyFailed(#[source] ReconcileErr),
    /// Cleaning up failed; the finalizer stays.
    #[error("cleaning up the object failed")]
    CleanupFailed(#[source] ReconcileErr),
    /// The finalizer could not be added, so nothing was applied.
    #[error("the finalizer could not be added")]
    AddFinalizer(#[source] ClientError),
    /// The clean-up succeeded, but the finalizer could not be removed: it will be asked for again.
    #[error("the finalizer could not be removed")]
    RemoveFinalizer(#[source] ClientError),
    /// The object has no name, so it does not come from a server.
    #[error("the object has no name")]
    UnnamedObject,
    /// The name is none that a finalizer can have.
    #[error("the finalizer's name is not a qualified name")]
    InvalidFinalizer,
}

/// Reconciles an object so that it cannot go before it was cleaned up after.
///
/// Adds the finalizer before the first [`Event::Apply`], and removes it after [`Event::Cleanup`] succeeded. Each of these writes leads to a run
/// of its own, with the object as it is then: the run that adds the finalizer applies nothing.
///
/// The writes say which state of the object they were decided on (UID, version or the place in the list of finalizers), so that neither an object that was replaced meanwhile nor
/// one that somebody else gave the same finalizer is changed by mistake.
///
/// ```
/// use std::sync::Arc;
///
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use seatrial_client::{Api, Client, ResourceExt};
/// use seatrial_runtime::{controller::Action, finalizer::{self, Event, finalizer}};
///
/// # async fn record(name: &str) -> Result<(), std::io::Error> { Ok(()) }
/// # async fn forget(name: &str) -> Result<(), std::io::Error> { Ok(()) }
/// /// The reconciler of a controller; `record` and `forget` change something outside of the cluster.
/// async fn reconcile(config: Arc<ConfigMap>, client: Arc<Client>) -> Result<Action, finalizer::Error<std::io::Error>> {
///     let configs = Api::namespaced((*client).clone(), &config.namespace().unwrap_or_default());
///     finalizer(&configs, "example.com/record", config, async |event| {
///         match event {
///             Event::Apply(config) => record(&config.name_any()).await?,
///             // It may have been forgotten already, so that has to be no error.
///             Event::Cleanup(config) => forget(&config.name_any()).await?,
///         }
///         Ok(Action::await_change())
///     })
///     .await
/// }
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?.block_on(async {
/// # let cluster = seatrial_testkit::FakeCluster::builder()
/// #     .yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}")
/// #     .build()?;
/// # let client = Arc::new(cluster.client());
/// # let configs = Api::<ConfigMap>::default_namespaced(cluster.client());
/// # reconcile(Arc::new(configs.get("a").await?), client).await?;
/// # assert_eq!(configs.get("a").await?.finalizers(), ["example.com/record"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// See [`Error`]. A conflict or an object that changed meanwhile is an error as well, to be tried again with the newer object.
///
/// # Source
///
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/>
pub async fn finalizer<K, ReconcileFut>(
    api: &Api<K>,
    finalizer_name: &str,
    obj: Arc<K>,
    reconcile: impl FnOnce(Event<K>) -> ReconcileFut,
) -> Result<Action, Error<ReconcileFut::Error>>
where
    K: Resource + Clone + DeserializeOwned + Serialize + Debug,
    ReconcileFut: TryFuture<Ok = Action>,
    ReconcileFut::Error: StdError + 'static,
{
    if !is_qualified(finalizer_name) {
        return Err(Error::InvalidFinalizer);
    }
    let name = obj.meta().name.clone().ok_or(Error::UnnamedObject)?;
    match (step(&*obj, finalizer_name), obj) {
        (Step::Apply, obj) => run(reconcile(Event::Apply(obj)))
            .await
            .map_err(Error::ApplyFailed),
        (Step::Add, obj) => {
            let patch = Patch::Merge(addition(&*obj, finalizer_name));
            write(api, &name, patch).await.map_err(Error::AddFinalizer)?;
            // The write is a change, which leads to the next run.
            Ok(Action::await_change())
        }
        (Step::Cleanup { index }, obj) => {
            let removal = removal(&*obj, finalizer_name, index);
            let action = run(reconcile(Event::Cleanup(obj)))
                .await
                .map_err(Error::CleanupFailed)?;
            match write(api, &name, Patch::Json(removal)).await {
                Ok(()) => Ok(action),
                // Gone already: nobody is left to be held.
                Err(error) if error.is_not_found() => Ok(action),
                Err(error) => Err(Error::RemoveFinalizer(error)),
            }
        }
        (Step::Nothing, _) => Ok(Action::await_change()),
    }
}

async fn run<Fut: TryFuture>(future: Fut) -> Result<Fut::Ok, Fut::Error> {
    TryFutureExt::into_future(future).await
}

async fn write<K>(api: &Api<K>, name: &str, patch: Patch<Value>) -> Result<(), ClientError>
where
    K: Resource + Clone + DeserializeOwned + Debug,
{
    api.patch_metadata(name, &PatchParams::default(), &patch)
        .await
        .map(drop)
}

/// What an object needs next.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Apply,
    Add,
    /// The finalizer is at this place in the list.
    Cleanup {
        index: usize,
    },
    Nothing,
}

fn step<K: Resource>(object: &K, finalizer: &str) -> Step {
    let index = object.finalizers().iter().position(|held| held == finalizer);
    match (object.meta().deletion_timestamp.is_some(), index) {
        (false, Some(_)) => Step::Apply,
        (false, None) => Step::Add,
        (true, Some(index)) => Step::Cleanup { index },
        (true, None) => Step::Nothing,
    }
}

/// A merge patch that adds the finalizer.
///
/// It replaces the whole list, and the version makes the server refuse it if anybody changed the object meanwhile. So a finalizer is never added
/// twice, and never is another one dropped.
fn addition<K: Resource>(object: &K, finalizer: &str) -> Value {
    let finalizers: Vec<_> = object
        .finalizers()
        .iter()
        .map(String::as_str)
        .chain([finalizer])
        .collect();
    json!({"metadata": {
        "uid": object.meta().uid,
        "resourceVersion": object.meta().resource_version,
        "finalizers": finalizers,
    }})
}

/// A JSON patch that removes the finalizer from its place in the list of this very object.
///
/// It does not mind other changes, which the clean-up may well have made itself.
fn removal<K: Resource>(object: &K, finalizer: &str, index: usize) -> json_patch::Patch {
    let place = PointerBuf::from_tokens(["metadata", "finalizers", &index.to_string()]);
    let test = |path, value| PatchOperation::Test(TestOperation { path, value });
    json_patch::Patch(vec![
        test(
            PointerBuf::from_tokens(["metadata", "uid"]),
            json!(object.meta().uid),
        ),
        test(place.clone(), json!(finalizer)),
        PatchOperation::Remove(RemoveOperation { path: place }),
    ])
}

/// Whether the server takes this as a finalizer: a name, with the domain before it that keeps it apart from those of others.
fn is_qualified(finalizer: &str) -> bool {
    let (prefix, name) = match finalizer.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, finalizer),
    };
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let outer = |c: char| c.is_ascii_alphanumeric();
    let is_name =
        name.len() <= 63 && name.starts_with(outer) && name.ends_with(outer) && name.chars().all(inner);
    let is_label = |label: &str| {
        let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        label.starts_with(lower) && label.ends_with(lower) && label.chars().all(|c| lower(c) || c == '-')
    };
    is_name && prefix.is_none_or(|prefix| prefix.len() <= 253 && prefix.split('.').all(is_label))
}

#[cfg(test)]
mod tests {
    use k8s_openapi::{api::core::v1::ConfigMap, apimachinery::pkg::apis::meta::v1::Time};

    use super::*;

    fn object(finalizers: &[&str], deleting: bool) -> ConfigMap {
        let mut object = ConfigMap::default();
        object.metadata.uid = Some("u".to_owned());
        object.metadata.resource_version = Some("7".to_owned());
        object.metadata.finalizers = Some(finalizers.iter().copied().map(str::to_owned).collect());
        object.metadata.deletion_timestamp = deleting.then(|| Time("2026-01-01T00:00:00Z".parse().unwrap()));
        object
    }

    #[test]
    fn the_object_says_what_is_next() {
        let next = |finalizers: &[&str], deleting| step(&object(finalizers, deleting), "a/b");
        assert_eq!(next(&[], false), Step::Add);
        assert_eq!(next(&["x"], false), Step::Add);
        assert_eq!(next(&["x", "a/b"], false), Step::Apply);
        assert_eq!(next(&["x", "a/b"], true), Step::Cleanup { index: 1 });
        assert_eq!(next(&["x"], true), Step::Nothing);
    }

    #[test]
    fn patches_say_what_they_were_decided_on() {
        assert_eq!(
            addition(&object(&["x"], false), "a/b"),
            json!({"metadata": {"uid": "u", "resourceVersion": "7", "finalizers": ["x", "a/b"]}})
        );
        assert_eq!(
            serde_json::to_value(removal(&object(&["x", "a/b"], true), "a/b", 1)).unwrap(),
            json!([
                {"op": "test", "path": "/metadata/uid", "value": "u"},
                {"op": "test", "path": "/metadata/finalizers/1", "value": "a/b"},
                {"op": "remove", "path": "/metadata/finalizers/1"},
            ])
        );
    }

    #[test]
    fn names_are_checked_before_anything_is_asked() {
        for good in ["kubernetes", "example.com/cleanup", "a.b-c.io/X_y.z"] {
            assert!(is_qualified(good), "{good}");
        }
        for bad in ["", "/a", "a/", "a/b/c", "-a", "A.io/b", "a..b/c", "example.com/ä"] {
            assert!(!is_qualified(bad), "{bad}");
        }
    }
}
