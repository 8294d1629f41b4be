//! The settings of a server, and its start.

use std::fmt;
use std::sync::{Arc, Mutex};

use http::{Request, Response};
use tower_service::Service;

use super::FakeApiServer;
use super::shared::Shared;
use crate::actors::{self, Actor};
use crate::auth::{Authenticator, Issuer, UserInfo};
use crate::clock::{Clock, SystemClock};
use crate::discovery;
use crate::ids::Ids;
use crate::registry::{Catalog, Core, Hooks, Policies, Programs};
use crate::storage::{Notifier, Store};
use crate::webhook::{Calls, Webhooks};

/// How many changes a resource's history keeps, unless the builder says otherwise.
const HISTORY_MAX: usize = 100_000;

/// Settings of a [`FakeApiServer`].
#[derive(Debug, Clone)]
pub struct Builder {
    seed: u64,
    clock: Arc<dyn Clock>,
    history_max: usize,
    actors: Vec<Actor>,
    authenticator: Authenticator,
    webhooks: Webhooks,
    #[cfg(feature = "kubelet")]
    kubelet: Option<crate::kubelet::FakeKubelet>,
}

// === impl Builder ===

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            seed: 0,
            clock: Arc::new(SystemClock),
            history_max: HISTORY_MAX,
            actors: Vec::new(),
            authenticator: Authenticator::default(),
            webhooks: Webhooks::default(),
            #[cfg(feature = "kubelet")]
            kubelet: None,
        }
    }

    /// The seed of UIDs and generated names: one seed, one sequence.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The clock of timestamps and watch timeouts.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// How many changes a resource's history keeps, 100,000 by default; a watch or list that needs older ones gets 410.
    ///
    /// A change takes about six times its object's JSON: 5 KB for a small ConfigMap, 44 KB for a Pod with its status.
    #[must_use]
    pub fn history(mut self, changes_max: usize) -> Self {
        self.history_max = changes_max;
        self
    }

    /// The cluster's own controllers that move after each write, until all are content; none by default.
    ///
    /// A kube-apiserver by itself collects no garbage and starts no pods: these do, as kube-controller-manager does beside
    /// it. They are asked in the order given.
    #[must_use]
    pub fn actors(mut self, actors: impl IntoIterator<Item = Actor>) -> Self {
        self.actors = actors.into_iter().collect();
        self
    }

    /// Lets a user in by a bearer token, and with that turns access control on.
    ///
    /// Without any token everybody whom the server does not know is `admin` in `system:masters`, who may do everything, so
    /// that a test that is not about access need not care; users that are impersonated, tokens of service accounts and
    /// users in a request's extensions meet the stored roles all the same. With a token, requests without credentials are
    /// those of `system:anonymous`, and tokens that nobody knows are refused (401).
    #[must_use]
    pub fn token(mut self, token: impl Into<String>, user: UserInfo) -> Self {
        self.authenticator.insert(token.into(), user);
        self
    }

    /// Lets `service` answer the webhooks at an address: the start of the URL that is called.
    ///
    /// A webhook that names a service of the cluster is called at `https://NAME.NAMESPACE.svc:PORT`, once the service
    /// exists. Requests are what a kube-apiserver posts; they are made while no lock is held, so that a webhook may talk to
    /// the server that calls it. An address nobody answers refuses connections.
    ///
    /// ```
    /// # use http_body_util::Full;
    /// # use seatrial_fake_apiserver::FakeApiServer;
    /// let hook = tower::service_fn(|request: http::Request<bytes::Bytes>| async move {
    ///     let mut review: serde_json::Value = serde_json::from_slice(request.body())?;
    ///     let request = review["request"].take();
    ///     let mut objects = request["objects"].clone();
    ///     for object in objects.as_array_mut().into_iter().flatten() {
    ///         object["apiVersion"] = request["desiredAPIVersion"].clone();
    ///     }
    ///     review["response"] = serde_json::json!({
    ///         "uid": request["uid"], "result": {"status": "Success"}, "convertedObjects": objects,
    ///     });
    ///     Ok::<_, serde_json::Error>(http::Response::new(Full::<bytes::Bytes>::from(review.to_string())))
    /// });
    /// let server = FakeApiServer::builder().webhook("https://convert.default.svc:443", hook).build();
    /// # drop(server);
    /// ```
    #[must_use]
    pub fn webhook<S, B>(mut self, address: &str, service: S) -> Self
    where
        S: Service<Request<bytes::Bytes>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: fmt::Display,
        S::Future: Send,
        B: http_body::Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.webhooks.add(address, None, service);
        self
    }

    /// As [`Builder::webhook`], for a service that shows a certificate: only where the `caBundle` of a configuration holds
    /// it, in PEM, is the service called; other calls fail as they do for want of trust.
    #[must_use]
    pub fn webhook_with_certificate<S, B>(mut self, address: &str, certificate: &str, service: S) -> Self
    where
        S: Service<Request<bytes::Bytes>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: fmt::Display,
        S::Future: Send,
        B: http_body::Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.webhooks.add(address, Some(certificate), service);
        self
    }

    /// Lets a scripted kubelet answer what leads to programs: commands, terminals, ports and logs of pods.
    ///
    /// It stands for the kubelets of all nodes, so that a pod needs a `spec.nodeName`, but no `Node` needs to exist.
    /// Sessions are tasks of the tokio runtime that the request is made in.
    #[cfg(feature = "kubelet")]
    #[must_use]
    pub fn kubelet(mut self, kubelet: crate::kubelet::FakeKubelet) -> Self {
        self.kubelet = Some(kubelet);
        self
    }

    /// Starts the server.
    pub fn build(self) -> FakeApiServer {
        let mut ids = Ids::new(self.seed);
        let founders = crate::registry::founders(&mut ids, self.clock.now());
        let mut core = Core {
            store: Store::founded(self.history_max, founders),
            ids,
            catalog: Catalog::builtin(),
            documents: Arc::new(discovery::Catalog::new()),
            authenticator: Arc::new(self.authenticator),
            issuer: Issuer::new(self.seed),
            notifier: Notifier::default(),
            unsettled: false,
            awake: Vec::new(),
            retired: Vec::new(),
            calls: Calls::default(),
            hooks: Hooks::default(),
            programs: Programs::default(),
            policies: Policies::default(),
            #[cfg(feature = "kubelet")]
            has_kubelet: self.kubelet.is_some(),
        };
        actors::settle(&mut core, &self.actors, self.clock.now());
        FakeApiServer {
            shared: Arc::new(Shared {
                core: Mutex::new(core),
                clock: self.clock,
                actors: self.actors,
                webhooks: self.webhooks,
                #[cfg(feature = "kubelet")]
                kubelet: self.kubelet,
            }),
        }
    }
}
