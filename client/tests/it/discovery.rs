//! What a server serves, in both forms that it may say it in.

use seatrial_client::{
    Client, Discovery, Error,
    client::Body,
    core::{GroupVersionKind, TypeMeta},
    discovery::{ApiGroup, Scope, oneshot},
    error::DiscoveryError,
};
use serde_json::{Value, json};

use crate::support::json as answer;

/// A server that knows these documents: by path, or by path and a part of the `Accept` header.
fn server(documents: &[(&str, Value)]) -> Client {
    let documents: Vec<_> = documents
        .iter()
        .map(|(path, document)| ((*path).to_owned(), document.clone()))
        .collect();
    let service = tower::service_fn(move |request: http::Request<Body>| {
        let accept = request.headers()["accept"].to_str().unwrap().to_owned();
        let path = request.uri().path().to_owned();
        let found = documents.iter().find(|(key, _)| match key.split_once(' ') {
            Some((key, wanted)) => key == path && accept.contains(wanted),
            None => *key == path,
        });
        let response = match found {
            Some((_, document)) => answer(200, document),
            None => http::Response::builder()
                .status(404)
                .body(b"404 page not found\n".to_vec().into())
                .unwrap(),
        };
        async move { Ok::<_, std::convert::Infallible>(response) }
    });
    Client::new(service, "default")
}

fn legacy() -> Vec<(&'static str, Value)> {
    vec![
        (
            "/api",
            json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}),
        ),
        (
            "/api/v1",
            json!({
                "kind": "APIResourceList", "groupVersion": "v1", "resources": [
                    {"name": "pods", "singularName": "pod", "namespaced": true, "kind": "Pod", "verbs": ["get", "list"]},
                    {"name": "pods/eviction", "singularName": "", "namespaced": true, "group": "policy", "version": "v1",
                     "kind": "Eviction", "verbs": ["create"]},
                    {"name": "nodes", "singularName": "node", "namespaced": false, "kind": "Node", "verbs": ["get"]},
                ],
            }),
        ),
        (
            "/apis",
            json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": [
                {"name": "broken.example.com",
                 "versions": [{"groupVersion": "broken.example.com/v1", "version": "v1"}],
                 "preferredVersion": {"groupVersion": "broken.example.com/v1", "version": "v1"}},
                {"name": "autoscaling",
                 "versions": [
                     {"groupVersion": "autoscaling/v2", "version": "v2"},
                     {"groupVersion": "autoscaling/v1", "version": "v1"},
                     {"groupVersion": "autoscaling/v3beta1", "version": "v3beta1"},
                 ],
                 "preferredVersion": {"groupVersion": "autoscaling/v1", "version": "v1"}},
            ]}),
        ),
        ("/apis/autoscaling/v1", hpa("autoscaling/v1")),
        ("/apis/autoscaling/v2", hpa("autoscaling/v2")),
        (
            "/apis/autoscaling/v3beta1",
            json!({
                "kind": "APIResourceList", "groupVersion": "autoscaling/v3beta1", "resources": [
                    {"name": "plans", "singularName": "plan", "namespaced": false, "kind": "Plan", "verbs": ["list"]},
                ],
            }),
        ),
    ]
}

fn hpa(gv: &str) -> Value {
    json!({"kind": "APIResourceList", "groupVersion": gv, "resources": [
        {"name": "horizontalpodautoscalers", "singularName": "horizontalpodautoscaler", "namespaced": true,
         "kind": "HorizontalPodAutoscaler", "verbs": ["get", "list"]},
    ]})
}

fn aggregated() -> Vec<(&'static str, Value)> {
    let version = |group: &str, version: &str, plural: &str, kind: &str, scope: &str| {
        json!({"version": version, "freshness": "Current", "resources": [{
            "resource": plural, "scope": scope, "verbs": ["get", "list"],
            "responseKind": {"group": group, "version": version, "kind": kind},
        }]})
    };
    let hpa = |v| {
        version(
            "autoscaling",
            v,
            "horizontalpodautoscalers",
            "HorizontalPodAutoscaler",
            "Namespaced",
        )
    };
    let mut core = version("", "v1", "pods", "Pod", "Namespaced");
    core["resources"][0]["subresources"] = json!([
        {"subresource": "eviction", "verbs": ["create"],
         "responseKind": {"group": "policy", "version": "v1", "kind": "Eviction"}},
    ]);
    core["resources"]
        .as_array_mut()
        .unwrap()
        .push(version("", "v1", "nodes", "Node", "Cluster")["resources"][0].clone());
    let list = |items: Value| json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": items});
    vec![
        (
            "/api as=APIGroupDiscoveryList",
            list(json!([{"versions": [core]}])),
        ),
        (
            "/apis as=APIGroupDiscoveryList",
            list(json!([
                {"metadata": {"name": "broken.example.com"},
                 "versions": [{"version": "v1", "freshness": "Stale", "resources": []}]},
                {"metadata": {"name": "autoscaling"},
                 "versions": [hpa("v1"), hpa("v2"), version("autoscaling", "v3beta1", "plans", "Plan", "Cluster")]},
            ])),
        ),
    ]
}

