//! Who may do what: credentials, roles, reviews, tokens of service accounts.

use http::Request;
use http_body_util::{BodyExt as _, Full};
use seatrial_fake_apiserver::{FakeApiServer, UserInfo, VirtualClock};
use serde_json::{Value, json};
use tower::ServiceExt as _;

const NAMESPACE: &str = "/api/v1/namespaces/default";
const REVIEWS: &str = "/apis/authorization.k8s.io/v1";

fn guarded() -> FakeApiServer {
    FakeApiServer::builder()
        .clock(VirtualClock::starting_at("2026-01-01T00:00:00Z".parse().unwrap()))
        .token("root", UserInfo::new("admin").group("system:masters"))
        .token("alice", UserInfo::new("alice").group("developers"))
        .build()
}

/// Makes a request with a token, or none where it is empty.
async fn call(server: &FakeApiServer, token: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
    let mut request = Request::builder().method(method).uri(path);
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request = request.header("content-type", "application/json");
    send(server, request.body(Full::from(body.to_string())).unwrap()).await
}

async fn send(server: &FakeApiServer, request: Request<Full<bytes::Bytes>>) -> (u16, Value) {
    let Ok(response) = server.clone().oneshot(request).await;
    let code = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (code, serde_json::from_slice(&body).unwrap_or_default())
}

/// Lets subjects read pods in the default namespace.
async fn grant(server: &FakeApiServer, subject: Value) {
    let rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default";
    let role = json!({
        "metadata": {"name": "reader"},
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}],
    });
    assert_eq!(
        call(server, "root", "POST", &format!("{rbac}/roles"), role)
            .await
            .0,
        201
    );
    let binding = json!({
        "metadata": {"name": "readers"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
        "subjects": [subject],
    });
    let made = call(server, "root", "POST", &format!("{rbac}/rolebindings"), binding).await;
    assert_eq!(made.0, 201);
}

#[tokio::test]
async fn a_server_that_knows_no_token_lets_everybody_in() {
    let server = FakeApiServer::new();
    for token in ["", "whatever"] {
        let (code, _) = call(&server, token, "GET", "/api/v1/secrets", Value::Null).await;
        assert_eq!(code, 200, "{token}");
    }
}

#[tokio::test]
async fn roles_allow_and_nothing_else_does() {
    let server = guarded();
    let pods = format!("{NAMESPACE}/pods");
    assert_eq!(call(&server, "nobody", "GET", &pods, Value::Null).await.0, 401);
    assert_eq!(call(&server, "", "GET", &pods, Value::Null).await.0, 403);
    let (code, body) = call(&server, "alice", "GET", &pods, Value::Null).await;
    assert_eq!(code, 403);
    assert_eq!(
        body["message"],
        r#"pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "default""#
    );
    grant(&server, json!({"kind": "Group", "name": "developers"})).await;
    assert_eq!(call(&server, "alice", "GET", &pods, Value::Null).await.0, 200);
    assert_eq!(call(&server, "alice", "DELETE", &pods, Value::Null).await.0, 403);
    assert_eq!(
        call(&server, "alice", "GET", "/api/v1/pods", Value::Null).await.0,
        403
    );
}

#[tokio::test]
async fn what_is_refused_leaves_the_store_as_it_was() {
    let server = guarded();
    let before = server.revision();
    let body = json!({"metadata": {"name": "a"}});
    assert_eq!(
        call(&server, "alice", "POST", &format!("{NAMESPACE}/configmaps"), body)
            .await
            .0,
        403
    );
    assert_eq!(server.revision(), before);
}

#[tokio::test]
async fn a_user_in_the_extensions_is_who_asks() {
    let server = guarded();
    grant(&server, json!({"kind": "User", "name": "bob"})).await;
    for (name, code) in [("bob", 200), ("eve", 403)] {
        let mut request = Request::get(format!("{NAMESPACE}/pods"))
            .body(Full::default())
            .unwrap();
        request.extensions_mut().insert(UserInfo::new(name));
        assert_eq!(send(&server, request).await.0, code, "{name}");
    }
}

