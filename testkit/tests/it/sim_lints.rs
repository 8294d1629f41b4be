//! Mistakes that show by what a run leaves, and watches that break after a write.

use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _, select_biased};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use seatrial_client::{
    Api, Client, ResourceExt as _,
    api::{DeleteParams, ListParams, ObjectMeta, Patch, PatchParams, PostParams, WatchEvent, WatchParams},
};
use seatrial_runtime::{WatchStreamExt as _, watcher};
use seatrial_testkit::{
    FailureKind, Sweep,
    plan::{Plan, after, create, patch},
    sim::Break,
    sweep,
};

const A: &str =
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}, data: {size: one}}";

/// Makes a secret once, and calls `amiss` each time that it does not work.
fn makes<F, Fut>(amiss: F) -> Sweep
where
    F: Fn(Client) -> Fut + Clone + 'static,
    Fut: Future<Output = ()>,
{
    sweep(move |client: Client| {
        let amiss = amiss.clone();
        async move {
            let secrets = Api::<Secret>::default_namespaced(client.clone().with_retry(None));
            let made = secret("a");
            loop {
                match secrets.create(&PostParams::default(), &made).await {
                    Ok(_) => break,
                    Err(error) if error.is_conflict() || error.is_already_exists() => break,
                    Err(_) => {}
                }
                amiss(client.clone()).await;
                client.env().sleep(Duration::from_secs(1)).await;
            }
            std::future::pending::<()>().await;
        }
    })
    .given(A)
}

fn secret(name: &str) -> Secret {
    Secret {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            ..ObjectMeta::default()
        },
        ..Secret::default()
    }
}

#[test]
fn what_is_right_and_does_not_stay_so_is_unstable() {
    let report = makes(|client: Client| async move {
        tokio::spawn(async move {
            client.env().sleep(Duration::from_secs(1200)).await;
            let api = Api::<ConfigMap>::default_namespaced(client);
            let mut object = api.get("a").await.expect("nobody deletes it");
            object.data = None;
            let _ = api.replace("a", &PostParams::default(), &object).await;
        });
    })
    .run();
    let finding = &report.findings[0];
    assert_eq!(
        (finding.kind, &*finding.about),
        (FailureKind::Unstable, "configmaps default/a"),
        "{finding}"
    );
}

#[test]
fn objects_that_pile_up_are_told_though_they_go_again() {
    let pile = |client: Client| async move {
        let secrets = Api::<Secret>::default_namespaced(client);
        let mut made = secret("");
        made.metadata.name = None;
        made.metadata.generate_name = Some("tried-".to_owned());
        for _ in 0..3 {
            let _ = secrets.create(&PostParams::default(), &made).await;
        }
        let Ok(all) = secrets.list(&ListParams::default()).await else {
            return;
        };
        for tried in all.items.iter().filter(|s| s.name_any().starts_with("tried-")) {
            let _ = secrets.delete(&tried.name_any(), &DeleteParams::default()).await;
        }
    };
    let report = makes(pile)
        .allow(FailureKind::MadeTooOften)
        .allow(FailureKind::DeletedTooOften)
        .run();
    let finding = &report.findings[0];
    assert_eq!(
        (finding.kind, &*finding.about),
        (FailureKind::TooMany, "secrets default/tried-*"),
        "{finding}"
    );
}

#[test]
fn tasks_that_nobody_ends_are_told() {
    let report = makes(|_| async {
        for _ in 0..3 {
            tokio::spawn(std::future::pending::<()>());
        }
    })
    .run();
    let finding = &report.findings[0];
    assert_eq!(
        (finding.kind, &*finding.about),
        (FailureKind::TaskLeak, "controller"),
        "{finding}"
    );
    let report = makes(|_| async {
        for _ in 0..3 {
            tokio::spawn(std::future::ready(()));
        }
    })
    .run();
    assert!(report.findings.is_empty(), "{}", report.findings[0]);
}

#[test]
fn a_watch_breaks_between_a_write_and_its_event() {
    let program = |is_sound: bool| {
        sweep(move |client: Client| async move {
            let secrets = Api::<Secret>::default_namespaced(client.clone());
            let mut has_made = false;
            loop {
                let watched = secrets.watch(&WatchParams::default(), "0").await;
                let Ok(events) = watched else {
                    client.env().sleep(Duration::from_secs(1)).await;
                    continue;
                };
                let mut events = std::pin::pin!(events);
                if !has_made {
                    has_made = true;
                    while secrets
                        .create(&PostParams::default(), &secret("a"))
                        .await
                        .is_err_and(|error| !error.is_already_exists())
                    {
                        client.env().sleep(Duration::from_secs(1)).await;
                    }
                }
                let told = loop {
                    match events.try_next().await {
                        Ok(Some(WatchEvent::Bookmark(_))) => {}
                        other => break other,
                    }
                };
                if matches!(told, Ok(Some(WatchEvent::Added(_)))) {
                    break;
                }
                // A watch that is over has not told everything.
                if !is_sound && matches!(told, Ok(None) | Err(_)) {
                    std::future::pending::<()>().await;
                }
            }
            while secrets
                .create(&PostParams::default(), &secret("b"))
                .await
                .is_err_and(|error| !error.is_already_exists())
            {
                client.env().sleep(Duration::from_secs(1)).await;
            }
            std::future::pending::<()>().await;
        })
    };
    for (how, is_harmful) in [
        (Break::MidFrame, true),
        (Break::Reset, true),
        (Break::End, true),
        (Break::Expired, false),
    ] {
        let plan = || Plan::new().fault(after(create("Secret")).break_watch("secrets", how));
        let report = program(false).plan(plan()).run();
        assert_eq!(report.unmet, 0, "{report}");
        let found: Vec<&str> = report.findings.iter().map(|finding| &*finding.about).collect();
        let expected: &[&str] = if is_harmful { &["secrets default/b"] } else { &[] };
        assert_eq!(found, expected, "{how:?}: {report}");
        let report = program(true).plan(plan()).run();
        assert!(report.findings.is_empty(), "{}", report.findings[0]);
    }
    // A sweep tries them by itself.
    let report = program(true).run();
    assert!(report.findings.is_empty(), "{}", report.findings[0]);
    let broken = report.faults.get("broken").copied().unwrap_or_default();
    assert!(broken >= 3, "{:?}", report.faults);
}

