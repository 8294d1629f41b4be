//! Runs that end where the server refuses what the user does next.

use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use seatrial_client::{
    Api, Client,
    api::{ObjectMeta, PostParams},
};
use seatrial_testkit::{FailureKind, Sweep, sweep};

fn child() -> ConfigMap {
    ConfigMap {
        metadata: ObjectMeta {
            name: Some("child".to_owned()),
            ..ObjectMeta::default()
        },
        ..ConfigMap::default()
    }
}

/// Makes an object, and tries again if it is told to; the user patches that object once everything is at rest.
fn makes(tries_again: bool) -> Sweep {
    sweep(move |client: Client| async move {
        let api = Api::<ConfigMap>::default_namespaced(client.clone().with_retry(None));
        while let Err(error) = api.create(&PostParams::default(), &child()).await {
            if error.is_already_exists() || !tries_again {
                break;
            }
            client.env().sleep(Duration::from_secs(1)).await;
        }
        std::future::pending::<()>().await;
    })
    .scenario(|user| user.settle().patch("ConfigMap/v1 child", "{data: {size: two}}"))
}

#[test]
fn what_the_user_cannot_do_because_of_a_fault_is_told() {
    let report = makes(false).run();
    let finding = &report.findings[0];
    assert_eq!(
        (finding.kind, &*finding.about),
        (FailureKind::Stuck, "configmaps default/child"),
        "{finding}"
    );
    assert!(report.refused > 0, "{report}");
}

#[test]
fn whoever_tries_again_keeps_the_user_from_nothing() {
    let report = makes(true).run();
    assert!(report.findings.is_empty(), "{}", report.findings[0]);
}

#[test]
fn what_went_wrong_before_the_user_was_refused_is_told() {
    let refused = |sweep: Sweep| {
        sweep.scenario(|user| user.settle().patch("ConfigMap/v1 child", "{data: {size: two}}"))
    };
    let panics = sweep(|_: Client| async { panic!("nothing works") });
    let report = refused(panics).run();
    assert_eq!(report.findings[0].kind, FailureKind::Panicked, "{report}");

    let breaks = sweep(|client: Client| async move {
        let api = Api::<ConfigMap>::default_namespaced(client.with_retry(None));
        let mut other = child();
        if api.create(&PostParams::default(), &other).await.is_err() {
            other.metadata.name = Some("other".to_owned());
            let _ = api.create(&PostParams::default(), &other).await;
        }
        std::future::pending::<()>().await;
    });
    let breaks = breaks
        .always("no other", |view| {
            view.get("configmaps", "default", "other").is_none()
        })
        // Not broken by a run that has not come to its end.
        .eventually("two", |view| {
            let child = view.get("configmaps", "default", "child");
            child.is_some_and(|child| child["data"]["size"] == "two")
        })
        .allow(FailureKind::Stuck);
    let report = refused(breaks).run();
    let finding = &report.findings[0];
    assert_eq!(
        (finding.kind, &*finding.about),
        (FailureKind::Invariant, "no other"),
        "{finding}"
    );
}
