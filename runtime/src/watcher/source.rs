//! Where a watcher reads from: objects in full, or their metadata.

use std::fmt::Debug;

use futures::{FutureExt, StreamExt, future::BoxFuture};
use seatrial_client::{
    Api, Resource, Result,
    api::{ListParams, PartialObjectMeta, WatchParams},
    core::ObjectList,
};
use serde::de::DeserializeOwned;

use super::driver::{Events, Source};

/// Objects in full.
pub(super) struct Full<K>(pub(super) Api<K>);

/// The metadata of objects.
pub(super) struct Metadata<K>(pub(super) Api<K>);

impl<K> Source for Full<K>
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    type Item = K;

    fn list(&self, params: ListParams) -> BoxFuture<'static, Result<ObjectList<Box<K>>>> {
        let api = self.0.clone();
        async move { api.list_as(&params).await }.boxed()
    }

    fn watch(&self, params: WatchParams, version: String) -> BoxFuture<'static, Result<Events<K>>> {
        let api = self.0.clone();
        async move { api.watch(&params, &version).await.map(StreamExt::boxed) }.boxed()
    }
}

impl<K> Source for Metadata<K>
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    type Item = PartialObjectMeta<K>;

    fn list(&self, params: ListParams) -> BoxFuture<'static, Result<ObjectList<Box<PartialObjectMeta<K>>>>> {
        let api = self.0.clone();
        async move {
            let list = api.list_metadata(&params).await?;
            Ok(ObjectList {
                types: list.types,
                metadata: list.metadata,
                items: list.items.into_iter().map(Box::new).collect(),
            })
        }
        .boxed()
    }

    fn watch(
        &self,
        params: WatchParams,
        version: String,
    ) -> BoxFuture<'static, Result<Events<PartialObjectMeta<K>>>> {
        let api = self.0.clone();
        async move { api.watch_metadata(&params, &version).await.map(StreamExt::boxed) }.boxed()
    }
}
