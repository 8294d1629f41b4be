use serde_json::json;

use super::*;
use crate::apply::testing::{Kind, thing};

const T1: &str = "2026-01-01T00:00:01Z";
const T2: &str = "2026-01-01T00:00:02Z";

fn applied(kind: &Kind, manager: &str, live: Option<&Value>, spec: Value) -> Value {
    apply(&kind.context(manager, T1), live.cloned(), &thing(spec), false)
        .unwrap()
        .object
}

fn refused(kind: &Kind, manager: &str, live: Option<&Value>, applied: &Value) -> StatusError {
    apply(&kind.context(manager, T2), live.cloned(), applied, false)
        .unwrap_err()
        .into()
}

fn entry<'a>(object: &'a Value, manager: &str) -> Option<&'a Value> {
    let entries = object["metadata"]["managedFields"].as_array()?;
    entries.iter().find(|e| e["manager"] == manager)
}

#[test]
fn one_conflict_is_told_in_a_line_and_several_by_manager() {
    let kind = Kind::of_all_forms();
    let live = applied(&kind, "a", None, json!({"n": 1, "map": {"k": "1"}}));
    let live = applied(&kind, "b", Some(&live), json!({"map": {"l": "1"}}));
    let one = refused(&kind, "m", Some(&live), &thing(json!({"n": 2})));
    assert_eq!((one.code(), one.reason()), (409, "Conflict"));
    assert_eq!(
        one.message(),
        r#"Apply failed with 1 conflict: conflict with "a": .spec.n"#
    );
    let three = refused(
        &kind,
        "m",
        Some(&live),
        &thing(json!({"n": 2, "map": {"k": "2", "l": "2"}})),
    );
    assert_eq!(
        three.message(),
        "Apply failed with 3 conflicts: conflicts with \"a\":\n- .spec.n\n- .spec.map.k\nconflicts with \"b\":\n- .spec.map.l"
    );
    let causes = three.to_json()["details"].clone();
    assert_eq!(
        causes["causes"][0],
        json!({"reason": "FieldManagerConflict", "message": "conflict with \"a\"", "field": ".spec.n"})
    );
}

#[test]
fn an_updater_is_named_with_its_version_and_its_subresource() {
    let kind = Kind::of_all_forms();
    let mut live = thing(json!({"n": 1}));
    live["metadata"]["managedFields"] = json!([{"manager": "u", "operation": "Update", "apiVersion": "g/v1",
        "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:n": {}}}, "subresource": "scale"}]);
    let status = refused(&kind, "m", Some(&live), &thing(json!({"n": 2})));
    assert_eq!(
        status.message(),
        r#"Apply failed with 1 conflict: conflict with "u" with subresource "scale" using g/v1: .spec.n"#
    );
}

#[test]
fn what_does_not_fit_the_type_is_told_in_the_words_of_the_server() {
    let kind = Kind::of_all_forms();
    let why = |spec: Value| {
        let status = refused(&kind, "m", None, &thing(spec));
        assert_eq!((status.code(), status.reason()), (500, ""));
        let prefix = "failed to create typed patch object (/a; g/v1, Kind=Thing): ";
        status.message().strip_prefix(prefix).unwrap().to_owned()
    };
    assert_eq!(why(json!({"x": 1})), ".spec.x: field not declared in schema");
    assert_eq!(
        why(json!({"map": {"b": 5}})),
        ".spec.map.b: expected string, got &value.valueUnstructured{Value:5}"
    );
    for (number, printed) in [
        (json!(123_456), "123456"),
        (json!(1_234_567), "1.234567e+06"),
        (json!(-0.5), "-0.5"),
        (json!(1e-7), "1e-07"),
    ] {
        let expected =
            format!(".spec.map.b: expected string, got &value.valueUnstructured{{Value:{printed}}}");
        assert_eq!(why(json!({"map": {"b": number}})), expected);
    }
    assert_eq!(
        why(json!({"n": "x"})),
        ".spec.n: expected numeric (int or float), got string"
    );
    assert_eq!(why(json!({"map": "x"})), ".spec.map: expected map, got &{x}");
    assert_eq!(
        why(json!({"set": ["k", "k"]})),
        r#".spec.set: duplicate entries for key [="k"]"#
    );
    assert_eq!(
        why(json!({"ports": [{"name": "a"}, {"name": "a", "protocol": "TCP"}]})),
        r#".spec.ports: duplicate entries for key [name="a",protocol="TCP"]"#
    );
    assert_eq!(
        why(json!({"n": "x", "y": 1})),
        "errors:\n  .spec.n: expected numeric (int or float), got string\n  .spec.y: field not declared in schema"
    );
}

