//! What was asked of the server: a service that writes down each request on its way through.

use std::{
    collections::BTreeMap,
    fmt,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use http::{Method, Request, Response, StatusCode, Uri, header::USER_AGENT};
use http_body_util::{BodyExt as _, Full};
use seatrial_client::{Env, Resource, client::Body, core::Verb};
use seatrial_fake_apiserver::FakeApiServer;
use tower::{BoxError, Service};

use crate::request::{Target, decoded, param, resource_of};

/// How many requests a failed expectation shows, and how wide.
const SHOWN: usize = 20;
const WIDTH: usize = 200;

/// The requests that clients made, in the order in which the server answered them.
///
/// Its text is one line a request and the same for two runs with one seed. Filters give a log of fewer requests, and
/// expectations fail the test with the requests that they did not expect:
///
/// ```
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use seatrial_client::Api;
/// use seatrial_testkit::{FakeCluster, sim::Verb};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// let cluster = FakeCluster::new();
/// let configs: Api<ConfigMap> = Api::default_namespaced(cluster.client());
/// configs.get_opt("settings").await.unwrap();
///
/// let log = cluster.requests();
/// log.expect_no_writes();
/// log.verb(Verb::Get).of::<ConfigMap>().expect_count(1);
/// assert_eq!(log.counts()["get configmaps"], 1);
///
/// // From here on, only what is new.
/// let seen = log.len();
/// configs.create(&Default::default(), &serde_json::from_str(r#"{"metadata": {"name": "settings"}}"#).unwrap()).await.unwrap();
/// cluster.requests().after(seen).writes().expect_count(1);
/// # });
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestLog {
    entries: Vec<LogEntry>,
    /// What was filtered by, in words, for the messages of expectations.
    filters: Vec<String>,
}

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogEntry {
    /// When it was answered, since the cluster began.
    pub at: Duration,
    /// The method.
    pub method: Method,
    /// The path with its query.
    pub path: String,
    /// The body; empty for most reads.
    pub body: String,
    /// The answer's status code.
    pub status: StatusCode,
    /// The `User-Agent` header; empty where there is none.
    pub user_agent: String,
    /// Whether the cluster changed while the request was served. A write that asks for what is there already changes nothing.
    pub changed: bool,
}

/// The fake behind a log.
#[derive(Clone)]
pub(crate) struct Recorded {
    server: FakeApiServer,
    env: Env,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    entries: Mutex<Vec<LogEntry>>,
    in_flight: AtomicUsize,
    writes: AtomicUsize,
}

/// Counts a request as under way until it is answered or given up.
struct InFlight(Arc<Shared>);

// === impl RequestLog ===

impl RequestLog {
    /// The requests in order.
    pub fn iter(&self) -> std::slice::Iter<'_, LogEntry> {
        self.entries.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many there are; the same as [`RequestLog::len`], where that reads better.
    pub fn count(&self) -> usize {
        self.len()
    }

    /// How many requests there are of each verb and resource, such as `create configmaps` or
    /// `patch deployments.apps/status`.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for entry in &self.entries {
            *counts.entry(entry.action()).or_default() += 1;
        }
        counts
    }
}

/// Filters: each gives the requests that also fit it.
impl RequestLog {
    /// Those that ask for a change; see [`LogEntry::is_write`].
    pub fn writes(&self) -> Self {
        self.filtered("that write", LogEntry::is_write)
    }

    /// Those that did change something; see [`LogEntry::changed`].
    pub fn changes(&self) -> Self {
        self.filtered("that changed something", |entry| {
            entry.is_write() && entry.changed
        })
    }

    /// Those whose answer was an error.
    pub fn failed(&self) -> Self {
        self.filtered("that failed", |entry| {
            entry.status.is_client_error() || entry.status.is_server_error()
        })
    }

    /// Those with this verb of the Kubernetes API.
    pub fn verb(&self, verb: Verb) -> Self {
        self.filtered(format!("with verb {verb}"), |entry| entry.verb() == verb)
    }

