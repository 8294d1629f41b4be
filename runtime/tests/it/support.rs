//! A server, a wire to it that misbehaves on demand, and a log of what went over it.

use std::{
    str::FromStr,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{Stream, StreamExt};
use http::Request;
use k8s_openapi::{
    api::core::v1::{ConfigMap, Secret},
    apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference},
};
use proptest::test_runner::{Config as ProptestConfig, RngSeed};
use seatrial_client::{
    Api, Client, Env, Resource,
    api::{DeleteParams, Patch, PatchParams, PostParams},
    client::Body,
};
use seatrial_fake_apiserver::{FakeApiServer, VirtualClock};
use seatrial_testkit::fault::{Fault, Faults, Rule};
use tower::{Layer, ServiceExt};

const EPOCH: &str = "2026-01-01T00:00:00Z";

/// The world of a test.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) server: FakeApiServer,
    pub(crate) env: Env,
    faults: Faults,
    log: Arc<Mutex<Vec<String>>>,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let epoch = EPOCH.parse().unwrap();
        let server = FakeApiServer::builder()
            .seed(seed)
            .clock(VirtualClock::starting_at(epoch))
            .build();
        Self {
            server,
            env: Env::seeded(seed, epoch),
            faults: Faults::new(),
            log: Arc::default(),
        }
    }

    /// A client over a wire that is logged, and on which faults happen.
    pub(crate) fn client(&self) -> Client {
        let (log, env) = (Arc::clone(&self.log), self.env.clone());
        let wire = self.faults.layer().layer(self.server.clone());
        let logged = wire.map_request(move |request: Request<Body>| {
            let now = env.monotonic().as_millis();
            let line = format!("{now} {} {}", request.method(), request.uri());
            log.lock().unwrap().push(line);
            request
        });
        Client::new(logged, "default").with_env(self.env.clone())
    }

    /// A client that is neither logged nor disturbed: somebody else.
    fn other(&self) -> Client {
        Client::new(self.server.clone(), "default").with_env(self.env.clone())
    }

    pub(crate) fn api<K>(&self) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
    {
        Api::default_namespaced(self.client())
    }

    /// This befalls the next `times` requests that contain `part`.
    pub(crate) fn disturb(&self, part: &'static str, times: usize, fault: impl Into<Fault>) {
        self.faults.inject(Rule::new(fault).on(part).times(times));
    }

    /// The requests so far that contain `part`.
    pub(crate) fn log(&self, part: &str) -> Vec<String> {
        let log = self.log.lock().unwrap();
        log.iter().filter(|line| line.contains(part)).cloned().collect()
    }

    pub(crate) fn now(&self) -> Duration {
        self.env.monotonic()
    }

    // --- what others do to the cluster ---

    pub(crate) async fn create(&self, name: &str) -> ConfigMap {
        let object = ConfigMap {
            metadata: meta(name),
            ..ConfigMap::default()
        };
        let api = Api::<ConfigMap>::default_namespaced(self.other());
        api.create(&PostParams::default(), &object).await.unwrap()
    }

    pub(crate) async fn touch(&self, name: &str, value: &str) -> ConfigMap {
        let patch = Patch::Merge(serde_json::json!({"data": {"value": value}}));
        let api = Api::<ConfigMap>::default_namespaced(self.other());
        api.patch(name, &PatchParams::default(), &patch).await.unwrap()
    }

    pub(crate) async fn delete(&self, name: &str) {
        let api = Api::<ConfigMap>::default_namespaced(self.other());
        api.delete(name, &DeleteParams::default()).await.unwrap();
    }

    /// A secret owned by a config map.
    pub(crate) async fn create_owned(&self, name: &str, owner: &ConfigMap) {
        let mut object = Secret {
            metadata: meta(name),
            ..Secret::default()
        };
        object.metadata.owner_references = Some(vec![owner_ref(owner)]);
        let api = Api::<Secret>::default_namespaced(self.other());
        api.create(&PostParams::default(), &object).await.unwrap();
    }

    pub(crate) async fn delete_secret(&self, name: &str) {
        let api = Api::<Secret>::default_namespaced(self.other());
        api.delete(name, &DeleteParams::default()).await.unwrap();
    }

    /// Loses the history, which ends the open watches and makes them list again.
    pub(crate) async fn lose_history(&self) {
        self.touch_something().await;
        self.server.compact();
    }

    /// A write that nobody watches, so that the versions move.
    async fn touch_something(&self) {
        let mut object = ConfigMap::default();
        object.metadata.generate_name = Some("noise-".to_owned());
        let api = Api::<ConfigMap>::namespaced(self.other(), "kube-system");
        api.create(&PostParams::default(), &object).await.unwrap();
    }
}

pub(crate) fn owner_ref(owner: &ConfigMap) -> OwnerReference {
    OwnerReference {
        controller: Some(true),
        ..owner.owner_ref(&()).unwrap()
    }
}

fn meta(name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        ..ObjectMeta::default()
    }
}

/// What a stream yields until nothing more comes for a while.
pub(crate) async fn until_quiet<S: Stream + Unpin>(env: &Env, stream: &mut S) -> Vec<S::Item> {
    let mut items = Vec::new();
    while let Ok(Some(item)) = env.timeout(Duration::from_millis(500), stream.next()).await {
        items.push(item);
    }
    items
}

/// What a stream yields within this time.
pub(crate) async fn for_a_while<S: Stream + Unpin>(env: &Env, secs: u64, stream: &mut S) -> Vec<S::Item> {
    let mut items = Vec::new();
    let end = env.monotonic() + Duration::from_secs(secs);
    while let Some(left) = end.checked_sub(env.monotonic()).filter(|left| !left.is_zero()) {
        match env.timeout(left, stream.next()).await {
            Ok(Some(item)) => items.push(item),
            Ok(None) | Err(_) => break,
        }
    }
    items
}

/// How a property is tried: with `usual` cases, or as many as `SEATRIAL_CASES` says.
///
/// The cases are the same at every run, so that a failure is due to the change at hand. `SEATRIAL_SEED` asks for others.
pub(crate) fn property(usual: u32) -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(seed()),
        ..ProptestConfig::with_cases(cases(usual))
    }
}

pub(crate) fn seed() -> u64 {
    asked("SEATRIAL_SEED").unwrap_or(1)
}

pub(crate) fn cases(usual: u32) -> u32 {
    asked("SEATRIAL_CASES").unwrap_or(usual)
}

fn asked<T: FromStr>(variable: &str) -> Option<T> {
    // A test may read its environment; the library may not.
    #[expect(
        clippy::disallowed_methods,
        reason = "how much to try is no input of the runs"
    )]
    let asked = std::env::var(variable).ok();
    asked.and_then(|asked| asked.parse().ok())
}
