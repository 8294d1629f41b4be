//! Requests as the API reads them: method, path and query, the headers that matter, the body.

use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{Node, Pod},
};
use serde_json::json;

use super::*;
use crate::core::{
    Resource,
    kubelet_debug::KubeletDebugParams,
    params::{Preconditions, PropagationPolicy, VersionMatch},
    subresource::{AttachParams, EvictParams, LogParams},
};

type Built = Result<http::Request<Vec<u8>>, Error>;

fn pods() -> Request {
    Request::new(Pod::url_path(&(), Some("ns")))
}

fn deployments() -> Request {
    Request::new(Deployment::url_path(&(), Some("ns")))
}

fn print(request: &http::Request<Vec<u8>>) -> String {
    let mut text = format!("{} {}", request.method(), request.uri());
    for (name, value) in request.headers() {
        text += &format!("\n{name}: {}", value.to_str().unwrap());
    }
    if !request.body().is_empty() {
        text += "\n";
        text += str::from_utf8(request.body()).unwrap();
    }
    text
}

#[track_caller]
fn check(built: Built, expect: &[&str]) {
    assert_eq!(print(&built.unwrap()), expect.join("\n"));
}

#[track_caller]
fn check_refused(built: Built, part: &str) {
    match built {
        Err(Error::Validation(message)) => assert!(message.contains(part), "{message}"),
        other => panic!(
            "{:?}, expected a refusal: {part}",
            other.map(|request| print(&request))
        ),
    }
}

const ACCEPT_JSON: &str = "accept: application/json";
const ACCEPT_METADATA: &str = "accept: application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
const ACCEPT_METADATA_LIST: &str = "accept: application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
const SEND_JSON: &str = "content-type: application/json";

#[test]
fn reads() {
    let get = GetParams::default();
    check(
        pods().get("a", &get),
        &["GET /api/v1/namespaces/ns/pods/a", ACCEPT_JSON],
    );
    check(
        pods().get("a", &GetParams::any()),
        &["GET /api/v1/namespaces/ns/pods/a?resourceVersion=0", ACCEPT_JSON],
    );
    check(
        pods().get_metadata("a", &GetParams::at("7")),
        &[
            "GET /api/v1/namespaces/ns/pods/a?resourceVersion=7",
            ACCEPT_METADATA,
        ],
    );
    check(
        pods().get("system:a@b", &get),
        &["GET /api/v1/namespaces/ns/pods/system:a@b", ACCEPT_JSON],
    );
    check(
        pods().get("a b?c#d", &get),
        &["GET /api/v1/namespaces/ns/pods/a%20b%3Fc%23d", ACCEPT_JSON],
    );

    check(
        pods().list(&ListParams::default()),
        &["GET /api/v1/namespaces/ns/pods", ACCEPT_JSON],
    );
    check(
        Request::new(Pod::url_path(&(), None))
            .list_metadata(&ListParams::default().limit(500).labels("app in (a,b)")),
        &[
            "GET /api/v1/pods?labelSelector=app%20in%20%28a%2Cb%29&limit=500",
            ACCEPT_METADATA_LIST,
        ],
    );
    check_refused(
        pods().list(&ListParams::default().matching(VersionMatch::Exact)),
        "resource_version",
    );
}

#[test]
fn watches() {
    let default = "watch=true&timeoutSeconds=290&allowWatchBookmarks=true";
    check(
        deployments().watch(&WatchParams::default(), "7"),
        &[
            &format!("GET /apis/apps/v1/namespaces/ns/deployments?{default}&resourceVersion=7"),
            ACCEPT_JSON,
        ],
    );
    check(
        deployments().watch_metadata(&WatchParams::default(), "7"),
        &[
            &format!("GET /apis/apps/v1/namespaces/ns/deployments?{default}&resourceVersion=7"),
            ACCEPT_METADATA,
        ],
    );
    check_refused(pods().watch(&WatchParams::default(), ""), "resource_version");
    check_refused(
        pods().watch_metadata(&WatchParams::default().timeout(300), "7"),
        "timeout",
    );
}

