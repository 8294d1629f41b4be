use serde_json::{Value, json};

use super::*;

/// The errors of a pod's spec, as a client reads them.
#[track_caller]
fn check(change: Value, expect: &[&str]) {
    let mut spec = json!({
        "containers": [{
            "name": "c", "image": "i", "imagePullPolicy": "Always", "terminationMessagePolicy": "File",
        }],
        "restartPolicy": "Always",
        "dnsPolicy": "ClusterFirst",
    });
    merge(&mut spec, change);
    let mut check = Check::default();
    let empty = Fields::new();
    pod_spec(&mut check, spec.as_object().unwrap_or(&empty), "spec");
    let errors: Vec<String> = check.done().iter().map(ToString::to_string).collect();
    assert_eq!(errors, expect);
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (Value::Array(into), Value::Array(from)) if into.len() == from.len() => {
            into.iter_mut()
                .zip(from)
                .for_each(|(into, from)| merge(into, from));
        }
        (into, from) => *into = from,
    }
}

#[test]
fn a_plain_pod_is_fine() {
    check(json!({}), &[]);
}

#[test]
fn containers_are_needed() {
    check(json!({"containers": []}), &["spec.containers: Required value"]);
}

#[test]
fn mounts_need_a_good_volume() {
    check(
        json!({
            "containers": [{"volumeMounts": [{"name": "v", "mountPath": "/v"}]}],
            "volumes": [{"name": "v", "emptyDir": {}, "hostPath": {"path": "/x", "type": ""}}],
        }),
        &[
            "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type",
            "spec.containers[0].volumeMounts[0].name: Not found: \"v\"",
        ],
    );
}

#[test]
fn a_probe_has_one_handler() {
    check(
        json!({"containers": [{"livenessProbe": {"successThreshold": 2}}]}),
        &[
            "spec.containers[0].livenessProbe: Required value: must specify a handler type",
            "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1",
        ],
    );
}

#[test]
fn requests_stay_below_limits() {
    check(
        json!({"containers": [{"resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "2"}}}]}),
        &[
            "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1",
        ],
    );
}

#[test]
fn tolerations_without_a_key_tolerate_all() {
    check(
        json!({"tolerations": [{"value": "x"}]}),
        &[
            "spec.tolerations[0].operator: Invalid value: \"\": operator must be Exists when `key` is empty, which means \
             \"match all values and all keys\"",
        ],
    );
}

#[test]
fn environment_has_one_source() {
    check(
        json!({"containers": [{"env": [{"name": "A", "value": "1", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}}]}]}),
        &[
            "spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty",
        ],
    );
}
