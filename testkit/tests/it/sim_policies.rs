//! Each kind of fault, and a controller that it finds out.

use std::{sync::Arc, time::Duration};

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use seatrial_client::{
    Api, Client, ResourceExt as _,
    api::{DeleteParams, ObjectMeta, Patch, PatchParams, PostParams},
};
use seatrial_runtime::{WatchStreamExt as _, watcher};
use seatrial_testkit::{
    FailureKind, Report, Sweep, Tape,
    sim::{Fate, Loss, Rival, Script},
    sweep,
};
use serde_json::json;

const A: &str =
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}, data: {size: one}}";

/// Calls `act` for each state of a config map of the user's that a watch shows; what fails is tried again after a second.
async fn on_each<F, Fut>(client: Client, config: watcher::Config, act: F)
where
    F: Fn(ConfigMap, Client) -> Fut,
    Fut: Future<Output = Result<(), seatrial_client::Error>>,
{
    let api: Api<ConfigMap> = Api::default_namespaced(client.clone());
    let objects = watcher(api, config).default_backoff().applied_objects();
    let mut objects = std::pin::pin!(objects);
    while let Some(object) = objects.next().await {
        let Ok(object) = object else { continue };
        if object.name_any() == "kube-root-ca.crt" {
            continue;
        }
        while act(object.clone(), client.clone()).await.is_err() {
            client.env().sleep(Duration::from_secs(1)).await;
        }
    }
}

fn named(name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        ..ObjectMeta::default()
    }
}

#[track_caller]
fn found(report: &Report, kind: FailureKind) -> Fate {
    let Some(finding) = report.findings.first() else {
        panic!("nothing was found: {report}");
    };
    assert_eq!(finding.kind, kind, "{finding}");
    assert_eq!(finding.injections.len(), 1, "{finding}");
    finding.injections[0].fate.clone()
}

#[track_caller]
fn passes(report: &Report) {
    if let Some(finding) = report.findings.first() {
        panic!("{finding}\n{report}");
    }
}

/// A secret for each config map, deleted when the config map says so.
fn follows(config: fn() -> watcher::Config) -> Sweep {
    sweep(move |client| {
        on_each(client, config(), |object, client| async move {
            let secrets: Api<Secret> = Api::default_namespaced(client);
            let name = object.name_any();
            if object
                .data
                .as_ref()
                .is_some_and(|data| data.get("size").is_some_and(|size| size == "none"))
            {
                return secrets
                    .delete_if_present(&name, &DeleteParams::default())
                    .await
                    .map(drop);
            }
            let patch = Patch::Apply(json!({"apiVersion": "v1", "kind": "Secret", "metadata": named(&name)}));
            let params = PatchParams::apply("follows").force();
            secrets.patch(&name, &params, &patch).await.map(drop)
        })
    })
    .scenario(|user| {
        user.apply(A)
            .settle()
            .patch("ConfigMap/v1 a", "{data: {size: none}}")
            .settle()
            .patch("ConfigMap/v1 a", "{data: {size: two}}")
    })
}

#[test]
fn a_restart_on_a_stale_replica_takes_back_what_was_done() {
    let report = follows(|| watcher::Config::default().any_semantic()).run();
    let fate = found(&report, FailureKind::DeletedTooOften);
    assert!(matches!(fate, Fate::TimeTravel { .. }), "{fate}");
    passes(&follows(watcher::Config::default).run());
}

#[test]
fn a_deletion_by_name_is_told_where_a_test_asks() {
    let report = follows(watcher::Config::default)
        .deny(FailureKind::UidBlindDelete)
        .run();
    assert_eq!(
        found(&report, FailureKind::UidBlindDelete),
        Fate::Raced(Rival::Recreates)
    );
}

#[test]
fn a_write_that_takes_back_anothers_is_a_lost_update() {
    let program = |careful: bool| {
        sweep(move |client| {
            on_each(
                client,
                watcher::Config::default(),
                move |object, client| async move {
                    let api: Api<ConfigMap> = Api::default_namespaced(client);
                    if object.data.as_ref().is_some_and(|data| data.contains_key("seen")) {
                        return Ok(());
                    }
                    let name = object.name_any();
                    // What the watch showed may be old, which a version tells the server.
                    let mut new = api.get(&name).await?;
                    new.data
                        .get_or_insert_default()
                        .insert("seen".to_owned(), "yes".to_owned());
                    if !careful {
                        new.metadata.resource_version = None;
                    }
                    api.replace(&name, &PostParams::default(), &new).await.map(drop)
                },
            )
        })
        .given(A)
    };
    let fate = found(&program(false).run(), FailureKind::LostUpdate);
    assert_eq!(fate, Fate::Raced(Rival::Touches));
    passes(&program(true).run());
}

#[test]
fn what_only_a_process_remembers_is_found_by_a_restart() {
    let report = sweep(|client: Client| async move {
        let seen = Arc::new(std::sync::Mutex::new(std::collections::BTreeSet::new()));
        on_each(client, watcher::Config::default(), |object, client| {
            let seen = seen.clone();
            async move {
                if !seen.lock().unwrap().insert(object.name_any()) {
                    return Ok(());
                }
                let api: Api<ConfigMap> = Api::default_namespaced(client);
                let starts = object.annotations().get("starts").map_or(0, String::len);
                let patch =
                    Patch::Merge(json!({"metadata": {"annotations": {"starts": "x".repeat(starts + 1)}}}));
                api.patch(&object.name_any(), &PatchParams::default(), &patch)
                    .await
                    .map(drop)
            }
        })
        .await;
    })
    .given(A)
    .findings_max(20)
    .run();
    let kinds: Vec<FailureKind> = report.findings.iter().map(|finding| finding.kind).collect();
    assert!(kinds.contains(&FailureKind::MemoryDependent), "{kinds:?}");
}

