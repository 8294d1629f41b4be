//! Sweeps of small controllers, sound and unsound.

use std::{sync::Arc, time::Duration};

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use seatrial_client::{
    Api, Client, Resource as _, ResourceExt as _,
    api::{ObjectMeta, Patch, PatchParams, PostParams},
};
use seatrial_runtime::{Controller, controller::Action, watcher};
use seatrial_testkit::{FailureKind, sim::Fate, sweep};
use serde_json::json;

type Error = seatrial_client::Error;

const GIVEN: &str =
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}, data: {size: one}}";

/// Runs `reconcile` for config maps that own secrets.
async fn run<F, Fut>(client: Client, reconcile: F)
where
    F: Fn(Arc<ConfigMap>, Client) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Action, Error>> + Send + 'static,
{
    Controller::new(
        Api::<ConfigMap>::default_namespaced(client.clone()),
        watcher::Config::default(),
    )
    .owns(
        Api::<Secret>::default_namespaced(client.clone()),
        watcher::Config::default(),
    )
    .run(
        move |object, client: Arc<Client>| reconcile(object, (*client).clone()),
        |_, _, _| Action::requeue(Duration::from_secs(1)),
        Arc::new(client),
    )
    .for_each(|_| async {})
    .await;
}

fn secret_for(owner: &ConfigMap) -> Secret {
    Secret {
        metadata: ObjectMeta {
            owner_references: owner.controller_owner_ref(&()).map(|reference| vec![reference]),
            ..ObjectMeta::default()
        },
        string_data: owner.data.clone(),
        ..Secret::default()
    }
}

/// One secret of the same name, applied.
async fn sound(client: Client) {
    run(client, |owner, client| async move {
        let secrets = Api::<Secret>::default_namespaced(client);
        let mut secret = secret_for(&owner);
        let name = owner.name_any();
        secret.metadata.name = Some(name.clone());
        let patch = Patch::Apply(json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": secret.metadata, "stringData": secret.string_data,
        }));
        secrets.patch(&name, &PatchParams::apply("sound").force(), &patch).await?;
        Ok(Action::await_change())
    })
    .await;
}

/// A secret with a generated name, unless the owner's annotation says by now that there is one.
async fn double(client: Client) {
    run(client, |owner, client| async move {
        let owners = Api::<ConfigMap>::default_namespaced(client.clone());
        let owner = owners.get(&owner.name_any()).await?;
        if owner.annotations().contains_key("made") {
            return Ok(Action::await_change());
        }
        let secrets = Api::<Secret>::default_namespaced(client.clone());
        let mut secret = secret_for(&owner);
        secret.metadata.generate_name = Some("made-".to_owned());
        let made = secrets.create(&PostParams::default(), &secret).await?;
        let patch = Patch::Merge(json!({"metadata": {"annotations": {"made": made.name_any()}}}));
        owners
            .patch(&owner.name_any(), &PatchParams::default(), &patch)
            .await?;
        Ok(Action::await_change())
    })
    .await;
}

#[test]
fn a_sound_controller_passes() {
    let report = sweep(sound)
        .given(GIVEN)
        .scenario(|user| {
            user.settle()
                .patch("ConfigMap/v1 a", "{data: {size: two}}")
                .settle()
                .delete("ConfigMap/v1 a")
        })
        .run();
    assert!(report.findings.is_empty(), "{}\n{report}", report.findings[0]);
    assert!(report.plans > 20, "{report}");
    assert_eq!(report.refused, 0, "{report}");
}

#[test]
fn what_a_crash_makes_twice_is_found() {
    let report = sweep(double).given(GIVEN).run();
    let finding = &report.findings[0];
    assert_eq!(finding.kind, FailureKind::MadeTooOften, "{finding}");
    assert_eq!(finding.injections.len(), 1, "{finding}");
    assert_eq!(finding.injections[0].fate, Fate::CrashAfter, "{finding}");
    assert!(finding.to_string().lines().count() <= 45, "{finding}");
}

