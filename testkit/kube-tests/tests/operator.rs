//! An operator of kube's, tested as it is: `cargo test --manifest-path testkit/kube-tests/Cargo.toml`.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Secret;
use kube::{Api, Client, CustomResourceExt as _, api::PostParams, runtime::controller::Action};
use kube_tests::{Account, AccountSpec, Error, by_name, by_status, by_the_clock, run};
use seatrial_testkit::{FailureKind, FakeCluster, Report, Sweep, kube as links, sweep};

fn account(name: &str) -> Account {
    let user = format!("{name}@example.com");
    let mut account = Account::new(name, AccountSpec { user });
    account.metadata.namespace = Some("default".to_owned());
    account
}

fn scenario(sweep: Sweep) -> Sweep {
    let account = |name: &str| {
        format!(
            "{{apiVersion: kube-tests.seatrial.dev/v1, kind: Account, metadata: {{name: {name}}}, spec: {{user: {name}}}}}"
        )
    };
    sweep.object(Account::crd()).scenario(|user| {
        user.apply(&account("a"))
            .apply(&account("b"))
            .settle()
            .delete("Account.kube-tests.seatrial.dev/v1 a")
    })
}

fn swept<F, Fut>(reconcile: F) -> Report
where
    F: FnMut(Arc<Account>, Arc<Client>) -> Fut + Copy + 'static,
    Fut: Future<Output = Result<Action, Error>> + Send + 'static,
{
    scenario(links::sweep(move |client| run(client, reconcile))).run()
}

#[test]
fn the_bug_is_found() {
    let report = swept(by_status);
    let finding = report.findings.first().expect("a Secret too many");
    assert!(
        matches!(finding.kind, FailureKind::MadeTooOften | FailureKind::Stuck),
        "{finding}"
    );
    assert_eq!(finding.about, "secrets default/a-*", "{finding}");
    assert!(finding.injections.len() <= 2, "{finding}");
    let repeated = finding
        .repeated
        .expect("it is made again to see how often it fails");
    assert!(repeated.same > 0 && repeated.runs == 20, "{finding}");
    println!("{finding}\n{report}");
}

#[test]
fn what_was_put_right_is_left_alone() {
    let report = swept(by_name);
    assert!(report.findings.is_empty(), "{}\n{report}", report.findings[0]);
    assert!(report.plans > 50, "{report}");
    println!("{report}");
}

#[test]
fn a_clock_that_is_nobodys_is_told_of_and_no_failure() {
    let report = swept(by_the_clock);
    assert!(report.findings.is_empty(), "{}\n{report}", report.findings[0]);
    let repeated = report.repeated.expect("it is measured");
    assert_eq!((repeated.same, repeated.runs), (0, 20), "{report}");
    let told = report.to_string();
    assert!(
        told.contains("0 of 20 runs with one seed were the same"),
        "{told}"
    );
    assert!(
        told.contains("patch accounts.kube-tests.seatrial.dev default/a"),
        "{told}"
    );
}

#[test]
fn who_does_not_allow_for_it_is_failed_by_it() {
    let report = scenario(sweep(|link| run(links::client(&link), by_the_clock))).run();
    assert_eq!(report.findings[0].kind, FailureKind::NotRepeatable);
}

#[tokio::test(start_paused = true)]
async fn a_unit_test_needs_kube_alone() {
    let cluster = FakeCluster::builder().object(Account::crd()).build().unwrap();
    let client = links::client(&cluster.client());
    let operator = tokio::spawn(run(client.clone(), by_name));
    let accounts = Api::<Account>::default_namespaced(client.clone());
    accounts
        .create(&PostParams::default(), &account("a"))
        .await
        .unwrap();
    cluster.settle().await.unwrap();

    let secrets = Api::<Secret>::default_namespaced(client);
    let token = secrets
        .get("a")
        .await
        .unwrap()
        .data
        .unwrap()
        .remove("token")
        .unwrap();
    assert_eq!(token.0, b"token of a@example.com");
    let missing = secrets.get("b").await.unwrap_err();
    assert!(matches!(missing, kube::Error::Api(status) if status.is_not_found()));
    operator.abort();
}
