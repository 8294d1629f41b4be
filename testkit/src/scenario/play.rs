//! How steps are done: by somebody whom no fault befalls.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::{Reads, Scenario, ScenarioError, Step, Subject};
use crate::{
    cluster::{FakeCluster, Patience},
    fault::{Fault, ReadFault, Rule, WatchFault},
    raw,
};

/// How long it is waited for an object to go whose deletion somebody has to finish: longer than faults and retries take.
const LONG: Duration = Duration::from_secs(3600);

/// One that plays a scenario.
struct Player<'a> {
    cluster: &'a FakeCluster,
    patience: Patience<'a>,
    subject: &'a Subject,
    collection: String,
    changes: usize,
    /// The place of the step that is being done, from 1.
    step: usize,
}

// === impl Scenario ===

impl Scenario {
    /// Plays it on a cluster on which whoever is tested runs already. Faults that have not happened by the end are left installed;
    /// [`Faults::clear`](crate::fault::Faults::clear) takes them away.
    ///
    /// An object whose deletion somebody has to finish, because it has finalizers, is waited for where a later step needs its name.
    ///
    /// # Errors
    /// Where the server refuses a change, which a valid [`Subject`] does not bring about, a deletion is never finished, or somebody asks again and
    /// again without a pause.
    pub async fn play(&self, cluster: &FakeCluster, subject: &Subject) -> Result<(), ScenarioError> {
        let collection = subject.collection(cluster.server());
        let mut player = Player {
            cluster,
            patience: cluster.patience(),
            subject,
            collection: collection.ok_or_else(|| ScenarioError::Refused {
                step: 0,
                message: format!("{} is not served", subject.object(0)["kind"]),
            })?,
            changes: 0,
            step: 0,
        };
        for step in self.steps() {
            player.step += 1;
            player.perform(step).await?;
        }
        Ok(())
    }
}

// === impl Player ===

impl Player<'_> {
    async fn perform(&mut self, step: &Step) -> Result<(), ScenarioError> {
        match step {
            Step::Create(n) => {
                if !self.exists(*n).await? {
                    self.create(*n)?;
                }
            }
            Step::Change(n) => {
                let patch = self.subject.nth_change(self.changes);
                self.changes += 1;
                if self.exists(*n).await? {
                    let merge = "application/merge-patch+json";
                    self.send(Method::PATCH, &self.path(*n), merge, Some(&patch))?;
                }
            }
            Step::Delete(n) => {
                if self.exists(*n).await? {
                    self.send(Method::DELETE, &self.path(*n), "application/json", None)?;
                }
            }
            Step::Replace(n) => {
                if self.exists(*n).await? {
                    self.send(Method::DELETE, &self.path(*n), "application/json", None)?;
                    if !self.exists(*n).await? {
                        self.create(*n)?;
                    }
                }
            }
            Step::Compact => {
                // Something that nobody watches, so that the version of whoever watches is too old.
                let noise = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "noise"}});
                let collection = "/api/v1/namespaces/kube-system/configmaps";
                self.send(Method::POST, collection, "application/json", Some(&noise))?;
                let path = format!("{collection}/noise");
                self.send(Method::DELETE, &path, "application/json", None)?;
                self.cluster.server().compact();
            }
            Step::Fault { what, times } => {
                self.cluster
                    .faults()
                    .inject(Rule::new(what.clone()).times(*times));
            }
            Step::Stuck { reads, times } => {
                let replica = self.cluster.server().fork();
                let fault: Fault = match reads {
                    Reads::Lists => ReadFault::Stale(replica).into(),
                    Reads::Watches => WatchFault::Replica(replica).into(),
                };
                self.cluster.faults().inject(Rule::new(fault).times(*times));
            }
            Step::Wait(time) => self.wait(*time).await?,
        }
        Ok(())
    }

    async fn wait(&self, time: Duration) -> Result<(), ScenarioError> {
        let waited = self.patience.sleep(time).await;
        waited.map_err(|source| ScenarioError::Busy {
            step: self.step,
            source,
        })
    }

    fn path(&self, number: u8) -> String {
        format!("{}/{}", self.collection, self.subject.name(number))
    }

    fn create(&self, number: u8) -> Result<(), ScenarioError> {
        let object = self.subject.object(number);
        self.send(Method::POST, &self.collection, "application/json", Some(&object))
    }

    /// Whether the object is there, once it is not on its way out.
    async fn exists(&self, number: u8) -> Result<bool, ScenarioError> {
        let env = self.cluster.env();
        let start = env.monotonic();
        loop {
            let (code, object) = raw::send(self.cluster.server(), Method::GET, &self.path(number), None);
            if !code.is_success() {
                return Ok(false);
            }
            if object["metadata"]["deletionTimestamp"].is_null() {
                return Ok(true);
            }
            let waited = env.monotonic().saturating_sub(start);
            if waited > LONG {
                return Err(ScenarioError::Undead {
                    object: self.subject.name(number),
                    step: self.step,
                    waited,
                });
            }
            self.wait(Duration::from_secs(1)).await?;
        }
    }

    fn send(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: Option<&Value>,
    ) -> Result<(), ScenarioError> {
        let (code, answer) = raw::send_as(self.cluster.server(), method, path, content_type, body);
        if code.is_success() {
            return Ok(());
        }
        Err(ScenarioError::Refused {
            step: self.step,
            message: answer["message"].as_str().unwrap_or("no message").to_owned(),
        })
    }
}