#[test]
fn another_kind_and_managed_fields_are_bad_requests() {
    let kind = Kind::of_all_forms();
    let status = refused(&kind, "m", None, &json!({"apiVersion": "v1", "kind": "Pod"}));
    assert_eq!(
        (status.code(), status.message()),
        (400, "invalid object type: /v1, Kind=Pod")
    );
    let status = refused(&kind, "m", None, &json!({}));
    assert_eq!(status.message(), "invalid object type: /, Kind=");
    let mut with_entries = thing(json!({}));
    with_entries["metadata"]["managedFields"] = json!([]);
    let status = refused(&kind, "m", None, &with_entries);
    assert_eq!(
        (status.code(), status.message()),
        (400, "metadata.managedFields must be nil")
    );
}

#[test]
fn a_result_that_is_not_of_the_kind_is_named_in_full() {
    let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}});
    let status = unconvertible(&described(&object), "why");
    assert_eq!(status.code(), 500);
    assert_eq!(
        status.message(),
        "failed to convert new object (/a; /v1, Kind=ConfigMap) to proper version: why"
    );
}

#[test]
fn agreeing_is_owning_without_a_time() {
    let kind = Kind::of_all_forms();
    let live = applied(&kind, "a", None, json!({"n": 1}));
    let both = apply(
        &kind.context("b", T2),
        Some(live.clone()),
        &thing(json!({"n": 1})),
        false,
    )
    .unwrap();
    assert!(!both.changed);
    assert_eq!(entry(&both.object, "b").unwrap().get("time"), None);
    assert_eq!(entry(&both.object, "a"), entry(&live, "a"));
    let forced = apply(
        &kind.context("b", T2),
        Some(both.object.clone()),
        &thing(json!({"n": 2})),
        true,
    )
    .unwrap();
    assert_eq!(entry(&forced.object, "b").unwrap()["time"], T2);
    assert_eq!(entry(&forced.object, "a"), None);
}

#[test]
fn an_object_without_entries_was_written_before_the_first_apply() {
    let kind = Kind::of_all_forms();
    let live = thing(json!({"n": 1}));
    let status = refused(&kind, "m", Some(&live), &thing(json!({"n": 2})));
    assert_eq!(
        status.message(),
        r#"Apply failed with 1 conflict: conflict with "before-first-apply" using g/v1: .spec.n"#
    );
}

#[test]
fn the_last_field_takes_its_object_and_what_nobody_owns_in_it_along() {
    let kind = Kind::of_all_forms();
    let mut live = applied(&kind, "m", None, json!({"map": {"a": "1"}}));
    live["spec"]["map"]["b"] = "1".into();
    let gone = applied(&kind, "m", Some(&live), json!({}));
    assert_eq!(gone["spec"], json!({}));
    let shared = applied(&kind, "n", Some(&live), json!({"map": {"c": "1"}}));
    let left = applied(&kind, "m", Some(&shared), json!({}));
    assert_eq!(left["spec"]["map"], json!({"b": "1", "c": "1"}));
}

#[test]
fn kubectl_takes_over_what_its_annotation_says_and_keeps_it() {
    let kind = Kind::of_all_forms();
    const ANNOTATION: &str = "kubectl.kubernetes.io/last-applied-configuration";
    let mut live = thing(json!({"n": 1, "map": {"k": "<"}}));
    let last = thing(json!({"n": 1})).to_string();
    live["metadata"]["annotations"] = json!({ANNOTATION: last});
    let mut entries = Entries::new();
    let ctx = kind.context("kubectl-client-side-apply", T1);
    let ty = Typed::new(&kind.schema, kind.node);
    record(&ctx, &mut entries, &ty.zero(), &live.clone(), ctx.manager).unwrap();
    put_entries(&mut live, &entries);
    let taken = applied(&kind, "kubectl", Some(&live), json!({"n": 2}));
    assert_eq!(taken["spec"]["n"], 2);
    assert_eq!(
        taken["metadata"]["annotations"][ANNOTATION],
        format!("{}\n", thing(json!({"n": 2})))
    );
    let more = thing(json!({"n": 2, "map": {"k": ">"}}));
    let status = refused(&kind, "kubectl", Some(&live), &more);
    assert_eq!(
        status.message(),
        r#"Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using g/v1: .spec.map.k"#
    );
    let forced = apply(&kind.context("kubectl", T2), Some(live.clone()), &more, true)
        .unwrap()
        .object;
    let text = forced["metadata"]["annotations"][ANNOTATION].as_str().unwrap();
    assert!(text.contains(r"\u003e"), "{text}");
    let status = refused(&kind, "other", Some(&live), &thing(json!({"n": 2})));
    assert_eq!(status.code(), 409);
}

/// Two versions without conversion that share all fields but one.
struct TwoVersions {
    v1: Kind,
    v2: Kind,
}

impl crate::apply::managed::Versions for TwoVersions {
    fn view<'a>(
        &'a self,
        object: &Value,
        api_version: &str,
    ) -> Option<(Value, &'a crate::schema::Schema, crate::schema::NodeId)> {
        let kind = match api_version {
            "g/v1" => &self.v1,
            "g/v2" => &self.v2,
            _ => return None,
        };
        let mut object = object.clone();
        object["apiVersion"] = api_version.into();
        Some((object, &kind.schema, kind.node))
    }
}