#[tokio::test]
async fn both_forms_say_the_same() {
    let new = Discovery::new(server(&aggregated())).run().await.unwrap();
    let old = Discovery::new(server(&legacy())).run_aggregated().await.unwrap();
    for discovery in [&new, &old] {
        let names: Vec<_> = discovery
            .groups_alphabetical()
            .iter()
            .map(|group| group.name())
            .collect();
        assert_eq!(names.first(), Some(&""));
        assert!(discovery.has_group("autoscaling"));

        let (pods, capabilities) = discovery
            .resolve_gvk(&GroupVersionKind::gvk("", "v1", "Pod"))
            .unwrap();
        assert_eq!((pods.plural.as_str(), pods.api_version.as_str()), ("pods", "v1"));
        assert_eq!(capabilities.scope, Scope::Namespaced);
        assert!(capabilities.supports_operation("list") && !capabilities.supports_operation("watch"));
        let (eviction, _) = &capabilities.subresources[0];
        assert_eq!(
            (eviction.plural.as_str(), eviction.api_version.as_str()),
            ("pods/eviction", "policy/v1")
        );

        let node = TypeMeta {
            api_version: "v1".to_owned(),
            kind: "Node".to_owned(),
        };
        assert_eq!(discovery.resolve_typemeta(&node).unwrap().1.scope, Scope::Cluster);

        let group = discovery.get("autoscaling").unwrap();
        assert_eq!(group.versions().collect::<Vec<_>>(), ["v2", "v1", "v3beta1"]);
        assert_eq!(group.preferred_version_or_latest(), "v1");
        assert_eq!(
            group
                .recommended_kind("HorizontalPodAutoscaler")
                .unwrap()
                .0
                .version,
            "v1"
        );
        assert!(group.recommended_kind("Plan").is_none());
        let stable: Vec<_> = group
            .resources_by_stability()
            .into_iter()
            .map(|(resource, _)| format!("{} {}", resource.kind, resource.version))
            .collect();
        assert_eq!(stable, ["HorizontalPodAutoscaler v2", "Plan v3beta1"]);
    }
}

#[tokio::test]
async fn a_broken_group_does_not_hide_the_others() {
    let old = Discovery::new(server(&legacy())).run().await.unwrap();
    let [broken] = old.unavailable() else {
        panic!("{old:?}")
    };
    assert_eq!(
        (broken.group.as_str(), broken.version.as_str()),
        ("broken.example.com", "v1")
    );
    assert!(broken.error.as_ref().unwrap().is_not_served());
    assert!(!old.has_group("broken.example.com") && old.has_group("autoscaling"));

    let new = Discovery::new(server(&aggregated())).run().await.unwrap();
    let [broken] = new.unavailable() else {
        panic!("{new:?}")
    };
    assert_eq!(broken.group, "broken.example.com");
    assert!(broken.error.is_none());
}

#[tokio::test]
async fn groups_that_are_not_wanted_are_not_read() {
    for documents in [legacy(), aggregated()] {
        let only = Discovery::new(server(&documents))
            .filter(&["autoscaling"])
            .run()
            .await
            .unwrap();
        assert_eq!(
            only.groups().map(ApiGroup::name).collect::<Vec<_>>(),
            ["autoscaling"]
        );
        assert!(only.unavailable().is_empty());

        let not = Discovery::new(server(&documents))
            .exclude(&["autoscaling", "broken.example.com"])
            .run()
            .await
            .unwrap();
        assert_eq!(
            not.groups().map(ApiGroup::name).collect::<Vec<_>>(),
            [ApiGroup::CORE_GROUP]
        );
    }
    // Nothing is asked of a root from which nothing is wanted.
    let core = Discovery::new(server(&legacy()[..2]))
        .filter(&[ApiGroup::CORE_GROUP])
        .run()
        .await
        .unwrap();
    assert!(core.has_group(""));
}

#[tokio::test]
async fn a_server_that_cannot_be_asked_is_an_error() {
    let error = Discovery::new(server(&[])).run().await.unwrap_err();
    assert!(error.is_not_found());
}

#[tokio::test]
async fn one_kind_can_be_asked_for_alone() {
    let client = server(&legacy());
    let gvk = GroupVersionKind::gvk("autoscaling", "v2", "HorizontalPodAutoscaler");
    let (resource, capabilities) = oneshot::pinned_kind(&client, &gvk).await.unwrap();
    assert_eq!(resource.plural, "horizontalpodautoscalers");
    assert_eq!(capabilities.scope, Scope::Namespaced);

    let group = oneshot::group(&client, "autoscaling").await.unwrap();
    assert_eq!(group.preferred_version(), Some("v1"));
    assert!(
        oneshot::group(&client, ApiGroup::CORE_GROUP)
            .await
            .unwrap()
            .recommended_kind("Pod")
            .is_some()
    );
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let client = server(&legacy());
    let kind = GroupVersionKind::gvk("autoscaling", "v2", "Nothing");
    let error = oneshot::pinned_kind(&client, &kind).await.unwrap_err();
    assert!(error.is_not_served());
    assert!(
        matches!(error, Error::Discovery(DiscoveryError::MissingKind(kind)) if kind == "autoscaling/v2, Nothing")
    );

    let error = oneshot::group(&client, "nothing").await.unwrap_err();
    assert!(matches!(&error, Error::Discovery(DiscoveryError::MissingApiGroup(group)) if group == "nothing"));

    let group = GroupVersionKind::gvk("nothing", "v1", "Nothing");
    assert!(
        oneshot::pinned_kind(&client, &group)
            .await
            .unwrap_err()
            .is_not_served()
    );
}
