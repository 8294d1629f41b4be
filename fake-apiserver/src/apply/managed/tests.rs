use serde_json::json;

use super::*;
use crate::apply::testing::{Kind, thing};
use crate::schema::builtin;

const T1: &str = "2026-01-01T00:00:01Z";
const T2: &str = "2026-01-01T00:00:02Z";

struct BuiltinKind {
    api_version: &'static str,
    kind: &'static str,
    resets: Resets,
}

fn config_map() -> BuiltinKind {
    BuiltinKind {
        api_version: "v1",
        kind: "ConfigMap",
        resets: Resets::none(),
    }
}

impl BuiltinKind {
    fn context<'a>(&'a self, manager: &'a str, now: &'a str) -> Context<'a> {
        Context {
            schema: builtin().schema(),
            node: builtin().kind_of(self.api_version, self.kind).unwrap(),
            api_version: self.api_version,
            kind: self.kind,
            manager,
            subresource: "",
            resets: &self.resets,
            evolving: true,
            now,
            versions: &OneVersion,
        }
    }
}

fn object(data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "resourceVersion": "5"}, "data": data})
}

fn entry(manager: &str, operation: &str, time: &str, fields: Value) -> Value {
    json!({"manager": manager, "operation": operation, "apiVersion": "v1", "fieldsType": "FieldsV1",
        "fieldsV1": fields, "time": time})
}

fn entries(object: &Value) -> Value {
    object["metadata"]["managedFields"].clone()
}

fn created(data: Value) -> Value {
    let mut new = object(data);
    update(&config_map().context("m", T1), None, &mut new);
    new
}

/// The entries after `manager` at `T2` made `live` the object that `edit` leaves.
fn edited(manager: &str, live: &Value, edit: impl FnOnce(&mut Value)) -> Value {
    let mut new = live.clone();
    edit(&mut new);
    update(&config_map().context(manager, T2), Some(live), &mut new);
    new
}

#[test]
fn a_creator_owns_what_it_gave_but_not_what_the_server_sets() {
    let got = created(json!({"k": "1"}));
    let fields = json!({"f:data": {".": {}, "f:k": {}}});
    assert_eq!(entries(&got), json!([entry("m", "Update", T1, fields)]));
}

#[test]
fn a_created_object_with_nothing_in_it_has_no_entries() {
    let mut new = object(Value::Null);
    new.as_object_mut().unwrap().remove("data");
    update(&config_map().context("m", T1), None, &mut new);
    assert_eq!(entries(&new), Value::Null);
}

#[test]
fn what_the_zero_object_has_already_is_not_owned_by_its_creator() {
    let deployment = BuiltinKind {
        api_version: "apps/v1",
        kind: "Deployment",
        resets: Resets::builtin("apps", "deployments", "", true),
    };
    let mut new = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": {
        "selector": {"matchLabels": {"app": "a"}}, "strategy": {"type": "Recreate"},
        "template": {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [
            {"name": "a", "image": "i", "resources": {}, "env": [{"name": "E", "value": "1"}]}]}}},
        "status": {"replicas": 3}});
    update(&deployment.context("m", T1), None, &mut new);
    let fields = json!({"f:spec": {"f:selector": {}, "f:strategy": {"f:type": {}}, "f:template": {
        "f:metadata": {"f:labels": {".": {}, "f:app": {}}},
        "f:spec": {"f:containers": {"k:{\"name\":\"a\"}": {".": {}, "f:name": {}, "f:image": {}, "f:resources": {},
            "f:env": {".": {}, "k:{\"name\":\"E\"}": {".": {}, "f:name": {}, "f:value": {}}}}}}}}});
    assert_eq!(entries(&new)[0]["fieldsV1"], fields);
}

