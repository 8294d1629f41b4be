//! Specifications that are made up, for a controller that forgets the past and for one that does not.

use std::{sync::Arc, time::Duration};

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::ConfigMap;
use schemars::JsonSchema;
use seatrial_client::{
    Api, Client, Resource as _, ResourceExt as _,
    api::{Patch, PatchParams},
};
use seatrial_derive::CustomResource;
use seatrial_runtime::{Controller, controller::Action, watcher};
use seatrial_testkit::{FailureKind, SpecFuzz, sweep};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Something with a mode and a number of workers.
#[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "fuzz.seatrial.dev", version = "v1", kind = "Queue", namespaced)]
struct QueueSpec {
    /// How many workers.
    #[schemars(range(min = 1, max = 9))]
    workers: u8,
    /// What the workers are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// How they work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<Mode>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Fast,
    Safe,
}

/// A config map with what the queue says; if `forgets`, what it does not say any more goes, too.
async fn controller(client: Client, forgets: bool) {
    let reconcile = move |queue: Arc<Queue>, client: Arc<Client>| async move {
        let maps = Api::<ConfigMap>::default_namespaced((*client).clone());
        let mut data = json!({"workers": queue.spec.workers.to_string()});
        if let Some(message) = &queue.spec.message {
            data["message"] = json!(message);
        }
        let metadata = json!({
            "name": queue.name_any(),
            "ownerReferences": [queue.controller_owner_ref(&())],
        });
        let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data});
        let params = PatchParams::apply("queue").force();
        if forgets || maps.get_opt(&queue.name_any()).await?.is_none() {
            maps.patch(&queue.name_any(), &params, &Patch::Apply(object))
                .await?;
        } else {
            // What is not said stays as it was.
            maps.patch(
                &queue.name_any(),
                &PatchParams::default(),
                &Patch::Merge(json!({"data": data})),
            )
            .await?;
        }
        Ok::<_, seatrial_client::Error>(Action::await_change())
    };
    Controller::new(
        Api::<Queue>::default_namespaced(client.clone()),
        watcher::Config::default(),
    )
    .run(
        reconcile,
        |_, _, _| Action::requeue(Duration::from_secs(1)),
        Arc::new(client),
    )
    .for_each(|_| async {})
    .await;
}

fn fuzzed(forgets: bool) -> SpecFuzz {
    sweep(move |client| controller(client, forgets))
        .environment(|_| None)
        .fuzz_spec::<Queue>()
        .sequences(12)
}

#[test]
fn a_controller_that_remembers_is_found() {
    let report = fuzzed(false).run();
    let Some(finding) = report.findings.first() else {
        panic!("nothing was found: {report}");
    };
    assert_eq!(finding.kind, FailureKind::HistoryDependent, "{finding}");
    assert_eq!(finding.about, "configmaps default/fuzzed");
    // One that says it, and one that does not.
    let [first, second] = &*finding.specs else {
        panic!("{finding}");
    };
    assert!(
        first.get("message").is_some() && second.get("message").is_none(),
        "{finding}"
    );
    assert!(
        first.get("mode").is_none() && second.get("mode").is_none(),
        "{finding}"
    );
    assert_eq!(first["workers"], second["workers"], "{finding}");
    assert!(finding.to_string().contains("data.message"), "{finding}");
}

#[test]
fn a_controller_that_forgets_passes() {
    let report = fuzzed(true).run();
    assert!(report.findings.is_empty(), "{}", report.findings[0]);
    assert_eq!(report.sequences, 12);
    assert!(report.admitted >= 48 && report.invalid >= 40, "{report}");
    fuzzed(true).sequences(2).length(2).check();
}

#[test]
#[should_panic(expected = "depends on what was wanted before")]
fn a_check_fails_the_test() {
    fuzzed(false).check();
}
