//! Processes that work by a lease, and what is found about those that do not look whose it is.

use std::time::Duration;

use futures::future::join;
use k8s_openapi::api::core::v1::ConfigMap;
use seatrial_client::{
    Api, Client,
    api::{Patch, PatchParams},
};
use seatrial_runtime::lease::Election;
use seatrial_testkit::{FailureKind, Report, sweep};
use serde_json::{Value, json};

/// How a process works by its lease.
#[derive(Clone, Copy)]
enum Work {
    /// It looks once a round.
    Unfenced,
    /// Nothing is sent without the lease.
    Fenced,
    /// It tells who it is whether it leads or not, and what it does as the leader is fenced.
    TellsItself,
}

/// Leads as `identity`, and as the leader writes that to two config maps, one after the other.
async fn lead(client: Client, name: &'static str, identity: &'static str, work: Work) {
    let election = Election::new(client.clone(), "default", "operator", identity);
    let leadership = election.leadership();
    let led = match work {
        Work::Unfenced => client.clone(),
        Work::Fenced | Work::TellsItself => leadership.fence(&client),
    };
    let rounds = async {
        loop {
            client.env().sleep(Duration::from_secs(5)).await;
            if let Work::TellsItself = work {
                let own = json!({"metadata": {"name": name}, "data": {"round": "told"}});
                let _ = put(&client, name, &own).await;
            }
            if !leadership.is_leader() {
                continue;
            }
            let leads = json!({"data": {"leader": identity}});
            let _ = put(&led, "one", &leads).await;
            let _ = put(&led, "two", &leads).await;
        }
    };
    join(election.run(std::future::pending()), rounds).await;
}

async fn put(client: &Client, name: &str, patch: &Value) -> Result<ConfigMap, seatrial_client::Error> {
    let configs = Api::<ConfigMap>::default_namespaced(client.clone());
    configs
        .patch(name, &PatchParams::default(), &Patch::Merge(patch))
        .await
}

/// What two replicas are found to do; that the end tells who leads is meant so.
fn swept(identities: [&'static str; 2], work: Work) -> Report {
    let [first, second] = identities;
    let given = ["one", "two", "first", "second"];
    let given =
        given.map(|name| format!("---\n{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}}}\n"));
    sweep(move |client| lead(client, "first", first, work))
        .process("second", move |client| lead(client, "second", second, work))
        .given(&given.concat())
        .allow(FailureKind::Stuck)
        .allow(FailureKind::OrderDependent)
        .allow(FailureKind::Unstable)
        .allow(FailureKind::MemoryDependent)
        .run()
}

fn found(report: &Report) -> Vec<(FailureKind, &str)> {
    let findings = report.findings.iter();
    findings.map(|finding| (finding.kind, &*finding.about)).collect()
}

#[test]
fn two_that_are_one_to_the_lease_are_found() {
    let report = swept(["replica", "replica"], Work::Fenced);
    let finding = &report.findings[0];
    assert_eq!(
        (finding.kind, &*finding.about),
        (
            FailureKind::SharedIdentity,
            "leases.coordination.k8s.io default/operator"
        ),
        "{finding}"
    );
    assert!(finding.injections.is_empty(), "{finding}");
    assert!(
        finding.details[0].contains("controller and second both hold default/operator as `replica`"),
        "{finding}"
    );
}

#[test]
fn who_goes_on_without_the_lease_is_found() {
    let report = swept(["first", "second"], Work::Unfenced);
    assert_eq!(
        found(&report),
        [(FailureKind::WriteWithoutLease, "configmaps default/two")],
        "{report}"
    );
    let finding = &report.findings[0];
    assert!(finding.injections.len() == 1, "{finding}");
    assert!(
        finding.details[0].contains("sent although default/operator was held by `second`"),
        "{finding}"
    );
}

#[test]
fn what_is_fenced_or_under_way_or_not_the_leaders_is_no_mistake() {
    for work in [Work::Fenced, Work::TellsItself] {
        let report = swept(["first", "second"], work);
        assert_eq!(found(&report), [], "{}\n{report}", report.findings[0]);
        assert!(
            report.faults.keys().any(|fault| fault.contains("paused")),
            "{:?}",
            report.faults
        );
    }
}
