//! What callers rely on without calling anything.

use futures::Stream;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use seatrial_client::{
    Api, Client, Config, Discovery, Env, Error, Result,
    api::{
        ApiResource, DynamicObject, EvictParams, ListParams, LogParams, Patch, PatchParams, PostParams,
        WatchEvent, WatchParams,
    },
    client::{Body, ClientBuilder},
    config::MemoryHost,
    discovery::Scope,
    env::{Rng, Sleep},
};

use crate::support::{chain, pair};

fn anywhere<T: Send + Sync + 'static>() {}

fn sent<T: Send>(value: T) -> T {
    value
}

#[test]
fn handles_can_go_anywhere() {
    anywhere::<Client>();
    anywhere::<Api<Pod>>();
    anywhere::<Api<std::rc::Rc<()>>>();
    anywhere::<Env>();
    anywhere::<Rng>();
    anywhere::<Error>();
    anywhere::<Discovery>();
    fn movable<T: Send + Unpin + 'static>() {}
    movable::<Sleep>();
    movable::<Body>();
}

/// The futures of all calls can be spawned.
#[allow(dead_code, reason = "it is enough that it compiles")]
fn calls_can_be_spawned(client: Client, api: Api<Pod>, pod: &Pod) {
    let patch = Patch::Apply(pod);
    drop(sent(api.get("a")));
    drop(sent(api.list(&ListParams::default())));
    drop(sent(api.list_all(&ListParams::default())));
    drop(sent(api.list_stream(&ListParams::default())));
    drop(sent(api.create(&PostParams::default(), pod)));
    drop(sent(api.patch("a", &PatchParams::default(), &patch)));
    drop(sent(api.watch(&WatchParams::default(), "1")));
    drop(sent(api.modify("a", &PostParams::default(), |_| {})));
    drop(sent(api.entry("a")));
    drop(sent(api.evict("a", &EvictParams::default())));
    drop(sent(api.logs("a", &LogParams::default())));
    drop(sent(Discovery::new(client).run()));
}

/// The streams of an `Api` outlive it.
#[allow(dead_code, reason = "it is enough that it compiles")]
async fn streams_borrow_nothing(
    client: Client,
) -> Result<(
    impl Stream<Item = Result<WatchEvent<Pod>>>,
    impl futures::AsyncBufRead,
    impl Stream<Item = Result<Pod>>,
)> {
    let api: Api<Pod> = Api::all(client);
    let name = String::from("a");
    Ok((
        api.watch(&WatchParams::default(), "1").await?,
        api.log_stream(&name, &LogParams::default()).await?,
        api.list_stream(&ListParams::default()),
    ))
}

fn widgets() -> ApiResource {
    ApiResource {
        group: "example.com".to_owned(),
        version: "v1".to_owned(),
        api_version: "example.com/v1".to_owned(),
        kind: "Widget".to_owned(),
        plural: "widgets".to_owned(),
    }
}

#[tokio::test]
async fn an_api_knows_its_path() {
    let (client, _server) = pair();
    let client = client.with_default_namespace("home");
    let all: Api<ConfigMap> = Api::all(client.clone());
    assert_eq!(
        (all.resource_url(), all.namespace()),
        ("/api/v1/configmaps", None)
    );
    let home: Api<ConfigMap> = Api::default_namespaced(client.clone());
    assert_eq!(
        (home.resource_url(), home.namespace()),
        ("/api/v1/namespaces/home/configmaps", Some("home"))
    );

    let apps: Api<DynamicObject> = Api::namespaced_with(client.clone(), "apps", &widgets());
    assert_eq!(
        apps.resource_url(),
        "/apis/example.com/v1/namespaces/apps/widgets"
    );
    let home: Api<DynamicObject> = Api::default_namespaced_with(client.clone(), &widgets());
    assert_eq!(
        home.resource_url(),
        "/apis/example.com/v1/namespaces/home/widgets"
    );
    assert_eq!(
        format!("{home:?}"),
        r#"Api { url: "/apis/example.com/v1/namespaces/home/widgets", namespace: Some("home"), .. }"#
    );
    assert_eq!(home.into_client().default_namespace(), "home");
}

#[tokio::test]
async fn an_api_can_be_moved_between_namespaces() {
    let (client, _server) = pair();
    let api: Api<ConfigMap> = Api::namespaced(client.clone(), "apps");
    let api = api.unconstrain();
    assert_eq!(
        (api.resource_url(), api.namespace()),
        ("/api/v1/configmaps", None)
    );
    let api = api.constrain("other");
    assert_eq!(api.resource_url(), "/api/v1/namespaces/other/configmaps");
    let api = api.constrain_default();
    assert_eq!(api.resource_url(), "/api/v1/namespaces/default/configmaps");
    assert_eq!(api.constrain("").resource_url(), "/api/v1/configmaps");

    let namespaced: Api<DynamicObject> = Api::dynamic(client.clone(), &widgets(), &Scope::Namespaced);
    assert_eq!(namespaced.resource_url(), "/apis/example.com/v1/widgets");
    assert_eq!(
        namespaced.constrain("apps").resource_url(),
        "/apis/example.com/v1/namespaces/apps/widgets"
    );
    let cluster: Api<DynamicObject> = Api::dynamic(client, &widgets(), &Scope::Cluster);
    assert_eq!(
        cluster.constrain("apps").resource_url(),
        "/apis/example.com/v1/widgets"
    );
}

#[tokio::test]
async fn a_builder_adds_layers_and_an_environment() {
    let service = tower::service_fn(async |request: http::Request<Body>| {
        let header = request.headers().get("x-layer").cloned();
        Ok::<_, std::convert::Infallible>(http::Response::new(Body::from(
            header
                .map(|header| header.as_bytes().to_vec())
                .unwrap_or_default(),
        )))
    });
    let layer = tower::util::MapRequestLayer::new(|mut request: http::Request<Body>| {
        request
            .headers_mut()
            .insert("x-layer", http::HeaderValue::from_static("seen"));
        request
    });
    let epoch = "2026-01-01T00:00:00Z".parse().unwrap();
    let client = ClientBuilder::new(service, "home")
        .with_layer(&layer)
        .with_env(Env::seeded(1, epoch))
        .with_valid_until(Some(epoch))
        .build();
    assert_eq!(
        client
            .request_text(http::Request::get("/").body(vec![]).unwrap())
            .await
            .unwrap(),
        "seen"
    );
    assert_eq!(client.default_namespace(), "home");
    assert_eq!(client.env().rng("x"), Env::seeded(1, epoch).rng("x"));
    assert_eq!(client.valid_until(), &Some(epoch));
}

#[tokio::test]
async fn a_client_without_configuration_says_what_to_do() {
    let error = Config::infer_on(MemoryHost::new()).await.unwrap_err();
    insta::assert_snapshot!(chain(&Error::from(error)), @r"
    no configuration was found
      because: no cluster was found; not in a cluster (KUBERNETES_SERVICE_HOST is not set: this is not a pod, or its environment was cleared), and no usable kubeconfig
      because: there is no kubeconfig: neither KUBECONFIG nor the home directory is set
    ");
}
