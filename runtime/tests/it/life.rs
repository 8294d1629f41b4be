//! A cluster, a cache of its config maps, and somebody who follows the cache and believes what it says.

use std::{collections::BTreeMap, time::Duration};

use futures::{FutureExt, StreamExt};
use k8s_openapi::api::core::v1::ConfigMap;
use seatrial_client::{
    Api, Client, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use seatrial_runtime::{
    WatchStreamExt,
    reflector::{Change, Changes, Store, store},
    watcher::{self, Config, Health, watcher},
};
use seatrial_testkit::{FakeCluster, fault::Rule};
use serde_json::json;

/// A client that no fault befalls.
pub(crate) fn undisturbed(cluster: &FakeCluster) -> Client {
    Client::new(cluster.server().clone(), "default").with_env(cluster.env().clone())
}

type Followed = futures::stream::BoxStream<'static, watcher::Result<Change<ConfigMap>>>;

/// A cluster, and a cache of its config maps.
pub(crate) struct Life {
    pub(crate) cluster: FakeCluster,
    pub(crate) api: Api<ConfigMap>,
    pub(crate) store: Store<ConfigMap>,
    pub(crate) stream: Followed,
    pub(crate) health: Health,
    pub(crate) errors: Vec<String>,
    /// Somebody who follows the cache, and what they know.
    pub(crate) changes: Changes<ConfigMap>,
    pub(crate) known: BTreeMap<String, (String, u64)>,
    pub(crate) deleted: Vec<String>,
}

impl Life {
    pub(crate) fn new(config: Config) -> Self {
        let cluster = FakeCluster::new();
        let (store, writer) = store();
        let events = watcher(Api::<ConfigMap>::default_namespaced(cluster.client()), config);
        let health = events.health();
        Self {
            stream: events.reflect_changes(writer.with_health(health.clone())).boxed(),
            changes: store.changes(),
            // What others do is not disturbed.
            api: Api::default_namespaced(undisturbed(&cluster)),
            cluster,
            store,
            health,
            errors: Vec::new(),
            known: BTreeMap::new(),
            deleted: Vec::new(),
        }
    }

    /// Lets the cache follow for so long.
    pub(crate) async fn pass(&mut self, secs: u64) {
        let env = self.cluster.env().clone();
        let end = env.monotonic() + Duration::from_secs(secs);
        while let Some(left) = end.checked_sub(env.monotonic()).filter(|left| !left.is_zero()) {
            match env.timeout(left, self.stream.next()).await {
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(error))) => self.errors.push(error.to_string()),
                Ok(None) => panic!("a watcher does not end"),
                Err(_) => break,
            }
        }
        while let Some(Some(change)) = self.changes.next().now_or_never() {
            self.learn(&change);
        }
    }

    pub(crate) fn learn(&mut self, change: &Change<ConfigMap>) {
        let object = change.object();
        let (name, uid) = (object.name_any(), object.uid().unwrap());
        let version = object.resource_version().unwrap().parse().unwrap_or(u64::MAX);
        match change {
            Change::Applied(_) => {
                if let Some((held, before)) = self.known.insert(name.clone(), (uid.clone(), version)) {
                    assert_eq!(held, uid, "{name} became another without a deletion");
                    assert!(version >= before, "{name} went from {before} back to {version}");
                }
            }
            Change::Deleted(_) => {
                // One that came and went between two looks is only told as gone.
                self.known.remove(&name);
                self.deleted.push(name);
            }
        }
    }

    pub(crate) async fn create(&self, name: &str) {
        let mut object = ConfigMap::default();
        object.metadata.name = Some(name.to_owned());
        object.metadata.labels = Some([("app".to_owned(), "web".to_owned())].into());
        self.api.create(&PostParams::default(), &object).await.unwrap();
    }

    pub(crate) async fn touch(&self, name: &str, value: &str) {
        let patch = Patch::Merge(json!({"data": {"value": value}}));
        self.api
            .patch(name, &PatchParams::default(), &patch)
            .await
            .unwrap();
    }

    pub(crate) async fn delete(&self, name: &str) {
        self.api.delete(name, &DeleteParams::default()).await.unwrap();
    }

    /// A write that the watch does not see.
    pub(crate) async fn noise(&self) {
        let mut object = ConfigMap::default();
        object.metadata.generate_name = Some("noise-".to_owned());
        let api = Api::<ConfigMap>::namespaced(undisturbed(&self.cluster), "kube-system");
        api.create(&PostParams::default(), &object).await.unwrap();
    }

    /// The requests so far that contain this.
    pub(crate) fn requests(&self, part: &str) -> Vec<String> {
        let mut all = self.cluster.faults().seen();
        all.retain(|line| line.contains(part));
        all
    }

    pub(crate) fn lists(&self) -> usize {
        let served = self.cluster.requests();
        served
            .iter()
            .filter(|entry| {
                entry.method == "GET" && entry.path.contains("configmaps") && !entry.path.contains("watch=")
            })
            .count()
    }

    /// The life: changes, deletions, and an object that comes again under its name, with a fault that lasts.
    pub(crate) async fn live(&mut self, rule: Rule) {
        self.create("kept").await;
        self.create("gone").await;
        self.create("again").await;
        let rule = self.cluster.faults().inject(rule);
        self.pass(100).await;
        self.touch("kept", "1").await;
        self.delete("gone").await;
        self.pass(100).await;
        self.delete("again").await;
        self.create("again").await;
        self.create("new").await;
        self.pass(200).await;
        self.cluster.faults().withdraw(rule);
        self.touch("kept", "2").await;
        self.pass(400).await;
        self.agree();
    }

    /// The cache equals the server, and so does what followers know.
    #[track_caller]
    pub(crate) fn agree(&self) {
        let server: BTreeMap<_, _> = self
            .cluster
            .server()
            .list("configmaps")
            .iter()
            .filter(|object| {
                object["metadata"]["namespace"] == "default"
                    && object["metadata"]["name"] != "kube-root-ca.crt"
            })
            .map(|object| {
                let text = |field: &str| object["metadata"][field].as_str().unwrap().to_owned();
                (text("name"), (text("uid"), text("resourceVersion")))
            })
            .collect();
        let cache: BTreeMap<_, _> = self
            .store
            .state()
            .iter()
            .filter(|object| object.name_any() != "kube-root-ca.crt")
            .map(|object| {
                (
                    object.name_any(),
                    (object.uid().unwrap(), object.resource_version().unwrap()),
                )
            })
            .collect();
        assert_eq!(cache, server);
        let known: Vec<_> = self
            .known
            .keys()
            .filter(|name| *name != "kube-root-ca.crt")
            .collect();
        assert_eq!(known, server.keys().collect::<Vec<_>>());
    }
}
