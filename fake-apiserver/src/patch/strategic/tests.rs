use proptest::prelude::*;
use serde_json::{Value, json};

use crate::schema::builtin;

use super::*;

fn node(kind: &str) -> NodeId {
    let group = match kind {
        "Deployment" => "apps",
        "PodDisruptionBudget" => "policy",
        _ => "",
    };
    builtin().kind(group, "v1", kind).expect(kind)
}

fn apply_to(kind: &str, object: &Value, patch: &Value) -> Result<Patched, Error> {
    apply(
        builtin().schema(),
        node(kind),
        object,
        patch.to_string().as_bytes(),
    )
}

/// The names of the containers of a pod after a patch of its spec.
fn containers(names: &[&str], patch: &Value) -> Result<Vec<String>, Error> {
    let containers: Vec<_> = names
        .iter()
        .map(|name| json!({"name": name, "image": "i"}))
        .collect();
    let patched = apply_to(
        "Pod",
        &json!({"spec": {"containers": containers}}),
        &json!({"spec": patch}),
    )?;
    let containers = patched.value()["spec"]["containers"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    Ok(containers
        .iter()
        .map(|c| c["name"].as_str().unwrap_or_default().to_owned())
        .collect())
}

fn named(names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| json!({"name": name})).collect()
}

#[test]
fn new_items_come_first_unless_a_known_one_stands_before_them() {
    for (before, patch, after) in [
        (&["a", "b"][..], &["b"][..], &["a", "b"][..]),
        (&["a", "b"], &["c"], &["c", "a", "b"]),
        (&["c", "a", "b"], &["z", "a"], &["z", "c", "a", "b"]),
        (&["a", "b"], &["b", "c"], &["a", "b", "c"]),
        (&["a", "b"], &["a", "c"], &["a", "c", "b"]),
        (&["a", "b"], &["b", "a"], &["b", "a"]),
    ] {
        assert_eq!(
            containers(before, &json!({"containers": named(patch)})).as_deref(),
            Ok(&after.map_names()[..])
        );
    }
}

trait Names {
    fn map_names(&self) -> Vec<String>;
}

impl Names for [&str] {
    fn map_names(&self) -> Vec<String> {
        self.iter().map(|&name| name.to_owned()).collect()
    }
}

#[test]
fn an_order_is_followed() {
    for (before, order, patch, after) in [
        (
            &["a", "b", "c"][..],
            &["c", "b", "a"][..],
            &[][..],
            &["c", "b", "a"][..],
        ),
        (
            &["a", "b", "c"],
            &["d", "a", "b", "c"],
            &["d"],
            &["d", "a", "b", "c"],
        ),
        (&["d", "a", "b", "c"], &["b", "a"], &[], &["d", "b", "a", "c"]),
        (
            &["d", "b", "a", "c"],
            &["x", "y", "z"],
            &[],
            &["d", "b", "a", "c"],
        ),
        (&["a"], &["n", "a"], &["n"], &["n", "a"]),
    ] {
        let mut fields = json!({"$setElementOrder/containers": named(order)});
        if !patch.is_empty() {
            fields["containers"] = named(patch).into();
        }
        assert_eq!(
            containers(before, &fields).as_deref(),
            Ok(&after.map_names()[..]),
            "{fields}"
        );
    }
    let deleting = json!({
        "$setElementOrder/containers": named(&["a", "b"]),
        "containers": [{"name": "d", "$patch": "delete"}, {"name": "a", "image": "j"}],
    });
    assert_eq!(
        containers(&["d", "b", "a"], &deleting),
        Ok(vec!["a".to_owned(), "b".to_owned()])
    );
}

#[test]
fn directives_delete_and_replace() {
    let replaced = |patch: Value| containers(&["a", "b"], &json!({"containers": patch}));
    assert_eq!(
        replaced(json!([{"name": "a", "$patch": "delete"}])),
        Ok(vec!["b".to_owned()])
    );
    assert_eq!(
        replaced(json!([{"name": "x", "$patch": "delete"}])),
        Ok(vec!["a".to_owned(), "b".to_owned()])
    );
    assert_eq!(
        replaced(json!([{"name": "c"}, {"$patch": "replace"}])),
        Ok(vec!["c".to_owned()])
    );
    // An item that says so replaces the list, and is none of it.
    assert_eq!(replaced(json!([{"name": "a", "$patch": "replace"}])), Ok(vec![]));

    let object = json!({"metadata": {"labels": {"x": "1", "y": "2"}, "finalizers": ["a/f", "a/g"]}});
    let labels = |patch: Value| {
        let patched = apply_to("ConfigMap", &object, &json!({"metadata": patch}));
        patched.map(|p| p.value()["metadata"].clone())
    };
    assert_eq!(
        labels(json!({"labels": {"$patch": "replace", "z": "3"}})).expect("good")["labels"],
        json!({"z": "3"})
    );
    assert_eq!(
        labels(json!({"labels": {"$patch": "delete", "z": "3"}})).expect("good")["labels"],
        json!({})
    );
    assert_eq!(
        labels(json!({"labels": {"x": null, "$other": "3"}})).expect("good")["labels"],
        json!({"y": "2", "$other": "3"})
    );
    assert_eq!(
        labels(json!({"finalizers": ["a/h"]})).expect("good")["finalizers"],
        json!(["a/h", "a/f", "a/g"])
    );
    assert_eq!(
        labels(json!({"$deleteFromPrimitiveList/finalizers": ["a/f"]})).expect("good")["finalizers"],
        json!(["a/g"])
    );
    assert_eq!(
        apply_to("ConfigMap", &object, &json!({"$patch": "delete"})).map(|p| p.value().clone()),
        Ok(json!({}))
    );
}