#[test]
fn many_objects_are_no_hot_loop() {
    let objects: Vec<String> = (0..70)
        .map(|n| format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: m{n}, namespace: default}}}}"))
        .collect();
    let swept = |rounds: usize, names: usize| {
        sweep(move |client: Client| async move {
            let api = Api::<ConfigMap>::default_namespaced(client);
            for n in 0..rounds {
                let _ = api.get_opt(&format!("m{}", n % names)).await;
            }
            std::future::pending::<()>().await;
        })
        .given(&objects.join("\n---\n"))
        .runs_max(7)
    };
    let report = swept(210, 70).run();
    assert!(report.findings.is_empty(), "{}", report.findings[0]);
    let report = swept(210, 7).run();
    assert_eq!(report.findings[0].kind, FailureKind::HotLoop, "{report}");
}

#[test]
fn what_secrets_hold_is_not_told_of_who_fights_over_it() {
    let report = makes(|client: Client| async move {
        drop(client);
    })
    .process("fighter", |client: Client| async move {
        let secrets = Api::<Secret>::default_namespaced(client.clone());
        for n in 0_u64.. {
            client.env().sleep(Duration::from_secs(1)).await;
            let Ok(mut secret) = secrets.get("a").await else {
                continue;
            };
            let value = if n % 2 == 0 { "hunter2" } else { "correct horse" };
            let value = k8s_openapi::ByteString(value.as_bytes().to_vec());
            secret.data = Some([("password".to_owned(), value)].into());
            let _ = secrets.replace("a", &PostParams::default(), &secret).await;
        }
    })
    .run();
    let finding = &report.findings[0];
    assert_eq!(finding.kind, FailureKind::Livelock, "{finding}");
    let told = format!("{finding}\n{:?}", finding.details);
    assert!(
        told.contains("data.password") && told.contains("redacted"),
        "{told}"
    );
    for value in ["aHVudGVyMg", "Y29ycmVjdCBob3JzZQ"] {
        assert!(!told.contains(value), "{told}");
    }
}

/// Applies a secret with the size of a config map to it, unless it has heard that the secret is being deleted, or does not care.
fn applies(cares: bool) -> Sweep {
    sweep(move |client: Client| async move {
        let sizes = Api::<ConfigMap>::default_namespaced(client.clone());
        let secrets = Api::<Secret>::default_namespaced(client);
        let of_sizes = watcher(sizes, watcher::Config::default());
        let mut of_sizes = std::pin::pin!(of_sizes.default_backoff().applied_objects().fuse());
        let of_secrets = watcher(secrets.clone(), watcher::Config::default());
        let mut of_secrets = std::pin::pin!(of_secrets.default_backoff().applied_objects().fuse());
        let mut is_leaving = false;
        loop {
            let object = select_biased! {
                secret = of_secrets.select_next_some() => {
                    is_leaving |= secret.is_ok_and(|secret| secret.metadata.deletion_timestamp.is_some());
                    continue;
                }
                object = of_sizes.select_next_some() => object,
            };
            let object = object.unwrap_or_default();
            if object.metadata.name.as_deref() != Some("a") || (cares && is_leaving) {
                continue;
            }
            let size = object.data.unwrap_or_default().get("size").cloned();
            let applied = serde_json::json!({
                "apiVersion": "v1", "kind": "Secret",
                "metadata": {"name": "kept", "finalizers": ["example.com/kept"]},
                "stringData": {"size": size},
            });
            let by = PatchParams::apply("test").force();
            let _ = secrets.patch("kept", &by, &Patch::Apply(applied)).await;
        }
    })
    .scenario(|user| {
        user.apply(A)
            .delete("Secret/v1 kept")
            .patch("ConfigMap/v1 a", "{data: {size: two}}")
    })
    .allow(FailureKind::Stuck)
    .allow(FailureKind::OrderDependent)
}

#[test]
fn who_has_not_heard_of_a_deletion_may_write() {
    let plan = || Plan::new().fault(after(patch("Secret")).lag("secrets", Duration::from_secs(20)));
    let report = applies(true).plan(plan()).run();
    assert_eq!(report.unmet, 0, "{report}");
    assert!(report.findings.is_empty(), "{}", report.findings[0]);
    let report = applies(false).run();
    let finding = &report.findings[0];
    assert_eq!(
        (finding.kind, &*finding.about),
        (FailureKind::WriteAfterDeletion, "secrets default/kept"),
        "{finding}"
    );
}