#[test]
fn an_updater_takes_what_it_changes_from_its_owner() {
    let live = created(json!({"k": "1", "l": "1"}));
    let got = edited("n", &live, |o| o["data"]["k"] = "2".into());
    let left = json!({"f:data": {".": {}, "f:l": {}}});
    let taken = json!({"f:data": {"f:k": {}}});
    assert_eq!(
        entries(&got),
        json!([entry("m", "Update", T1, left), entry("n", "Update", T2, taken)])
    );
}

#[test]
fn an_update_that_changes_nothing_leaves_the_entries_as_they_are() {
    let live = created(json!({"k": "1"}));
    let got = edited("n", &live, |_| ());
    assert_eq!(got, live);
}

#[test]
fn what_is_removed_belongs_to_nobody() {
    let live = created(json!({"k": "1"}));
    let got = edited("n", &live, |o| {
        o.as_object_mut().unwrap().remove("data");
    });
    assert_eq!(entries(&got), Value::Null);
}

#[test]
fn an_empty_entry_or_an_empty_list_clears_and_null_does_not() {
    let live = created(json!({"k": "1"}));
    for cleared in [json!([{}]), json!([])] {
        let got = edited("n", &live, |o| o["metadata"]["managedFields"] = cleared);
        assert_eq!(entries(&got), Value::Null);
    }
    let got = edited("n", &live, |o| o["metadata"]["managedFields"] = Value::Null);
    assert_eq!(entries(&got), entries(&live));
}

#[test]
fn an_object_without_entries_gets_none_from_updates() {
    let live = object(json!({"k": "1"}));
    assert_eq!(
        entries(&edited("n", &live, |o| o["data"]["k"] = "2".into())),
        Value::Null
    );
}

#[test]
fn entries_in_a_request_count_where_they_can_be_read() {
    let live = created(json!({"k": "1"}));
    let hand = json!([entry("hand", "Apply", T1, json!({"f:data": {"f:k": {}}}))]);
    let got = edited("n", &live, |o| o["metadata"]["managedFields"] = hand.clone());
    assert_eq!(entries(&got), hand);
    for bad in [
        json!([{"manager": "x"}]),
        json!([entry("x", "Create", T1, json!({"f:data": {}}))]),
        json!([entry("x", "Apply", T1, json!({"nonsense": 5}))]),
    ] {
        let got = edited("n", &live, |o| o["metadata"]["managedFields"] = bad);
        assert_eq!(entries(&got), entries(&live));
    }
}

#[test]
fn entries_of_a_version_that_does_not_exist_are_forgotten() {
    let live = created(json!({"k": "1"}));
    let mut unknown = entry("hand", "Apply", T1, json!({"f:data": {"f:k": {}}}));
    unknown["apiVersion"] = "nonsense/v9".into();
    let got = edited("n", &live, |o| o["metadata"]["managedFields"] = json!([unknown]));
    assert_eq!(entries(&got), Value::Null);
}

#[test]
fn more_than_ten_updaters_are_folded_oldest_first() {
    let mut live = created(json!({"m": "1"}));
    for i in 0..11 {
        let name = format!("u{i:02}");
        live = edited(&name, &live, |o| o["data"][&name] = "1".into());
    }
    let list = entries(&live);
    let names: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["manager"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "ancient-changes",
            "u02",
            "u03",
            "u04",
            "u05",
            "u06",
            "u07",
            "u08",
            "u09",
            "u10"
        ]
    );
    let folded = json!({"f:data": {".": {}, "f:m": {}, "f:u00": {}, "f:u01": {}}});
    assert_eq!(list[0]["fieldsV1"], folded);
}

#[test]
fn times_are_no_difference() {
    let live = created(json!({"k": "1"}));
    let same = |new: &Value| Entries::of(&live).equal_but_time(&Entries::of(new));
    let mut new = live.clone();
    new["metadata"]["managedFields"][0]["time"] = T2.into();
    assert!(same(&new) && Entries::of(&live) != Entries::of(&new));
    new["metadata"]["managedFields"][0]["manager"] = "other".into();
    assert!(!same(&new));
}

