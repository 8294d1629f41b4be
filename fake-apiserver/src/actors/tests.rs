use http::Method;
use serde_json::{Value, json};

use super::*;
use crate::{
    FakeApiServer,
    encode::Content,
    registry::{Core, Reply, handle},
    wire::{Query, Request},
};

/// Makes a request as a user would, and lets the actors answer it.
#[track_caller]
fn send(server: &FakeApiServer, method: Method, path: &str, body: Value) -> Value {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut headers = http::HeaderMap::new();
    let content_type = if method == Method::PATCH {
        "application/merge-patch+json"
    } else {
        "application/json"
    };
    headers.insert(http::header::CONTENT_TYPE, content_type.parse().unwrap());
    let request = Request {
        method,
        path: path.to_owned(),
        query: Query::parse(query),
        raw_query: query.to_owned(),
        headers,
        user: None,
        body: Some(if body.is_null() {
            bytes::Bytes::new()
        } else {
            body.to_string().into()
        }),
    };
    let answer = server.with_core(|core: &mut Core, now| match handle(core, &request, now) {
        Reply::Done(response) => match response.into_body() {
            Content::Whole(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Content::List(_) => Value::Null,
        },
        _ => Value::Null,
    });
    server.with_core(|core, now| settle(core, &Actor::ALL, now));
    answer
}

fn cluster() -> FakeApiServer {
    FakeApiServer::builder().actors(Actor::ALL).build()
}

fn config_map(name: &str, owner: Option<&Value>, finalizers: &[&str]) -> Value {
    let owners: Vec<Value> = owner
        .map(|o| {
            json!({
                "apiVersion": "v1", "kind": "ConfigMap", "name": o["metadata"]["name"], "uid": o["metadata"]["uid"],
                "blockOwnerDeletion": true,
            })
        })
        .into_iter()
        .collect();
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": { "name": name, "ownerReferences": owners, "finalizers": finalizers },
    })
}

const CONFIGS: &str = "/api/v1/namespaces/default/configmaps";

#[test]
fn every_namespace_has_a_default_account_and_certificates() {
    let server = cluster();
    assert!(server.get("serviceaccounts", "default", "default").is_some());
    send(
        &server,
        Method::POST,
        "/api/v1/namespaces",
        json!({ "metadata": { "name": "a" } }),
    );
    assert!(server.get("configmaps", "a", "kube-root-ca.crt").is_some());
    send(
        &server,
        Method::DELETE,
        "/api/v1/namespaces/a/serviceaccounts/default",
        Value::Null,
    );
    assert!(server.get("serviceaccounts", "a", "default").is_some());
}

#[test]
fn what_loses_its_last_owner_is_deleted() {
    let server = cluster();
    let owner = send(&server, Method::POST, CONFIGS, config_map("owner", None, &[]));
    let child = send(
        &server,
        Method::POST,
        CONFIGS,
        config_map("child", Some(&owner), &[]),
    );
    send(
        &server,
        Method::POST,
        CONFIGS,
        config_map("grandchild", Some(&child), &[]),
    );
    send(&server, Method::DELETE, &format!("{CONFIGS}/owner"), Value::Null);
    assert!(server.get("configmaps", "default", "child").is_none());
    assert!(server.get("configmaps", "default", "grandchild").is_none());
}

#[test]
fn an_owner_deleted_in_the_foreground_waits_for_its_dependents() {
    let server = cluster();
    let owner = send(&server, Method::POST, CONFIGS, config_map("owner", None, &[]));
    send(
        &server,
        Method::POST,
        CONFIGS,
        config_map("child", Some(&owner), &["example.com/hold"]),
    );
    send(
        &server,
        Method::DELETE,
        &format!("{CONFIGS}/owner?propagationPolicy=Foreground"),
        Value::Null,
    );
    let child = server.get("configmaps", "default", "child").unwrap();
    assert!(child["metadata"]["deletionTimestamp"].is_string());
    assert!(server.get("configmaps", "default", "owner").is_some());
    send(
        &server,
        Method::PATCH,
        &format!("{CONFIGS}/child"),
        json!({ "metadata": { "finalizers": null } }),
    );
    assert!(server.get("configmaps", "default", "child").is_none());
    assert!(server.get("configmaps", "default", "owner").is_none());
}

#[test]
fn orphans_stay_and_forget_their_owner() {
    let server = cluster();
    let owner = send(&server, Method::POST, CONFIGS, config_map("owner", None, &[]));
    for name in ["a", "b"] {
        send(
            &server,
            Method::POST,
            CONFIGS,
            config_map(name, Some(&owner), &[]),
        );
    }
    send(
        &server,
        Method::DELETE,
        &format!("{CONFIGS}/owner?propagationPolicy=Orphan"),
        Value::Null,
    );
    assert!(server.get("configmaps", "default", "owner").is_none());
    for name in ["a", "b"] {
        let object = server.get("configmaps", "default", name).unwrap();
        assert!(object["metadata"].get("ownerReferences").is_none(), "{object}");
    }
}

