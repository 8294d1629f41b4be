//! What leads to a run of a controller besides its own objects.

use std::{fmt, hash::Hash, sync::Arc};

use futures::{Stream, StreamExt};
use seatrial_client::{Api, Resource};
use serde::de::DeserializeOwned;

use super::{Controller, source};
use crate::{reflector::ObjectRef, watcher};

impl<K> Controller<K>
where
    K: Clone + Resource + DeserializeOwned + fmt::Debug + Send + Sync + 'static,
    K::DynamicType: Eq + Hash + Clone,
{
    /// Watches objects that those of this controller own, and reconciles the owners when they change.
    ///
    /// The owners are found by owner references of kind `K`. An object whose owner changes triggers both.
    pub fn owns<Child>(self, api: Api<Child>, wc: watcher::Config) -> Self
    where
        Child: Clone + Resource<DynamicType = ()> + DeserializeOwned + fmt::Debug + Send + 'static,
    {
        self.owns_with(api, (), wc)
    }

    /// [`owns`](Self::owns) for a kind known at run time.
    pub fn owns_with<Child>(self, api: Api<Child>, dyntype: Child::DynamicType, wc: watcher::Config) -> Self
    where
        Child: Clone + Resource + DeserializeOwned + fmt::Debug + Send + 'static,
        Child::DynamicType: fmt::Debug + Eq + Hash + Clone,
    {
        let owner = self.dyntype.clone();
        self.plan(move |plan| {
            let events = plan.watch(api, wc);
            (
                source::related(events, dyntype, move |child: Child| {
                    source::owners(&child, &owner)
                }),
                None,
            )
        })
    }

    /// [`owns`](Self::owns) over a stream of objects that somebody else watches.
    ///
    /// Such a stream does not tell deletions from changes, so that of objects with owners those seen last are remembered, 32,768 at least. One of the others whose owner changes
    /// triggers the new one alone.
    pub fn owns_stream<Child>(
        self,
        trigger: impl Stream<Item = Result<Child, watcher::Error>> + Send + 'static,
    ) -> Self
    where
        Child: Resource<DynamicType = ()> + Send + 'static,
    {
        self.owns_stream_with(trigger, ())
    }

    /// [`owns_stream`](Self::owns_stream) for a kind known at run time.
    pub fn owns_stream_with<Child>(
        self,
        trigger: impl Stream<Item = Result<Child, watcher::Error>> + Send + 'static,
        dyntype: Child::DynamicType,
    ) -> Self
    where
        Child: Resource + Send + 'static,
        Child::DynamicType: fmt::Debug + Eq + Hash + Clone,
    {
        let owner = self.dyntype.clone();
        self.plan_theirs(move || {
            let owners = move |child: Child| source::owners(&child, &owner);
            source::mapped(trigger, dyntype, |child| child, owners)
        })
    }

    /// [`owns`](Self::owns) over a stream of objects that are watched once for several.
    ///
    /// It remembers as much of them as [`owns_stream`](Self::owns_stream) does.
    pub fn owns_shared_stream<Child>(self, trigger: impl Stream<Item = Arc<Child>> + Send + 'static) -> Self
    where
        Child: Resource<DynamicType = ()> + Send + 'static,
    {
        self.owns_shared_stream_with(trigger, ())
    }

    /// [`owns_shared_stream`](Self::owns_shared_stream) for a kind known at run time.
    pub fn owns_shared_stream_with<Child>(
        self,
        trigger: impl Stream<Item = Arc<Child>> + Send + 'static,
        dyntype: Child::DynamicType,
    ) -> Self
    where
        Child: Resource + Send + 'static,
        Child::DynamicType: fmt::Debug + Eq + Hash + Clone,
    {
        let owner = self.dyntype.clone();
        self.plan_theirs(move || {
            let owners = move |child: Arc<Child>| source::owners(&*child, &owner);
            source::mapped(trigger.map(Ok), dyntype, |child: &Arc<Child>| &**child, owners)
        })
    }

    /// Watches other objects, and reconciles those that `mapper` says when one changes.
    ///
    /// An object that leads elsewhere than before triggers both, and one that vanishes unseen triggers those it led to.
    pub fn watches<Other, I>(
        self,
        api: Api<Other>,
        wc: watcher::Config,
        mapper: impl Fn(Other) -> I + Sync + Send + 'static,
    ) -> Self
    where
        Other: Clone + Resource + DeserializeOwned + fmt::Debug + Send + 'static,
        Other::DynamicType: Default + fmt::Debug + Clone + Eq + Hash,
        I: 'static + IntoIterator<Item = ObjectRef<K>>,
        I::IntoIter: Send,
    {
        self.watches_with(api, Other::DynamicType::default(), wc, mapper)
    }

    /// [`watches`](Self::watches) for a kind known at run time.
    pub fn watches_with<Other, I>(
        self,
        api: Api<Other>,
        dyntype: Other::DynamicType,
        wc: watcher::Config,
        mapper: impl Fn(Other) -> I + Sync + Send + 'static,
    ) -> Self
    where
        Other: Clone + Resource + DeserializeOwned + fmt::Debug + Send + 'static,
        I: 'static + IntoIterator<Item = ObjectRef<K>>,
        I::IntoIter: Send,
        Other::DynamicType: fmt::Debug + Clone + Eq + Hash,
    {
        self.plan(move |plan| {
            let events = plan.watch(api, wc);
            (
                source::related(events, dyntype, move |other| mapper(other).into_iter().collect()),
                None,
            )
        })
    }

    /// [`watches`](Self::watches) over a stream of objects that somebody else watches.
    ///
    /// Such a stream does not tell deletions from changes, so that of objects that lead somewhere those seen last are remembered, 32,768 at least. One of the others that leads elsewhere
    /// than before triggers those of now alone, and one that vanishes unseen triggers nobody unless the stream shows it in its last state.
    pub fn watches_stream<Other, I>(
        self,
        trigger: impl Stream<Item = Result<Other, watcher::Error>> + Send + 'static,
        mapper: impl Fn(Other) -> I + Sync + Send + 'static,
    ) -> Self
    where
        Other: Clone + Resource + DeserializeOwned + fmt::Debug + Send + 'static,
        Other::DynamicType: Default + fmt::Debug + Clone,
        I: 'static + IntoIterator<Item = ObjectRef<K>>,
        I::IntoIter: Send,
    {
        self.watches_stream_with(trigger, mapper, Other::DynamicType::default())
    }

    /// [`watches_stream`](Self::watches_stream) for a kind known at run time.
    pub fn watches_stream_with<Other, I>(
        self,
        trigger: impl Stream<Item = Result<Other, watcher::Error>> + Send + 'static,
        mapper: impl Fn(Other) -> I + Sync + Send + 'static,
        dyntype: Other::DynamicType,
    ) -> Self
    where
        Other: Clone + Resource + DeserializeOwned + fmt::Debug + Send + 'static,
        Other::DynamicType: fmt::Debug + Clone,
        I: 'static + IntoIterator<Item = ObjectRef<K>>,
        I::IntoIter: Send,
    {
        self.plan_theirs(move || {
            source::mapped(
                trigger,
                dyntype,
                |other: &Other| other,
                move |other| mapper(other).into_iter().collect(),
            )
        })
    }

    /// [`watches`](Self::watches) over a stream of objects that are watched once for several.
    ///
    /// It remembers as much of them as [`watches_stream`](Self::watches_stream) does.
    pub fn watches_shared_stream<Other, I>(
        self,
        trigger: impl Stream<Item = Arc<Other>> + Send + 'static,
        mapper: impl Fn(Arc<Other>) -> I + Sync + Send + 'static,
    ) -> Self
    where
        Other: Clone + Resource + DeserializeOwned + fmt::Debug + Send + 'static,
        Other::DynamicType: Default + fmt::Debug + Clone,
        I: 'static + IntoIterator<Item = ObjectRef<K>>,
        I::IntoIter: Send,
    {
        self.watches_shared_stream_with(trigger, mapper, Other::DynamicType::default())
    }

    /// [`watches_shared_stream`](Self::watches_shared_stream) for a kind known at run time.
    pub fn watches_shared_stream_with<Other, I>(
        self,
        trigger: impl Stream<Item = Arc<Other>> + Send + 'static,
        mapper: impl Fn(Arc<Other>) -> I + Sync + Send + 'static,
        dyntype: Other::DynamicType,
    ) -> Self
    where
        Other: Clone + Resource + DeserializeOwned + fmt::Debug + Send + 'static,
        Other::DynamicType: fmt::Debug + Clone,
        I: 'static + IntoIterator<Item = ObjectRef<K>>,
        I::IntoIter: Send,
    {
        self.plan_theirs(move || {
            let map = move |other| mapper(other).into_iter().collect();
            source::mapped(trigger.map(Ok), dyntype, |other: &Arc<Other>| &**other, map)
        })
    }

    /// Reconciles all objects whenever `trigger` says so, for example because the configuration was read again.
    pub fn reconcile_all_on(self, trigger: impl Stream<Item = ()> + Send + 'static) -> Self {
        self.plan_theirs(move || source::bulk(trigger))
    }

    /// Reconciles the objects that `trigger` names, for example because something outside of the cluster changed.
    pub fn reconcile_on(self, trigger: impl Stream<Item = ObjectRef<K>> + Send + 'static) -> Self {
        self.plan_theirs(move || source::named(trigger))
    }
}
