//! Keys split among replicas: each works on its share, and hands over or takes over when another one comes, ends or crashes.
//!
//! Each Namespace with the label `isolated=yes` gets a NetworkPolicy that lets nothing in.
//!
//! `cargo run -p examples --example shards` runs three replicas, of which one comes later and one ends early.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use examples::Say;
use futures::future;
use k8s_openapi::api::{
    core::v1::Namespace,
    networking::v1::{NetworkPolicy, NetworkPolicySpec},
};
use seatrial::{
    Api, Client, ResourceExt as _,
    api::{DeleteParams, ObjectMeta, Patch, PatchParams, PostParams},
    runtime::{
        Controller, controller::Action, lease::Shards, manager::Manager, reflector::ObjectRef, watcher,
    },
    testkit::FakeCluster,
};
use serde_json::json;

/// What the policies are called.
const POLICY: &str = "examples-isolated";

/// Into how many shards the namespaces are split: some times as many as there will be replicas, so that each has about as many.
const SHARDS: usize = 8;

struct Context {
    client: Client,
    name: &'static str,
    say: Say,
}

fn main() -> Result<()> {
    examples::start(replicas, play)
}

/// Three replicas of the process; in a cluster these would be three pods.
async fn replicas(client: Client, say: Say) -> Result<()> {
    let env = client.env().clone();
    let after = |secs| env.sleep(Duration::from_secs(secs));
    let first = replica(client.clone(), say.clone(), "first", SHARDS, after(60));
    let second = replica(client.clone(), say.clone(), "second", SHARDS, future::pending());
    let third = async {
        after(20).await;
        replica(client.clone(), say.clone(), "third", SHARDS, future::pending()).await
    };
    future::try_join3(first, second, third).await.map(drop)
}

/// One replica, until `stop`. All of them must be told the same number of shards.
async fn replica(
    client: Client,
    say: Say,
    name: &'static str,
    count: usize,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let shards = Shards::new(client.clone(), "default", "examples-shards", name, count);
    let context = Arc::new(Context {
        // No write is sent by who holds no shard. That a shard changed hands meanwhile is seen by who reconciles: the run ends at once.
        client: shards.leadership().fence(&client),
        name,
        say: say.clone(),
    });
    // All replicas watch everything, so that whoever gains a shard knows its objects already.
    let namespaces = Controller::new(Api::<Namespace>::all(client.clone()), watcher::Config::default())
        .watches(
            Api::<NetworkPolicy>::all(client.clone()),
            watcher::Config::default().fields(&format!("metadata.name={POLICY}")),
            |policy| policy.namespace().map(|namespace| ObjectRef::new(&namespace)),
        );
    Manager::new(&client)
        .with_shards(shards)
        .controller("namespaces", namespaces, move |controller| {
            controller.run_with_backoff(isolate, context)
        })
        .shutdown_on(stop)
        .run()
        .await?;
    say.line(format!("{name} ends"));
    Ok(())
}

/// Gives a namespace its policy, or takes it away.
async fn isolate(namespace: Arc<Namespace>, ctx: Arc<Context>) -> Result<Action, seatrial::Error> {
    if namespace.metadata.deletion_timestamp.is_some() {
        // What is in it goes with it, and nothing can be made there any more.
        return Ok(Action::await_change());
    }
    let name = namespace.name_any();
    let policies = Api::<NetworkPolicy>::namespaced(ctx.client.clone(), &name);
    if namespace
        .labels()
        .get("isolated")
        .is_some_and(|value| value == "yes")
    {
        let policy = NetworkPolicy {
            metadata: ObjectMeta {
                name: Some(POLICY.to_owned()),
                ..ObjectMeta::default()
            },
            spec: Some(NetworkPolicySpec {
                // All pods; and no rule that would let anything in.
                pod_selector: Some(Default::default()),
                policy_types: Some(vec!["Ingress".to_owned()]),
                ..NetworkPolicySpec::default()
            }),
        };
        let ours = PatchParams::apply("examples-shards").force();
        policies.patch(POLICY, &ours, &Patch::Apply(&policy)).await?;
        ctx.say.line(format!("{} isolates {name}", ctx.name));
    } else {
        policies
            .delete_if_present(POLICY, &DeleteParams::default())
            .await?;
    }
    Ok(Action::await_change())
}

