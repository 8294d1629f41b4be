//! What the server's own plugins make of writes.

use seatrial_fake_apiserver::FakeApiServer;
use serde_json::{Value, json};

use crate::support::{get, json, send, server};

const PODS: &str = "/api/v1/namespaces/default/pods";
const QUOTAS: &str = "/api/v1/namespaces/default/resourcequotas";

fn pod(name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    })
}

/// A quota that has been looked at, with nothing used.
async fn quota(server: &FakeApiServer, name: &str, resource: &str, hard: &str) {
    let hard = json!({ resource: hard });
    let quota = json!({
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": name}, "spec": {"hard": hard},
    });
    let (code, mut made) = json(server, "POST", QUOTAS, quota).await;
    assert_eq!(code, 201, "{made}");
    made["status"] = json!({"hard": hard, "used": {resource: "0"}});
    let (code, told) = json(server, "PUT", &format!("{QUOTAS}/{name}/status"), made).await;
    assert_eq!(code, 200, "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_pod_replaced_without_its_priority_keeps_it() {
    let server = server();
    let one = format!("{PODS}/p");
    let (code, made) = json(&server, "POST", PODS, pod("p")).await;
    assert_eq!(code, 201, "{made}");
    for field in ["priority", "preemptionPolicy"] {
        let mut without = made.clone();
        without["spec"].as_object_mut().unwrap().remove(field);
        let (code, replaced) = json(&server, "PUT", &one, without).await;
        assert_eq!(code, 200, "{replaced}");
        assert_eq!(replaced["spec"], made["spec"]);
    }
    let mut other = made.clone();
    other["spec"]["priority"] = json!(7);
    assert_eq!(json(&server, "PUT", &one, other).await.0, 422);
}

#[tokio::test(start_paused = true)]
async fn subresources_make_nothing_in_a_namespace_that_ends_or_is_absent() {
    let server = server();
    let namespace = json!({
        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ending", "finalizers": ["x.com/hold"]},
    });
    let (code, made) = json(&server, "POST", "/api/v1/namespaces", namespace).await;
    assert_eq!(code, 201, "{made}");
    send(&server, "DELETE", "/api/v1/namespaces/ending", b"").await;
    let phase = get(&server, "/api/v1/namespaces/ending").await["status"]["phase"].clone();
    assert_eq!(phase, "Terminating");

    let named = json!({"name": "p"});
    let binding = json!({
        "apiVersion": "v1", "kind": "Binding", "metadata": named, "target": {"kind": "Node", "name": "n"},
    });
    let eviction = json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": named});
    let token = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
    for (path, plural, body) in [
        ("pods/p/eviction", "pods", &eviction),
        ("pods/p/binding", "pods", &binding),
        ("bindings", "bindings", &binding),
        ("serviceaccounts/p/token", "serviceaccounts", &token),
    ] {
        let (code, refused) = json(
            &server,
            "POST",
            &format!("/api/v1/namespaces/ending/{path}"),
            body.clone(),
        )
        .await;
        assert_eq!(code, 403, "{path}: {refused}");
        let why = format!(
            "{plural} \"p\" is forbidden: unable to create new content in namespace ending because it is being \
             terminated"
        );
        assert_eq!(refused["message"], why);
        assert_eq!(refused["details"]["causes"][0]["reason"], "NamespaceTerminating");
        let (code, missing) = json(
            &server,
            "POST",
            &format!("/api/v1/namespaces/absent/{path}"),
            body.clone(),
        )
        .await;
        assert_eq!(code, 404, "{path}: {missing}");
        assert_eq!(missing["message"], "namespaces \"absent\" not found");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_pod_does_not_say_is_told_before_what_it_exceeds() {
    let server = server();
    quota(&server, "a", "pods", "0").await;
    quota(&server, "b", "requests.cpu", "1").await;
    let (code, refused) = json(&server, "POST", PODS, pod("p")).await;
    assert_eq!(code, 403, "{refused}");
    assert_eq!(
        refused["message"],
        "pods \"p\" is forbidden: failed quota: b: must specify requests.cpu for: c"
    );
    let mut says = pod("p");
    says["spec"]["containers"][0]["resources"] = json!({"requests": {"cpu": "1"}});
    let (_, refused) = json(&server, "POST", PODS, says).await;
    assert_eq!(
        refused["message"],
        "pods \"p\" is forbidden: exceeded quota: a, requested: pods=1, used: pods=0, limited: pods=0"
    );
}

#[tokio::test(start_paused = true)]
async fn no_quota_counts_events() {
    let server = server();
    quota(&server, "a", "count/events", "0").await;
    let event = json!({
        "apiVersion": "v1", "kind": "Event", "metadata": {"name": "e"},
        "involvedObject": {"namespace": "default"},
    });
    let (code, made) = json(&server, "POST", "/api/v1/namespaces/default/events", event).await;
    assert_eq!(code, 201, "{made}");
}

#[tokio::test(start_paused = true)]
async fn one_priority_class_is_the_default() {
    const CLASSES: &str = "/apis/scheduling.k8s.io/v1/priorityclasses";
    let server = server();
    let class = |name: &str, value: i64, default: bool| {
        json!({
            "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name},
            "value": value, "globalDefault": default,
        })
    };
    assert_eq!(json(&server, "POST", CLASSES, class("a", 1, true)).await.0, 201);
    assert_eq!(json(&server, "POST", CLASSES, class("b", 2, false)).await.0, 201);
    let why = |name: &str| {
        format!(
            "priorityclasses.scheduling.k8s.io \"{name}\" is forbidden: PriorityClass a is already marked as \
             default. Only one default can exist"
        )
    };
    let (code, refused) = json(&server, "POST", CLASSES, class("c", 0, true)).await;
    assert_eq!((code, refused["message"].as_str()), (403, Some(&*why("c"))));
    let put = async |name: &str, body: Value| json(&server, "PUT", &format!("{CLASSES}/{name}"), body).await;
    let (code, refused) = put("b", class("b", 2, true)).await;
    assert_eq!((code, refused["message"].as_str()), (403, Some(&*why("b"))));
    let mut described = class("a", 1, true);
    described["description"] = json!("usual");
    assert_eq!(put("a", described).await.0, 200);

    let (code, refused) = put("b", class("b", 3, false)).await;
    assert_eq!(code, 422, "{refused}");
    assert_eq!(
        refused["message"],
        "PriorityClass.scheduling.k8s.io \"b\" is invalid: value: Forbidden: may not be changed in an update."
    );
    for (name, value, field) in [
        ("system-mine", 1, "metadata.name"),
        ("high", 1_000_000_001, "value"),
    ] {
        let (code, refused) = json(&server, "POST", CLASSES, class(name, value, false)).await;
        assert_eq!(code, 422, "{refused}");
        assert_eq!(refused["details"]["causes"][0]["field"], field);
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_grows_where_its_class_lets_it() {
    const CLAIMS: &str = "/api/v1/namespaces/default/persistentvolumeclaims";
    let server = server();
    for (name, grows) in [
        ("fixed", json!(null)),
        ("never", json!(false)),
        ("grows", json!(true)),
    ] {
        let class = json!({
            "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name},
            "provisioner": "x.com/p", "allowVolumeExpansion": grows,
        });
        let (code, made) = json(&server, "POST", "/apis/storage.k8s.io/v1/storageclasses", class).await;
        assert_eq!(code, 201, "{made}");
    }
    for (class, expected) in [
        ("fixed", 403),
        ("never", 403),
        ("absent", 403),
        ("", 403),
        ("grows", 200),
    ] {
        let claim = json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"generateName": "c-"},
            "spec": {
                "accessModes": ["ReadWriteOnce"], "storageClassName": class,
                "resources": {"requests": {"storage": "1Gi"}},
            },
        });
        let (code, made) = json(&server, "POST", CLAIMS, claim).await;
        assert_eq!(code, 201, "{made}");
        let name = made["metadata"]["name"].as_str().unwrap();
        let path = format!("{CLAIMS}/{name}");
        // Only bound claims may change.
        let mut bound = made.clone();
        bound["status"]["phase"] = json!("Bound");
        let (code, mut bound) = json(&server, "PUT", &format!("{path}/status"), bound).await;
        assert_eq!(code, 200, "{bound}");
        bound["metadata"]["labels"] = json!({"a": "b"});
        let (code, mut claim) = json(&server, "PUT", &path, bound).await;
        assert_eq!(code, 200, "{claim}");
        claim["spec"]["resources"]["requests"]["storage"] = json!("2Gi");
        let (code, told) = json(&server, "PUT", &path, claim).await;
        assert_eq!(code, expected, "{class}: {told}");
        if code == 403 {
            let why = format!(
                "persistentvolumeclaims \"{name}\" is forbidden: only dynamically provisioned pvc can be resized and \
                 the storageclass that provisions the pvc must support resize"
            );
            assert_eq!(told["message"], why);
        }
    }
}
