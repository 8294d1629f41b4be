//! Faults of a while: a server that nobody reaches, a leader that stands still; and panics that something catches.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt as _, future::join};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use seatrial_client::{
    Api, Client, ResourceExt as _,
    api::{ObjectMeta, PostParams},
};
use seatrial_runtime::{Controller, controller::Action, lease::Election, watcher};
use seatrial_testkit::{
    FailureKind, Sweep,
    sim::{Fate, Rival},
    sweep,
};

const A: &str =
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}, data: {size: one}}";

type Error = seatrial_client::Error;

/// Keeps a secret like a config map, as long as `election` is won, and guarded by what was read or by nothing.
async fn copy(client: Client, identity: &'static str, is_guarded: bool) {
    let election = Election::new(client.clone(), "default", "copier", identity);
    let reconcile = move |object: Arc<ConfigMap>, client: Arc<Client>| async move {
        if object.name_any() == "a" {
            copy_one(&object, Api::default_namespaced((*client).clone()), is_guarded).await?;
        }
        Ok::<_, Error>(Action::await_change())
    };
    let api = Api::<ConfigMap>::default_namespaced(client.clone());
    let controller = Controller::new(api, watcher::Config::default())
        .led_by(election.leadership())
        .run(
            reconcile,
            |_, _, _| Action::requeue(Duration::from_secs(5)),
            Arc::new(client),
        )
        .for_each(|_| async {});
    join(election.run(std::future::pending()), controller).await;
}

async fn copy_one(object: &ConfigMap, secrets: Api<Secret>, is_guarded: bool) -> Result<(), Error> {
    let secret = Secret {
        metadata: ObjectMeta {
            name: Some(object.name_any()),
            ..ObjectMeta::default()
        },
        string_data: object.data.clone(),
        ..Secret::default()
    };
    let Some(there) = secrets.get_opt(&object.name_any()).await? else {
        return secrets.create(&PostParams::default(), &secret).await.map(drop);
    };
    let wanted = object.data.as_ref().and_then(|data| data.get("size"));
    let has = there.data.as_ref().and_then(|data| data.get("size"));
    if has.map(|bytes| &*bytes.0) == wanted.map(String::as_bytes) {
        return Ok(());
    }
    // What was read, with its version, and what is wanted in it; or what is wanted, and nothing else.
    let secret = if is_guarded {
        Secret {
            string_data: object.data.clone(),
            ..there
        }
    } else {
        secret
    };
    secrets
        .replace(&object.name_any(), &PostParams::default(), &secret)
        .await
        .map(drop)
}

fn two_replicas(is_guarded: bool) -> Sweep {
    sweep(move |client| copy(client, "first", is_guarded))
        .process("second", move |client| copy(client, "second", is_guarded))
        .scenario(|user| {
            user.apply(A)
                .settle()
                .patch("ConfigMap/v1 a", "{data: {size: two}}")
                .patch("ConfigMap/v1 a", "{data: {size: three}}")
        })
}

#[test]
fn a_leader_that_stood_still_takes_back_what_the_next_one_did() {
    let report = two_replicas(false).findings_max(20).run();
    let paused = report.findings.iter().find(|finding| {
        let mut fates = finding.injections.iter().map(|injection| &injection.fate);
        fates.any(|fate| matches!(fate, Fate::Paused { .. }))
    });
    let paused = paused.unwrap_or_else(|| panic!("the old leader's write does no harm: {report}"));
    assert_eq!(
        (paused.kind, &*paused.about),
        (FailureKind::Stuck, "secrets default/a"),
        "{paused}"
    );

    let report = two_replicas(true).run();
    if let Some(finding) = report.findings.first() {
        panic!("{finding}\n{report}");
    }
}

