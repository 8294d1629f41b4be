//! Controllers that keep something outside of the cluster, and processes that do not give their threads back.

use std::{process::Command, sync::Arc, time::Duration};

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::ConfigMap;
use seatrial_client::{
    Api, Client, ResourceExt as _,
    api::{Patch, PatchParams},
};
use seatrial_runtime::{Controller, controller::Action, watcher};
use seatrial_testkit::{
    FailureKind, FakeCluster, Sweep,
    fault::{Rule, TransportFault},
    plan::{Plan, at, delete},
    sim::{External, ExternalError, Fate},
    sweep,
};
use serde_json::{Value, json};

const A: &str =
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}, data: {size: one}}";

const FINALIZER: &str = "example.com/bucket";

/// How a controller keeps a bucket for each config map.
#[derive(Clone, Copy, PartialEq)]
enum Style {
    /// The finalizer first, then the bucket, under the object's name.
    Sound,
    /// The bucket first.
    Hasty,
    /// A bucket of a name that the outside gives it, unless the object has it written down.
    Forgetful,
    /// As it should, but an object goes after three attempts to take its bucket away.
    Impatient,
}

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Cluster(#[from] seatrial_client::Error),
    #[error(transparent)]
    Outside(#[from] ExternalError),
}

async fn reconcile(object: &ConfigMap, client: Client, style: Style) -> Result<(), Error> {
    let (name, buckets) = (object.name_any(), External::of(&client, "buckets"));
    let objects = Api::<ConfigMap>::default_namespaced(client.clone());
    let patch = async |patch: Value| {
        let patched = objects
            .patch(&name, &PatchParams::default(), &Patch::Merge(patch))
            .await;
        patched.map(drop)
    };
    let has_finalizer = object.finalizers().iter().any(|f| f == FINALIZER);
    if object.metadata.deletion_timestamp.is_some() {
        if has_finalizer {
            let bucket = object.annotations().get("bucket").unwrap_or(&name);
            for attempt in 1.. {
                match buckets.delete(bucket).await {
                    Ok(_) => break,
                    Err(_) if style == Style::Impatient && attempt == 3 => break,
                    Err(_) if style == Style::Impatient => client.env().sleep(Duration::from_secs(1)).await,
                    Err(error) => return Err(error.into()),
                }
            }
            let version = object.resource_version();
            patch(json!({"metadata": {"finalizers": null, "resourceVersion": version}})).await?;
        }
        return Ok(());
    }
    if style == Style::Hasty {
        buckets.put(&name, &json!({"of": name})).await?;
    }
    if !has_finalizer {
        let version = object.resource_version();
        return Ok(
            patch(json!({"metadata": {"finalizers": [FINALIZER], "resourceVersion": version}})).await?,
        );
    }
    match style {
        Style::Sound | Style::Impatient => buckets.put(&name, &json!({"of": name})).await?,
        Style::Hasty => {}
        Style::Forgetful => {
            if !object.annotations().contains_key("bucket") {
                let bucket = buckets.create(&json!({"of": name})).await?;
                patch(json!({"metadata": {"annotations": {"bucket": bucket}}})).await?;
            }
        }
    }
    Ok(())
}

fn buckets(style: Style) -> Sweep {
    let controller = move |client: Client| async move {
        Controller::new(
            Api::<ConfigMap>::default_namespaced(client.clone()),
            watcher::Config::default(),
        )
        .run(
            move |object: Arc<ConfigMap>, client: Arc<Client>| async move {
                if object.name_any() == "a" {
                    reconcile(&object, (*client).clone(), style).await?;
                }
                Ok::<_, Error>(Action::await_change())
            },
            |_, _, _| Action::requeue(Duration::from_secs(5)),
            Arc::new(client),
        )
        .for_each(|_| async {})
        .await;
    };
    sweep(controller)
        .external("buckets")
        .scenario(|user| user.apply(A).settle().delete("ConfigMap/v1 a"))
}

#[test]
fn what_is_outside_is_compared_and_meets_with_faults() {
    let report = buckets(Style::Sound).run();
    if let Some(finding) = report.findings.first() {
        panic!("{finding}\n{report}");
    }
    let report = buckets(Style::Forgetful).run();
    let finding = &report.findings[0];
    assert_eq!(
        (finding.kind, &*finding.about),
        (FailureKind::MadeTooOften, "buckets.outside.seatrial.dev given-*"),
        "{finding}"
    );
    assert_eq!(finding.injections[0].fate, Fate::CrashAfter, "{finding}");
}

#[test]
fn who_gives_up_what_is_outside_while_only_that_is_not_reached_is_found() {
    let report = buckets(Style::Impatient).run();
    let finding = &report.findings[0];
    assert_eq!(
        (finding.kind, &*finding.about),
        (FailureKind::Stuck, "buckets.outside.seatrial.dev a"),
        "{finding}"
    );
    let system = "buckets".to_owned();
    assert!(
        matches!(&finding.injections[..], [one] if matches!(&one.fate, Fate::OutsideOutage { system: of, .. } if *of == system)),
        "{finding}"
    );

    // As a plan says it: the cluster is reached all the while.
    let outage = at(delete("BucketsRecord")).outage_of(&system, Duration::from_secs(60));
    let plan = Plan::new().fault(outage);
    assert_eq!(Plan::parse(&plan.text()).unwrap(), plan);
    let report = buckets(Style::Impatient).plan(plan.clone()).run();
    assert_eq!(report.findings[0].about, finding.about, "{report}");
    let report = buckets(Style::Sound).plan(plan).run();
    assert!(report.findings.is_empty(), "{}", report.findings[0]);
}

#[test]
fn what_is_made_outside_before_there_is_a_finalizer_is_told() {
    let report = buckets(Style::Hasty).run();
    let finding = &report.findings[0];
    assert_eq!(
        (finding.kind, &*finding.about),
        (
            FailureKind::EffectBeforeFinalizer,
            "buckets.outside.seatrial.dev a"
        ),
        "{finding}"
    );
}

#[test]
fn what_is_outside_outlives_a_crash() {
    let mut world = buckets(Style::Forgetful).simulation();
    assert!(world.settle());
    world
        .play(&seatrial_testkit::sim::Script::new().apply(A))
        .unwrap();
    assert!(world.settle());
    world.crash("controller");
    assert!(world.settle());
    let records = world.view().external("buckets");
    assert_eq!(records.len(), 1, "{records:?}");
    assert_eq!(records[0].1, json!({"of": "a"}));
    assert!(records[0].0.starts_with("given-"), "{records:?}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_from_outside_that_is_lost_leaves_doubt() {
    let cluster = FakeCluster::builder().external("machines").build().unwrap();
    let machines = External::of(&cluster.client(), "machines");
    machines.put("Big One", &json!({"cores": 8})).await.unwrap();
    assert_eq!(machines.get("big one").await.unwrap(), None);
    assert_eq!(
        machines.list().await.unwrap(),
        [("Big One".to_owned(), json!({"cores": 8}))]
    );
    machines.put("Big One", &json!([1])).await.unwrap();
    assert_eq!(machines.get("Big One").await.unwrap(), Some(json!([1])));
    cluster
        .faults()
        .inject(Rule::new(TransportFault::Cut { after_bytes: 0 }).times(1));
    let error = machines.create(&json!(null)).await.unwrap_err();
    assert!(matches!(error, ExternalError::Unknown(_)), "{error:?}");
    assert_eq!(
        machines.list().await.unwrap().len(),
        2,
        "it was done all the same"
    );
    assert!(machines.delete("Big One").await.unwrap());
    assert!(!machines.delete("Big One").await.unwrap());
}

/// In a process of its own, which the watchdog ends.
#[test]
fn who_keeps_his_thread_is_told_of_and_the_program_ends() {
    const CHILD: &str = "SEATRIAL_TEST_BLOCKS";
    if std::env::var_os(CHILD).is_some() {
        let mut world = sweep(|client: Client| async move {
            let api = Api::<ConfigMap>::default_namespaced(client);
            let _ = api.get("a").await;
            loop {
                std::hint::spin_loop();
            }
        })
        .poll_max(Duration::from_millis(300))
        .simulation();
        world.settle();
        return;
    }
    let name = "sim_external::who_keeps_his_thread_is_told_of_and_the_program_ends";
    let output = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact"])
        .env(CHILD, "yes")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{told}");
    for expected in [
        "`controller` has not given its thread back",
        "controller: get configmaps default/a",
    ] {
        assert!(told.contains(expected), "{told}");
    }
}
