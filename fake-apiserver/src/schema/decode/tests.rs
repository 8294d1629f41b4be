use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::schema::builtin;

fn node(api_version: &str, kind: &str) -> NodeId {
    builtin().kind_of(api_version, kind).expect("a kind")
}

fn read(text: &str) -> Result<Decoded, DecodeError> {
    let (api_version, kind) = json::type_meta(text.as_bytes()).expect("type meta");
    decode(builtin().schema(), node(&api_version, &kind), text.as_bytes())
}

#[track_caller]
fn refused(text: &str, message: &str) {
    assert_eq!(read(text).unwrap_err().to_string(), message);
}

#[track_caller]
fn pod_refused(container: Value, message: &str) {
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [container]}});
    refused(&pod.to_string(), message);
}

#[test]
fn unknown_and_duplicate_fields_are_complained_of_in_order() {
    let config = read(
        r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","name":"c2","foo":1},
            "data":{"k":"1","k":"2"},"data":{"l":"1"},"Data":{}}"#,
    )
    .expect("a config map");
    assert_eq!(
        config.strict,
        [
            r#"duplicate field "metadata.name""#,
            r#"unknown field "metadata.foo""#,
            r#"duplicate field "data.k""#,
            r#"duplicate field "data""#,
            r#"unknown field "Data""#,
        ]
    );
    assert_eq!(
        config.value,
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c2"}, "data": {"k": "2", "l": "1"}})
    );
    let pod = read(
        r#"{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"c","nosuch":1}],"nosuchSpec":{}}}"#,
    )
    .expect("a pod");
    assert_eq!(
        pod.strict,
        [
            r#"unknown field "spec.containers[0].nosuch""#,
            r#"unknown field "spec.nosuchSpec""#
        ]
    );
}

#[test]
fn values_of_wrong_types_are_told_by_their_go_fields() {
    let deployment = |spec: &str| format!(r#"{{"apiVersion":"apps/v1","kind":"Deployment","spec":{spec}}}"#);
    refused(
        &deployment(r#"{"replicas":"3"}"#),
        "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
    );
    refused(
        &deployment(r#"{"replicas":3.0}"#),
        "json: cannot unmarshal number 3.0 into Go struct field DeploymentSpec.spec.replicas of type int32",
    );
    refused(
        &deployment(r#"{"replicas":99999999999}"#),
        "json: cannot unmarshal number 99999999999 into Go struct field DeploymentSpec.spec.replicas of type int32",
    );
    refused(
        &deployment(r#"{"strategy":"Recreate"}"#),
        "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.strategy of type v1.DeploymentStrategy",
    );
    pod_refused(
        json!("x"),
        "json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type v1.Container",
    );
    pod_refused(
        json!({"livenessProbe": {"httpGet": {"port": true}}}),
        "json: cannot unmarshal bool into Go struct field \
         HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port of type int32",
    );
    pod_refused(
        json!({"resources": {"limits": {"cpu": "x"}}}),
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
    refused(
        r#"{"apiVersion":"v1","kind":"Pod","spec":{"containers":{},"nodeSelector":5}}"#,
        "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container",
    );
    refused(
        r#"{"apiVersion":"v1","kind":"Pod","spec":{"nodeSelector":5}}"#,
        "json: cannot unmarshal number into Go struct field PodSpec.spec.nodeSelector of type map[string]string",
    );
    refused(
        r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"labels":{"a":1}}}"#,
        "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
    );
    refused(
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"creationTimestamp":5}}"#,
        "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type string",
    );
    refused(
        r#"{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":5}}"#,
        "json: cannot unmarshal number into Go struct field Preconditions.preconditions.uid of type types.UID",
    );
    refused(
        r#"{"apiVersion":"v1","kind":"Secret","data":{"k":1}}"#,
        "json: cannot unmarshal number into Go struct field Secret.data of type []uint8",
    );
    assert_eq!(
        decode(builtin().schema(), node("v1", "ConfigMap"), b"\"x\"")
            .unwrap_err()
            .to_string(),
        "json: cannot unmarshal string into Go value of type v1.ConfigMap"
    );
}

#[test]
fn base64_errors_point_at_the_byte() {
    for (text, at) in [
        ("not base64", 3),
        ("1", 0),
        ("AAE", 0),
        ("AAEC=", 4),
        ("AA=A", 3),
        ("AA==x", 4),
        ("AAECA", 4),
    ] {
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "data": {"k": text}}).to_string();
        refused(&secret, &format!("illegal base64 data at input byte {at}"));
    }
    let secret = read(r#"{"apiVersion":"v1","kind":"Secret","data":{"k":"AA\nEC","e":"","n":null}}"#)
        .expect("a secret");
    assert_eq!(secret.value["data"], json!({"k": "AAEC", "e": "", "n": ""}));
}

#[test]
fn a_syntax_error_comes_before_any_other() {
    refused_text(
        r#"{"spec":{"containers":[{"resources":{"limits":{"cpu":"x"}}}]},}"#,
        "invalid character '}' looking for beginning of object key string",
    );
}

#[track_caller]
fn refused_text(text: &str, message: &str) {
    let error = decode(builtin().schema(), node("v1", "Pod"), text.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), message);
}