async fn play(cluster: FakeCluster) -> Result<()> {
    let namespaces = Api::<Namespace>::all(cluster.client());
    for team in TEAMS {
        let object = json!({"metadata": {"name": team, "labels": {"isolated": "yes"}}});
        let object = serde_json::from_value(object)?;
        namespaces.create(&PostParams::default(), &object).await?;
    }
    cluster.env().sleep(Duration::from_secs(120)).await;
    Ok(())
}

/// Whose namespaces there are in the embedded cluster.
const TEAMS: [&str; 9] = [
    "billing", "catalog", "checkout", "fraud", "mail", "orders", "prices", "search", "stock",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use seatrial::testkit::Sweep;

    use super::*;

    /// Replicas in worlds in each of which one thing goes wrong.
    pub(super) fn sweep() -> Sweep {
        // Each shard is a lease that is renewed every other second, and a sweep makes each of these requests fail in turn.
        let run = |name| move |client| replica(client, Say::default(), name, 3, future::pending());
        let team = |name: &str, isolated: &str| {
            format!(
                "{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}, labels: {{isolated: '{isolated}'}}}}}}"
            )
        };
        seatrial::testkit::sweep(run("first"))
            .process("second", run("second"))
            .given(&team("orders", "yes"))
            .given(&team("search", "yes"))
            .given(&team("stock", "no"))
            .eventually("whoever wants a policy has it, and nobody else", |view| {
                let namespaces = view.list("namespaces");
                let isolated = namespaces
                    .iter()
                    .filter(|namespace| namespace["metadata"]["labels"]["isolated"] == "yes");
                let wanted: Vec<_> = isolated
                    .map(|namespace| (&namespace["metadata"]["name"], json!(["Ingress"])))
                    .collect();
                let policies = view.list("networkpolicies.networking.k8s.io");
                let found: Vec<_> = policies
                    .iter()
                    .map(|policy| {
                        (
                            &policy["metadata"]["namespace"],
                            policy["spec"]["policyTypes"].clone(),
                        )
                    })
                    .collect();
                found == wanted
            })
            .scenario(|user| {
                user.settle()
                    .apply(&team("mail", "yes"))
                    .apply(&team("search", "no"))
                    .apply(&team("stock", "yes"))
                    .patch(
                        &format!("NetworkPolicy.networking.k8s.io/v1 orders/{POLICY}"),
                        "{spec: {policyTypes: [Egress]}}",
                    )
            })
            .runs_max(60)
    }

    #[test]
    fn whatever_goes_wrong_it_ends_the_same() {
        let report = sweep().run();
        assert!(report.findings.is_empty(), "{}\n{report}", report.findings[0]);
    }

    #[test]
    fn each_has_its_share_and_what_it_leaves_is_taken_over() {
        let lines = examples::simulate(replicas, play).unwrap();
        let end = lines.iter().position(|line| line == "first ends").unwrap();
        // Who worked on each last.
        let shares = |lines: &[String]| -> BTreeMap<String, String> {
            let said = lines.iter().filter_map(|line| line.split_once(" isolates "));
            said.map(|(who, team)| (team.to_owned(), who.to_owned()))
                .collect()
        };
        let of = |shares: &BTreeMap<String, String>, who: &str| {
            shares.values().filter(|held| *held == who).count()
        };
        let before = shares(&lines[..end]);
        assert!(before.keys().eq(TEAMS.iter()), "{before:?}");
        for who in ["first", "second", "third"] {
            assert!(of(&before, who) > 0, "{before:?}");
        }
        let after = shares(&lines);
        assert!(
            after.keys().eq(TEAMS.iter()) && of(&after, "first") == 0,
            "{after:?}"
        );
        // Only what changed hands was looked at again.
        let moved = shares(&lines[end..]);
        assert!(
            moved.keys().all(|team| before[team] != moved[team]),
            "{before:?} {moved:?}"
        );
    }
}
