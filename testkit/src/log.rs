//! What was asked of the server: which requests, and what a test expects of them.
//!
//! Reading order: here (the requests, filters and expectations), `entry` (one of them), `recorded` (the service that writes them down).

mod entry;
mod recorded;

use std::{collections::BTreeMap, fmt};

use seatrial_client::{Resource, core::Verb};

pub use self::entry::LogEntry;
pub(crate) use self::recorded::Recorded;
use crate::request::resource_of;

/// How many requests a failed expectation shows.
const SHOWN: usize = 20;

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