/// The same, but of what its cache says of the owner.
async fn blind(client: Client) {
    run(client, |owner, client| async move {
        if !owner.annotations().contains_key("made") {
            let secrets = Api::<Secret>::default_namespaced(client.clone());
            let mut secret = secret_for(&owner);
            secret.metadata.generate_name = Some("made-".to_owned());
            secrets.create(&PostParams::default(), &secret).await?;
            let patch = Patch::Merge(json!({"metadata": {"annotations": {"made": "yes"}}}));
            Api::<ConfigMap>::default_namespaced(client)
                .patch(&owner.name_any(), &PatchParams::default(), &patch)
                .await?;
        }
        Ok(Action::await_change())
    })
    .await;
}

#[test]
fn what_ends_otherwise_in_another_order_is_found_and_replayed() {
    let swept = || sweep(blind).given(GIVEN).environment(|_| None);
    let report = swept().run();
    let finding = &report.findings[0];
    assert_eq!(finding.kind, FailureKind::OrderDependent, "{finding}");
    assert_eq!(finding.about, "secrets default/made-*");
    assert_eq!(
        (finding.injections.len(), finding.overtakings.len()),
        (0, 1),
        "{finding}"
    );
    assert!(finding.case.starts_with("order/"), "{finding}");
    let again = swept().replay(&finding.tape());
    assert!(again.notes.is_empty(), "{again}");
    let again = &again.findings[0];
    assert_eq!((again.kind, &again.about), (finding.kind, &finding.about));
    assert_eq!(again.overtakings, finding.overtakings);
    // Whoever allows it is told that it is not compared.
    let report = swept().allow(FailureKind::OrderDependent).run();
    let note = "secrets default/made-* depends on the order of things even without faults".to_owned();
    assert!(report.notes.contains(&note), "{report}");
    let kinds = report.findings.iter().map(|finding| finding.kind);
    assert!(
        !kinds.into_iter().any(|kind| kind == FailureKind::OrderDependent),
        "{report}"
    );
}

#[test]
#[should_panic(expected = "made too often")]
fn a_check_fails_the_test() {
    let folder = std::env::temp_dir().join(format!("seatrial-testkit-check-{}", std::process::id()));
    sweep(double).given(GIVEN).regressions(folder).check();
}

#[test]
fn a_panic_that_a_timer_leads_to_is_told_once_for_each_time() {
    let report = sweep(|client: Client| async move {
        let _ = Api::<ConfigMap>::default_namespaced(client.clone())
            .get("a")
            .await;
        client.env().sleep(Duration::from_secs(1)).await;
        panic!("out of patience");
    })
    .given(GIVEN)
    .run();
    let finding = &report.findings[0];
    assert_eq!(finding.kind, FailureKind::Panicked, "{finding}");
    let told = serde_json::to_string(&finding.trace).unwrap();
    let starts = told.matches("\"starts\"").count() + told.matches("restart").count();
    let panics = told.matches("panics: out of patience").count();
    assert!(panics > 0, "{told}");
    assert!(
        panics == starts || panics + 1 == starts,
        "{panics} of {starts}: {told}"
    );
}

#[test]
fn what_is_not_the_same_twice_is_told_as_that() {
    let report = sweep(|client: Client| async move {
        let secrets = Api::<Secret>::default_namespaced(client);
        let made = |name: &str| Secret {
            metadata: ObjectMeta {
                name: Some(name.to_owned()),
                ..ObjectMeta::default()
            },
            ..Secret::default()
        };
        let params = PostParams::default();
        if secrets.create(&params, &made("first")).await.is_err() {
            // Nothing that a seed decides.
            let drawn = std::hash::BuildHasher::hash_one(&std::hash::RandomState::default(), 0);
            let _ = secrets.create(&params, &made(&format!("drawn-{drawn:x}"))).await;
        }
        std::future::pending::<()>().await;
    })
    .environment(|_| None)
    .allow(FailureKind::MemoryDependent)
    .run();
    // Only runs with a fault differ.
    let finding = &report.findings[0];
    assert_eq!(finding.kind, FailureKind::NotRepeatable, "{finding}");
    assert_eq!(finding.injections.len(), 1, "{finding}");
    assert!(finding.to_string().contains("secrets"), "{finding}");
}
