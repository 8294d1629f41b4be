//! The laws of server-side apply, over generated values of every form.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::apply::field_set::PathElement;
use crate::apply::testing::{Kind, json_values, specs, thing};

const NOW: &str = "2026-01-01T00:00:00Z";

fn applied(kind: &Kind, manager: &str, live: Option<&Value>, spec: &Value) -> Value {
    apply(
        &kind.context(manager, NOW),
        live.cloned(),
        &thing(spec.clone()),
        true,
    )
    .unwrap()
    .object
}

/// The object with everything whose order has no meaning sorted, and without what is empty.
fn in_order(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(in_order).collect();
            items.sort_by(crate::apply::field_set::compare_values);
            items.into()
        }
        Value::Object(map) => map
            .iter()
            .map(|(k, v)| (k.clone(), in_order(v)))
            .filter(|(_, v)| !v.is_null() && *v != json!({}) && *v != json!([]))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        leaf => leaf.clone(),
    }
}

fn without_entries(object: &Value) -> Value {
    let mut object = object.clone();
    take_entries(&mut object);
    object
}

/// Keeps of a generated spec what belongs to one of two managers: entries of maps, items of lists and whole fields.
fn share(spec: &Value, first: bool) -> Value {
    let mine = |name: &str| (name.len() == 1) == first;
    let fields = spec.as_object().unwrap().iter().filter_map(|(name, value)| {
        let value = match (name.as_str(), value) {
            ("map", Value::Object(map)) => {
                let map = map.iter().filter(|(k, _)| mine(k));
                Value::Object(map.map(|(k, v)| (k.clone(), v.clone())).collect())
            }
            ("open", value) if first => value.clone(),
            ("set", Value::Array(items)) => {
                let items = items.iter().filter(|i| mine(i.as_str().unwrap()));
                Value::Array(items.cloned().collect())
            }
            ("ports", Value::Array(items)) => {
                let items = items.iter().filter(|i| mine(i["name"].as_str().unwrap()));
                Value::Array(items.cloned().collect())
            }
            ("atomic" | "n", value) if first => value.clone(),
            ("atomicMap", value) if !first => value.clone(),
            _ => return None,
        };
        Some((name.clone(), value))
    });
    Value::Object(fields.collect())
}

proptest! {
    #[test]
    fn applying_twice_is_applying_once(before in specs(), spec in specs()) {
        let kind = Kind::of_all_forms();
        let live = applied(&kind, "other", None, &before);
        let once = applied(&kind, "m", Some(&live), &spec);
        let twice = apply(&kind.context("m", "2026-01-01T00:00:09Z"), Some(once.clone()), &thing(spec), false).unwrap();
        prop_assert!(!twice.changed);
        prop_assert_eq!(twice.object, once);
    }

    #[test]
    fn applying_and_giving_everything_up_is_nothing(before in specs(), spec in specs()) {
        let kind = Kind::of_all_forms();
        // What is applied again with the same value stays with both.
        let mine = share(&spec, true);
        let live = applied(&kind, "other", None, &share(&before, false));
        let during = applied(&kind, "m", Some(&live), &mine);
        let after = applied(&kind, "m", Some(&during), &json!({}));
        prop_assert_eq!(in_order(&without_entries(&after)), in_order(&without_entries(&live)));
    }

    #[test]
    fn managers_of_disjoint_fields_commute(a in specs(), b in specs()) {
        let kind = Kind::of_all_forms();
        let (a, b) = (share(&a, true), share(&b, false));
        let ab = applied(&kind, "b", Some(&applied(&kind, "a", None, &a)), &b);
        let ba = applied(&kind, "a", Some(&applied(&kind, "b", None, &b)), &a);
        prop_assert_eq!(in_order(&without_entries(&ab)), in_order(&without_entries(&ba)));
    }

    #[test]
    fn an_applier_owns_what_it_applied(before in specs(), spec in specs()) {
        let kind = Kind::of_all_forms();
        let live = applied(&kind, "other", None, &before);
        let object = applied(&kind, "m", Some(&live), &spec);
        let entries = Entries::of(&object);
        let ctx = kind.context("m", NOW);
        let id = ManagerId::new("m", Operation::Apply, ctx.api_version, "");
        let owned = entries.get(&id).map(|e| e.fields().clone()).unwrap_or_default();
        let ty = Typed::new(&kind.schema, kind.node);
        prop_assert_eq!(owned, strip_meta(ty.field_set(&thing(spec))));
    }

    #[test]
    fn nobody_owns_what_is_not_there(before in specs(), spec in specs(), last in specs()) {
        let kind = Kind::of_all_forms();
        let live = applied(&kind, "other", None, &before);
        let live = applied(&kind, "m", Some(&live), &spec);
        let object = applied(&kind, "other", Some(&live), &last);
        let ty = Typed::new(&kind.schema, kind.node);
        let there = ty.field_set(&object);
        for entry in Entries::of(&object).iter() {
            entry.fields().each(&mut |path| {
                // A list or an object that was applied empty is owned without being listed.
                let container = matches!(path.last(), Some(PathElement::Field(_)));
                assert!(there.has(path) || container, "{} in {object}", print_path(path));
            });
        }
    }

    #[test]
    fn any_json_is_applied_or_refused(live in json_values(), spec in json_values(), entries in json_values()) {
        let kind = Kind::of_all_forms();
        let mut live = thing(live);
        live["metadata"]["managedFields"] = entries;
        let _ = apply(&kind.context("m", NOW), Some(live.clone()), &thing(spec.clone()), false);
        let _ = apply(&kind.context("kubectl", NOW), Some(live), &spec, true);
        let _ = apply(&kind.context("m", NOW), None, &thing(spec), false);
    }
}
