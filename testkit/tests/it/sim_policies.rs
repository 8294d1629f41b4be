//! Each kind of fault, and a controller that it finds out.

use std::{sync::Arc, time::Duration};

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use seatrial_client::{
    Api, Client, Resource as _, ResourceExt as _,
    api::{DeleteParams, ObjectMeta, Patch, PatchParams, PostParams},
};
use seatrial_runtime::{Controller, WatchStreamExt as _, controller::Action, watcher};
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

/// A secret for each config map, which owns it; who is careful asks the apiserver whether the config map is there.
fn makes(is_careful: bool) -> Sweep {
    let reconcile = move |config: Arc<ConfigMap>, client: Arc<Client>| async move {
        let configs: Api<ConfigMap> = Api::default_namespaced((*client).clone());
        let secrets: Api<Secret> = Api::default_namespaced((*client).clone());
        let (name, size) = (
            config.name_any(),
            config.data.as_ref().and_then(|data| data.get("size")),
        );
        let found = secrets.get_opt(&name).await?;
        if found.is_some_and(|secret| secret.annotations().get("size") == size) {
            return Ok(Action::await_change());
        }
        if is_careful && configs.get_opt(&name).await?.and_then(|live| live.uid()) != config.uid() {
            return Ok(Action::await_change());
        }
        let patch = Patch::Apply(json!({
            "apiVersion": "v1", "kind": "Secret",
            "metadata": {
                "name": name, "annotations": {"size": size}, "ownerReferences": [config.controller_owner_ref(&())],
            },
        }));
        let params = PatchParams::apply("makes").force();
        secrets.patch(&name, &params, &patch).await?;
        Ok::<_, seatrial_client::Error>(Action::await_change())
    };
    sweep(move |client: Client| {
        let configs = Api::<ConfigMap>::default_namespaced(client.clone());
        let secrets = Api::<Secret>::default_namespaced(client.clone());
        Controller::new(configs, watcher::Config::default().labels("app=shop"))
            .owns(secrets, watcher::Config::default())
            .run_with_backoff(reconcile, Arc::new(client))
            .for_each(|_| async {})
    })
    .scenario(|user| {
        let config = |name: &str, size: &str| {
            format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}, labels: {{app: shop}}}}, data: {{size: {size}}}}}")
        };
        user.apply(&config("kept", "one"))
            .apply(&config("deleted", "one"))
            .settle()
            .apply(&config("kept", "two"))
            .delete("ConfigMap/v1 deleted")
    })
    .deny(FailureKind::MadeForNobody)
}

#[test]
fn what_is_made_again_and_again_for_nobody_is_told_where_a_test_asks() {
    let fate = found(&makes(false).run(), FailureKind::MadeForNobody);
    assert!(matches!(fate, Fate::Lags { .. }), "{fate}");
    passes(&makes(false).allow(FailureKind::MadeForNobody).run());
    passes(&makes(true).run());
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

/// Runs `act` for config maps of the user's, each time as the cache has them.
async fn on_cached<F, Fut>(client: Client, act: F)
where
    F: Fn(Arc<ConfigMap>, Client) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), seatrial_client::Error>> + Send + 'static,
{
    let act = Arc::new(act);
    let reconcile = move |object: Arc<ConfigMap>, client: Arc<Client>| {
        let act = act.clone();
        async move {
            if object.name_any() != "kube-root-ca.crt" {
                act(object, (*client).clone()).await?;
            }
            Ok(Action::await_change())
        }
    };
    let api = Api::<ConfigMap>::default_namespaced(client.clone());
    Controller::new(api, watcher::Config::default())
        .run(
            reconcile,
            |_, _: &seatrial_client::Error, _| Action::requeue(Duration::from_secs(1)),
            Arc::new(client),
        )
        .for_each(|_| async {})
        .await;
}

/// Sets annotations of a config map.
async fn annotate(
    client: Client,
    name: &str,
    annotations: serde_json::Value,
) -> Result<(), seatrial_client::Error> {
    let patch = Patch::Merge(json!({"metadata": {"annotations": annotations}}));
    let api = Api::<ConfigMap>::default_namespaced(client);
    api.patch(name, &PatchParams::default(), &patch).await.map(drop)
}