    /// Those for objects of this type, subresources included, in any of its versions.
    pub fn of<K>(&self) -> Self
    where
        K: Resource<DynamicType = ()>,
    {
        self.resource(&resource_of::<K>())
    }

    /// Those for this resource with its group, such as `configmaps` or `deployments.apps`. With a subresource, as in
    /// `deployments.apps/status`, those for that alone.
    pub fn resource(&self, resource: &str) -> Self {
        self.filtered(format!("of {resource}"), |entry| {
            entry.target(|target| target.is_of(resource))
        })
    }

    /// Those for objects in this namespace.
    pub fn namespace(&self, namespace: &str) -> Self {
        self.filtered(format!("in namespace {namespace}"), |entry| {
            entry.target(|target| target.namespace == Some(namespace))
        })
    }

    /// Those for an object of this name, which a create may carry in its body.
    pub fn named(&self, name: &str) -> Self {
        self.filtered(format!("for an object {name}"), |entry| {
            entry.name().as_deref() == Some(name)
        })
    }

    /// Those whose `User-Agent` begins with this.
    pub fn user_agent(&self, prefix: &str) -> Self {
        self.filtered(format!("by user agent {prefix}"), |entry| {
            entry.user_agent.starts_with(prefix)
        })
    }

    /// Those that write as this field manager.
    pub fn field_manager(&self, manager: &str) -> Self {
        self.filtered(format!("by field manager {manager}"), |entry| {
            entry.field_manager().as_deref() == Some(manager)
        })
    }

    /// Those that were answered after the first `count` of this log.
    pub fn after(&self, count: usize) -> Self {
        Self {
            entries: self.entries.iter().skip(count).cloned().collect(),
            filters: self.filters.clone(),
        }
    }

    /// Those for which this holds; `what` completes "requests …" in messages, such as `that name no version`.
    pub fn filtered(&self, what: impl Into<String>, fits: impl Fn(&LogEntry) -> bool) -> Self {
        let mut filters = self.filters.clone();
        filters.push(what.into());
        Self {
            entries: self.entries.iter().filter(|entry| fits(entry)).cloned().collect(),
            filters,
        }
    }
}

/// Expectations: each fails the test where it is not met, and shows the requests in question.
impl RequestLog {
    /// Nothing was written, not even without effect.
    ///
    /// # Panics
    /// Where it was.
    #[track_caller]
    pub fn expect_no_writes(&self) {
        self.writes().expect_none();
    }

    /// No write changed anything: those that there are asked for what was there already.
    ///
    /// # Panics
    /// Where one did.
    #[track_caller]
    pub fn expect_no_changes(&self) {
        self.changes().expect_none();
    }

    /// There are no requests.
    ///
    /// # Panics
    /// Where there are.
    #[track_caller]
    pub fn expect_none(&self) {
        self.expect(self.is_empty(), "no");
    }

    /// There are so many requests.
    ///
    /// # Panics
    /// Where there are more or fewer.
    #[track_caller]
    pub fn expect_count(&self, count: usize) {
        self.expect(self.len() == count, &count.to_string());
    }

    /// There are so many requests or fewer.
    ///
    /// # Panics
    /// Where there are more.
    #[track_caller]
    pub fn expect_at_most(&self, count: usize) {
        self.expect(self.len() <= count, &format!("at most {count}"));
    }

    /// There are so many requests or more.
    ///
    /// # Panics
    /// Where there are fewer.
    #[track_caller]
    pub fn expect_at_least(&self, count: usize) {
        self.expect(self.len() >= count, &format!("at least {count}"));
    }