#[test]
fn writes() {
    let post = PostParams {
        dry_run: true,
        field_manager: Some("me too".into()),
    };
    check(
        pods().create(&PostParams::default(), b"{}".to_vec()),
        &["POST /api/v1/namespaces/ns/pods", ACCEPT_JSON, SEND_JSON, "{}"],
    );
    check(
        pods().create(&post, b"{}".to_vec()),
        &[
            "POST /api/v1/namespaces/ns/pods?dryRun=All&fieldManager=me%20too",
            ACCEPT_JSON,
            SEND_JSON,
            "{}",
        ],
    );
    check(
        pods().replace("a", &post, b"{}".to_vec()),
        &[
            "PUT /api/v1/namespaces/ns/pods/a?dryRun=All&fieldManager=me%20too",
            ACCEPT_JSON,
            SEND_JSON,
            "{}",
        ],
    );
    let long = PostParams {
        field_manager: Some("x".repeat(129)),
        ..PostParams::default()
    };
    check_refused(pods().create(&long, Vec::new()), "field manager");
    check_refused(
        pods().replace("", &PostParams::default(), Vec::new()),
        "must not be empty",
    );
}

#[test]
fn patches() {
    let body = || json!({"a": 1});
    let path = "PATCH /api/v1/namespaces/ns/pods/a";
    check(
        pods().patch("a", &PatchParams::apply("me").force(), &Patch::Apply(body())),
        &[
            &format!("{path}?force=true&fieldManager=me"),
            ACCEPT_JSON,
            "content-type: application/apply-patch+yaml",
            "{\"a\":1}",
        ],
    );
    let none = PatchParams::default();
    check(
        pods().patch("a", &none, &Patch::Merge(body())),
        &[
            path,
            ACCEPT_JSON,
            "content-type: application/merge-patch+json",
            "{\"a\":1}",
        ],
    );
    check(
        pods().patch_metadata("a", &none, &Patch::Strategic(body())),
        &[
            path,
            ACCEPT_METADATA,
            "content-type: application/strategic-merge-patch+json",
            "{\"a\":1}",
        ],
    );
    check_refused(
        pods().patch("a", &none.clone().force(), &Patch::Merge(body())),
        "force",
    );
    check_refused(pods().patch("a", &none, &Patch::Apply(body())), "field_manager");
    check_refused(
        pods().patch("", &none, &Patch::Merge(body())),
        "must not be empty",
    );
}

#[cfg(feature = "jsonpatch")]
#[test]
fn json_patches() {
    let patch: json_patch::Patch = serde_json::from_value(json!([{"op": "remove", "path": "/a"}])).unwrap();
    check(
        pods().patch("a", &PatchParams::default(), &Patch::Json::<()>(patch)),
        &[
            "PATCH /api/v1/namespaces/ns/pods/a",
            ACCEPT_JSON,
            "content-type: application/json-patch+json",
            r#"[{"op":"remove","path":"/a"}]"#,
        ],
    );
}

#[test]
fn deletes() {
    let delete = DeleteParams {
        propagation_policy: Some(PropagationPolicy::Orphan),
        preconditions: Some(Preconditions {
            uid: Some("u".into()),
            ..Preconditions::default()
        }),
        ..DeleteParams::default()
    };
    let body = r#"{"propagationPolicy":"Orphan","preconditions":{"uid":"u"}}"#;
    check(
        pods().delete("a", &delete),
        &[
            "DELETE /api/v1/namespaces/ns/pods/a",
            ACCEPT_JSON,
            SEND_JSON,
            body,
        ],
    );
    check(
        pods().delete_collection(
            &DeleteParams::default(),
            &ListParams::default().fields("metadata.name=a"),
        ),
        &[
            "DELETE /api/v1/namespaces/ns/pods?fieldSelector=metadata.name%3Da",
            ACCEPT_JSON,
            SEND_JSON,
            "{}",
        ],
    );
}