#[tokio::test]
async fn reviews_say_what_requests_would_meet() {
    let server = guarded();
    grant(&server, json!({"kind": "User", "name": "alice"})).await;
    let ask = |verb: &str, user: Option<&str>| {
        let mut spec =
            json!({"resourceAttributes": {"verb": verb, "resource": "pods", "namespace": "default"}});
        if let Some(user) = user {
            spec["user"] = user.into();
        }
        json!({"spec": spec})
    };
    let own = format!("{REVIEWS}/selfsubjectaccessreviews");
    let (code, body) = call(&server, "alice", "POST", &own, ask("get", None)).await;
    assert_eq!(code, 201);
    assert_eq!(
        body["status"],
        json!({
            "allowed": true,
            "reason": r#"RBAC: allowed by RoleBinding "readers/default" of Role "reader" to User "alice""#,
        })
    );
    let (_, body) = call(&server, "alice", "POST", &own, ask("delete", None)).await;
    assert_eq!(body["status"], json!({"allowed": false}));
    let others = format!("{REVIEWS}/subjectaccessreviews");
    assert_eq!(
        call(&server, "alice", "POST", &others, ask("get", Some("alice")))
            .await
            .0,
        403
    );
    let (_, body) = call(&server, "root", "POST", &others, ask("get", Some("alice"))).await;
    assert_eq!(body["status"]["allowed"], true);
    let local = format!("{REVIEWS}/namespaces/default/localsubjectaccessreviews");
    let (code, body) = call(&server, "root", "POST", &local, ask("get", Some("eve"))).await;
    assert_eq!((code, &body["status"]["allowed"]), (201, &json!(false)));
    let (code, _) = call(&server, "root", "POST", &own, json!({"spec": {}})).await;
    assert_eq!(code, 422);
}

#[tokio::test]
async fn a_missing_role_is_told_where_it_was_counted_on() {
    let server = guarded();
    let binding = json!({
        "metadata": {"name": "b"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "absent"},
        "subjects": [{"kind": "User", "name": "alice"}],
    });
    let path = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
    assert_eq!(call(&server, "root", "POST", path, binding).await.0, 201);
    let (_, body) = call(&server, "alice", "GET", "/api/v1/nodes", Value::Null).await;
    assert_eq!(
        body["message"],
        r#"nodes is forbidden: User "alice" cannot list resource "nodes" in API group "" at the cluster scope: RBAC: clusterrole.rbac.authorization.k8s.io "absent" not found"#
    );
}

#[tokio::test]
async fn tokens_of_service_accounts_open_until_their_time_is_over_or_the_account_gone() {
    let clock = VirtualClock::starting_at("2026-01-01T00:00:00Z".parse().unwrap());
    let server = FakeApiServer::builder()
        .clock(clock)
        .token("root", UserInfo::new("admin").group("system:masters"))
        .build();
    let accounts = format!("{NAMESPACE}/serviceaccounts");
    let robot = json!({"metadata": {"name": "robot"}});
    assert_eq!(call(&server, "root", "POST", &accounts, robot).await.0, 201);
    grant(
        &server,
        json!({"kind": "ServiceAccount", "name": "robot", "namespace": "default"}),
    )
    .await;
    let tokens = format!("{accounts}/robot/token");
    let short = json!({"spec": {"expirationSeconds": 10}});
    assert_eq!(call(&server, "root", "POST", &tokens, short).await.0, 422);
    let (code, body) = call(&server, "root", "POST", &tokens, json!({"spec": {}})).await;
    assert_eq!(code, 201);
    assert_eq!(body["status"]["expirationTimestamp"], "2026-01-01T01:00:00Z");
    let token = body["status"]["token"].as_str().unwrap();
    assert_eq!(
        call(&server, token, "GET", &format!("{NAMESPACE}/pods"), Value::Null)
            .await
            .0,
        200
    );
    assert_eq!(
        call(
            &server,
            token,
            "GET",
            &format!("{NAMESPACE}/secrets"),
            Value::Null
        )
        .await
        .0,
        403
    );
    let review = json!({"spec": {"token": token}});
    let path = "/apis/authentication.k8s.io/v1/tokenreviews";
    let (_, body) = call(&server, "root", "POST", path, review).await;
    assert_eq!(body["status"]["authenticated"], true);
    assert_eq!(
        body["status"]["user"]["username"],
        "system:serviceaccount:default:robot"
    );
    let gone = format!("{accounts}/robot");
    assert_eq!(call(&server, "root", "DELETE", &gone, json!({})).await.0, 200);
    assert_eq!(
        call(&server, token, "GET", &format!("{NAMESPACE}/pods"), Value::Null)
            .await
            .0,
        401
    );
}

#[tokio::test]
async fn credentials_are_never_printed() {
    let server = guarded();
    let (code, _) = call(&server, "root", "GET", "/api/v1/nodes", Value::Null).await;
    assert_eq!(code, 200);
    let printed = format!(
        "{:?} {server:?}",
        FakeApiServer::builder().token("s3cret", UserInfo::new("eve"))
    );
    assert!(!printed.contains("s3cret"), "{printed}");
    assert!(printed.contains("eve"), "{printed}");
}
