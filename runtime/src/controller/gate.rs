//! Read your writes: an object is not reconciled again before the caches show what its last run wrote.

use std::{
    fmt,
    hash::Hash,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures::{
    FutureExt,
    future::{BoxFuture, JoinAll, join_all},
};
use seatrial_client::{Env, Resource, env::Sleep};

use crate::{
    hash::Map,
    reflector::{Lookup, ObjectRef, Store},
    shared::Shared,
};

/// How long an object is held back at most. Bookmarks come about once a minute, and a watch is opened anew after five.
const PATIENCE: Duration = Duration::from_secs(120);

/// Holds an object's next reconcile back until the caches show what its last one wrote.
///
/// A reconcile that begins right after another may otherwise decide from a cache that does not know of the first one's writes yet: it creates what is there already, or reverts what
/// it just did. Say what was written, where, and the controller waits:
///
/// ```
/// use std::sync::Arc;
///
/// use k8s_openapi::api::core::v1::{ConfigMap, Pod};
/// use seatrial_client::{Api, Error, ResourceExt, api::PostParams};
/// use seatrial_runtime::{
///     controller::{Action, WriteGate},
///     reflector::{ObjectRef, Store},
/// };
///
/// struct Context {
///     pods: Api<Pod>,
///     pod_cache: Store<Pod>,
///     gate: WriteGate<ConfigMap>,
/// }
///
/// async fn reconcile(config: Arc<ConfigMap>, ctx: Arc<Context>) -> Result<Action, Error> {
///     let pod = ctx.pods.create(&PostParams::default(), &Pod::default()).await?;
///     ctx.gate.wrote_at(&ObjectRef::from_obj(&*config), &ctx.pod_cache, &pod.resource_version().unwrap_or_default());
///     Ok(Action::await_change())
/// }
/// ```
///
/// # Limits
///
/// An object is held back for two minutes at most, so that a cache that is stuck does not stop the controller.
pub struct WriteGate<K: Resource> {
    behind: Shared<Behind<K>>,
}

/// What each object waits for. Never iterated.
type Behind<K> = Map<ObjectRef<K>, Vec<BoxFuture<'static, ()>>>;

/// An object that is held back.
pub(super) struct Held {
    caught_up: JoinAll<BoxFuture<'static, ()>>,
    limit: Sleep,
}

// === impl WriteGate ===

impl<K> WriteGate<K>
where
    K: Resource,
    K::DynamicType: Eq + Hash + Clone,
{
    /// A gate for one controller; give it to [`Controller::gated_by`](super::Controller::gated_by) as well as to the reconciler.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says that the reconcile of `object` wrote something that `cache` will show at resource version `version`, which the write was answered with.
    pub fn wrote_at<O>(&self, object: &ObjectRef<K>, cache: &Store<O>, version: &str)
    where
        O: Lookup + Send + Sync + 'static,
        O::DynamicType: Eq + Hash + Clone + Send + Sync,
    {
        let (cache, version) = (cache.clone(), version.to_owned());
        let caught_up = async move {
            // A cache without a writer shows nothing new, however long anybody waits.
            let _ = cache.wrote_at(&version).await;
        };
        self.behind
            .lock()
            .entry(object.clone())
            .or_default()
            .push(caught_up.boxed());
    }

    /// What has to happen before the object is reconciled; nothing if it may be now.
    pub(super) fn hold(&self, object: &ObjectRef<K>, env: &Env) -> Option<Held> {
        let behind = self.behind.lock().swap_remove(object)?;
        let mut caught_up = join_all(behind);
        let mut cx = Context::from_waker(futures::task::noop_waker_ref());
        caught_up.poll_unpin(&mut cx).is_pending().then(|| Held {
            caught_up,
            limit: env.sleep(PATIENCE),
        })
    }
}

impl<K: Resource> Default for WriteGate<K>
where
    K::DynamicType: Eq + Hash,
{
    fn default() -> Self {
        Self {
            behind: Shared::default(),
        }
    }
}

impl<K: Resource> Clone for WriteGate<K> {
    fn clone(&self) -> Self {
        Self {
            behind: self.behind.clone(),
        }
    }
}

impl<K: Resource> fmt::Debug for WriteGate<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteGate").finish_non_exhaustive()
    }
}

// === impl Held ===

impl Future for Held {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.caught_up.poll_unpin(cx).is_ready() {
            return Poll::Ready(());
        }
        self.limit.poll_unpin(cx)
    }
}