    #[track_caller]
    fn expect(&self, is_met: bool, expected: &str) {
        if is_met {
            return;
        }
        let mut what = String::from("requests");
        for filter in &self.filters {
            what.push(' ');
            what.push_str(filter);
        }
        let there = match self.len() {
            0 => "there are none".to_owned(),
            1 => "there is 1".to_owned(),
            many => format!("there are {many}"),
        };
        let mut shown: Vec<String> = self
            .iter()
            .take(SHOWN)
            .map(|entry| format!("  {}", entry.brief()))
            .collect();
        if self.len() > SHOWN {
            shown.push(format!("  … {} more", self.len() - SHOWN));
        }
        let colon = if shown.is_empty() { "" } else { ":\n" };
        panic!("expected {expected} {what}, {there}{colon}{}", shown.join("\n"));
    }

    /// The last writes, one a line.
    pub(crate) fn tail_of_writes(&self, count: usize) -> String {
        let lines: Vec<String> = self.writes().iter().map(LogEntry::to_string).collect();
        lines[lines.len().saturating_sub(count)..].join("\n")
    }
}

impl<'a> IntoIterator for &'a RequestLog {
    type Item = &'a LogEntry;
    type IntoIter = std::slice::Iter<'a, LogEntry>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for RequestLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entries.iter().try_for_each(|entry| writeln!(f, "{entry}"))
    }
}

// === impl LogEntry ===

impl LogEntry {
    /// Whether the request asks for a change of what is stored. A dry run does not, nor does a review of access or of a token.
    pub fn is_write(&self) -> bool {
        let is_dry = self.query("dryRun").is_some_and(|of| !of.is_empty());
        let is_review =
            self.target(|target| matches!(target.group, "authorization.k8s.io" | "authentication.k8s.io"));
        !self.method.is_safe() && !is_dry && !is_review
    }

    /// The verb of the Kubernetes API.
    pub fn verb(&self) -> Verb {
        let watches = matches!(self.query("watch").as_deref(), Some("true" | "1"));
        self.target(|target| target.verb(&self.method, watches))
    }

    /// The resource with its group and subresource, such as `configmaps` or `deployments.apps/status`; empty for what is no
    /// resource.
    pub fn resource(&self) -> String {
        self.target(|target| target.with_subresource())
    }

    /// The namespace in the path.
    pub fn namespace(&self) -> Option<String> {
        self.target(|target| target.namespace.map(str::to_owned))
    }

    /// The object's name, from the path or from the body of a create.
    pub fn name(&self) -> Option<String> {
        self.target(|target| target.name_or_in(self.body.as_bytes()))
    }

    /// As whom the request writes: its `fieldManager`, or what the server takes from the `User-Agent` where there is none.
    pub fn field_manager(&self) -> Option<String> {
        if self.method.is_safe() || self.method == Method::DELETE {
            return None;
        }
        self.query("fieldManager")
            .filter(|given| !given.is_empty())
            .or_else(|| {
                let agent = self.user_agent.split('/').next()?;
                (!agent.is_empty()).then(|| agent.to_owned())
            })
    }

    /// The request in words: `patch deployments.apps/status`.
    fn action(&self) -> String {
        let resource = self.resource();
        let what = if resource.is_empty() {
            self.path.split('?').next().unwrap_or_default()
        } else {
            &resource
        };
        format!("{} {what}", self.verb())
    }

    /// The entry in a line of bounded length.
    fn brief(&self) -> String {
        let line = self.to_string();
        if line.chars().count() <= WIDTH {
            return line;
        }
        line.chars().take(WIDTH - 1).chain(['…']).collect()
    }

    fn target<T>(&self, of: impl FnOnce(Target<'_>) -> T) -> T {
        match self.path.parse::<Uri>() {
            Ok(uri) => of(Target::of(&uri)),
            Err(_) => of(Target::default()),
        }
    }

    /// A parameter of the query, decoded.
    fn query(&self, name: &str) -> Option<String> {
        let uri: Uri = self.path.parse().ok()?;
        param(&uri, name).map(decoded)
    }
}

impl fmt::Display for LogEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>8.3}s {} {} -> {}",
            self.at.as_secs_f64(),
            self.method,
            self.path,
            self.status.as_u16()
        )?;
        if self.body.is_empty() {
            Ok(())
        } else {
            write!(f, " {}", self.body)
        }
    }
}