/// An empty name would read or delete the whole collection, others would reach what nobody meant.
#[test]
fn names_that_are_none_are_refused() {
    for (name, part) in [
        ("", "must not be empty"),
        (".", "'.'"),
        ("..", "'..'"),
        ("a/b", "'/'"),
        ("../nodes", "'/'"),
        ("a%2Fb", "'%'"),
    ] {
        check_refused(pods().get(name, &GetParams::default()), part);
        check_refused(pods().get_metadata(name, &GetParams::default()), part);
        check_refused(pods().delete(name, &DeleteParams::default()), part);
        check_refused(pods().get_subresource("status", name), part);
        check_refused(pods().logs(name, &LogParams::default()), part);
        check_refused(pods().evict(name, &EvictParams::default()), part);
    }
    check_refused(pods().get_subresource("", "a"), "subresource");
    check_refused(pods().get_subresource("status/..", "a"), "subresource");
    for namespace in ["", "..", "a/b", "a%b"] {
        let pods = Request::new(Pod::url_path(&(), Some(namespace)));
        check_refused(pods.list(&ListParams::default()), "path");
        check_refused(pods.get("a", &GetParams::default()), "path");
    }
}

#[test]
fn subresources() {
    let path = "/apis/apps/v1/namespaces/ns/deployments/a/scale";
    check(
        deployments().get_subresource("scale", "a"),
        &[&format!("GET {path}"), ACCEPT_JSON],
    );
    let post = PostParams::default();
    check(
        deployments().create_subresource("scale", "a", &post, b"{}".to_vec()),
        &[&format!("POST {path}"), ACCEPT_JSON, SEND_JSON, "{}"],
    );
    check(
        deployments().replace_subresource("scale", "a", &post, b"{}".to_vec()),
        &[&format!("PUT {path}"), ACCEPT_JSON, SEND_JSON, "{}"],
    );
    check(
        deployments().patch_subresource("scale", "a", &PatchParams::default(), &Patch::Merge(json!({}))),
        &[
            &format!("PATCH {path}"),
            ACCEPT_JSON,
            "content-type: application/merge-patch+json",
            "{}",
        ],
    );
    check(
        pods().get_subresource("proxy/metrics/cadvisor", "a"),
        &[
            "GET /api/v1/namespaces/ns/pods/a/proxy/metrics/cadvisor",
            ACCEPT_JSON,
        ],
    );
}

#[test]
fn evictions() {
    let body = r#"{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"a"}}"#;
    check(
        pods().evict("a", &EvictParams::default()),
        &[
            "POST /api/v1/namespaces/ns/pods/a/eviction",
            ACCEPT_JSON,
            SEND_JSON,
            body,
        ],
    );
    let params = EvictParams {
        delete_options: Some(DeleteParams::default().grace_period(0)),
        post_options: PostParams {
            dry_run: true,
            ..PostParams::default()
        },
    };
    let body = r#"{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"a"},"deleteOptions":{"gracePeriodSeconds":0}}"#;
    check(
        pods().evict("a", &params),
        &[
            "POST /api/v1/namespaces/ns/pods/a/eviction?dryRun=All",
            ACCEPT_JSON,
            SEND_JSON,
            body,
        ],
    );
}

#[test]
fn logs() {
    check(
        pods().logs("a", &LogParams::default()),
        &["GET /api/v1/namespaces/ns/pods/a/log"],
    );
    let all = LogParams {
        container: Some("app".into()),
        follow: true,
        limit_bytes: Some(10),
        pretty: true,
        previous: true,
        since_seconds: None,
        since_time: Some("2026-01-02T03:04:05Z".parse().unwrap()),
        tail_lines: Some(0),
        timestamps: true,
    };
    check(
        pods().logs("a", &all),
        &[
            "GET /api/v1/namespaces/ns/pods/a/log?container=app&follow=true&limitBytes=10&pretty=true&previous=true\
           &sinceTime=2026-01-02T03%3A04%3A05Z&tailLines=0&timestamps=true",
        ],
    );
    check_refused(
        pods().logs(
            "a",
            &LogParams {
                since_seconds: Some(5),
                ..all.clone()
            },
        ),
        "at most one",
    );
    check_refused(
        pods().logs(
            "a",
            &LogParams {
                limit_bytes: Some(0),
                ..all.clone()
            },
        ),
        "limit_bytes",
    );
    check_refused(
        pods().logs(
            "a",
            &LogParams {
                tail_lines: Some(-1),
                ..all
            },
        ),
        "tail_lines",
    );
}

