//! One controller, tested four ways: a unit test, a snapshot, random scenarios, a sweep.
//!
//! Each [`Banner`] gets a ConfigMap with its text in capitals, and a status that says for which generation. `docs/testing-a-controller.md` tells
//! what each kind of test is good for; the tests are at the end of this file.
//!
//! `cargo run -p examples --example side_by_side`

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use examples::Say;
use futures::StreamExt as _;
use k8s_openapi::api::core::v1::ConfigMap;
use schemars::JsonSchema;
use seatrial::{
    Api, Client, CustomResource, Resource as _, ResourceExt as _,
    api::{ObjectMeta, Patch, PatchParams, PostParams},
    runtime::{Controller, controller::Action, watcher},
    testkit::FakeCluster,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What a user asks for.
#[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "examples.seatrial.dev", version = "v1", kind = "Banner", namespaced)]
#[kube(status = "BannerStatus")]
struct BannerSpec {
    /// The words.
    text: String,
}

/// What the controller has seen to.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
struct BannerStatus {
    /// The generation that the ConfigMap shows.
    observed_generation: Option<i64>,
}

struct Context {
    client: Client,
    say: Say,
}

fn main() -> Result<()> {
    examples::start(banners, play)
}

/// The controller, as production runs it.
async fn banners(client: Client, say: Say) -> Result<()> {
    run(client, say).await;
    Ok(())
}

async fn run(client: Client, say: Say) {
    Controller::new(Api::<Banner>::all(client.clone()), watcher::Config::default())
        .owns(Api::<ConfigMap>::all(client.clone()), watcher::Config::default())
        .run(reconcile, retry, Arc::new(Context { client, say }))
        .for_each(|_| async {})
        .await;
}

async fn reconcile(banner: Arc<Banner>, ctx: Arc<Context>) -> Result<Action, seatrial::Error> {
    let (name, namespace) = (banner.name_any(), banner.namespace().unwrap_or_default());
    let banners: Api<Banner> = Api::namespaced(ctx.client.clone(), &namespace);
    let configs: Api<ConfigMap> = Api::namespaced(ctx.client.clone(), &namespace);
    let wanted = config_map(&banner);
    let is_there = configs.get_opt(&name).await?.is_some_and(|found| {
        found.data == wanted.data && found.owner_references() == wanted.owner_references()
    });
    if !is_there {
        // The cache may be behind. What is made for an owner that is gone is collected at once, and would be made again at once, for
        // as long as the cache holds that owner: the random scenarios below found this.
        let owner = banners.get_opt(&name).await?;
        if owner.and_then(|owner| owner.uid()) != banner.uid() {
            return Ok(Action::await_change());
        }
        let ours = PatchParams::apply("banners").force();
        configs.patch(&name, &ours, &Patch::Apply(&wanted)).await?;
        ctx.say.line(format!("{name} is shown"));
    }
    let status = BannerStatus {
        observed_generation: banner.meta().generation,
    };
    if banner.status.as_ref() != Some(&status) {
        // The version makes it a conflict if somebody changed the banner meanwhile: the next reconcile sees what it is now.
        let patch = Patch::Merge(json!({
            "metadata": {"resourceVersion": banner.resource_version()},
            "status": status,
        }));
        banners
            .patch_status(&name, &PatchParams::default(), &patch)
            .await?;
    }
    Ok(Action::await_change())
}

fn retry(_: Arc<Banner>, _: &seatrial::Error, _: Arc<Context>) -> Action {
    Action::requeue(Duration::from_secs(1))
}

/// The ConfigMap that a Banner should have: pure, so that it needs no cluster to be tested.
fn config_map(banner: &Banner) -> ConfigMap {
    ConfigMap {
        metadata: ObjectMeta {
            name: banner.meta().name.clone(),
            owner_references: banner.controller_owner_ref(&()).map(|owner| vec![owner]),
            ..ObjectMeta::default()
        },
        data: Some([("banner.txt".to_owned(), banner.spec.text.to_uppercase())].into()),
        ..ConfigMap::default()
    }
}

async fn play(cluster: FakeCluster) -> Result<()> {
    use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
    use seatrial::CustomResourceExt as _;

    let definitions: Api<CustomResourceDefinition> = Api::all(cluster.client());
    definitions.create(&PostParams::default(), &Banner::crd()).await?;
    // A watch that began before the kind was there tries again by itself.
    examples::settle(&cluster).await?;
    let banners: Api<Banner> = Api::default_namespaced(cluster.client());
    let hello = Banner::new(
        "hello",
        BannerSpec {
            text: "hello".to_owned(),
        },
    );
    banners.create(&PostParams::default(), &hello).await?;
    examples::settle(&cluster).await
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use seatrial::testkit::{
        FailureKind, FakeClusterBuilder, Sweep,
        scenario::{Scenario, Subject, Trial},
    };

    use super::*;

    const HELLO: &str =
        "{apiVersion: examples.seatrial.dev/v1, kind: Banner, metadata: {name: hello}, spec: {text: hello}}";

    fn cluster() -> FakeClusterBuilder {
        FakeCluster::builder().crd::<Banner>()
    }

    async fn controller(client: Client) {
        run(client, Say::default()).await;
    }

    /// A pure function needs no cluster at all.
    #[test]
    fn the_text_is_in_capitals() {
        let banner = Banner::new(
            "a",
            BannerSpec {
                text: "hello".to_owned(),
            },
        );
        assert_eq!(config_map(&banner).data.unwrap()["banner.txt"], "HELLO");
    }

    /// A unit test: one thing happens, and one thing is looked at.
    #[tokio::test(start_paused = true)]
    async fn a_config_map_that_others_break_is_repaired() {
        let cluster = cluster().yaml(HELLO).build().unwrap();
        let running = tokio::spawn(controller(cluster.client()));
        cluster.settle().await.unwrap();

        let configs: Api<ConfigMap> = Api::default_namespaced(cluster.client());
        let vandal = Patch::Merge(json!({"data": {"banner.txt": "gone"}}));
        configs
            .patch("hello", &PatchParams::default(), &vandal)
            .await
            .unwrap();
        let broken = cluster.state();
        cluster.settle().await.unwrap();

        assert_eq!(
            broken.diff(&cluster.state()).to_string(),
            "~ ConfigMap default/hello\n    data[\"banner.txt\"]: \"gone\" → \"HELLO\"\n",
        );
        // And then it rests.
        let seen = cluster.requests().len();
        cluster.env().sleep(Duration::from_secs(3600)).await;
        cluster.requests().after(seen).expect_no_writes();
        running.abort();
    }

    /// A snapshot: everything that there is in the end, reviewed once and compared from then on.
    #[tokio::test(start_paused = true)]
    async fn the_end_is_as_reviewed() {
        let cluster = cluster().yaml(HELLO).build().unwrap();
        let running = tokio::spawn(controller(cluster.client()));
        cluster.settle().await.unwrap();
        // This test is also one of another binary, whose module has a longer path.
        insta::with_settings!({ prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!("side_by_side", cluster.dump());
        });
        running.abort();
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

        /// Random scenarios: whatever comes between the controller and its watches, it ends where it ends without.
        #[test]
        fn whatever_the_watches_meet_it_ends_the_same(scenario in any::<Scenario>()) {
            let subject = Subject::new(HELLO).unwrap().change("{spec: {text: goodbye}}").unwrap();
            Trial::of_controller(controller, subject.crd::<Banner>().unwrap()).run(&scenario)?;
        }
    }

    /// What is swept: banners of which one is edited and one deleted, and ConfigMaps of which one is spoiled and one taken from its banner.
    pub(super) fn sweep() -> Sweep {
        let banner = |name: &str, text: &str| {
            format!(
                "{{apiVersion: examples.seatrial.dev/v1, kind: Banner, metadata: {{name: {name}}}, spec: {{text: {text}}}}}"
            )
        };
        seatrial::testkit::sweep(controller)
            .crd::<Banner>()
            .deny(FailureKind::MadeForNobody)
            // A faulted run must end as those without faults do; this says that these end as they should.
            .eventually("each banner is shown, and no other", |view| {
                let configs = view.list("configmaps");
                let configs = configs
                    .iter()
                    .filter(|config| config["metadata"]["namespace"] == "default");
                let shown: Vec<_> = configs
                    .map(|config| (&config["metadata"]["name"], &config["data"]["banner.txt"]))
                    .map(|(name, text)| (name.clone(), text.clone()))
                    .collect();
                let are_observed = view
                    .list("banners.examples.seatrial.dev")
                    .iter()
                    .all(|banner| banner["status"]["observedGeneration"] == banner["metadata"]["generation"]);
                let wanted = [
                    (json!("edited"), json!("GOODBYE")),
                    (json!("spoiled"), json!("HELLO")),
                ];
                shown == wanted && are_observed
            })
            .scenario(|user| {
                user.apply(&banner("deleted", "hello"))
                    .apply(&banner("edited", "hello"))
                    .apply(&banner("spoiled", "hello"))
                    .apply(&banner("stripped", "hello"))
                    .settle()
                    .apply(&banner("edited", "goodbye"))
                    .patch("ConfigMap/v1 spoiled", "{data: {banner.txt: ''}}")
                    .patch("ConfigMap/v1 stripped", "{metadata: {ownerReferences: null}}")
                    .delete("Banner.examples.seatrial.dev/v1 deleted")
                    .settle()
                    .delete("Banner.examples.seatrial.dev/v1 stripped")
            })
    }

    /// A sweep: a crash, a lost answer, a rival or a cache that is behind, at every place where there can be one.
    #[test]
    fn whatever_goes_wrong_anywhere_it_ends_the_same() {
        sweep().check();
    }
}