// === impl Recorded ===

impl Recorded {
    pub(crate) fn new(server: FakeApiServer, env: Env) -> Self {
        Self {
            server,
            env,
            shared: Arc::default(),
        }
    }

    pub(crate) fn log(&self) -> RequestLog {
        RequestLog {
            entries: self.shared.entries().clone(),
            filters: Vec::new(),
        }
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.shared.in_flight.load(Ordering::SeqCst)
    }

    pub(crate) fn writes(&self) -> usize {
        self.shared.writes.load(Ordering::SeqCst)
    }
}

impl Service<Request<Body>> for Recorded {
    type Response = Response<seatrial_fake_apiserver::Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let Self {
            mut server,
            env,
            shared,
        } = self.clone();
        let guard = InFlight::enter(shared.clone());
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            let (method, path) = (parts.method.clone(), parts.uri.to_string());
            let user_agent = parts
                .headers
                .get(USER_AGENT)
                .map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned());
            let before = server.revision();
            if !method.is_safe() {
                shared.writes.fetch_add(1, Ordering::SeqCst);
            }
            let response = match server
                .call(Request::from_parts(parts, Full::new(body.clone())))
                .await
            {
                Ok(response) => response,
                Err(never) => match never {},
            };
            shared.entries().push(LogEntry {
                at: env.monotonic(),
                method,
                path,
                body: String::from_utf8_lossy(&body).into_owned(),
                status: response.status(),
                user_agent: user_agent.unwrap_or_default(),
                changed: server.revision() != before,
            });
            drop(guard);
            Ok(response)
        })
    }
}

// === impl Shared ===

impl Shared {
    fn entries(&self) -> std::sync::MutexGuard<'_, Vec<LogEntry>> {
        self.entries
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

// === impl InFlight ===

impl InFlight {
    fn enter(shared: Arc<Shared>) -> Self {
        shared.in_flight.fetch_add(1, Ordering::SeqCst);
        Self(shared)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(method: Method, path: &str, body: &str) -> LogEntry {
        LogEntry {
            at: Duration::ZERO,
            method,
            path: path.to_owned(),
            body: body.to_owned(),
            status: StatusCode::OK,
            user_agent: "greeter/1.0".to_owned(),
            changed: false,
        }
    }

    #[test]
    fn an_entry_is_read_off_its_path() {
        let patch = entry(
            Method::PATCH,
            "/apis/apps/v1/namespaces/shop/deployments/web/status?fieldManager=my%20manager",
            "",
        );
        assert_eq!(patch.action(), "patch deployments.apps/status");
        assert_eq!(patch.namespace().as_deref(), Some("shop"));
        assert_eq!(patch.name().as_deref(), Some("web"));
        assert_eq!(patch.field_manager().as_deref(), Some("my manager"));
        assert!(patch.is_write());
        let create = entry(
            Method::POST,
            "/api/v1/namespaces/a/pods",
            r#"{"metadata":{"name":"p"}}"#,
        );
        assert_eq!(create.name().as_deref(), Some("p"));
        assert_eq!(create.field_manager().as_deref(), Some("greeter"));
        let version = entry(Method::GET, "/version", "");
        assert_eq!(
            (version.action().as_str(), version.field_manager()),
            ("get /version", None)
        );
        assert_eq!(
            entry(Method::GET, "/api/v1/pods?watch=true", "").action(),
            "watch pods"
        );
        assert_eq!(
            entry(Method::DELETE, "/api/v1/namespaces/a/pods", "").action(),
            "deletecollection pods"
        );
    }

    #[test]
    fn what_stores_nothing_is_no_write() {
        assert!(!entry(Method::POST, "/api/v1/namespaces/a/pods?dryRun=All", "{}").is_write());
        let review = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        assert!(!entry(Method::POST, review, "{}").is_write());
        assert!(entry(Method::POST, "/api/v1/namespaces/a/pods/p/eviction", "{}").is_write());
    }
}
