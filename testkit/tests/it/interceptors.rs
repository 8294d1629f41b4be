//! Hooks on requests: each verb, what each can do, and how they go together with one another and with faults.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use seatrial_client::{
    Api, Client, Error,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams},
};
use seatrial_testkit::{
    FakeCluster,
    fault::{Rule, TransportFault},
    interceptor::{Answer, Interceptor, reset},
    sim::{Verb, View},
};
use serde_json::{Value, json};

fn config_map(name: &str) -> ConfigMap {
    serde_json::from_value(json!({ "metadata": { "name": name } })).unwrap()
}

fn cluster() -> FakeCluster {
    FakeCluster::builder()
        .yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {key: one}}")
        .build()
        .unwrap()
}

/// A client that asks once.
fn configs(cluster: &FakeCluster) -> Api<ConfigMap> {
    Api::default_namespaced(cluster.client().with_retry(None))
}

fn code<T>(result: Result<T, Error>) -> u16 {
    match result {
        Ok(_) => 200,
        Err(Error::Api(status)) => status.code,
        Err(error) => panic!("no status: {error}"),
    }
}

#[tokio::test(start_paused = true)]
async fn each_verb_has_its_own() {
    let verbs = [
        Interceptor::get(),
        Interceptor::list(),
        Interceptor::watch(),
        Interceptor::create(),
        Interceptor::update(),
        Interceptor::patch(),
        Interceptor::delete(),
        Interceptor::delete_collection(),
    ];
    for (taken, interceptor) in verbs.into_iter().enumerate() {
        let cluster = cluster();
        cluster.intercept(
            interceptor
                .of::<ConfigMap>()
                .fail(418, "Teapot", "short and stout"),
        );
        let api = configs(&cluster);
        let patch = Patch::Merge(json!({"data": {"key": "two"}}));
        let codes = [
            code(api.get("a").await),
            code(api.list(&ListParams::default()).await),
            code(api.watch(&WatchParams::default(), "0").await.map(drop)),
            code(api.create(&PostParams::default(), &config_map("b")).await),
            code(api.replace("a", &PostParams::default(), &config_map("a")).await),
            code(api.patch("a", &PatchParams::default(), &patch).await),
            code(api.delete("a", &DeleteParams::default()).await.map(drop)),
            code(
                api.delete_collection(&DeleteParams::default(), &ListParams::default())
                    .await
                    .map(drop),
            ),
        ];
        let expect: Vec<u16> = (0..8)
            .map(|place| if place == taken { 418 } else { 200 })
            .collect();
        assert_eq!(codes.to_vec(), expect);
    }
}

#[tokio::test(start_paused = true)]
async fn requests_are_chosen_by_what_they_are_about() {
    let cluster = cluster();
    let fail =
        |interceptor: Interceptor| cluster.intercept(interceptor.fail(503, "ServiceUnavailable", "no"));
    let api = configs(&cluster);
    let secrets: Api<Secret> = Api::default_namespaced(cluster.client().with_retry(None));

    let id = fail(Interceptor::any().of::<ConfigMap>());
    assert_eq!(
        (code(api.get_opt("a").await), code(secrets.get_opt("a").await)),
        (503, 200)
    );
    cluster.withdraw(id);
    let id = fail(Interceptor::any().named("b"));
    assert_eq!(
        (code(api.get_opt("a").await), code(api.get_opt("b").await)),
        (200, 503)
    );
    assert_eq!(
        code(api.create(&PostParams::default(), &config_map("b")).await),
        503
    );
    cluster.withdraw(id);
    let id = fail(Interceptor::any().namespace("kube-system"));
    let elsewhere: Api<ConfigMap> = Api::namespaced(cluster.client().with_retry(None), "kube-system");
    assert_eq!(
        (code(api.get_opt("a").await), code(elsewhere.get_opt("a").await)),
        (200, 503)
    );
    cluster.withdraw(id);
    let id = fail(Interceptor::get().skip(1).times(2));
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(code(api.get_opt("a").await));
    }
    assert_eq!(codes, [200, 503, 503, 200]);
    cluster.withdraw(id);
    fail(Interceptor::any().resource("configmaps/status"));
    assert_eq!(code(api.get_opt("a").await), 200);
}