#[test]
fn streams() {
    let path = "GET /api/v1/namespaces/ns/pods/a";
    check(
        pods().attach("a", &AttachParams::default()),
        &[&format!("{path}/attach?stdout=true&stderr=true")],
    );
    check(
        pods().exec(
            "a",
            ["sh", "-c", "echo $A & b"],
            &AttachParams::interactive_tty().container("app"),
        ),
        &[&format!(
            "{path}/exec?container=app&stdin=true&stdout=true&tty=true&command=sh&command=-c&command=echo%20%24A%20%26%20b"
        )],
    );
    check(
        pods().portforward("a", &[80, 443]),
        &[&format!("{path}/portforward?ports=80%2C443")],
    );
    let none = AttachParams::default().stdout(false).stderr(false);
    check_refused(pods().attach("a", &none), "one of");
    check_refused(pods().attach("a", &AttachParams::default().tty(true)), "tty");
    check_refused(pods().exec("a", [""; 0], &AttachParams::default()), "command");
    check_refused(pods().portforward("a", &[]), "empty");
    check_refused(pods().portforward("a", &[80, 443, 80]), "unique");
}

#[test]
fn changes_by_one_field() {
    let nodes = Request::new(Node::url_path(&(), None));
    let strategic = "content-type: application/strategic-merge-patch+json";
    check(
        nodes.cordon("n"),
        &[
            "PATCH /api/v1/nodes/n",
            ACCEPT_JSON,
            strategic,
            r#"{"spec":{"unschedulable":true}}"#,
        ],
    );
    check(
        nodes.uncordon("n"),
        &[
            "PATCH /api/v1/nodes/n",
            ACCEPT_JSON,
            strategic,
            r#"{"spec":{"unschedulable":false}}"#,
        ],
    );
    check(
        deployments().restart_at("a", "2026-01-02T03:04:05Z".parse().unwrap()),
        &[
            "PATCH /apis/apps/v1/namespaces/ns/deployments/a",
            ACCEPT_JSON,
            "content-type: application/merge-patch+json",
            r#"{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"2026-01-02T03:04:05Z"}}}}}"#,
        ],
    );
}

#[test]
fn requests_to_a_kubelet() {
    let pod = KubeletDebugParams {
        name: "a",
        namespace: "ns",
        pod_uid: None,
    };
    let with_uid = KubeletDebugParams {
        pod_uid: Some("u"),
        ..pod.clone()
    };
    let attach = AttachParams::default();
    check(
        Request::kubelet_node_attach(&pod, "app", &attach),
        &["GET /attach/ns/a/app?output=1&error=1"],
    );
    check(
        Request::kubelet_node_exec(&with_uid, "app", ["ls"], &attach),
        &["GET /exec/ns/a/u/app?output=1&error=1&command=ls"],
    );
    check(
        Request::kubelet_node_portforward(&with_uid, &[80]),
        &["GET /portForward/ns/a/u?port=80"],
    );
    let log = LogParams {
        tail_lines: Some(5),
        container: Some("x".into()),
        ..LogParams::default()
    };
    check(
        Request::kubelet_node_logs(&with_uid, "app", &log),
        &["GET /containerLogs/ns/a/app?tailLines=5"],
    );
    check_refused(
        Request::kubelet_node_logs(&KubeletDebugParams::default(), "app", &log),
        "namespace",
    );
    check_refused(Request::kubelet_node_attach(&pod, "", &attach), "container");
}
