//! A controller without watches.

use std::{fmt, hash::Hash, sync::Arc};

use futures::{Stream, TryFuture, TryStream, TryStreamExt};
use seatrial_client::{Env, Resource};

use super::{
    Action, Config, Error, ReconcileRequest,
    run::Runner,
    setup::{Setup, Wiring},
    shutdown::Shutdown,
    source::Trigger,
};
use crate::{
    queue::Priority,
    reflector::{ObjectRef, Store},
};

/// Runs a reconciler for each request of a stream: a controller without watches, for those who bring their own.
///
/// Ends when the stream has ended and nothing is left to do. Most programs want [`Controller`](super::Controller) instead.
#[expect(
    clippy::type_complexity,
    reason = "spelled out, as in `Controller::run`: an alias would hide what there is to match on"
)]
pub fn applier<K, QueueStream, ReconcilerFut, Ctx>(
    reconciler: impl FnMut(Arc<K>, Arc<Ctx>) -> ReconcilerFut,
    error_policy: impl Fn(Arc<K>, &ReconcilerFut::Error, Arc<Ctx>) -> Action,
    context: Arc<Ctx>,
    store: Store<K>,
    queue: QueueStream,
    config: Config,
) -> impl Stream<Item = Result<(ObjectRef<K>, Action), Error<ReconcilerFut::Error, QueueStream::Error>>>
where
    K: Clone + Resource + 'static,
    K::DynamicType: fmt::Debug + Eq + Hash + Clone + Unpin,
    ReconcilerFut: TryFuture<Ok = Action> + Unpin,
    ReconcilerFut::Error: std::error::Error + 'static,
    QueueStream: TryStream,
    QueueStream::Ok: Into<ReconcileRequest<K>>,
    QueueStream::Error: std::error::Error + 'static,
{
    let sources = queue
        .map_ok(|request| Trigger::One {
            request: request.into(),
            priority: Priority::Normal,
        })
        .into_stream();
    let (env, shutdown) = (Env::default(), Shutdown::default());
    let wiring = Wiring::new(K::plural(store.dyntype()).into_owned());
    Runner::new(Setup {
        env,
        config,
        store,
        sources,
        shutdown,
        wiring,
        reconciler,
        error_policy,
        context,
    })
}