#[test]
fn status_belongs_to_the_status_subresource_alone() {
    let kind = BuiltinKind {
        api_version: "apps/v1",
        kind: "Deployment",
        resets: Resets::builtin("apps", "deployments", "status", true),
    };
    let live = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "managedFields": [
        {"manager": "m", "operation": "Apply", "apiVersion": "apps/v1", "fieldsType": "FieldsV1", "time": T1,
            "fieldsV1": {"f:spec": {"f:replicas": {}}}}]}, "spec": {"replicas": 1}, "status": {}});
    let mut new = live.clone();
    new["spec"]["replicas"] = 2.into();
    new["status"]["replicas"] = 2.into();
    new["metadata"]["labels"] = json!({"x": "1"});
    new["metadata"]["annotations"] = json!({"y": "1"});
    let ctx = Context {
        subresource: "status",
        ..kind.context("ctl", T2)
    };
    update(&ctx, Some(&live), &mut new);
    let list = entries(&new);
    assert_eq!(list[0], live["metadata"]["managedFields"][0]);
    assert_eq!(list[1]["subresource"], "status");
    let fields =
        json!({"f:metadata": {"f:annotations": {".": {}, "f:y": {}}}, "f:status": {"f:replicas": {}}});
    assert_eq!(list[1]["fieldsV1"], fields);
}

#[test]
fn a_type_that_became_atomic_is_owned_whole_by_who_owned_a_part() {
    let kind = Kind::of_all_forms();
    let owned = json!([{"manager": "m", "operation": "Update", "apiVersion": "g/v1", "fieldsType": "FieldsV1",
        "time": T1, "fieldsV1": {"f:spec": {"f:atomicMap": {"f:a": {}}}}}]);
    let mut live = thing(json!({"atomicMap": {"a": "x"}, "n": 1}));
    live["metadata"]["managedFields"] = owned;
    let mut new = live.clone();
    new["spec"]["n"] = 2.into();
    update(&kind.context("n", T2), Some(&live), &mut new);
    assert_eq!(
        entries(&new)[0]["fieldsV1"],
        json!({"f:spec": {"f:atomicMap": {}}})
    );
}

#[test]
fn managers_are_named_by_the_request_or_its_user_agent() {
    assert_eq!(manager_name("m", "kubectl/v1.36 (linux)"), "m");
    assert_eq!(manager_name("", "kubectl/v1.36 (linux)"), "kubectl");
    assert_eq!(manager_name("", &"x".repeat(200)).len(), 128);
    assert_eq!(manager_name("", "/leading"), "unknown");
}

#[test]
fn a_managers_name_is_printable() {
    let errors = validate_manager("a\tb", "fieldManager");
    assert_eq!(
        errors[0].to_string(),
        r#"fieldManager: Invalid value: "a\tb": invalid character U+0009 (at position 1)"#
    );
    assert!(validate_manager("a b \u{e4}", "fieldManager").is_empty());
}

#[test]
fn entries_are_validated_as_metadata() {
    let mut bad = entry(&"x".repeat(129), "Update", T1, json!({}));
    bad["subresource"] = "y".repeat(257).into();
    let errors: Vec<String> = validate(&Entries::parse(&json!([bad])).unwrap(), "metadata")
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        errors,
        [
            "metadata.managedFields[0].manager: Too long: may not be more than 128 bytes",
            "metadata.managedFields[0].subresource: Too long: may not be more than 256 bytes",
        ]
    );
}

proptest::proptest! {
    #[test]
    fn any_two_objects_can_follow_each_other(
        live in crate::apply::testing::json_values(),
        new in crate::apply::testing::json_values(),
        given in crate::apply::testing::json_values(),
    ) {
        let kind = Kind::of_all_forms();
        let mut live = thing(live);
        live["metadata"]["managedFields"] = given;
        let mut new = thing(new);
        update(&kind.context("m", T1), Some(&live), &mut new);
    }
}
