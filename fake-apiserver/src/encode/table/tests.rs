use serde_json::json;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[track_caller]
fn check(group: &str, resource: &str, object: Value, expect: Value) {
    let now = at("2026-01-01T00:01:00Z");
    assert_eq!(Value::Array(cells(group, resource, &object, now)), expect);
}

fn made(name: &str) -> Value {
    json!({ "name": name, "creationTimestamp": "2026-01-01T00:00:00Z" })
}

#[test]
fn durations_have_two_units_at_most() {
    for (seconds, expect) in [
        (-2, "<invalid>"),
        (-1, "0s"),
        (119, "119s"),
        (120, "2m"),
        (125, "2m5s"),
        (11 * 60, "11m"),
        (3 * 3600 + 60, "3h1m"),
        (9 * 3600, "9h"),
        (49 * 3600, "2d1h"),
        (9 * 86400, "9d"),
        (2 * 365 * 86400 + 86400, "2y1d"),
        (9 * 365 * 86400, "9y"),
    ] {
        assert_eq!(human::duration(seconds), expect, "{seconds}");
    }
}

#[test]
fn a_pod_shows_what_its_first_unwell_container_says() {
    let pod = json!({
        "metadata": made("a"),
        "spec": { "containers": [{ "name": "x" }, { "name": "y" }], "nodeName": "n" },
        "status": { "phase": "Running", "podIPs": [{ "ip": "10.0.0.1" }], "containerStatuses": [
            { "name": "x", "restartCount": 2, "state": { "waiting": { "reason": "CrashLoopBackOff" } },
              "lastState": { "terminated": { "finishedAt": "2026-01-01T00:00:30Z" } } },
            { "name": "y", "ready": true, "restartCount": 0, "state": { "running": {} } },
        ] },
    });
    check(
        "",
        "pods",
        pod,
        json!([
            "a",
            "1/2",
            "CrashLoopBackOff",
            "2 (30s ago)",
            "60s",
            "10.0.0.1",
            "n",
            "<none>",
            "<none>"
        ]),
    );
}

#[test]
fn a_pod_that_initializes_counts_its_steps() {
    let pod = |status: Value| {
        json!({
            "metadata": made("a"),
            "spec": { "containers": [{ "name": "x" }], "initContainers": [{ "name": "i" }, { "name": "j" }] },
            "status": { "phase": "Pending", "initContainerStatuses": [
                { "name": "i", "state": { "terminated": { "exitCode": 0 } } },
                { "name": "j", "state": status },
            ] },
        })
    };
    let now = at("2026-01-01T00:01:00Z");
    let state = |status| cells("", "pods", &pod(status), now)[2].clone();
    assert_eq!(state(json!({ "running": {} })), "Init:1/2");
    assert_eq!(
        state(json!({ "waiting": { "reason": "PodInitializing" } })),
        "Init:1/2"
    );
    assert_eq!(
        state(json!({ "waiting": { "reason": "ErrImagePull" } })),
        "Init:ErrImagePull"
    );
    assert_eq!(
        state(json!({ "terminated": { "exitCode": 1, "signal": 9 } })),
        "Init:Signal:9"
    );
    assert_eq!(
        state(json!({ "terminated": { "exitCode": 3 } })),
        "Init:ExitCode:3"
    );
}

#[test]
fn a_finished_pod_says_so_beside_its_cells() {
    let pod = json!({ "status": { "phase": "Succeeded" } });
    assert_eq!(conditions("", "pods", &pod).unwrap()[0]["reason"], "Succeeded");
    assert_eq!(conditions("", "pods", &json!({})), None);
    assert_eq!(conditions("apps", "deployments", &pod), None);
}

#[test]
fn more_than_three_endpoints_are_counted() {
    let addresses: Vec<Value> = (1..=4).map(|i| json!({ "ip": format!("10.1.1.{i}") })).collect();
    let object =
        json!({ "metadata": made("ep"), "subsets": [{ "addresses": addresses, "ports": [{ "port": 80 }] }] });
    check(
        "",
        "endpoints",
        object,
        json!(["ep", "10.1.1.1:80,10.1.1.2:80,10.1.1.3:80 + 1 more...", "60s"]),
    );
}

