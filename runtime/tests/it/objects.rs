//! What reconcilers do with single objects: finalizers, and waiting.

use std::{
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::StreamExt;
use k8s_openapi::{
    api::core::v1::ConfigMap, apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
};
use seatrial_client::{
    Api, ResourceExt,
    api::{ApiResource, DeleteParams, DynamicObject, GroupVersionKind, Patch, PatchParams, PostParams},
};
use seatrial_runtime::{
    Controller,
    controller::Action,
    finalizer::{self, Event, finalizer},
    wait::{
        self, await_condition, await_condition_within, await_served, conditions, delete::delete_and_finalize,
    },
    watcher,
};
use seatrial_testkit::{
    FakeCluster,
    fault::{FlowFault, Rule, TransportFault},
};
use serde_json::json;

use crate::support::{World, for_a_while, until_quiet};

struct Ctx {
    api: Api<ConfigMap>,
    done: Mutex<Vec<String>>,
}

type Error = finalizer::Error<std::io::Error>;

async fn reconcile(object: Arc<ConfigMap>, ctx: Arc<Ctx>) -> Result<Action, Error> {
    let done = |what: &str, object: Arc<ConfigMap>| {
        ctx.done
            .lock()
            .unwrap()
            .push(format!("{what} {} {:?}", object.name_any(), object.finalizers()));
        std::future::ready(Ok(Action::await_change()))
    };
    finalizer(&ctx.api, "example.com/cleanup", object, |event| match event {
        Event::Apply(object) => done("apply", object),
        Event::Cleanup(object) => done("cleanup", object),
    })
    .await
}

fn setup(world: &World) -> (Arc<Ctx>, Controller<ConfigMap>) {
    let api = world.api::<ConfigMap>();
    let controller = Controller::new(api.clone(), watcher::Config::default());
    (
        Arc::new(Ctx {
            api,
            done: Mutex::default(),
        }),
        controller,
    )
}

#[tokio::test(start_paused = true)]
async fn a_finalizer_comes_before_the_work_and_goes_after_the_clean_up() {
    let world = World::new(1);
    world.create("a").await;
    let (ctx, controller) = setup(&world);
    let mut stream = pin!(controller.run_with_backoff(reconcile, ctx.clone()));
    until_quiet(&world.env, &mut stream).await;
    assert_eq!(*ctx.done.lock().unwrap(), [r#"apply a ["example.com/cleanup"]"#]);
    world.delete("a").await;
    assert!(
        world.server.get("configmaps", "default", "a").is_some(),
        "held by its finalizer"
    );
    until_quiet(&world.env, &mut stream).await;
    assert_eq!(
        ctx.done.lock().unwrap()[1..],
        [r#"cleanup a ["example.com/cleanup"]"#]
    );
    assert!(world.server.get("configmaps", "default", "a").is_none());
}

#[tokio::test(start_paused = true)]
async fn regression_13_two_controllers_do_not_double_the_finalizer() {
    let world = World::new(1);
    world.create("a").await;
    let ((one_ctx, one), (two_ctx, two)) = (setup(&world), setup(&world));
    let one = one.run_with_backoff(reconcile, one_ctx);
    let two = two.run_with_backoff(reconcile, two_ctx);
    let mut both = pin!(futures::stream::select(one, two));
    for_a_while(&world.env, 30, &mut both).await;
    let object = world.server.get("configmaps", "default", "a").unwrap();
    assert_eq!(
        object["metadata"]["finalizers"],
        serde_json::json!(["example.com/cleanup"])
    );
}

#[tokio::test(start_paused = true)]
async fn other_finalizers_stay() {
    let world = World::new(1);
    world.create("a").await;
    let (ctx, controller) = setup(&world);
    let foreign = Patch::Merge(serde_json::json!({"metadata": {"finalizers": ["example.com/first"]}}));
    ctx.api
        .patch("a", &PatchParams::default(), &foreign)
        .await
        .unwrap();
    let mut stream = pin!(controller.run_with_backoff(reconcile, ctx.clone()));
    until_quiet(&world.env, &mut stream).await;
    world.delete("a").await;
    until_quiet(&world.env, &mut stream).await;
    let object = world.server.get("configmaps", "default", "a").unwrap();
    assert_eq!(
        object["metadata"]["finalizers"],
        serde_json::json!(["example.com/first"])
    );
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_none_is_refused_before_anything_is_asked() {
    let world = World::new(1);
    let object = Arc::new(world.create("a").await);
    let never =
        |_| -> std::future::Ready<Result<Action, std::io::Error>> { unreachable!("nothing to reconcile") };
    let outcome = finalizer(&world.api(), "not a name", object, never).await;
    assert!(matches!(outcome, Err(finalizer::Error::InvalidFinalizer)));
    assert!(world.log("").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_condition_is_waited_for_through_faults() {
    let world = World::new(1);
    world.disturb("GET", 2, TransportFault::Refused);
    let has_value = |object: Option<&ConfigMap>| object.is_some_and(|object| object.data.is_some());
    let waiting = await_condition(world.api::<ConfigMap>(), "a", has_value);
    let script = async {
        world.env.sleep(Duration::from_secs(10)).await;
        world.create("a").await;
        world.env.sleep(Duration::from_secs(10)).await;
        world.touch("a", "1").await;
    };
    let (object, ()) = futures::future::join(waiting, script).await;
    assert_eq!(object.unwrap().unwrap().data.unwrap()["value"], "1");
    assert_eq!(world.now().as_secs(), 20);
}

#[tokio::test(start_paused = true)]
async fn waiting_can_have_an_end() {
    let world = World::new(1);
    let timeout = Duration::from_secs(30);
    let before = world.now();
    let outcome =
        await_condition_within(world.api::<ConfigMap>(), "a", conditions::is_created(), timeout).await;
    assert!(matches!(outcome, Err(wait::Error::TimedOut(limit)) if limit == timeout));
    assert_eq!(world.now() - before, timeout);
}

#[tokio::test(start_paused = true)]
async fn deleting_to_the_end_waits_for_the_finalizers() {
    let world = World::new(1);
    world.create("a").await;
    let (ctx, controller) = setup(&world);
    let mut stream = pin!(controller.run_with_backoff(reconcile, ctx.clone()));
    until_quiet(&world.env, &mut stream).await;
    let running = stream.for_each(|_| std::future::ready(()));
    let options = DeleteParams::default();
    let deleting = delete_and_finalize(world.api::<ConfigMap>(), "a", &options);
    match futures::future::select(pin!(running), pin!(deleting)).await {
        futures::future::Either::Right((outcome, _)) => outcome.unwrap(),
        futures::future::Either::Left(((), _)) => panic!("a controller does not end"),
    }
    assert!(world.server.get("configmaps", "default", "a").is_none());

    // Nobody holds this one: the server answers with a status.
    world.create("b").await;
    delete_and_finalize(world.api::<ConfigMap>(), "b", &DeleteParams::default())
        .await
        .unwrap();
    let missing = delete_and_finalize(world.api::<ConfigMap>(), "b", &DeleteParams::default()).await;
    assert!(matches!(missing, Err(wait::delete::Error::Delete(error)) if error.is_not_found()));
}

#[tokio::test(start_paused = true)]
async fn a_kind_is_waited_for_until_it_is_served() {
    let cluster = FakeCluster::new();
    let (client, env) = (cluster.client(), cluster.env().clone());
    let things = ApiResource::from_gvk(&GroupVersionKind::gvk("example.com", "v1", "Thing"));
    let crd: CustomResourceDefinition = serde_json::from_value(json!({
        "metadata": {"name": "things.example.com"},
        "spec": {
            "group": "example.com", "scope": "Namespaced",
            "names": {"kind": "Thing", "plural": "things"},
            "versions": [{"name": "v1", "served": true, "storage": true,
                          "schema": {"openAPIV3Schema": {"type": "object"}}}],
        },
    }))
    .unwrap();
    let timeout = Duration::from_secs(60);
    // Nobody makes it.
    let outcome = await_served(&client, &things, timeout).await;
    assert!(matches!(outcome, Err(wait::Error::TimedOut(limit)) if limit == timeout));
    // Somebody does, and then the server is away for a while.
    let script = async {
        env.sleep(Duration::from_secs(20)).await;
        let crds = Api::<CustomResourceDefinition>::all(client.clone());
        let refused = Rule::new(TransportFault::Refused)
            .on("/apis/example.com")
            .times(2);
        cluster.faults().inject(refused);
        crds.create(&PostParams::default(), &crd).await.unwrap();
    };
    let began = env.monotonic();
    let (outcome, ()) = futures::future::join(await_served(&client, &things, timeout), script).await;
    outcome.unwrap();
    assert!(env.monotonic() - began < Duration::from_secs(45));
    Api::<DynamicObject>::default_namespaced_with(client.clone(), &things)
        .create(&PostParams::default(), &DynamicObject::new("a", &things))
        .await
        .unwrap();
    let core = ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", "Pod"));
    await_served(&client, &core, timeout).await.unwrap();
    // What waiting does not help against is told at once.
    cluster
        .faults()
        .inject(Rule::new(FlowFault::Forbidden).on("/apis/example.com"));
    let before = env.monotonic();
    let outcome = await_served(&client, &things, timeout).await;
    assert!(matches!(outcome, Err(wait::Error::DiscoveryFailed(error)) if error.is_forbidden()));
    assert_eq!(env.monotonic(), before);
}