#[test]
fn a_namespace_goes_with_its_content_and_waits_for_finalizers() {
    let server = cluster();
    send(
        &server,
        Method::POST,
        "/api/v1/namespaces",
        json!({ "metadata": { "name": "a" } }),
    );
    let configs = "/api/v1/namespaces/a/configmaps";
    send(
        &server,
        Method::POST,
        configs,
        config_map("held", None, &["example.com/hold"]),
    );
    send(&server, Method::DELETE, "/api/v1/namespaces/a", Value::Null);
    let namespace = server.get("namespaces", "", "a").unwrap();
    let remaining = namespace["status"]["conditions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["type"] == "NamespaceFinalizersRemaining");
    assert_eq!(
        remaining.unwrap()["message"],
        "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances"
    );
    send(
        &server,
        Method::PATCH,
        &format!("{configs}/held"),
        json!({ "metadata": { "finalizers": null } }),
    );
    assert!(server.get("namespaces", "", "a").is_none());
}

fn template() -> Value {
    json!({
        "metadata": { "labels": { "app": "x" } },
        "spec": { "containers": [{ "name": "c", "image": "i" }], "restartPolicy": "Always" },
    })
}

#[test]
fn a_deployment_has_the_pods_it_asks_for() {
    let server = cluster();
    let deployments = "/apis/apps/v1/namespaces/default/deployments";
    let deployment = json!({
        "metadata": { "name": "web" },
        "spec": { "replicas": 3, "selector": { "matchLabels": { "app": "x" } }, "template": template() },
    });
    send(&server, Method::POST, deployments, deployment);
    assert_eq!(server.list("pods").len(), 3);
    let status = server.get("deployments.apps", "default", "web").unwrap()["status"].clone();
    assert_eq!(
        (&status["replicas"], &status["unavailableReplicas"]),
        (&json!(3), &json!(3))
    );
    send(
        &server,
        Method::PATCH,
        &format!("{deployments}/web"),
        json!({ "spec": { "replicas": 1 } }),
    );
    assert_eq!(server.list("pods").len(), 1);
    send(
        &server,
        Method::DELETE,
        &format!("{deployments}/web"),
        Value::Null,
    );
    assert_eq!(
        (server.list("pods").len(), server.list("replicasets.apps").len()),
        (0, 0)
    );
}

#[test]
fn a_deployment_whose_sets_name_is_taken_takes_the_next() {
    let server = cluster();
    let template = json!({
        "metadata": { "labels": { "app": "x" } },
        "spec": { "containers": [{ "name": "c", "image": "i" }] },
    });
    let foreign = json!({
        "metadata": { "name": "web-5ddf699f9d" },
        "spec": { "replicas": 0, "selector": { "matchLabels": { "app": "x" } }, "template": template },
    });
    send(
        &server,
        Method::POST,
        "/apis/apps/v1/namespaces/default/replicasets",
        foreign,
    );
    let deployment = json!({
        "metadata": { "name": "web" },
        "spec": { "selector": { "matchLabels": { "app": "x" } }, "template": template },
    });
    send(
        &server,
        Method::POST,
        "/apis/apps/v1/namespaces/default/deployments",
        deployment,
    );
    let status = server.get("deployments.apps", "default", "web").unwrap()["status"].clone();
    assert_eq!(
        (&status["collisionCount"], &status["replicas"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(server.list("replicasets.apps").len(), 2);
}

#[test]
fn a_job_counts_each_end_once() {
    let server = cluster();
    let mut template = template();
    template["spec"]["restartPolicy"] = json!("Never");
    let job = json!({
        "metadata": { "name": "j" },
        "spec": { "completions": 2, "parallelism": 1, "template": template },
    });
    send(
        &server,
        Method::POST,
        "/apis/batch/v1/namespaces/default/jobs",
        job,
    );
    for _ in 0..2 {
        let running = server
            .list("pods")
            .into_iter()
            .find(|p| p["status"]["phase"] == "Pending")
            .unwrap();
        let path = format!(
            "/api/v1/namespaces/default/pods/{}/status",
            running["metadata"]["name"].as_str().unwrap()
        );
        send(
            &server,
            Method::PATCH,
            &path,
            json!({ "status": { "phase": "Succeeded" } }),
        );
    }
    let job = server.get("jobs.batch", "default", "j").unwrap();
    assert_eq!(job["status"]["succeeded"], 2, "{job}");
    assert_eq!(job["status"]["conditions"][1]["type"], "Complete");
    assert!(
        server
            .list("pods")
            .iter()
            .all(|p| p["metadata"].get("finalizers").is_none())
    );
}
