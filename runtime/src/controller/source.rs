//! Where a controller's triggers come from.
//!
//! Each source is a stream of its own with a back-off of its own, so that one that is broken stops nothing else.

use std::{
    collections::VecDeque,
    hash::Hash,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use futures::{Future, Stream, StreamExt, TryStream, TryStreamExt, stream::BoxStream};
use seatrial_client::{Env, Resource, core::DynamicObject, env::Sleep};

use super::{
    ReconcileReason, ReconcileRequest,
    links::{Links, RecentLinks, Targets},
};
use crate::{
    panic::guarded,
    queue::Priority,
    reflector::{
        Key, Lookup, ObjectRef,
        store::{Change, Writer},
    },
    utils::Backoff,
    watcher::{self, Delays, Event},
};

/// What a source asks for.
pub(super) enum Trigger<K: Resource> {
    /// This object.
    One {
        request: ReconcileRequest<K>,
        priority: Priority,
    },
    /// All objects in the cache.
    All,
    /// Nothing, for once: the mapper of the source panicked with this message over an object.
    Panicked {
        message: String,
        other: Box<ObjectRef<DynamicObject>>,
    },
}

/// A source.
pub(super) type Source<K> = BoxStream<'static, watcher::Result<Trigger<K>>>;

/// The triggers that follow from each item of a stream, in order.
struct Expand<St, F, K: Resource> {
    stream: St,
    expand: F,
    ready: VecDeque<Trigger<K>>,
}

// What must not move is in `stream`, which is `Unpin` itself.
impl<St, F, K: Resource> Unpin for Expand<St, F, K> {}

impl<St, F, K, T> Stream for Expand<St, F, K>
where
    St: Stream<Item = watcher::Result<T>> + Unpin,
    F: FnMut(T, &mut VecDeque<Trigger<K>>),
    K: Resource,
{
    type Item = watcher::Result<Trigger<K>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(trigger) = this.ready.pop_front() {
                return Poll::Ready(Some(Ok(trigger)));
            }
            match ready!(this.stream.poll_next_unpin(cx)) {
                Some(Ok(item)) => (this.expand)(item, &mut this.ready),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

fn expand<K, T, F>(stream: impl Stream<Item = watcher::Result<T>> + Send + 'static, expand: F) -> Source<K>
where
    K: Resource + 'static,
    K::DynamicType: Send,
    T: 'static,
    F: FnMut(T, &mut VecDeque<Trigger<K>>) + Send + 'static,
{
    Expand {
        stream: stream.boxed(),
        expand,
        ready: VecDeque::new(),
    }
    .boxed()
}

fn updated<K: Resource>(obj_ref: ObjectRef<K>, listed: bool) -> Trigger<K> {
    let priority = if listed { Priority::Low } else { Priority::Normal };
    Trigger::One {
        request: ReconcileRequest {
            obj_ref,
            reason: ReconcileReason::ObjectUpdated,
        },
        priority,
    }
}

/// The controller's own objects, kept in the store.
pub(super) fn primary<K>(
    events: impl Stream<Item = watcher::Result<Event<K>>> + Send + 'static,
    mut writer: Writer<K>,
    dyntype: K::DynamicType,
) -> Source<K>
where
    K: Resource + Clone + Send + Sync + 'static,
    K::DynamicType: Eq + Hash + Clone,
{
    expand(events, move |event, ready| {
        let listed = matches!(event, Event::InitApply(_));
        writer.apply_each(event, |change| {
            let listed = listed && matches!(change, Change::Applied(_));
            ready.push_back(updated(change.object().to_object_ref(dyntype.clone()), listed));
        });
    })
}

/// The controller's own objects, as somebody else watches them.
pub(super) fn own<K, T>(
    objects: impl Stream<Item = watcher::Result<T>> + Send + 'static,
    dyntype: K::DynamicType,
    object_of: impl Fn(&T) -> &K + Send + 'static,
) -> Source<K>
where
    K: Resource + 'static,
    K::DynamicType: Clone,
    T: 'static,
{
    expand(objects, move |object, ready| {
        ready.push_back(updated(object_of(&object).to_object_ref(dyntype.clone()), false));
    })
}

/// Objects that lead to the controller's, watched by it.
pub(super) fn related<K, O>(
    events: impl Stream<Item = watcher::Result<Event<O>>> + Send + 'static,
    dyntype: O::DynamicType,
    map: impl Fn(O) -> Vec<ObjectRef<K>> + Send + 'static,
) -> Source<K>
where
    K: Resource + 'static,
    K::DynamicType: Eq + Hash + Clone,
    O: Resource + 'static,
    O::DynamicType: Clone,
{
    let mut links = Links::default();
    expand(events, move |event, ready| {
        let map = |other| guarded(|| map(other));
        links.take(event, map, |targets| {
            push_targets::<K, O>(ready, targets, &dyntype)
        });
    })
}

/// Objects that lead to the controller's, as somebody else watches them: what changed and what was deleted look the same.
pub(super) fn mapped<K, O, T>(
    objects: impl Stream<Item = watcher::Result<T>> + Send + 'static,
    dyntype: O::DynamicType,
    object_of: impl Fn(&T) -> &O + Send + 'static,
    map: impl Fn(T) -> Vec<ObjectRef<K>> + Send + 'static,
) -> Source<K>
where
    K: Resource + 'static,
    K::DynamicType: Eq + Hash + Clone,
    O: Resource + 'static,
    O::DynamicType: Clone,
    T: 'static,
{
    let mut links = RecentLinks::default();
    expand(objects, move |object, ready| {
        let key = Key::of(object_of(&object));
        let mapped = guarded(|| map(object));
        links.take(key, mapped, |targets| {
            push_targets::<K, O>(ready, targets, &dyntype)
        });
    })
}

/// Triggers whom an object of kind `O` leads to.
fn push_targets<K, O>(ready: &mut VecDeque<Trigger<K>>, targets: Targets<K>, dyntype: &O::DynamicType)
where
    K: Resource + 'static,
    O: Resource + 'static,
    O::DynamicType: Clone,
{
    let named = |key: &Key| {
        let other = ObjectRef::<O>::new_with(&key.name, dyntype.clone());
        if key.namespace.is_empty() {
            other
        } else {
            other.within(&key.namespace)
        }
    };
    match targets {
        Targets::All => ready.push_back(Trigger::All),
        Targets::Some { list, listed, source } => {
            ready.extend(related_triggers(list, named(&source), listed));
        }
        Targets::Panicked { message, source } => {
            let other = Box::new(named(&source).erase());
            ready.push_back(Trigger::Panicked { message, other });
        }
    }
}

/// Objects that somebody names.
pub(super) fn named<K>(names: impl Stream<Item = ObjectRef<K>> + Send + 'static) -> Source<K>
where
    K: Resource + 'static,
{
    names
        .map(|name| {
            Ok(Trigger::One {
                request: name.into(),
                priority: Priority::Normal,
            })
        })
        .boxed()
}

/// Everything, whenever somebody says so.
pub(super) fn bulk<K>(ticks: impl Stream<Item = ()> + Send + 'static) -> Source<K>
where
    K: Resource + 'static,
{
    ticks.map(|()| Ok(Trigger::All)).boxed()
}

fn related_triggers<K: Resource, O: Lookup>(
    list: Vec<ObjectRef<K>>,
    other: ObjectRef<O>,
    listed: bool,
) -> impl Iterator<Item = Trigger<K>> {
    let priority = if listed { Priority::Low } else { Priority::Normal };
    // One that leads nowhere is the common case, and costs no name.
    let other = (!list.is_empty()).then(|| Box::new(other.erase()));
    list.into_iter()
        .zip(other.into_iter().cycle())
        .map(move |(obj_ref, obj)| {
            let reason = ReconcileReason::RelatedObjectUpdated { obj_ref: obj };
            Trigger::One {
                request: ReconcileRequest { obj_ref, reason },
                priority,
            }
        })
}

/// The owners of `child` that are of kind `K`.
pub(super) fn owners<K, O>(child: &O, dyntype: &K::DynamicType) -> Vec<ObjectRef<K>>
where
    K: Resource + 'static,
    K::DynamicType: Clone,
    O: Resource,
{
    let meta = child.meta();
    let cluster_scoped =
        std::any::TypeId::of::<K::Scope>() == std::any::TypeId::of::<k8s_openapi::ClusterResourceScope>();
    // An object in a namespace may be owned by one that lives in none.
    let namespace = meta.namespace.as_deref().filter(|_| !cluster_scoped);
    let owners = meta.owner_references.iter().flatten();
    owners
        .filter_map(|owner| ObjectRef::from_owner_ref(namespace, owner, dyntype.clone()))
        .collect()
}

/// Turns a stream of objects into requests for their owners of kind `KOwner`.
pub fn trigger_owners<KOwner, S>(
    stream: S,
    owner_type: KOwner::DynamicType,
    child_type: <S::Ok as Resource>::DynamicType,
) -> impl Stream<Item = Result<ReconcileRequest<KOwner>, S::Error>>
where
    S: TryStream,
    S::Ok: Resource,
    <S::Ok as Resource>::DynamicType: Clone,
    KOwner: Resource + 'static,
    KOwner::DynamicType: Clone,
{
    stream
        .map_ok(move |child| {
            let other = Box::new(child.to_object_ref(child_type.clone()).erase());
            let requests: Vec<_> = owners::<KOwner, _>(&child, &owner_type)
                .into_iter()
                .map(|obj_ref| {
                    let reason = ReconcileReason::RelatedObjectUpdated {
                        obj_ref: other.clone(),
                    };
                    Ok(ReconcileRequest { obj_ref, reason })
                })
                .collect();
            futures::stream::iter(requests)
        })
        .try_flatten()
}

// === Sources together ===

/// All sources of a controller, asked in turn.
pub(super) struct Sources<K: Resource> {
    lanes: Vec<Lane<K>>,
    /// Where the next look begins, so that a busy source does not hide the others.
    next: usize,
    env: Env,
}

struct Lane<K: Resource> {
    /// Gone once it has ended.
    source: Option<Source<K>>,
    /// How long to leave it alone after an error; nothing for watches of our own, which wait by themselves.
    delays: Option<Delays>,
    failures: u32,
    pause: Option<Sleep>,
}

impl<K: Resource> Sources<K> {
    pub(super) fn new(env: Env, sources: impl IntoIterator<Item = (Source<K>, Option<Delays>)>) -> Self {
        let lanes = sources.into_iter().map(|(source, delays)| Lane {
            source: Some(source),
            delays,
            failures: 0,
            pause: None,
        });
        Self {
            lanes: lanes.collect(),
            next: 0,
            env,
        }
    }
}

impl<K: Resource> Unpin for Sources<K> {}

impl<K: Resource> Stream for Sources<K> {
    type Item = watcher::Result<Trigger<K>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let count = this.lanes.len();
        let mut alive = false;
        for step in 0..count {
            let index = (this.next + step) % count;
            match this.lanes[index].poll(&this.env, cx) {
                Poll::Ready(Some(item)) => {
                    this.next = (index + 1) % count;
                    return Poll::Ready(Some(item));
                }
                Poll::Ready(None) => {}
                Poll::Pending => alive = true,
            }
        }
        if alive { Poll::Pending } else { Poll::Ready(None) }
    }
}

impl<K: Resource> Lane<K> {
    fn poll(&mut self, env: &Env, cx: &mut Context<'_>) -> Poll<Option<watcher::Result<Trigger<K>>>> {
        if let Some(pause) = &mut self.pause {
            ready!(Pin::new(pause).poll(cx));
            self.pause = None;
        }
        let Some(source) = &mut self.source else {
            return Poll::Ready(None);
        };
        let item = ready!(source.poll_next_unpin(cx));
        match &item {
            Some(Ok(_)) => self.failures = 0,
            Some(Err(_)) => {
                if let Some(delays) = &mut self.delays {
                    self.pause = Some(env.sleep(delays(self.failures)));
                    self.failures = self.failures.saturating_add(1);
                }
            }
            None => self.source = None,
        }
        Poll::Ready(item)
    }
}

/// A user's [`Backoff`] shared by the sources of a controller: each goes through its sequence by itself.
#[derive(Clone)]
pub(super) struct SharedBackoff(Arc<Mutex<Sequence>>);

struct Sequence {
    backoff: Box<dyn Backoff>,
    /// What came out of it so far.
    drawn: Vec<Duration>,
}

/// How much of a sequence is kept; it has long stopped growing by then.
const DRAWN_MAX: usize = 64;

impl SharedBackoff {
    pub(super) fn new(backoff: impl Backoff + 'static) -> Self {
        Self(Arc::new(Mutex::new(Sequence {
            backoff: Box::new(backoff),
            drawn: Vec::new(),
        })))
    }

    /// The delays of one source.
    pub(super) fn delays(&self) -> Delays {
        let shared = self.clone();
        Box::new(move |attempt| {
            let index = usize::try_from(attempt).unwrap_or(usize::MAX).min(DRAWN_MAX - 1);
            let mut sequence = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
            while sequence.drawn.len() <= index {
                let Some(delay) = sequence.backoff.next() else {
                    break;
                };
                sequence.drawn.push(delay);
            }
            // A sequence that ends goes on with its last delay; one that never began falls back to something sane.
            let last = sequence.drawn.last().copied().unwrap_or(Duration::from_secs(30));
            sequence.drawn.get(index).copied().unwrap_or(last)
        })
    }
}
