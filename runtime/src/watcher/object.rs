//! Watching one object.

use std::fmt::Debug;

use futures::{Stream, StreamExt, stream::unfold};
use seatrial_client::{Api, Resource};
use serde::de::DeserializeOwned;

use super::{Config, Event, Result, watcher};

/// Watches the object of one name: `Some` whenever it is there and different, `None` when it is not.
///
/// The first item says whether the object is there at all. Otherwise the same as [`watcher`].
pub fn watch_object<K>(api: Api<K>, name: &str) -> impl Stream<Item = Result<Option<K>>> + Send + use<K>
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    // What is no name of an object must not read as further terms of the selector.
    let name = name.replace('\\', "\\\\").replace(',', "\\,").replace('=', "\\=");
    let events = watcher(api, Config::default().fields(&format!("metadata.name={name}")));
    unfold((Box::pin(events), false), |(mut events, mut found)| async move {
        loop {
            let item = match events.next().await? {
                Ok(Event::Apply(object)) => Ok(Some(object)),
                Ok(Event::InitApply(object)) => {
                    found = true;
                    Ok(Some(object))
                }
                Ok(Event::Delete(_)) => Ok(None),
                Ok(Event::Init) => {
                    found = false;
                    continue;
                }
                Ok(Event::InitDone) if found => continue,
                Ok(Event::InitDone) => Ok(None),
                Err(error) => Err(error),
            };
            return Some((item, (events, found)));
        }
    })
}
