//! Specifications that are made up, for controllers that forget the past and for those that do not, and for one that a fault catches.

use std::{sync::Arc, time::Duration};

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use schemars::JsonSchema;
use seatrial_client::{
    Api, Client, Resource as _, ResourceExt as _,
    api::{DeleteParams, Patch, PatchParams},
};
use seatrial_derive::CustomResource;
use seatrial_runtime::{Controller, WatchStreamExt as _, controller::Action, watcher};
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
    fuzzed_in(
        forgets,
        &std::env::temp_dir().join("seatrial-fuzz-nothing-is-kept"),
    )
}

fn fuzzed_in(forgets: bool, folder: &std::path::Path) -> SpecFuzz {
    sweep(move |client| controller(client, forgets))
        .environment(|_| None)
        .named("fuzzed")
        .regressions(folder)
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
    assert_eq!(report.faulted, 36, "{report}");
    fuzzed(true).sequences(2).length(2).check();
}

/// Writes a config map for each message that a queue ever has, by a name that the server makes up, and remembers which it has written.
async fn forgetful(client: Client) {
    let queues = Api::<Queue>::default_namespaced(client.clone());
    let written = std::cell::RefCell::new(std::collections::BTreeMap::<String, String>::new());
    let mut changes = std::pin::pin!(
        watcher(queues, watcher::Config::default())
            .default_backoff()
            .applied_objects()
    );
    while let Some(queue) = changes.next().await {
        let Ok(queue) = queue else { continue };
        let wanted = queue.spec.message.clone().unwrap_or_default();
        let maps = Api::<ConfigMap>::default_namespaced(client.clone());
        let name = written.borrow().values().next().cloned();
        let data = json!({"data": {"message": wanted}});
        let owner = queue.controller_owner_ref(&());
        let done = match name {
            Some(name) => {
                maps.patch(&name, &PatchParams::default(), &Patch::Merge(data))
                    .await
            }
            None => {
                let object = json!({
                    "metadata": {"generateName": "message-", "ownerReferences": [owner]},
                    "data": {"message": wanted},
                });
                let object = serde_json::from_value(object).unwrap();
                maps.create(&seatrial_client::api::PostParams::default(), &object)
                    .await
            }
        };
        if let Ok(map) = done {
            written.borrow_mut().insert("map".to_owned(), map.name_any());
        }
    }
}

fn fuzzed_forgetful(folder: &std::path::Path) -> SpecFuzz {
    sweep(forgetful)
        .environment(|_| None)
        .named("forgetful")
        .regressions(folder)
        .allow(FailureKind::MemoryDependent)
        .fuzz_spec::<Queue>()
        .sequences(6)
}

