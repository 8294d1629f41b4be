//! Reading through the client itself.

use k8s_openapi::{
    api::{
        apps::v1::ReplicaSet,
        core::v1::{
            ConfigMap, LocalObjectReference, Namespace as NamespaceObject, Node, ObjectReference, Secret,
        },
    },
    apimachinery::pkg::apis::meta::v1::OwnerReference,
};
use seatrial_client::{
    Client, Error,
    api::{DynamicObject, ListParams},
    client::scope::{Cluster, Namespace, NamespacedRef},
};
use serde_json::json;

use crate::support::{Log, json as answer, scripted};

fn server(requests: usize) -> (Client, Log) {
    let body = json!({"metadata": {"name": "a"}});
    scripted((0..requests).map(|_| answer(200, &body)).collect())
}

#[tokio::test]
async fn objects_are_found_by_name_and_place() {
    let (client, seen) = server(2);
    let _: Node = client.get("a", &Cluster).await.unwrap();
    let _: ConfigMap = client.get("a", &Namespace::from("apps")).await.unwrap();
    assert_eq!(
        *seen.lock().unwrap(),
        ["GET /api/v1/nodes/a", "GET /api/v1/namespaces/apps/configmaps/a"]
    );

    let list = || {
        answer(
            200,
            &json!({"kind": "ConfigMapList", "apiVersion": "v1", "metadata": {}, "items": []}),
        )
    };
    let (client, seen) = scripted(vec![list(), list()]);
    let lp = ListParams::default();
    client.list::<ConfigMap>(&lp, &Cluster).await.unwrap();
    client
        .list::<ConfigMap>(&lp, &Namespace::from("apps".to_owned()))
        .await
        .unwrap();
    assert_eq!(
        *seen.lock().unwrap(),
        ["GET /api/v1/configmaps", "GET /api/v1/namespaces/apps/configmaps"]
    );
}

#[tokio::test]
async fn references_are_followed() {
    let (client, seen) = server(5);
    let object = ObjectReference {
        api_version: Some("v1".to_owned()),
        kind: Some("ConfigMap".to_owned()),
        name: Some("a".to_owned()),
        namespace: Some("apps".to_owned()),
        ..ObjectReference::default()
    };
    let owner = OwnerReference {
        api_version: "apps/v1".to_owned(),
        kind: "ReplicaSet".to_owned(),
        name: "a".to_owned(),
        ..OwnerReference::default()
    };
    let local = LocalObjectReference { name: "a".to_owned() };
    let _: ConfigMap = client.fetch(&object).await.unwrap();
    let _: DynamicObject = client.fetch(&object.within("other".to_owned())).await.unwrap();
    let _: ReplicaSet = client.fetch(&owner.within("apps".to_owned())).await.unwrap();
    let _: Secret = client.fetch(&local.within("apps".to_owned())).await.unwrap();
    let node = OwnerReference {
        api_version: "v1".to_owned(),
        kind: "Node".to_owned(),
        ..owner
    };
    let _: Node = client.fetch(&node).await.unwrap();
    assert_eq!(
        *seen.lock().unwrap(),
        [
            "GET /api/v1/namespaces/apps/configmaps/a",
            "GET /api/v1/namespaces/other/configmaps/a",
            "GET /apis/apps/v1/namespaces/apps/replicasets/a",
            "GET /api/v1/namespaces/apps/secrets/a",
            "GET /api/v1/nodes/a",
        ]
    );
}

#[tokio::test]
async fn references_that_lead_nowhere_are_refused_before_anything_is_sent() {
    let (client, seen) = server(0);
    let error = client
        .fetch::<ConfigMap>(&ObjectReference::default())
        .await
        .unwrap_err();
    assert!(matches!(&error, Error::RefResolve(_)));
    insta::assert_snapshot!(error, @"the reference cannot be resolved: it has no name");
    let unkind = ObjectReference {
        name: Some("a".to_owned()),
        ..ObjectReference::default()
    };
    let error = client.fetch::<ConfigMap>(&unkind).await.unwrap_err();
    insta::assert_snapshot!(error, @"the reference cannot be resolved: it has no kind");
    assert!(seen.lock().unwrap().is_empty());
    assert!(Namespace::try_from(&NamespaceObject::default()).is_err());
}