impl TwoVersions {
    fn new() -> Self {
        use crate::schema::{Node, Scalar, Shape};
        let v2 = Kind::new(|schema| {
            let int = schema.add(Node::new(Shape::Scalar(Scalar::Int64)));
            schema.add(crate::apply::testing::structure(&[("n", int)]))
        });
        Self {
            v1: Kind::of_all_forms(),
            v2,
        }
    }

    fn apply(
        &self,
        version: &str,
        manager: &str,
        live: Option<&Value>,
        spec: Value,
    ) -> Result<Value, ApplyError> {
        let kind = if version == "g/v1" { &self.v1 } else { &self.v2 };
        let ctx = Context {
            api_version: version,
            versions: self,
            ..kind.context(manager, T1)
        };
        let mut config = thing(spec);
        config["apiVersion"] = version.into();
        let live = live.map(|live| {
            let mut live = live.clone();
            live["apiVersion"] = version.into();
            live
        });
        Ok(apply(&ctx, live, &config, false)?.object)
    }
}

#[test]
fn a_live_object_of_another_form_fails_the_apply_and_is_left_alone_by_updates() {
    let kind = Kind::of_all_forms();
    let mut live = applied(&kind, "a", None, json!({"n": 1}));
    live["spec"]["n"] = "once a string".into();
    live["metadata"]["namespace"] = "ns".into();
    let status = refused(&kind, "b", Some(&live), &thing(json!({"map": {"k": "1"}})));
    assert_eq!(status.code(), 500);
    assert_eq!(
        status.message(),
        "failed to create typed live object (ns/a; g/v1, Kind=Thing): errors:\n  .metadata.namespace: field not declared \
         in schema\n  .spec.n: expected numeric (int or float), got string"
    );
    let mut new = live.clone();
    new["spec"]["n"] = 2.into();
    super::super::managed::update(&kind.context("b", T2), Some(&live), &mut new);
    assert_eq!(
        new["metadata"]["managedFields"],
        live["metadata"]["managedFields"]
    );
}

#[test]
fn what_stands_twice_in_a_live_list_has_no_fields_of_its_own() {
    let kind = Kind::of_all_forms();
    let mut live = applied(&kind, "a", None, json!({"ports": [{"name": "x", "v": 1}]}));
    let twice = json!([{"name": "x", "v": 1}, {"name": "y"}, {"name": "x", "v": 2}]);
    live["spec"]["ports"] = twice;
    let ty = Typed::new(&kind.schema, kind.node);
    assert_eq!(
        crate::apply::fields_v1::print(&ty.field_set(&live))["f:spec"]["f:ports"],
        json!({"k:{\"name\":\"x\",\"protocol\":\"TCP\"}": {},
            "k:{\"name\":\"y\",\"protocol\":\"TCP\"}": {".": {}, "f:name": {}}})
    );
    // Whoever applies the item makes one of the two.
    let one = applied(&kind, "a", Some(&live), json!({"ports": [{"name": "x", "v": 1}]}));
    assert_eq!(
        one["spec"]["ports"],
        json!([{"name": "x", "v": 1}, {"name": "y"}])
    );
}

#[test]
fn entries_of_versions_that_are_no_more_are_forgotten() {
    let kind = TwoVersions::new();
    let mut live = kind.apply("g/v1", "a", None, json!({"n": 1})).unwrap();
    live["metadata"]["managedFields"][0]["apiVersion"] = "g/v0".into();
    let two = kind.apply("g/v2", "b", Some(&live), json!({"n": 2})).unwrap();
    assert_eq!(two["metadata"]["managedFields"].as_array().unwrap().len(), 1);
}

#[test]
fn an_applier_may_change_its_version() {
    let kind = TwoVersions::new();
    let one = kind.apply("g/v1", "m", None, json!({"n": 1})).unwrap();
    let two = kind.apply("g/v2", "m", Some(&one), json!({})).unwrap();
    assert_eq!(two["spec"], json!({}));
    let entries = two["metadata"]["managedFields"].as_array().unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["apiVersion"], "g/v2");
}

#[test]
fn conflicts_are_found_across_versions() {
    let kind = TwoVersions::new();
    let one = kind.apply("g/v1", "a", None, json!({"n": 1})).unwrap();
    let e = kind.apply("g/v2", "b", Some(&one), json!({"n": 2})).unwrap_err();
    let status = StatusError::from(e);
    assert_eq!(
        status.message(),
        r#"Apply failed with 1 conflict: conflict with "a": .spec.n"#
    );
}

#[test]
fn a_field_that_another_owners_version_does_not_know_fails_the_apply() {
    let kind = TwoVersions::new();
    let one = kind.apply("g/v2", "a", None, json!({"n": 1})).unwrap();
    let e = kind
        .apply("g/v1", "b", Some(&one), json!({"map": {"k": "1"}}))
        .unwrap_err();
    let status = StatusError::from(e);
    assert_eq!(status.code(), 500);
    assert_eq!(
        status.message(),
        "failed to convert new object: .spec.map: field not declared in schema"
    );
}