#[tokio::test(start_paused = true)]
async fn answers_can_be_late_other_or_lost() {
    let cluster = cluster();
    let api = configs(&cluster);
    let slow = cluster.intercept(Interceptor::get().delay(Duration::from_secs(3)));
    let before = cluster.env().monotonic();
    api.get("a").await.unwrap();
    assert_eq!(cluster.env().monotonic() - before, Duration::from_secs(3));
    cluster.withdraw(slow);

    let edited = cluster.intercept(Interceptor::get().edit(|object| object["data"]["key"] = "edited".into()));
    assert_eq!(api.get("a").await.unwrap().data.unwrap()["key"], "edited");
    assert!(api.get_opt("absent").await.unwrap().is_none(), "errors pass");
    cluster.withdraw(edited);

    // The server makes it, and nobody hears of it.
    cluster.intercept(Interceptor::create().times(1).run(|call| async move {
        call.proceed().await?;
        Err(reset())
    }));
    api.create(&PostParams::default(), &config_map("lost"))
        .await
        .unwrap_err();
    assert!(api.get_opt("lost").await.unwrap().is_some());
    // The server never hears of it.
    cluster.intercept(Interceptor::create().times(1).disconnect());
    api.create(&PostParams::default(), &config_map("never"))
        .await
        .unwrap_err();
    assert!(api.get_opt("never").await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn events_of_a_watch_are_edited_one_by_one() {
    let cluster = cluster();
    cluster.intercept(
        Interceptor::watch().edit(|event| event["object"]["metadata"]["labels"] = json!({"seen": "yes"})),
    );
    let mut events = configs(&cluster)
        .watch(&WatchParams::default(), "0")
        .await
        .unwrap()
        .boxed();
    let mut labelled = 0;
    // The config map, and that of the cluster's own authorities.
    for name in ["b", "c"] {
        configs(&cluster)
            .create(&PostParams::default(), &config_map(name))
            .await
            .unwrap();
    }
    while labelled < 3 {
        if let WatchEvent::Added(object) = events.next().await.unwrap().unwrap() {
            assert_eq!(object.metadata.labels.unwrap()["seen"], "yes");
            labelled += 1;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_can_be_read_changed_and_preceded_by_others() {
    let cluster = cluster();
    let api = configs(&cluster);
    cluster.intercept(Interceptor::patch().of::<ConfigMap>().run(|mut call| async move {
        assert_eq!(
            (call.verb(), call.resource().as_str()),
            (Verb::Patch, "configmaps")
        );
        assert_eq!(
            (call.namespace().as_deref(), call.name().as_deref()),
            (Some("default"), Some("a"))
        );
        assert!(call.path().ends_with("/configmaps/a"), "{}", call.path());
        // Somebody else was there first; this client is not intercepted.
        let rival: Api<ConfigMap> = Api::default_namespaced(call.client());
        let patch = Patch::Merge(json!({"data": {"rival": "yes"}}));
        rival.patch("a", &PatchParams::default(), &patch).await?;
        let mut body = call.body();
        body["data"]["more"] = "yes".into();
        call.set_body(&body);
        let (code, object) = call.proceed().await?.read().await?;
        assert_eq!(code, 200);
        Ok(Answer::json(code, &object))
    }));
    let patch = Patch::Merge(json!({"data": {"key": "two"}}));
    let params = PatchParams::default();
    let data = api.patch("a", &params, &patch).await.unwrap().data.unwrap();
    assert_eq!(
        serde_json::to_value(data).unwrap(),
        json!({"key": "two", "more": "yes", "rival": "yes"})
    );
    cluster.requests().verb(Verb::Patch).expect_count(2);
}

#[tokio::test(start_paused = true)]
async fn the_first_is_asked_first_and_faults_come_after_all() {
    let cluster = cluster();
    let asked = Arc::new(AtomicUsize::new(0));
    for place in 0..2 {
        let asked = asked.clone();
        cluster.intercept(Interceptor::get().run(move |call| {
            assert_eq!(asked.fetch_add(1, Ordering::SeqCst) % 2, place);
            call.proceed()
        }));
    }
    let api = configs(&cluster);
    api.get("a").await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    cluster
        .faults()
        .inject(Rule::new(TransportFault::Refused).times(1));
    api.get("a").await.unwrap_err();
    assert_eq!(asked.load(Ordering::SeqCst), 4);
    // What is answered on the way meets no fault, and is not in the log.
    let seen = cluster.requests().len();
    cluster
        .faults()
        .inject(Rule::new(TransportFault::Refused).times(1));
    cluster.intercept(
        Interceptor::list()
            .run(|_| async { Ok(Answer::status(429, "TooManyRequests", "slow down").retry_after(7)) }),
    );
    let error = api.list(&ListParams::default()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(
        (cluster.requests().len(), cluster.faults().happened().len()),
        (seen, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn the_clients_own_retries_are_under_test() {
    let cluster = cluster();
    cluster.intercept(
        Interceptor::get()
            .times(2)
            .run(|_| async { Ok(Answer::status(429, "TooManyRequests", "slow down").retry_after(1)) }),
    );
    let api: Api<ConfigMap> = Api::default_namespaced(cluster.client());
    assert!(api.get("a").await.is_ok());
    assert!(cluster.env().monotonic() >= Duration::from_secs(2));
    let answer = Answer::json(9999, &Value::Null);
    assert_eq!(answer.code(), 500);
}

#[test]
fn the_processes_of_a_simulation_have_them_too() {
    let mut world = seatrial_testkit::sweep(|client: Client| async move {
        let configs = Api::<ConfigMap>::default_namespaced(client.with_retry(None));
        for name in ["a", "b", "c"] {
            let made: ConfigMap = serde_json::from_value(json!({"metadata": {"name": name}})).unwrap();
            let _ = configs.create(&PostParams::default(), &made).await;
        }
        std::future::pending::<()>().await;
    })
    .intercept(
        Interceptor::create()
            .skip(1)
            .times(1)
            .fail(403, "Forbidden", "not this one"),
    )
    .intercept(Interceptor::create().named("c").run(|mut call| async move {
        call.sleep(std::time::Duration::from_secs(30)).await;
        let mut body = call.body();
        body["data"] = json!({"late": "yes"});
        call.set_body(&body);
        call.proceed().await
    }))
    .simulation();
    assert!(world.settle());
    let names = |view: View<'_>| -> Vec<String> {
        let own = view
            .list("configmaps")
            .into_iter()
            .filter(|c| c["metadata"]["namespace"] == "default");
        own.map(|c| c["metadata"]["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(world.view()), ["a", "c"]);
    assert_eq!(
        world.view().get("configmaps", "default", "c").unwrap()["data"]["late"],
        "yes"
    );
    // What is counted was counted before the crash.
    world.crash("controller");
    assert!(world.settle());
    assert_eq!(names(world.view()), ["a", "b", "c"]);
}
