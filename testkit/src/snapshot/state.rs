//! The objects of a cluster at one time.

use std::fmt;

use seatrial_fake_apiserver::FakeApiServer;
use serde_json::Value;

use super::{Baseline, Placeholders, StateDiff, identity, objects, redact, text};

/// The objects of a cluster at one time, to be shown, or to be compared with a later state.
///
/// Its text is that of [`FakeCluster::dump`](crate::FakeCluster::dump). [`State::diff`] tells what happened between two of them.
///
/// ```
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use seatrial_client::{Api, api::{Patch, PatchParams}};
/// use seatrial_testkit::FakeCluster;
/// use serde_json::json;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// let cluster = FakeCluster::builder()
///     .yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {mode: fast}}")
///     .build()
///     .unwrap();
/// let before = cluster.state();
/// let configs: Api<ConfigMap> = Api::default_namespaced(cluster.client());
/// let patch = Patch::Merge(json!({"data": {"mode": "slow"}}));
/// configs.patch("settings", &PatchParams::default(), &patch).await.unwrap();
/// assert_eq!(
///     before.diff(&cluster.state()).to_string(),
///     "~ ConfigMap default/settings\n    data.mode: \"fast\" → \"slow\"\n",
/// );
/// # });
/// ```
#[derive(Clone, PartialEq)]
pub struct State {
    /// As the server gives them, ordered by kind, namespace and name.
    pub(super) objects: Vec<Value>,
}

// === impl State ===

impl State {
    /// Everything that a server holds, what it made by itself included.
    pub fn of(server: &FakeApiServer) -> Self {
        Self::without(server, &Baseline::default())
    }

    /// What a server holds besides what it began with.
    pub(crate) fn without(server: &FakeApiServer, baseline: &Baseline) -> Self {
        let mut own: Vec<Value> = objects(server)
            .into_iter()
            .filter(|o| !baseline.contains(o))
            .collect();
        own.sort_by_cached_key(identity);
        Self { objects: own }
    }

    /// What was added, removed and changed from this state to `after`, for people.
    ///
    /// Resource versions, managed fields and times that merely differ are no change. An object that was deleted and made anew
    /// under its name is told as replaced.
    pub fn diff(&self, after: &Self) -> StateDiff {
        StateDiff::between(&self.objects, &after.objects)
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
}

/// YAML documents with placeholders.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut own = self.objects.clone();
        let mut uids = Placeholders::default();
        // Objects' own UIDs come first, so that references read as "the first", "the second" object.
        for object in &own {
            uids.learn(object);
        }
        own.iter_mut().for_each(|object| redact(object, &mut uids));
        for (place, object) in own.iter().enumerate() {
            if place > 0 {
                f.write_str("---\n")?;
            }
            let document = serde_saphyr::to_string(object)
                .expect("JSON values have string keys only, which YAML can always write");
            f.write_str(&document)?;
        }
        Ok(())
    }
}

/// The names alone: an object may be a Secret.
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.objects.iter().map(|object| {
            let [kind, namespace, name] =
                ["/kind", "/metadata/namespace", "/metadata/name"].map(|pointer| text(object, pointer));
            format!("{kind} {namespace}/{name}")
        });
        f.debug_list().entries(names).finish()
    }
}