#[test]
fn a_change_is_not_hidden_from_who_has_to_make_the_next_one() {
    // Each step follows from having seen the one before; nothing else would ever bring it forward.
    let report = sweep(|client| {
        on_cached(client, |object, client| async move {
            let step = object.annotations().get("step").map_or(0, String::len);
            if step < 3 {
                annotate(client, &object.name_any(), json!({"step": "x".repeat(step + 1)})).await?;
            }
            Ok(())
        })
    })
    .given(A)
    .run();
    passes(&report);
}

#[test]
fn a_deletion_is_not_hidden_while_the_user_waits_for_it() {
    let report = sweep(|client| {
        on_cached(client, |object, client| async move {
            let is_held = object.finalizers().iter().any(|held| held == "seatrial.dev/held");
            let is_leaving = object.metadata.deletion_timestamp.is_some();
            if is_held != is_leaving {
                return Ok(());
            }
            let finalizers = if is_leaving {
                json!([])
            } else {
                json!(["seatrial.dev/held"])
            };
            let patch = Patch::Merge(json!({"metadata": {
                "resourceVersion": object.resource_version(), "finalizers": finalizers,
            }}));
            let api = Api::<ConfigMap>::default_namespaced(client);
            let patched = api
                .patch(&object.name_any(), &PatchParams::default(), &patch)
                .await;
            match patched {
                Err(error) if !error.is_not_found() => Err(error),
                _ => Ok(()),
            }
        })
    })
    .scenario(|user| user.apply(A).settle().delete("ConfigMap/v1 a").settle().apply(A))
    .run();
    passes(&report);
}

#[test]
fn nobody_works_against_what_is_hidden_from_it_for_ever() {
    // Until it hears that the owner is gone, it makes again at once what the garbage collector deletes.
    let report = sweep(|client: Client| {
        let api = Api::<ConfigMap>::default_namespaced(client.clone());
        let secrets = Api::<Secret>::default_namespaced(client.clone());
        let reconcile = |object: Arc<ConfigMap>, client: Arc<Client>| async move {
            if object.name_any() != "kube-root-ca.crt" {
                let owner = object.controller_owner_ref(&());
                let metadata = json!({"name": object.name_any(), "ownerReferences": [owner]});
                let patch = json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata});
                let secrets = Api::<Secret>::default_namespaced((*client).clone());
                let params = PatchParams::apply("owner").force();
                secrets
                    .patch(&object.name_any(), &params, &Patch::Apply(patch))
                    .await?;
            }
            Ok(Action::await_change())
        };
        Controller::new(api, watcher::Config::default())
            .owns(secrets, watcher::Config::default())
            .run(
                reconcile,
                |_, _: &seatrial_client::Error, _| Action::requeue(Duration::from_secs(1)),
                Arc::new(client),
            )
            .for_each(|_| async {})
    })
    .scenario(|user| {
        user.apply(A)
            .settle()
            .delete("ConfigMap/v1 a")
            .settle()
            .apply(A)
            .delete("ConfigMap/v1 a")
            .apply(A)
    })
    .run();
    passes(&report);
}

#[test]
fn a_change_that_another_follows_is_missed() {
    // What is to be done once for each order that was seen is not done for one that was not.
    let program = |is_level: bool| {
        sweep(move |client| {
            on_cached(client, move |object, client| async move {
                let size = object.data.as_ref().and_then(|data| data.get("size")).cloned();
                let sizes = object.annotations().get("sizes").cloned().unwrap_or_default();
                let size = size.unwrap_or_default();
                let new = if is_level {
                    size.clone()
                } else {
                    format!("{sizes} {size}")
                };
                if !sizes.ends_with(&size) {
                    annotate(client, &object.name_any(), json!({"sizes": new})).await?;
                }
                Ok(())
            })
        })
        .scenario(|user| {
            user.apply(A)
                .settle()
                .patch("ConfigMap/v1 a", "{data: {size: two}}")
                .settle()
                .patch("ConfigMap/v1 a", "{data: {size: three}}")
        })
    };
    let report = program(false).findings_max(20).run();
    let stuck = report
        .findings
        .iter()
        .filter(|finding| finding.kind == FailureKind::Stuck);
    let fates: Vec<&Fate> = stuck.flat_map(|f| &f.injections).map(|i| &i.fate).collect();
    assert!(
        fates
            .iter()
            .any(|fate| matches!(fate, Fate::Unobserved | Fate::Coalesced)),
        "{fates:?}"
    );
    passes(&program(true).run());
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