#[test]
fn only_retained_keys_stay() {
    let object = json!({"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}});
    let patch = |strategy: Value| apply_to("Deployment", &object, &json!({"spec": {"strategy": strategy}}));
    let patched = patch(json!({"$retainKeys": ["type"], "type": "Recreate"})).expect("a good patch");
    assert_eq!(patched.value()["spec"]["strategy"], json!({"type": "Recreate"}));
    for bad in [
        json!({"$retainKeys": "type"}),
        json!({"$retainKeys": ["x"], "type": "Recreate"}),
    ] {
        let status = patch(bad).expect_err("a bad list").status();
        assert_eq!(
            (status.code(), status.message()),
            (400, "invalid patch format of retainKeys")
        );
    }
}

#[test]
fn directives_and_nulls_without_a_counterpart_are_dropped() {
    let patch = json!({"metadata": {"labels": {"$patch": "frobnicate", "a": null, "b": "1"}}, "spec": {
        "containers": [{"name": "a", "$setElementOrder/env": [{"name": "x"}], "env": [{"name": "x"}, {"name": "y", "$patch": "delete"}]}],
    }});
    let expected = json!({"metadata": {"labels": {"b": "1"}}, "spec": {"containers": [{"name": "a", "env": [{"name": "x"}]}]}});
    assert_eq!(
        apply_to("Pod", &json!({}), &patch).map(|p| p.value().clone()),
        Ok(expected)
    );
}

#[test]
fn lists_without_a_strategy_are_replaced() {
    let object =
        json!({"spec": {"containers": [{"name": "a", "args": ["x", "y"]}], "tolerations": [{"key": "a"}]}});
    let patch =
        json!({"spec": {"containers": [{"name": "a", "args": ["z"]}], "tolerations": [{"key": "b"}]}});
    assert_eq!(
        apply_to("Pod", &object, &patch).map(|p| p.value().clone()),
        Ok(patch)
    );
}

#[test]
fn an_object_may_be_one_value() {
    let object = json!({"spec": {"selector": {"matchLabels": {"a": "b"}}, "minAvailable": 1}});
    let patch = json!({"spec": {"selector": {"matchLabels": {"c": "d"}}}});
    let expected = json!({"spec": {"selector": {"matchLabels": {"c": "d"}}, "minAvailable": 1}});
    assert_eq!(
        apply_to("PodDisruptionBudget", &object, &patch).map(|p| p.value().clone()),
        Ok(expected)
    );
}

#[test]
fn ports_merge_by_port_alone() {
    let object = json!({"spec": {"ports": [{"name": "http", "port": 80}]}});
    let patch =
        json!({"spec": {"ports": [{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]}});
    let expected =
        json!({"spec": {"ports": [{"port": 53, "protocol": "UDP"}, {"name": "http", "port": 80}]}});
    assert_eq!(
        apply_to("Service", &object, &patch).map(|p| p.value().clone()),
        Ok(expected)
    );
}

#[test]
fn failures_are_told_in_the_servers_words() {
    let object = json!({"metadata": {"labels": {}}, "spec": {"containers": [{"name": "a", "image": "i"}]}});
    for (patch, code, message) in [
        (
            json!([]),
            400,
            "json: cannot unmarshal array into Go value of type map[string]interface {}",
        ),
        (
            json!({"$patch": "weird"}),
            500,
            "unknown patch type: weird in map: map[$patch:weird]",
        ),
        (
            json!({"metadata": {"labels": {"$patch": "merge", "w": "4"}}}),
            500,
            "unknown patch type: merge in map: map[$patch:merge w:4]",
        ),
        (
            json!({"spec": {"containers": [{"name": "a", "$patch": "merge"}]}}),
            500,
            "merging lists cannot yet be specified in the patch",
        ),
        (
            json!({"spec": {"containers": [{"name": "a", "$patch": "frobnicate"}]}}),
            500,
            "unknown patch type: frobnicate in map: map[$patch:frobnicate name:a]",
        ),
        (
            json!({"spec": {"containers": [{"image": "nameless:1"}]}}),
            500,
            "map: map[image:nameless:1] does not contain declared merge key: name",
        ),
        (
            json!({"spec": {"containers": ["text"]}}),
            500,
            "list element types are not identical: [[map[image:i name:a]] [text]]",
        ),
        (
            json!({"spec": {"$setElementOrder/containers": [{"name": "a"}], "containers": [{"name": "e"}]}}),
            500,
            "The order in patch list:\n[map[name:e]]\n doesn't match $setElementOrder list:\n[map[name:a]]\n",
        ),
        (
            json!({"spec": {"$setElementOrder/containers": [{"image": "no key"}]}}),
            500,
            "map: map[image:no key] does not contain declared merge key: name",
        ),
        (
            json!({"spec": {"$setElementOrder/containers": ["a", "b"]}}),
            500,
            "value for key 0 is not a map",
        ),
        (
            json!({"spec": {"$setElementOrder/nothing": [{"name": "a"}], "nothing": [{"name": "a"}]}}),
            500,
            "unable to find api field in struct PodSpec for the json field \"nothing\"",
        ),
    ] {
        let status = apply_to("Pod", &object, &patch).expect_err(message).status();
        assert_eq!((status.code(), status.message()), (code, message), "{patch}");
    }
}

#[test]
fn what_does_not_fit_its_type_quotes_the_patch() {
    let object = json!({"spec": {"replicas": 1}});
    for (patch, message) in [
        (
            json!({"spec": {"replicas": "x"}}),
            "map[spec:map[replicas:x]]\": unrecognized type: int32",
        ),
        (
            json!({"metadata": {"labels": "text"}}),
            "map[metadata:map[labels:text]]\": cannot restore map from string",
        ),
        (
            json!({"spec": {"template": {"spec": {"containers": "x"}}}}),
            "map[spec:map[template:map[spec:map[containers:x]]]]\": cannot restore slice from string",
        ),
    ] {
        let patched = apply_to("Deployment", &object, &patch).expect("it merges");
        let why = fit(builtin().schema(), node("Deployment"), patched.value()).expect_err("it does not fit");
        let status = patched.invalid(&why);
        assert_eq!(status.code(), 422);
        assert_eq!(
            status.message(),
            format!(" \"\" is invalid: patch: Invalid value: \"{message}")
        );
    }
    let good = json!({"spec": {"replicas": 2.0, "strategy": {"rollingUpdate": {"maxSurge": "25%"}}, "paused": null}});
    assert_eq!(fit(builtin().schema(), node("Deployment"), &good), Ok(()));
}

fn any_spec() -> impl Strategy<Value = Value> {
    let name = prop_oneof![Just("a"), Just("b"), Just("c")];
    let scalar = prop_oneof![
        Just(Value::Null),
        Just(json!(1)),
        "[ab]".prop_map(Value::from),
        Just(json!({"name": "a"})),
        Just(json!([1, "x"])),
        Just(json!([[]])),
    ];
    let item = proptest::collection::btree_map(
        prop_oneof![
            Just("name"),
            Just("image"),
            Just("args"),
            Just("env"),
            Just("$patch"),
            Just("$retainKeys"),
            Just("$setElementOrder/env"),
            Just("$deleteFromPrimitiveList/args"),
        ],
        prop_oneof![
            4 => name.prop_map(Value::from),
            1 => Just(json!("delete")),
            1 => Just(json!("replace")),
            1 => Just(json!([{"name": "a"}, {"name": "b"}])),
            1 => Just(json!(["name", "image"])),
            2 => scalar.clone(),
        ],
        0..4,
    )
    .prop_map(|map| {
        Value::Object(
            map.into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
        )
    });
    let list =
        proptest::collection::vec(prop_oneof![6 => item, 1 => scalar.clone()], 0..4).prop_map(Value::from);
    proptest::collection::btree_map(
        prop_oneof![
            Just("containers"),
            Just("$setElementOrder/containers"),
            Just("tolerations"),
            Just("nodeSelector"),
            Just("$patch"),
            Just("$retainKeys"),
        ],
        prop_oneof![4 => list, 1 => scalar],
        0..4,
    )
    .prop_map(|map| json!({"spec": Value::Object(map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())}))
}

proptest! {
    #[test]
    fn no_patch_panics(object in any_spec(), patch in any_spec()) {
        if let Ok(patched) = apply_to("Pod", &object, &patch) {
            let _ = fit(builtin().schema(), node("Pod"), patched.value());
        }
    }

    #[test]
    fn items_are_merged_each_once(before in proptest::sample::subsequence(vec!["a", "b", "c", "d"], 0..4), patch in proptest::sample::subsequence(vec!["a", "b", "c", "d"], 0..4).prop_shuffle()) {
        let after = containers(&before, &json!({"containers": named(&patch)})).expect("a good patch");
        let mut sorted = after.clone();
        sorted.sort();
        let mut all = [before.clone(), patch.clone()].concat();
        all.sort_unstable();
        all.dedup();
        prop_assert_eq!(sorted, all);
        // Both orders survive.
        let among = |names: &[&str]| -> Vec<String> { after.iter().filter(|n| names.contains(&n.as_str())).cloned().collect() };
        let others: Vec<_> = before.iter().filter(|n| !patch.contains(n)).copied().collect();
        prop_assert_eq!(among(&patch), patch.map_names());
        prop_assert_eq!(among(&others), others.map_names());
    }
}
