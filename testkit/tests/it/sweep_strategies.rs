//! Bugs that single faults do not show, and the strategies that find them.

use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use seatrial_client::{
    Api, Client,
    api::{ObjectMeta, Patch, PatchParams, PostParams},
};
use seatrial_testkit::{FailureKind, Strategy, Sweep, sweep};
use serde_json::json;

const GIVEN: &str =
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}, data: {size: one}}";

/// Reads three times, and does not survive to see three states.
async fn reads_thrice(client: Client) {
    let api: Api<ConfigMap> = Api::default_namespaced(client);
    let mut seen = Vec::new();
    for _ in 0..3 {
        if let Ok(object) = api.get("a").await {
            seen.extend(object.data.and_then(|data| data.get("size").cloned()));
        }
    }
    assert_ne!(seen, ["one", "two", "three"], "three states at once");
    std::future::pending::<()>().await;
}

fn changing() -> Sweep {
    sweep(reads_thrice)
        .given(GIVEN)
        .scenario(|user| {
            user.patch("ConfigMap/v1 a", "{data: {size: two}}")
                .patch("ConfigMap/v1 a", "{data: {size: three}}")
        })
        .environment(|_| None)
        .runs_max(2_000)
}

#[test]
fn a_bug_of_the_order_alone_is_found_systematically() {
    let two = Strategy::Dfs { max_preemptions: 2 };
    let report = changing().explore(two, 500).run();
    let Some(finding) = report.findings.first() else {
        panic!("{}", report.campaign());
    };
    assert_eq!(finding.kind, FailureKind::Panicked, "{finding}");
    assert!(finding.case.starts_with("dfs-2/"), "{}", finding.case);
    assert_eq!(
        (finding.injections.len(), finding.overtakings.len()),
        (0, 2),
        "{finding}"
    );
    // With one exchange there is nothing to find, and an end to it.
    let one = Strategy::Dfs { max_preemptions: 1 };
    let report = changing().explore(one, 500).run();
    assert!(report.findings.is_empty(), "{}", report.campaign());
    let made = report
        .strategies
        .iter()
        .find(|tally| tally.strategy == "dfs-1")
        .unwrap();
    assert!((2..100).contains(&made.runs), "{}", report.campaign());
    // The case makes the run again.
    let (case, seed) = (finding.case.clone(), finding.seed);
    let again = changing()
        .explore(two, 500)
        .environment(move |name| match name {
            "TESTKIT_CASE" => Some(case.clone()),
            "TESTKIT_SEED" => Some(seed.to_string()),
            _ => None,
        })
        .run();
    assert_eq!(again.findings[0].kind, FailureKind::Panicked);
}

/// Makes a secret; where that fails it leaves a note, and where the note fails, too, it makes a second secret.
async fn falls_back(client: Client) {
    let secrets: Api<Secret> = Api::default_namespaced(client.clone());
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    let named = |name: &str| Secret {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            ..ObjectMeta::default()
        },
        ..Secret::default()
    };
    for name in ["b", "c", "d", "e"] {
        let _ = maps.get_opt(name).await;
    }
    loop {
        match secrets.create(&PostParams::default(), &named("first")).await {
            Ok(_) => break,
            Err(error) if error.is_already_exists() => break,
            Err(_) => {
                let note = Patch::Merge(json!({"metadata": {"annotations": {"failed": "yes"}}}));
                if maps.patch("a", &PatchParams::default(), &note).await.is_err() {
                    let _ = secrets.create(&PostParams::default(), &named("second")).await;
                }
                let clean = Patch::Merge(json!({"metadata": {"annotations": {"failed": null}}}));
                while maps.patch("a", &PatchParams::default(), &clean).await.is_err() {
                    client.env().sleep(Duration::from_secs(1)).await;
                }
                client.env().sleep(Duration::from_secs(1)).await;
            }
        }
    }
    std::future::pending::<()>().await;
}

#[test]
fn two_faults_that_need_each_other_are_found_by_coverage() {
    let runs = |strategy| {
        let report = sweep(falls_back)
            .given(GIVEN)
            .environment(|_| None)
            .runs_max(5_000)
            .explore(strategy, 400)
            .run();
        let found = report.findings.first().map(|finding| {
            assert_eq!(finding.about, "secrets default/second", "{finding}");
            assert_eq!(finding.injections.len(), 2, "{finding}");
            finding.case.clone()
        });
        (found, report)
    };
    let (found, report) = runs(Strategy::Coverage);
    let found = found.unwrap_or_else(|| panic!("{}", report.campaign()));
    assert!(found.starts_with("coverage/"), "{found}");
    // Faults of runs without faults alone do not lead there.
    let (found, report) = runs(Strategy::Pairs);
    assert_eq!(found, None, "{}", report.campaign());
    let (found, report) = runs(Strategy::Random);
    assert_eq!(found, None, "{}", report.campaign());
}

#[test]
fn a_budget_limits_a_campaign_by_time() {
    let report = sweep(|_: Client| async { std::future::pending::<()>().await })
        .given(GIVEN)
        .explore(Strategy::Pairs, 1)
        .explore(Strategy::Dfs { max_preemptions: 1 }, 1)
        .environment(|name| (name == "TESTKIT_BUDGET").then(|| "2s".to_owned()))
        .run();
    let made = report
        .strategies
        .iter()
        .find(|tally| tally.strategy == "pairs")
        .unwrap();
    assert!(made.runs > 1, "{}", report.campaign());
}