#[test]
fn a_round_trip_through_go_leaves_its_marks() {
    let pod = read(
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":{"a":null},"annotations":{},
            "creationTimestamp":null},
            "spec":{"hostNetwork":false,"automountServiceAccountToken":false,"nodeName":"","tolerations":[],
            "securityContext":{},"terminationGracePeriodSeconds":0,
            "containers":[{"name":"c","resources":{"limits":{"cpu":"0.1","memory":1024}}}]}}"#,
    )
    .expect("a pod");
    assert_eq!(
        pod.value,
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {"a": ""}},
            "spec": {"automountServiceAccountToken": false, "securityContext": {}, "terminationGracePeriodSeconds": 0,
                "containers": [{"name": "c", "resources": {"limits": {"cpu": "100m", "memory": "1024"}}}]},
            "status": {}})
    );
    let mut role =
        read(r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","rules":[]}"#).expect("a role");
    assert_eq!(role.value["rules"], json!([]));
    let node = node("rbac.authorization.k8s.io/v1", "Role");
    stored(builtin().schema(), node, &mut role.value);
    assert_eq!(role.value.get("rules"), Some(&Value::Null));
}

#[test]
fn schemas_inside_definitions_are_read_by_their_own_rules() {
    let schema = json!({"type": "object", "properties": {
        "a": {"type": "array", "items": {"type": "string", "bogus": 1}},
        "b": {"additionalProperties": {"type": "integer", "maximum": 5.0}},
        "c": {"additionalProperties": false, "bogus": 1},
    }});
    let crd = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "spec": {"versions": [{"name": "v1", "schema": {"openAPIV3Schema": schema}}]}});
    let read = read(&crd.to_string()).expect("a definition");
    let prefix = "spec.versions[0].schema.openAPIV3Schema.properties";
    assert_eq!(read.strict, [format!("unknown field \"{prefix}.c.bogus\"")]);
    let properties = &read.value["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"];
    assert_eq!(
        *properties,
        json!({"a": {"type": "array", "items": {"type": "string"}},
            "b": {"additionalProperties": {"type": "integer", "maximum": 5}}, "c": {"additionalProperties": false}})
    );
}

#[test]
fn untyped_objects_complain_of_duplicates_only() {
    let read = decode_untyped(br#"{"a":{"b":1,"b":2},"l":[{"x":1,"x":2}],"n":1.0}"#).expect("an object");
    assert_eq!(
        read.strict,
        [r#"duplicate field "a.b""#, r#"duplicate field "l[0].x""#]
    );
    assert_eq!(read.value, json!({"a": {"b": 2}, "l": [{"x": 2}], "n": 1}));
    assert_eq!(
        decode_untyped(br#"{"n":1e400}"#).unwrap_err().to_string(),
        "json: cannot unmarshal number 1e400 into Go value of type float64"
    );
}

fn arbitrary_json() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "metadata",
        "spec",
        "status",
        "name",
        "labels",
        "containers",
        "template",
        "resources",
        "limits",
        "cpu",
        "ports",
        "port",
        "replicas",
        "creationTimestamp",
        "data",
        "selector",
        "env",
        "value",
        "versions",
        "schema",
        "kind",
        "openAPIV3Schema",
        "properties",
        "items",
        "additionalProperties",
        "default",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z0-9.:TZ=-]{0,20}".prop_map(Value::from),
        Just(json!("100m")),
        Just(json!("2024-01-02T03:04:05Z")),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(names.clone().prop_map(String::from), inner, 0..6)
                .prop_map(|m| m.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #[test]
    fn decoding_never_panics_and_settles(value in arbitrary_json(), pick in any::<prop::sample::Index>()) {
        let b = builtin();
        let kinds: Vec<_> = b.kinds().collect();
        let (.., node) = kinds[pick.index(kinds.len())];
        if let Ok(first) = decode_value(b.schema(), node, &value) {
            let again = decode_value(b.schema(), node, &first.value).expect("a decoded value decodes");
            prop_assert_eq!(again.value, first.value);
            prop_assert!(again.strict.is_empty());
        }
    }

    #[test]
    fn decoding_survives_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..64), text in r#"[\[\]{},:"a-z0-9 \\u.]{0,60}"#) {
        for body in [bytes.as_slice(), text.as_bytes()] {
            let _ = decode(builtin().schema(), node("v1", "Pod"), body);
            let _ = decode_untyped(body);
            let _ = json::type_meta(body);
        }
    }
}
