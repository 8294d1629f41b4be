//! Secondary indexes: the objects of a store by something else than their names.

use std::{
    borrow::Borrow,
    collections::BTreeMap,
    fmt,
    hash::Hash,
    sync::{Arc, PoisonError, RwLock},
};

use super::{
    Lookup, ObjectRef,
    state::{Change, Key},
};
use crate::{hash::Map, panic::guarded};

/// The objects of a [`Store`](super::Store) by a value that a function computes from each.
///
/// Made by [`Store::index`](super::Store::index), [`index_by_label`](super::Store::index_by_label) and
/// [`index_by_owner`](super::Store::index_by_owner). It follows the store for as long as it, or a clone of it, lives. Finding the objects of a value costs the same
/// however many objects there are.
///
/// ```
/// use k8s_openapi::api::core::v1::Pod;
/// use seatrial_runtime::{reflector::store, watcher::Event};
///
/// let (pods, mut writer) = store::<Pod>();
/// let by_node = pods.index(|pod| pod.spec.as_ref().and_then(|spec| spec.node_name.clone()));
///
/// let mut pod = Pod::default();
/// pod.metadata.name = Some("web-1".to_owned());
/// pod.spec.get_or_insert_default().node_name = Some("node-a".to_owned());
/// writer.apply(Event::Apply(pod));
/// assert_eq!(by_node.get("node-a").len(), 1);
/// assert!(by_node.get("node-b").is_empty());
/// ```
///
/// # Order
///
/// The objects of a value come by namespace and name.
pub struct Index<K: Lookup + 'static, I> {
    shared: Arc<Shared<K, I>>,
}

pub(super) struct Shared<K: Lookup, I> {
    dyntype: K::DynamicType,
    values: Values<K, I>,
    entries: RwLock<Entries<K, I>>,
}

/// What an object is found under.
type Values<K, I> = Box<dyn Fn(&K) -> Vec<I> + Send + Sync>;

struct Entries<K, I> {
    /// Never iterated.
    objects: Map<I, BTreeMap<Key, Arc<K>>>,
    /// What each object is found under, so that it is removed from there even if the function has changed its mind.
    values: BTreeMap<Key, Box<[I]>>,
}

/// Who is told of each change of a store, while it happens.
pub(super) trait Observer<K>: Send + Sync {
    fn changed(&self, key: &Key, change: &Change<K>);
}

// === impl Index ===

impl<K: Lookup + 'static, I: Hash + Eq + Clone> Index<K, I> {
    pub(super) fn new(dyntype: K::DynamicType, values: Values<K, I>) -> Self {
        let entries = Entries {
            objects: Map::default(),
            values: BTreeMap::new(),
        };
        Self {
            shared: Arc::new(Shared {
                dyntype,
                values,
                entries: RwLock::new(entries),
            }),
        }
    }

    pub(super) fn shared(&self) -> &Arc<Shared<K, I>> {
        &self.shared
    }

    /// The objects of this value.
    pub fn get<Q>(&self, value: &Q) -> Vec<Arc<K>>
    where
        I: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.with(value, |objects| objects.values().cloned().collect())
            .unwrap_or_default()
    }

    /// References to the objects of this value: what a mapper of
    /// [`Controller::watches`](crate::Controller::watches) answers.
    pub fn refs<Q>(&self, value: &Q) -> Vec<ObjectRef<K>>
    where
        I: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
        K::DynamicType: Clone,
    {
        let dyntype = &self.shared.dyntype;
        self.with(value, |objects| {
            objects
                .values()
                .map(|object| object.to_object_ref(dyntype.clone()))
                .collect()
        })
        .unwrap_or_default()
    }

    /// How many objects have this value.
    pub fn count<Q>(&self, value: &Q) -> usize
    where
        I: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.with(value, BTreeMap::len).unwrap_or_default()
    }

    fn with<Q, T>(&self, value: &Q, read: impl FnOnce(&BTreeMap<Key, Arc<K>>) -> T) -> Option<T>
    where
        I: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        // A panic under this lock can only come from the caller's `Hash` or `Eq`; the entries stay whole enough to be read.
        let entries = self.shared.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.objects.get(value).map(read)
    }
}

impl<K, I> Observer<K> for Shared<K, I>
where
    K: Lookup + Send + Sync,
    K::DynamicType: Send + Sync,
    I: Hash + Eq + Clone + Send + Sync,
{
    fn changed(&self, key: &Key, change: &Change<K>) {
        let values = match change {
            // Whoever changes the store has nothing to do with what an index makes of it.
            Change::Applied(object) => guarded(|| (self.values)(object)).unwrap_or_else(|message| {
                let (namespace, name) = (&*key.namespace, &*key.name);
                tracing::error!(
                    namespace,
                    name,
                    "an index cannot take an object: its function panicked: {message}"
                );
                Vec::new()
            }),
            Change::Deleted(_) => Vec::new(),
        };
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let Entries {
            objects,
            values: known,
        } = &mut *entries;
        for value in known.remove(key).into_iter().flatten() {
            if values.contains(&value) {
                continue;
            }
            if let Some(found) = objects.get_mut(&value) {
                found.remove(key);
                if found.is_empty() {
                    objects.swap_remove(&value);
                }
            }
        }
        let Change::Applied(object) = change else { return };
        for value in &values {
            let found = match objects.get_mut(value) {
                Some(found) => found,
                None => objects.entry(value.clone()).or_default(),
            };
            found.insert(key.clone(), Arc::clone(object));
        }
        if !values.is_empty() {
            known.insert(key.clone(), values.into());
        }
    }
}

impl<K: Lookup, I> Clone for Index<K, I> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<K: Lookup, I> fmt::Debug for Index<K, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Index");
        if let Ok(entries) = self.shared.entries.try_read() {
            out.field("values", &entries.objects.len())
                .field("objects", &entries.values.len());
        }
        out.finish_non_exhaustive()
    }
}
