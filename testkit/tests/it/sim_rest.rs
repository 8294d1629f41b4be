//! Programs that never come to rest, and some that only look as if they did not.

use std::{future::pending, time::Duration};

use k8s_openapi::api::core::v1::ConfigMap;
use seatrial_client::{
    Api, Client,
    api::{DeleteParams, ObjectMeta, Patch, PatchParams, PostParams},
};
use seatrial_testkit::{FailureKind, Report, sweep};
use serde_json::json;

const GIVEN: &str =
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}, data: {size: none}}";

fn config_maps(client: &Client) -> Api<ConfigMap> {
    Api::default_namespaced(client.clone())
}

async fn set(client: &Client, size: &str) {
    let patch = Patch::Merge(json!({"data": {"size": size}}));
    let _ = config_maps(client)
        .patch("a", &PatchParams::default(), &patch)
        .await;
}

/// Sees to it that the size is this one, every ten seconds.
async fn insist(client: Client, size: &str) {
    loop {
        let found = config_maps(&client).get("a").await;
        let data = found.ok().and_then(|found| found.data).unwrap_or_default();
        if data.get("size").map(String::as_str) != Some(size) {
            set(&client, size).await;
        }
        client.env().sleep(Duration::from_secs(10)).await;
    }
}

#[track_caller]
fn only(report: &Report) -> (FailureKind, Vec<String>) {
    assert_eq!(report.findings.len(), 1, "{report}");
    let finding = &report.findings[0];
    assert!(
        finding.injections.is_empty() && finding.overtakings.is_empty(),
        "{finding}"
    );
    (finding.kind, finding.details.clone())
}

#[test]
fn programs_that_work_against_each_other_are_told_with_what_they_do() {
    let report = sweep(|client| insist(client, "one"))
        .process("other", |client| insist(client, "two"))
        .given(GIVEN)
        .run();
    let (kind, details) = only(&report);
    assert_eq!(kind, FailureKind::Livelock, "{report}");
    assert!(
        details[0].starts_with("the same changes led to the same state again and again"),
        "{details:?}"
    );
    assert!(
        details[1].starts_with("controller and other work against each other"),
        "{details:?}"
    );
    let mut changes = details[2..].to_vec();
    changes.sort();
    assert_eq!(
        changes,
        [
            r#"controller changes configmaps default/a: data.size: "two" → "one""#,
            r#"other changes configmaps default/a: data.size: "one" → "two""#,
        ]
    );
}

#[test]
fn an_object_that_is_made_anew_again_and_again_comes_back() {
    let report = sweep(|client: Client| async move {
        loop {
            let made = ConfigMap {
                metadata: ObjectMeta {
                    name: Some("b".to_owned()),
                    ..ObjectMeta::default()
                },
                ..ConfigMap::default()
            };
            let _ = config_maps(&client).create(&PostParams::default(), &made).await;
            client.env().sleep(Duration::from_secs(5)).await;
            let _ = config_maps(&client).delete("b", &DeleteParams::default()).await;
        }
    })
    .run();
    let (kind, details) = only(&report);
    assert_eq!(kind, FailureKind::Livelock, "{report}");
    assert!(
        details[1].starts_with("controller changes things back and forth"),
        "{details:?}"
    );
    let mut changes = details[2..].to_vec();
    changes.sort();
    assert_eq!(
        changes,
        [
            "controller deletes configmaps default/b",
            "controller makes configmaps default/b"
        ]
    );
}

#[test]
fn what_grows_does_not_come_back() {
    let report = sweep(|client: Client| async move {
        loop {
            let mut made = ConfigMap::default();
            made.metadata.generate_name = Some("b-".to_owned());
            let _ = config_maps(&client).create(&PostParams::default(), &made).await;
            client.env().sleep(Duration::from_secs(5)).await;
        }
    })
    .run();
    let (kind, details) = only(&report);
    assert_eq!(kind, FailureKind::Diverging, "{report}");
    assert!(details[0].starts_with("it still changed things"), "{details:?}");
}

#[test]
fn who_stops_in_the_end_is_not_in_a_livelock() {
    // A few times more would be taken for ever.
    let stops = |client: Client| async move {
        for _ in 0..15 {
            set(&client, "one").await;
            client.env().sleep(Duration::from_secs(1)).await;
            set(&client, "two").await;
            client.env().sleep(Duration::from_secs(1)).await;
        }
        pending::<()>().await;
    };
    assert!(sweep(stops).given(GIVEN).simulation().settle());
    // This one is stopped by a timer that was set before it began.
    let is_stopped = |client: Client| async move {
        let stop = client.env().sleep(Duration::from_secs(200));
        let toggle = async {
            loop {
                set(&client, "one").await;
                client.env().sleep(Duration::from_secs(1)).await;
                set(&client, "two").await;
                client.env().sleep(Duration::from_secs(1)).await;
            }
        };
        futures::future::select(Box::pin(stop), Box::pin(toggle)).await;
        set(&client, "three").await;
        pending::<()>().await;
    };
    assert!(sweep(is_stopped).given(GIVEN).simulation().settle());
}