#[test]
fn what_takes_a_fault_is_found_kept_and_tried_first() {
    let folder = std::env::temp_dir().join(format!("seatrial-fuzz-faults-{}", std::process::id()));
    let quiet = fuzzed_forgetful(&folder).faults(0).run();
    assert!(
        quiet.findings.is_empty() && quiet.fault_findings.is_empty(),
        "{quiet}"
    );
    let report = fuzzed_forgetful(&folder).faults(15).run();
    let [finding] = &*report.fault_findings else {
        panic!("{report}");
    };
    assert_eq!(finding.injections.len(), 1, "{finding}");
    assert!(finding.case.starts_with("sequence/"), "{}", finding.case);
    assert!(
        finding.about.starts_with("configmaps default/message-"),
        "{finding}"
    );

    let message = panic_of(|| fuzzed_forgetful(&folder).faults(15).check());
    assert!(
        message.contains("TESTKIT_CASE=sequence/") && message.contains("kept in"),
        "{message}"
    );
    // The file is enough: no sequence is made up any more.
    let again = fuzzed_forgetful(&folder).sequences(0).run();
    assert_eq!(again.fault_findings.len(), 1, "{again}");
    assert_eq!(again.fault_findings[0].kind, finding.kind);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_sequence_is_kept_and_made_again_by_its_number() {
    let folder = std::env::temp_dir().join(format!("seatrial-fuzz-specs-{}", std::process::id()));
    let kept = || fuzzed_in(false, &folder);
    let message = panic_of(|| kept().check());
    assert!(message.contains("kept in"), "{message}");
    let case = message
        .split("TESTKIT_CASE=")
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .unwrap()
        .to_owned();
    let first = kept().sequences(0).run();
    let [finding] = &*first.findings else {
        panic!("{first}");
    };
    assert_eq!((finding.case.as_str(), finding.specs.len()), ("kept", 2));
    let asked = sweep(|client| controller(client, false))
        .environment(move |name| (name == "TESTKIT_CASE").then(|| case.clone()))
        .fuzz_spec::<Queue>()
        .run();
    assert_eq!((asked.sequences, asked.findings.len()), (1, 1), "{asked}");
    // What is mended says so.
    let mended = sweep(|client| controller(client, true))
        .environment(|_| None)
        .named("fuzzed")
        .regressions(&folder)
        .fuzz_spec::<Queue>()
        .sequences(0)
        .run();
    assert!(mended.findings.is_empty());
    assert!(mended.notes[0].contains("does not fail as it did"), "{mended}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn sequences_are_divided_among_the_parts_of_a_campaign() {
    let part = |index| {
        sweep(|client| controller(client, true))
            .environment(|_| None)
            .shard(index, 3)
            .fuzz_spec::<Queue>()
            .sequences(7)
            .length(1)
            .faults(0)
            .run()
            .sequences
    };
    assert_eq!([part(0), part(1), part(2)], [3, 2, 2]);
}

/// A pod for the message, made anew when that changes; if `is_careful`, the old one goes only when the new one is sure to come.
async fn pods(client: Client, is_careful: bool) {
    let reconcile = move |queue: Arc<Queue>, client: Arc<Client>| async move {
        let pods = Api::<Pod>::default_namespaced((*client).clone());
        let image = queue.spec.message.clone().unwrap_or_else(|| "none".to_owned());
        let pod: Pod = serde_json::from_value(json!({
            "metadata": {"name": queue.name_any(), "ownerReferences": [queue.controller_owner_ref(&())]},
            "spec": {"containers": [{"name": "main", "image": image}]},
        }))
        .unwrap();
        let params = seatrial_client::api::PostParams::default();
        if let Some(there) = pods.get_opt(&queue.name_any()).await? {
            if there
                .spec
                .as_ref()
                .and_then(|spec| spec.containers[0].image.as_ref())
                == Some(&image)
            {
                return Ok(Action::await_change());
            }
            if is_careful {
                let tried = seatrial_client::api::PostParams {
                    dry_run: true,
                    ..params.clone()
                };
                let mut other = pod.clone();
                other.metadata.name = Some(format!("{}-tried", queue.name_any()));
                pods.create(&tried, &other).await?;
            }
            pods.delete_if_present(&queue.name_any(), &DeleteParams::default().grace_period(0))
                .await?;
        }
        pods.create(&params, &pod).await?;
        Ok::<_, seatrial_client::Error>(Action::await_change())
    };
    Controller::new(
        Api::<Queue>::default_namespaced(client.clone()),
        watcher::Config::default(),
    )
    .owns(
        Api::<Pod>::default_namespaced(client.clone()),
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

#[test]
fn a_mistake_must_not_cost_what_runs() {
    let swept = |is_careful| {
        sweep(move |client| pods(client, is_careful))
            .environment(|_| None)
            .named("mistakes")
            .fuzz_spec::<Queue>()
            .sequences(12)
            .faults(0)
            .run()
    };
    let careful = swept(true);
    assert!(careful.findings.is_empty(), "{}", careful.findings[0]);
    let report = swept(false);
    let [finding] = &*report.findings else {
        panic!("{report}");
    };
    assert_eq!(
        (finding.kind, finding.about.as_str()),
        (FailureKind::Misoperation, "pods default/fuzzed"),
        "{finding}"
    );
    let [_, mistake] = &*finding.specs else {
        panic!("{finding}");
    };
    assert_eq!(mistake["message"], "", "no image has this name");
}

fn panic_of(check: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let panic = std::panic::catch_unwind(check).unwrap_err();
    panic.downcast_ref::<String>().cloned().unwrap_or_default()
}

#[test]
#[should_panic(expected = "depends on what was wanted before")]
fn a_check_fails_the_test() {
    let folder = std::env::temp_dir().join(format!("seatrial-fuzz-check-{}", std::process::id()));
    fuzzed_in(false, &folder).check();
}
