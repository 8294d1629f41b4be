//! Scenarios: drawn, made smaller, kept and played again.

use std::pin::pin;

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use proptest::{
    prelude::*,
    test_runner::{RngSeed, TestError, TestRunner},
};
use seatrial_client::{
    Api, Client, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use seatrial_runtime::{
    WatchStreamExt as _,
    watcher::{Config, Event, watcher},
};
use seatrial_testkit::scenario::{Scenario, Subject, Trial, scenarios};
use serde_json::json;

fn settings(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(settings(48))]

    #[test]
    fn a_cache_survives_whatever_is_legal(scenario in any::<Scenario>()) {
        Trial::of_cache::<ConfigMap>(Config::default(), Subject::config_maps()).run(&scenario)?;
    }

    #[test]
    fn a_cache_of_what_has_no_namespace_does_too(scenario in scenarios(0..20)) {
        let subject = Subject::new("{apiVersion: v1, kind: Namespace, metadata: {name: team}}").unwrap();
        Trial::of_cache::<Namespace>(Config::default(), subject).run(&scenario)?;
    }

    #[test]
    fn a_controller_that_follows_the_state_survives(scenario in scenarios(0..20)) {
        Trial::of_controller(copies_state, Subject::config_maps()).run(&scenario)?;
    }

    #[test]
    fn a_controller_that_is_told_of_no_environment_survives(scenario in scenarios(0..5)) {
        Trial::of_controller(crate::sim_environment::controller, Subject::config_maps()).run(&scenario)?;
    }

    #[test]
    fn whatever_is_drawn_can_be_read_again(scenario in any::<Scenario>()) {
        let text = scenario.to_string();
        prop_assert_eq!(text.parse::<Scenario>().unwrap().to_string(), text);
    }
}

/// Keeps a copy of every config map `cm-*` as `copy-cm-*`, by looking at what there is.
async fn copies_state(client: Client) {
    let api: Api<ConfigMap> = Api::default_namespaced(client.clone());
    let mut events = pin!(watcher(api.clone(), Config::default()).default_backoff());
    while events.next().await.is_some() {
        while reconcile(&api).await.is_err() {
            client.env().sleep(std::time::Duration::from_secs(5)).await;
        }
    }
}

async fn reconcile(api: &Api<ConfigMap>) -> Result<(), seatrial_client::Error> {
    let all = api.list(&Default::default()).await?.items;
    let names: Vec<String> = all.iter().map(ResourceExt::name_any).collect();
    for name in &names {
        let copy = format!("copy-{name}");
        if name.starts_with("cm-") && !names.contains(&copy) {
            let object = serde_json::from_value(json!({"metadata": {"name": copy}}));
            match api.create(&PostParams::default(), &object.unwrap()).await {
                Err(error) if error.is_conflict() || error.is_already_exists() => {}
                made => drop(made?),
            }
        }
        let origin = name.strip_prefix("copy-");
        if origin.is_some_and(|origin| !names.iter().any(|name| name == origin)) {
            match api.delete(name, &DeleteParams::default()).await {
                Err(error) if error.is_not_found() => {}
                gone => drop(gone?),
            }
        }
    }
    Ok(())
}

/// Keeps copies by counting on being told of every deletion.
async fn copies_events(client: Client) {
    let api: Api<ConfigMap> = Api::default_namespaced(client.clone());
    let mut events = pin!(watcher(api.clone(), Config::default()).default_backoff());
    while let Some(event) = events.next().await {
        match event {
            Ok(Event::Apply(object) | Event::InitApply(object)) if object.name_any().starts_with("cm-") => {
                let copy = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("copy-{}", object.name_any())}});
                let params = PatchParams::apply("copier").force();
                let name = format!("copy-{}", object.name_any());
                while api.patch(&name, &params, &Patch::Apply(&copy)).await.is_err() {
                    client.env().sleep(std::time::Duration::from_secs(5)).await;
                }
            }
            Ok(Event::Delete(object)) if object.name_any().starts_with("cm-") => {
                let name = format!("copy-{}", object.name_any());
                let is_wrong = |error: &seatrial_client::Error| !error.is_not_found();
                while api
                    .delete(&name, &DeleteParams::default())
                    .await
                    .is_err_and(|error| is_wrong(&error))
                {
                    client.env().sleep(std::time::Duration::from_secs(5)).await;
                }
            }
            _ => {}
        }
    }
}

#[test]
fn who_counts_on_every_deletion_is_found_and_the_scenario_is_small_and_kept() {
    let folder = std::env::temp_dir().join(format!("seatrial-scenario-{}", std::process::id()));
    let file = folder.join("copies.scenario.yaml");
    let trial = Trial::of_controller(copies_events, Subject::config_maps()).kept_in(&file);
    trial.replay().unwrap();

    let mut runner = TestRunner::new(settings(512));
    let failed = runner.run(&any::<Scenario>(), |scenario| Ok(trial.run(&scenario)?));
    let Err(TestError::Fail(why, smallest)) = failed else {
        panic!("nothing was found: {failed:?}");
    };
    // Made, deleted behind the back of a watch that lists anew, and nothing else.
    assert!(smallest.steps().len() <= 5, "{why}");
    assert!(why.to_string().contains("configmaps default/copy-cm-"), "{why}");

    let kept = Scenario::load(&file).unwrap();
    assert_eq!(kept.to_string(), smallest.to_string());
    let again = trial.replay().unwrap_err();
    assert!(again.to_string().contains("should not be there"), "{again}");
    // The state-based one passes the very scenario.
    Trial::of_controller(copies_state, Subject::config_maps())
        .run(&kept)
        .unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_deletion_that_nobody_finishes_is_told() {
    let subject = Subject::new(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: cm, finalizers: [example.com/never]}}",
    )
    .unwrap();
    let scenario: Scenario = "[{create: 0}, {delete: 0}, {create: 0}]".parse().unwrap();
    let error = Trial::of_controller(|_| std::future::pending::<()>(), subject)
        .run(&scenario)
        .unwrap_err();
    assert!(
        error.to_string().contains("cm-0 was still being deleted"),
        "{error}"
    );
}

#[test]
fn who_asks_without_a_pause_is_told() {
    let hot = |client: Client| async move {
        let api: Api<ConfigMap> = Api::default_namespaced(client);
        loop {
            let _ = api.get("cm-0").await;
        }
    };
    let trial = Trial::of_controller(hot, Subject::config_maps());
    for scenario in ["[{wait: 1h}]", "[{create: 0}]"] {
        let error = trial.run(&scenario.parse().unwrap()).unwrap_err().to_string();
        assert!(
            error.contains("configmaps/cm-0") && error.contains("still busy"),
            "{error}"
        );
    }
}

#[test]
fn a_subject_that_the_server_refuses_is_told() {
    let subject = Subject::new("{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {}}").unwrap();
    let scenario: Scenario = "[{create: 0}]".parse().unwrap();
    let error = Trial::of_controller(|_| std::future::pending::<()>(), subject)
        .run(&scenario)
        .unwrap_err();
    assert!(error.to_string().contains("step 1 was refused"), "{error}");
}