#[test]
fn a_load_balancer_without_an_address_is_pending() {
    let object = json!({
        "metadata": made("s"),
        "spec": { "type": "LoadBalancer", "clusterIP": "10.0.0.1", "ports": [{ "port": 80, "nodePort": 30000, "protocol": "TCP" }] },
    });
    check(
        "",
        "services",
        object,
        json!([
            "s",
            "LoadBalancer",
            "10.0.0.1",
            "<pending>",
            "80:30000/TCP",
            "60s",
            "<none>"
        ]),
    );
}

#[test]
fn an_autoscaler_tells_two_metrics() {
    let resource = |name: &str, target: Value| json!({ "type": "Resource", "resource": { "name": name, "target": target } });
    let object = json!({
        "metadata": made("h"),
        "spec": { "scaleTargetRef": { "kind": "Deployment", "name": "d" }, "minReplicas": 2, "maxReplicas": 5, "metrics": [
            resource("cpu", json!({ "averageUtilization": 60 })),
            resource("memory", json!({ "averageValue": "100Mi" })),
            resource("storage", json!({ "averageUtilization": 1 })),
        ] },
        "status": { "currentReplicas": 3, "currentMetrics": [
            { "type": "Resource", "resource": { "name": "cpu", "current": { "averageUtilization": 40 } } },
        ] },
    });
    check(
        "autoscaling",
        "horizontalpodautoscalers",
        object,
        json!([
            "h",
            "Deployment/d",
            "cpu: 40%/60%, memory: <unknown>/100Mi + 1 more...",
            "2",
            5,
            3,
            "60s"
        ]),
    );
}

#[test]
fn a_kind_without_a_printer_shows_when_it_was_created() {
    check(
        "",
        "limitranges",
        json!({ "metadata": made("l") }),
        json!(["l", "2026-01-01T00:00:00Z"]),
    );
}

#[test]
fn a_custom_cell_has_its_columns_type_or_is_null() {
    let columns = |path: &str| {
        ["string", "integer", "number", "boolean", "date"].map(|t| json!({ "type": t, "jsonPath": path }))
    };
    let object = json!({ "metadata": made("c"), "spec": {
        "int": 5, "half": 1.9, "text": "x", "flag": false, "when": "2025-12-31T23:59:00Z",
        "list": [{ "k": "a", "n": 1 }, { "k": "b", "n": 2 }], "null": null, "a.b": 7,
    } });
    let cells_of = |path: &str| {
        Value::Array(custom_cells(&columns(path), &object, at("2026-01-01T00:01:00Z")).split_off(1))
    };
    assert_eq!(cells_of(".spec.int"), json!(["5", 5, 5, null, null]));
    assert_eq!(cells_of(".spec.half"), json!(["1.9", 1, 1.9, null, null]));
    assert_eq!(cells_of(".spec.flag"), json!(["false", null, null, false, null]));
    assert_eq!(
        cells_of(".spec.when"),
        json!(["2025-12-31T23:59:00Z", null, null, null, "2m"])
    );
    assert_eq!(
        cells_of(".spec.text"),
        json!(["x", null, null, null, "<invalid>"])
    );
    assert_eq!(
        cells_of(".spec.null"),
        json!(["<no value>", null, null, null, null])
    );
    assert_eq!(cells_of(".spec.absent"), json!([null, null, null, null, null]));
    assert_eq!(cells_of(".spec.a\\.b")[1], 7);
    assert_eq!(cells_of(".spec['a.b']")[1], 7);
    assert_eq!(cells_of(".spec.list[?(@.k==\"b\")].n")[1], 2);
    assert_eq!(cells_of(".spec.list[?(@.n>=2)].k")[0], "b");
    assert_eq!(cells_of(".spec.list[-1].n")[1], 2);
    assert_eq!(cells_of(".spec.list[*].n")[1], 1);
    assert_eq!(cells_of(".spec.list[1:].n")[1], 2);
    assert_eq!(cells_of("..n")[1], 1);
    assert_eq!(cells_of(".spec.list[?(@.k")[0], Value::Null);
}
