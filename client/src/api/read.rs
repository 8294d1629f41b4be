//! Reading objects: get, list, watch, and the same of their metadata alone.

use std::fmt::Debug;

use futures::Stream;
use serde::de::DeserializeOwned;

use super::{Api, GetParams, ListParams, ObjectList, PartialObjectMeta, WatchEvent, WatchParams};
use crate::{client::Verb, error::Result};

/// # Reading one object
///
/// The errors of these are [`Error::Api`](crate::Error::Api) if the server refused, [`Error::Service`](crate::Error::Service) if there was no whole answer,
/// [`Error::SerdeError`](crate::Error::SerdeError) if it is not a `K`, and [`Error::BuildRequest`](crate::Error::BuildRequest) if the name is empty.
impl<K> Api<K>
where
    K: Clone + DeserializeOwned + Debug,
{
    /// The object named `name`.
    ///
    /// # Errors
    ///
    /// [`Error::is_not_found`](crate::Error::is_not_found) if there is none; [`get_opt`](Self::get_opt) makes that a value.
    pub async fn get(&self, name: &str) -> Result<K> {
        let request = self.request.get(name, &GetParams::default());
        self.call_for(Verb::Get, request).await
    }

    /// [`get`](Self::get), possibly from a cache of the server.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn get_with(&self, name: &str, gp: &GetParams) -> Result<K> {
        self.call_for(Verb::Get, self.request.get(name, gp)).await
    }

    /// The object named `name`, if there is one.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get), without the absent object. A kind that the server does not serve
    /// ([`Error::is_not_served`](crate::Error::is_not_served)) is still an error.
    pub async fn get_opt(&self, name: &str) -> Result<Option<K>> {
        found(self.get(name).await)
    }

    /// The metadata of the object named `name`.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn get_metadata(&self, name: &str) -> Result<PartialObjectMeta<K>> {
        self.get_metadata_with(name, &GetParams::default()).await
    }

    /// [`get_metadata`](Self::get_metadata), possibly from a cache of the server.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn get_metadata_with(&self, name: &str, gp: &GetParams) -> Result<PartialObjectMeta<K>> {
        self.call_for(Verb::Get, self.request.get_metadata(name, gp))
            .await
    }

    /// The metadata of the object named `name`, if there is one.
    ///
    /// # Errors
    ///
    /// As [`get_opt`](Self::get_opt).
    pub async fn get_metadata_opt(&self, name: &str) -> Result<Option<PartialObjectMeta<K>>> {
        found(self.get_metadata(name).await)
    }

    /// [`get_metadata_opt`](Self::get_metadata_opt), possibly from a cache of the server.
    ///
    /// # Errors
    ///
    /// As [`get_opt`](Self::get_opt).
    pub async fn get_metadata_opt_with(
        &self,
        name: &str,
        gp: &GetParams,
    ) -> Result<Option<PartialObjectMeta<K>>> {
        found(self.get_metadata_with(name, gp).await)
    }
}

/// # Reading collections
impl<K> Api<K>
where
    K: Clone + DeserializeOwned + Debug,
{
    /// The objects that `lp` selects, or the first page of them if it sets a limit.
    ///
    /// Items are decoded while the answer arrives, so that memory holds the objects and a window on the body.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get); [`Error::is_expired`](crate::Error::is_expired) if the continue token or the resource version is too old. A list
    /// that was cut short is an error, never a shorter list.
    pub async fn list(&self, lp: &ListParams) -> Result<ObjectList<K>> {
        self.list_as(lp).await
    }

    /// [`list`](Self::list) with items of another type: one with the few fields that are read, or `Box<K>` where items are large and go their own ways.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list); [`Error::SerdeError`](crate::Error::SerdeError) if an item is not a `T`.
    pub async fn list_as<T>(&self, lp: &ListParams) -> Result<ObjectList<T>>
    where
        T: Clone + DeserializeOwned,
    {
        let decode = self.decode;
        self.call(Verb::List, self.request.list(lp), move |answer| {
            answer.list(decode)
        })
        .await
    }

    /// [`list`](Self::list) of the metadata alone.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub async fn list_metadata(&self, lp: &ListParams) -> Result<ObjectList<PartialObjectMeta<K>>> {
        let decode = self.decode;
        self.call(Verb::List, self.request.list_metadata(lp), move |answer| {
            answer.list(decode)
        })
        .await
    }

    /// The changes after resource version `version`, as long as this one request lasts.
    ///
    /// A server ends every watch after a while. What watches for longer is `runtime::watcher`.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get). An item is [`Error::ReadEvents`](crate::Error::ReadEvents) if the stream broke off, after which it ends, and
    /// [`Error::SerdeError`](crate::Error::SerdeError) if an event is not a `K`. What the server says about the watch itself, such as an expired
    /// version, comes as [`WatchEvent::Error`].
    ///
    /// # Order
    ///
    /// The events of one object come in the order in which it changed. An event that the end of the stream cut short is
    /// left out, so that the version of the last event seen is where to go on.
    pub async fn watch(
        &self,
        wp: &WatchParams,
        version: &str,
    ) -> Result<impl Stream<Item = Result<WatchEvent<K>>> + Send + use<K>> {
        Ok(self
            .open(Verb::Watch, self.request.watch(wp, version))
            .await?
            .events(self.decode))
    }

    /// [`watch`](Self::watch) of the metadata alone.
    ///
    /// # Errors
    ///
    /// As [`watch`](Self::watch).
    pub async fn watch_metadata(
        &self,
        wp: &WatchParams,
        version: &str,
    ) -> Result<impl Stream<Item = Result<WatchEvent<PartialObjectMeta<K>>>> + Send + use<K>> {
        let request = self.request.watch_metadata(wp, version);
        Ok(self.open(Verb::Watch, request).await?.events(self.decode))
    }
}

/// Makes an absent object a value. That the path leads nowhere is no statement about an object.
pub(super) fn found<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(object) => Ok(Some(object)),
        Err(error) if error.is_not_found() && !error.is_not_served() => Ok(None),
        Err(error) => Err(error),
    }
}
