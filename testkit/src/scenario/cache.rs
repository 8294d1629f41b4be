//! A cache that watches, and somebody who follows it and believes what it says.

use std::{cell::RefCell, collections::BTreeMap, fmt::Debug, hash::Hash, rc::Rc};

use futures::StreamExt as _;
use http::Method;
use seatrial_client::{Api, Resource, ResourceExt as _};
use seatrial_runtime::{
    WatchStreamExt as _,
    reflector::{Change, Changes, Store, store},
    watcher::{Config, Health, watcher},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::trial::Judged;
use crate::{cluster::FakeCluster, raw};

/// Which object has which name, and at which version: `namespace/name` to UID and version.
type Known = BTreeMap<String, (String, String)>;

/// A cache of all objects of a kind, and what follows it.
pub(super) struct Cache<K>
where
    K: Resource<DynamicType: Eq + Hash> + 'static,
{
    store: Store<K>,
    health: Health,
    path: String,
    follower: Rc<RefCell<Follower>>,
}

#[derive(Default)]
struct Follower {
    known: Known,
    /// What it was told that cannot be.
    complaints: Vec<String>,
}

// === impl Cache ===

impl<K> Cache<K>
where
    K: Resource<DynamicType: Default + Eq + Hash + Clone>
        + Clone
        + DeserializeOwned
        + Debug
        + Send
        + Sync
        + 'static,
{
    /// Starts to watch; to be called in a `LocalSet`, whose tasks do the work.
    pub(super) fn start(cluster: &FakeCluster, config: Config) -> Self {
        let (store, writer) = store();
        let api = Api::<K>::all(cluster.client());
        let path = api.resource_url().to_owned();
        let events = watcher(api, config);
        let health = events.health();
        let mut stream = Box::pin(events.reflect_changes(writer.with_health(health.clone())));
        tokio::task::spawn_local(async move { while stream.next().await.is_some() {} });
        let follower = Rc::new(RefCell::new(Follower::default()));
        tokio::task::spawn_local(follow(store.changes(), Rc::clone(&follower)));
        Self {
            store,
            health,
            path,
            follower,
        }
    }
}

impl<K> Judged for Cache<K>
where
    K: Resource<DynamicType: Default + Eq + Hash + Clone> + Clone + 'static,
{
    fn complaints(&self, cluster: &FakeCluster) -> Vec<String> {
        let follower = self.follower.borrow();
        let mut complaints = follower.complaints.clone();
        let (_, list) = raw::send(cluster.server(), Method::GET, &self.path, None);
        let items = list["items"].as_array().into_iter().flatten();
        let served: Known = items.map(of_server).collect();
        let held: Known = self
            .store
            .state()
            .iter()
            .map(|object| of_object(&**object))
            .collect();
        differ("the cache", &served, &held, &mut complaints);
        if self.health.is_stale() || !self.health.is_synced() {
            complaints.push("the watch is not well, and calls itself stale".to_owned());
        }
        differ("who follows the cache", &served, &follower.known, &mut complaints);
        complaints
    }
}

async fn follow<K>(mut changes: Changes<K>, follower: Rc<RefCell<Follower>>)
where
    K: Resource<DynamicType: Eq + Hash + Clone> + 'static,
{
    while let Some(change) = changes.next().await {
        let (name, now) = of_object(&**change.object());
        let mut follower = follower.borrow_mut();
        match change {
            Change::Applied(_) => {
                let before = follower.known.insert(name.clone(), now.clone());
                let Some((uid, version)) = before else { continue };
                let number = |version: &str| version.parse::<u64>().unwrap_or_default();
                if uid != now.0 {
                    let line = format!("{name} became another object without a deletion");
                    follower.complaints.push(line);
                } else if number(&now.1) < number(&version) {
                    let line = format!("{name} went from version {version} back to {}", now.1);
                    follower.complaints.push(line);
                }
            }
            Change::Deleted(_) => {
                // One that came and went between two looks is only told as gone.
                follower.known.remove(&name);
            }
        }
    }
}

fn of_object<K: Resource>(object: &K) -> (String, (String, String)) {
    let name = key(object.namespace().as_deref(), &object.name_any());
    let (uid, version) = (object.uid(), object.resource_version());
    (name, (uid.unwrap_or_default(), version.unwrap_or_default()))
}

fn of_server(object: &Value) -> (String, (String, String)) {
    let metadata = &object["metadata"];
    let text = |field: &str| metadata[field].as_str().unwrap_or_default().to_owned();
    let name = key(metadata["namespace"].as_str(), &text("name"));
    (name, (text("uid"), text("resourceVersion")))
}

fn key(namespace: Option<&str>, name: &str) -> String {
    namespace.map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}"))
}

/// Where somebody knows something else than the server.
fn differ(who: &str, served: &Known, known: &Known, complaints: &mut Vec<String>) {
    for (name, object) in served {
        match known.get(name) {
            None => complaints.push(format!("{who} does not know {name}")),
            Some(other) if other.0 != object.0 => {
                complaints.push(format!("{who} takes {name} for the one that was there before"));
            }
            Some(other) if other.1 != object.1 => {
                complaints.push(format!(
                    "{who} has {name} at version {}, and not at {}",
                    other.1, object.1
                ));
            }
            Some(_) => {}
        }
    }
    let gone = known.keys().filter(|name| !served.contains_key(*name));
    complaints.extend(gone.map(|name| format!("{who} did not see the deletion of {name}")));
}
