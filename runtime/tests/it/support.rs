//! A server, a wire to it that misbehaves on demand, and a log of what went over it.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    str::FromStr,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::{Request, Response};
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use k8s_openapi::{
    api::core::v1::{ConfigMap, Secret},
    apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference},
};
use proptest::test_runner::{Config as ProptestConfig, RngSeed};
use seatrial_client::{
    Api, Client, Env, Resource,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use seatrial_fake_apiserver::{FakeApiServer, VirtualClock};
use tower::{BoxError, Service, ServiceExt};

const EPOCH: &str = "2026-01-01T00:00:00Z";

/// The world of a test.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) server: FakeApiServer,
    pub(crate) env: Env,
    wire: Arc<Mutex<Wire>>,
}

#[derive(Default)]
struct Wire {
    log: Vec<String>,
    rules: Vec<Rule>,
}

struct Rule {
    part: &'static str,
    times: usize,
    fault: Fault,
}

/// What happens to a request instead of its being served.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// This status.
    Status(u16, &'static str),
    /// A watch that sends this and ends.
    Watch(&'static str),
    /// No connection.
    Refused,
    /// Silence.
    Silence,
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
            wire: Arc::default(),
        }
    }

    /// A client over the wire.
    pub(crate) fn client(&self) -> Client {
        Client::new(Link { world: self.clone() }, "default").with_env(self.env.clone())
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

    /// The next `times` requests whose line contains `part` end this way.
    pub(crate) fn disturb(&self, part: &'static str, times: usize, fault: Fault) {
        self.wire.lock().unwrap().rules.push(Rule { part, times, fault });
    }

    /// The requests so far that contain `part`.
    pub(crate) fn log(&self, part: &str) -> Vec<String> {
        let wire = self.wire.lock().unwrap();
        wire.log
            .iter()
            .filter(|line| line.contains(part))
            .cloned()
            .collect()
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

// === The wire ===

#[derive(Clone)]
struct Link {
    world: World,
}

type Answer = Response<UnsyncBoxBody<Bytes, BoxError>>;

impl Service<Request<seatrial_client::client::Body>> for Link {
    type Response = Answer;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Answer, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<seatrial_client::client::Body>) -> Self::Future {
        let line = format!(
            "{} {} {}",
            self.world.env.monotonic().as_millis(),
            request.method(),
            request.uri()
        );
        let fault = {
            let mut wire = self.world.wire.lock().unwrap();
            let rule = wire
                .rules
                .iter_mut()
                .find(|rule| rule.times > 0 && line.contains(rule.part));
            let fault = rule.map(|rule| {
                rule.times -= 1;
                rule.fault
            });
            wire.log.push(line);
            fault
        };
        let server = self.world.server.clone();
        Box::pin(async move {
            match fault {
                None => {
                    let response = server
                        .oneshot(request)
                        .await
                        .unwrap_or_else(|never: Infallible| match never {});
                    Ok(response.map(|body| body.map_err(Into::into).boxed_unsync()))
                }
                Some(Fault::Refused) => {
                    let refused = std::io::Error::new(std::io::ErrorKind::ConnectionRefused, "refused");
                    Err(refused.into())
                }
                Some(Fault::Silence) => std::future::pending().await,
                Some(Fault::Watch(frames)) => Ok(answer(200, frames)),
                Some(Fault::Status(code, reason)) => {
                    let status = serde_json::json!({
                        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                        "message": "injected", "reason": reason, "code": code,
                    });
                    Ok(answer(code, &status.to_string()))
                }
            }
        })
    }
}

fn answer(code: u16, body: &str) -> Answer {
    let body = Full::new(Bytes::copy_from_slice(body.as_bytes())).map_err(|never: Infallible| match never {});
    Response::builder()
        .status(code)
        .header("content-type", "application/json")
        .body(body.boxed_unsync())
        .unwrap()
}

/// How a property is tried: with `usual` cases, or as many as `SEATRIAL_CASES` says.
///
/// The cases are the same at every run, so that a failure is due to the change at hand. `SEATRIAL_SEED` asks for others.
pub(crate) fn property(usual: u32) -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(asked("SEATRIAL_SEED").unwrap_or(1)),
        ..ProptestConfig::with_cases(asked("SEATRIAL_CASES").unwrap_or(usual))
    }
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