/// Asks for a config map for ever, waiting in between for as long as `wait` says, and touches it once.
fn asks(wait: fn(u32) -> Duration) -> Sweep {
    sweep(move |client: Client| async move {
        let api = Api::<ConfigMap>::default_namespaced(client.clone());
        let mut failures = 0;
        loop {
            match api.get("a").await {
                Ok(mut object) if !object.labels().contains_key("seen") => {
                    object.labels_mut().insert("seen".to_owned(), "yes".to_owned());
                    let _ = api.replace("a", &PostParams::default(), &object).await;
                }
                Ok(_) => {
                    failures = 0;
                    client.env().sleep(Duration::from_secs(10)).await;
                }
                Err(_) => {
                    failures += 1;
                    client.env().sleep(wait(failures)).await;
                }
            }
        }
    })
    .given(A)
}

#[test]
fn who_does_not_wait_longer_while_no_server_is_reached_runs_hot() {
    for wait in [|_| Duration::from_millis(20), |_| Duration::ZERO] as [fn(u32) -> Duration; 2] {
        let report = asks(wait).run();
        let finding = &report.findings[0];
        assert_eq!(finding.kind, FailureKind::HotLoop, "{finding}");
        assert!(
            matches!(finding.injections[0].fate, Fate::Outage { .. }),
            "{finding}"
        );
    }
    let report = asks(|failures| Duration::from_millis(800) * 2_u32.pow(failures.min(5))).run();
    assert!(report.findings.is_empty(), "{}", report.findings[0]);
}

#[test]
fn a_panic_is_told_though_the_runtime_catches_it() {
    let program = |is_careful: bool| {
        sweep(move |client: Client| async move {
            let api = Api::<ConfigMap>::default_namespaced(client.clone());
            loop {
                let api = api.clone();
                let task = tokio::spawn(async move {
                    let Ok(mut object) = api.get("a").await else {
                        return;
                    };
                    if object.labels().contains_key("seen") {
                        return;
                    }
                    object.labels_mut().insert("seen".to_owned(), "yes".to_owned());
                    let replaced = api.replace("a", &PostParams::default(), &object).await;
                    assert!(is_careful || replaced.is_ok(), "it is always replaced");
                });
                let _ = task.await;
                client.env().sleep(Duration::from_secs(10)).await;
            }
        })
        .given(A)
    };
    let report = program(false).run();
    let finding = &report.findings[0];
    assert_eq!(finding.kind, FailureKind::Panicked, "{finding}");
    assert!(finding.to_string().contains("it is always replaced"), "{finding}");
    let report = program(true).run();
    assert!(report.findings.is_empty(), "{}", report.findings[0]);
}

#[test]
fn an_edit_that_is_taken_back_makes_a_conflict_that_is_overcome() {
    // A conflict is no reason to give up.
    let program = |tries_again: bool| {
        sweep(move |client: Client| async move {
            let api = Api::<ConfigMap>::default_namespaced(client.clone());
            loop {
                let Ok(mut object) = api.get("a").await else {
                    client.env().sleep(Duration::from_secs(1)).await;
                    continue;
                };
                if object.labels().contains_key("seen") {
                    break;
                }
                object.labels_mut().insert("seen".to_owned(), "yes".to_owned());
                match api.replace("a", &PostParams::default(), &object).await {
                    Err(error) if error.is_conflict() && !tries_again => break,
                    Err(_) => client.env().sleep(Duration::from_secs(1)).await,
                    Ok(_) => {}
                }
            }
            std::future::pending::<()>().await;
        })
        .given(A)
    };
    let report = program(false).findings_max(20).run();
    let fates: Vec<&Fate> = report
        .findings
        .iter()
        .flat_map(|f| &f.injections)
        .map(|i| &i.fate)
        .collect();
    assert!(
        fates
            .iter()
            .any(|fate| matches!(fate, Fate::Raced(Rival::Touches | Rival::EditsSpec))),
        "{fates:?}"
    );
    let report = program(true).run();
    assert!(report.findings.is_empty(), "{}", report.findings[0]);
}