#[test]
fn a_swallowed_error_leaves_things_stuck() {
    let program = || {
        sweep(|client| {
            on_each(client, watcher::Config::default(), |object, client| async move {
                let secrets: Api<Secret> = Api::default_namespaced(client);
                let secret = Secret {
                    metadata: named(&object.name_any()),
                    ..Secret::default()
                };
                // Whatever it is, it is not tried again.
                let _ = secrets.create(&PostParams::default(), &secret).await;
                Ok(())
            })
        })
        .given(A)
    };
    let report = program().run();
    let fate = found(&report, FailureKind::Stuck);
    assert!(
        matches!(fate, Fate::CrashBefore | Fate::Lost(_) | Fate::Refused(_)),
        "{fate}"
    );

    // The same again, from a file.
    let folder = std::env::temp_dir().join(format!("seatrial-testkit-{}", std::process::id()));
    let caught = std::panic::catch_unwind(|| program().named("swallowed").regressions(&folder).check());
    let message = *caught.unwrap_err().downcast::<String>().unwrap();
    assert!(
        message.contains("kept in") && message.lines().count() < 50,
        "{message}"
    );
    let file = std::fs::read_dir(&folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let again = program().replay(&Tape::load(&file).unwrap());
    assert_eq!(again.findings[0].kind, FailureKind::Stuck);
    let first = program().named("swallowed").regressions(&folder).run();
    assert!(first.runs < report.runs, "{first}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn an_unknown_outcome_is_not_a_failure() {
    let report = sweep(|client| {
        on_each(client, watcher::Config::default(), |object, client| async move {
            let api: Api<ConfigMap> = Api::default_namespaced(client.clone());
            if object.labels().contains_key("done") || object.metadata.generate_name.is_some() {
                return Ok(());
            }
            let mut made = ConfigMap::default();
            made.metadata.generate_name = Some("child-".to_owned());
            api.create(&PostParams::default(), &made).await?;
            let patch = Patch::Merge(json!({"metadata": {"labels": {"done": "yes"}}}));
            api.patch(&object.name_any(), &PatchParams::default(), &patch)
                .await
                .map(drop)
        })
    })
    .given(A)
    .findings_max(3)
    .run();
    let fates: Vec<&Fate> = report
        .findings
        .iter()
        .flat_map(|f| &f.injections)
        .map(|i| &i.fate)
        .collect();
    assert!(
        fates
            .iter()
            .any(|fate| matches!(fate, Fate::OutcomeUnknown(Loss::Timeout) | Fate::CrashAfter)),
        "{fates:?}"
    );
}

#[test]
fn a_world_can_be_driven_by_hand() {
    let mut world = follows(watcher::Config::default).simulation();
    assert!(world.settle());
    world.play(&Script::new().apply(A).settle()).unwrap();
    assert!(world.view().get("secrets", "default", "a").is_some());
    world.pause("controller", Duration::from_secs(30));
    let before = world.elapsed();
    world
        .play(&Script::new().patch("ConfigMap/v1 a", "{data: {size: none}}"))
        .unwrap();
    assert!(world.view().get("secrets", "default", "a").is_some());
    assert!(world.settle());
    assert!(world.elapsed() >= before + Duration::from_secs(30));
    assert!(world.view().get("secrets", "default", "a").is_none());
    world.crash("controller");
    assert!(world.settle());
    let text = world.trace().text();
    assert!(
        text.contains("controller") && text.lines().count() <= 31,
        "{text}"
    );
}

#[test]
fn invariants_are_looked_at_after_every_change() {
    let report = follows(watcher::Config::default)
        .always("no secret of size none", |view| {
            let size = |object: &serde_json::Value| object["data"]["size"].as_str().map(str::to_owned);
            let sized = view.get("configmaps", "default", "a").as_ref().and_then(size);
            sized.as_deref() != Some("none") || view.get("secrets", "default", "a").is_none()
        })
        .run();
    assert_eq!(report.findings[0].kind, FailureKind::Invariant, "{report}");
    let report = follows(watcher::Config::default)
        .eventually("a secret", |view| view.get("secrets", "default", "a").is_some())
        .leads_to(
            "what is wanted is made",
            |view| view.get("configmaps", "default", "a").is_some(),
            |view| view.get("secrets", "default", "a").is_some(),
        )
        .sometimes("never", |_| false)
        .run();
    passes(&report);
    assert_eq!(report.notes, ["vacuous: `never` was never seen"]);
}

#[test]
fn worlds_with_one_seed_are_the_same_to_the_byte() {
    let worlds = follows(watcher::Config::default).worlds();
    let run = |seed| {
        let mut world = worlds.fork_with_seed(seed);
        world.play(&Script::new().apply(A).settle()).unwrap();
        world.crash("controller");
        world.settle();
        world
            .play(
                &Script::new()
                    .patch("ConfigMap/v1 a", "{data: {size: none}}")
                    .settle(),
            )
            .unwrap();
        (
            world.digest(),
            world.requests(),
            serde_json::to_string(&world.trace()).unwrap(),
        )
    };
    for seed in 0..1000 {
        assert_eq!(run(seed), run(seed), "seed {seed}");
    }
}
