//! The laws of server-side apply, over generated types and values of them.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::apply::field_set::{PathElement, compare_values};
use crate::apply::testing::generated::{Half, Type, specs, specs_with_gaps, types};
use crate::apply::testing::{Kind, json_values, thing};
use crate::apply::typed::Form;

const NOW: &str = "2026-01-01T00:00:00Z";
const LATER: &str = "2026-01-01T00:00:09Z";

/// An applier with a kind to apply.
struct Cluster {
    ty: Type,
    kind: Kind,
}

impl Cluster {
    fn new(ty: &Type) -> Self {
        Self {
            kind: ty.kind(),
            ty: ty.clone(),
        }
    }

    fn apply(
        &self,
        (manager, version): (&str, &str),
        live: Option<&Value>,
        spec: &Value,
        force: bool,
    ) -> Result<Applied, ApplyError> {
        let in_version = |mut object: Value| {
            object["apiVersion"] = version.into();
            object
        };
        let now = if force { NOW } else { LATER };
        let ctx = Context {
            api_version: version,
            versions: &self.kind,
            ..self.kind.context(manager, now)
        };
        apply(
            &ctx,
            live.cloned().map(in_version),
            &in_version(thing(spec.clone())),
            force,
        )
    }

    fn forced(&self, manager: &str, live: Option<&Value>, spec: &Value) -> Value {
        let applied = self.apply((manager, "g/v1"), live, spec, true);
        applied.unwrap().object
    }

    /// What a manager owns.
    fn owned(&self, object: &Value, manager: &str) -> FieldSet {
        let entries = Entries::of(object);
        let mut own = entries.iter().filter(|e| e.id.manager == manager);
        own.next().map(|e| e.fields().clone()).unwrap_or_default()
    }

    /// What someone owns who applies a spec.
    fn fields(&self, spec: &Value) -> FieldSet {
        strip_meta(self.typed().field_set(&thing(spec.clone())))
    }

    fn typed(&self) -> Typed<'_> {
        Typed::new(&self.kind.schema, self.kind.node)
    }

    /// The spec without what says nothing.
    fn canonical(&self, object: &Value) -> Value {
        self.ty.canonical(&object["spec"])
    }

    /// What a path leads to.
    fn at<'v>(&self, object: &'v Value, path: &[PathElement]) -> Option<&'v Value> {
        at(self.typed(), object, path)
    }
}

fn at<'v>(ty: Typed<'_>, value: &'v Value, path: &[PathElement]) -> Option<&'v Value> {
    let Some((element, rest)) = path.split_first() else {
        return Some(value);
    };
    match (ty.form(value), value, element) {
        (Form::Object(fields), Value::Object(map), PathElement::Field(name)) => {
            at(fields.get(name).0, map.get(&**name)?, rest)
        }
        (Form::Set, Value::Array(items), PathElement::Value(item)) => {
            items.iter().find(|i| compare_values(i, item).is_eq())
        }
        (Form::Keyed(keyed), Value::Array(items), key) => {
            let item = items.iter().find(|i| keyed.element(i).as_ref() == Ok(key))?;
            at(keyed.item, item, rest)
        }
        _ => None,
    }
}

fn paths(set: &FieldSet) -> Vec<Vec<PathElement>> {
    let mut out = Vec::new();
    set.each(&mut |path| out.push(path.to_vec()));
    out
}

/// Specs that several managers apply one after another, in one version or another.
fn histories() -> impl Strategy<Value = (Type, Vec<(usize, bool, Value)>)> {
    types().prop_flat_map(|ty| {
        let step = (0..3usize, any::<bool>(), ty.values());
        (Just(ty), vec(step, 1..6))
    })
}

proptest! {
    #[test]
    fn applying_twice_is_applying_once((ty, [before, spec]) in specs_with_gaps()) {
        let cluster = Cluster::new(&ty);
        let live = cluster.forced("other", None, &before);
        let once = cluster.forced("m", Some(&live), &spec);
        // After a configuration that owns nothing, what is there was `before-first-apply`.
        prop_assume!(!Entries::of(&once).is_empty());
        let twice = cluster.apply(("m", "g/v1"), Some(&once), &spec, false).unwrap();
        prop_assert!(!twice.changed);
        prop_assert_eq!(twice.object, once);
    }

    #[test]
    fn applying_and_giving_everything_up_is_nothing((ty, [before, spec]) in specs()) {
        let cluster = Cluster::new(&ty);
        let before = ty.half(&before, Half::Right).unwrap_or(json!({}));
        let mine = ty.half(&spec, Half::Left).unwrap_or(json!({}));
        let live = cluster.forced("other", None, &before);
        let during = cluster.apply(("m", "g/v1"), Some(&live), &mine, false).unwrap().object;
        let after = cluster.forced("m", Some(&during), &json!({}));
        prop_assert_eq!(cluster.canonical(&after), cluster.canonical(&live));
        prop_assert_eq!(cluster.owned(&after, "other"), cluster.owned(&live, "other"));
    }

    #[test]
    fn what_is_agreed_with_outlives_who_agreed((ty, [before, spec]) in specs()) {
        let cluster = Cluster::new(&ty);
        let live = cluster.forced("other", None, &before);
        if let Ok(during) = cluster.apply(("m", "g/v1"), Some(&live), &spec, false) {
            let after = cluster.forced("m", Some(&during.object), &json!({}));
            prop_assert_eq!(cluster.canonical(&after), cluster.canonical(&live));
        }
    }

    #[test]
    fn managers_of_disjoint_fields_commute((ty, [a, b]) in specs()) {
        let cluster = Cluster::new(&ty);
        let a = ty.half(&a, Half::Left).unwrap_or(json!({}));
        let b = ty.half(&b, Half::Right).unwrap_or(json!({}));
        let both = |(first, x): (&str, &Value), (second, y): (&str, &Value)| {
            let live = cluster.forced(first, None, x);
            cluster.apply((second, "g/v1"), Some(&live), y, false).unwrap().object
        };
        let (ab, ba) = (both(("a", &a), ("b", &b)), both(("b", &b), ("a", &a)));
        prop_assert_eq!(cluster.canonical(&ab), cluster.canonical(&ba));
        for manager in ["a", "b"] {
            prop_assert_eq!(cluster.owned(&ab, manager), cluster.owned(&ba, manager));
        }
    }

    #[test]
    fn an_applier_owns_what_it_applied((ty, [before, spec]) in specs_with_gaps()) {
        let cluster = Cluster::new(&ty);
        let live = cluster.forced("other", None, &before);
        let object = cluster.forced("m", Some(&live), &spec);
        prop_assert_eq!(cluster.owned(&object, "m"), cluster.fields(&spec));
    }

    #[test]
    fn items_keep_their_order((ty, [before, spec]) in specs()) {
        let cluster = Cluster::new(&ty);
        let live = cluster.forced("other", None, &before);
        let object = cluster.forced("m", Some(&live), &spec);
        // Of what was applied all items are there, in their order; of the rest, too.
        let (applied, there) = (thing(spec), object);
        let mut lists = Vec::new();
        lists_of(cluster.typed(), &applied, &mut Vec::new(), &mut lists);
        for (path, elements) in lists {
            let merged = elements_of(&cluster, &there, &path);
            let is_applied = |e: &&PathElement| elements.contains(e);
            prop_assert_eq!(merged.iter().filter(is_applied).cloned().collect::<Vec<_>>(), elements.clone());
            let old: Vec<_> = elements_of(&cluster, &live, &path);
            let rest = |list: Vec<PathElement>| -> Vec<_> { list.into_iter().filter(|e| !is_applied(&e)).collect() };
            prop_assert_eq!(rest(merged), rest(old));
        }
    }

    #[test]
    fn without_force_nobody_loses_anything((ty, [before, spec]) in specs()) {
        let cluster = Cluster::new(&ty);
        let live = cluster.forced("other", None, &before);
        let owned = cluster.owned(&live, "other");
        match cluster.apply(("m", "g/v2"), Some(&live), &spec, false) {
            Ok(applied) => {
                prop_assert_eq!(cluster.owned(&applied.object, "other"), owned.clone());
                for path in paths(&owned.leaves()) {
                    prop_assert_eq!(cluster.at(&applied.object, &path), cluster.at(&live, &path));
                }
            }
            Err(ApplyError::Conflicts(conflicts)) => {
                let applied = thing(spec);
                let differing = paths(&owned.intersection(&cluster.typed().field_set(&applied)));
                let differing = differing.iter().filter(|p| cluster.at(&applied, p) != cluster.at(&live, p));
                let fields: Vec<String> = differing.map(|p| print_path(p)).collect();
                for conflict in &conflicts {
                    prop_assert!(fields.contains(&conflict.field), "{} of {fields:?}", conflict.field);
                }
                prop_assert!(!conflicts.is_empty());
            }
            Err(e) => panic!("{e}"),
        }
    }

    #[test]
    fn what_is_owned_is_there_as_it_was_applied((ty, steps) in histories()) {
        let cluster = Cluster::new(&ty);
        let mut configurations: BTreeMap<String, Value> = BTreeMap::new();
        let mut live: Option<Value> = None;
        for (manager, old_version, spec) in steps {
            let manager = format!("m{manager}");
            let version = if old_version { "g/v1" } else { "g/v2" };
            let object = cluster.apply((&manager, version), live.as_ref(), &spec, true).unwrap().object;
            configurations.insert(manager.clone(), spec);
            let mut everything = FieldSet::new();
            for entry in Entries::of(&object).iter() {
                let configuration = &configurations[&entry.id.manager];
                let fields = cluster.fields(configuration);
                let ours = entry.id.manager == manager;
                prop_assert!(entry.fields().is_subset(&fields));
                prop_assert!(!ours || fields.is_subset(entry.fields()));
                let before = live.as_ref().map(|live| cluster.owned(live, &entry.id.manager)).unwrap_or_default();
                for path in paths(entry.fields()) {
                    prop_assert!(cluster.at(&object, &path).is_some(), "{}", print_path(&path));
                    prop_assert!(ours || before.has(&path));
                }
                let applied = thing(configuration.clone());
                for path in paths(&entry.fields().leaves().intersection(&fields.leaves())) {
                    prop_assert_eq!(cluster.at(&object, &path), cluster.at(&applied, &path));
                }
                if let (false, Some(live)) = (ours, &live) {
                    for path in paths(&before.difference(entry.fields())) {
                        prop_assert_ne!(cluster.at(&object, &path), cluster.at(live, &path));
                    }
                }
                everything = everything.union(entry.fields());
            }
            // All of it has been applied by someone who has not given it up.
            let leaves = strip_meta(cluster.typed().field_set(&object)).leaves();
            for path in paths(&leaves.difference(&everything)) {
                let left = cluster.at(&object, &path).unwrap_or(&Value::Null);
                prop_assert!(left == &json!({}) || left == &json!([]), "{} in {object}", print_path(&path));
            }
            live = Some(object);
        }
    }

    #[test]
    fn an_update_takes_what_it_changes((ty, [before, spec, after]) in specs()) {
        let cluster = Cluster::new(&ty);
        let live = cluster.forced("m", None, &before);
        let live = cluster.apply(("n", "g/v2"), Some(&live), &spec, true).unwrap().object;
        let mut new = thing(after);
        let ctx = Context { versions: &cluster.kind, ..cluster.kind.context("u", LATER) };
        crate::apply::managed::update(&ctx, Some(&live), &mut new);
        for manager in ["m", "n"] {
            let (had, has) = (cluster.owned(&live, manager), cluster.owned(&new, manager));
            for path in paths(&had) {
                let (old, now) = (cluster.at(&live, &path), cluster.at(&new, &path));
                // What is there still, and a leaf, is kept as long as it is the same.
                if now.is_none() || had.leaves().has(&path) && cluster.fields(&new["spec"]).leaves().has(&path) {
                    prop_assert_eq!(has.has(&path), old == now, "{}", print_path(&path));
                }
            }
            prop_assert!(has.is_subset(&had));
        }
        let taken = cluster.owned(&new, "u");
        let there = strip_meta(cluster.typed().field_set(&new)).leaves();
        for path in paths(&there) {
            let (old, now) = (cluster.at(&live, &path), cluster.at(&new, &path));
            prop_assert_eq!(taken.has(&path), old != now, "{}", print_path(&path));
        }
    }

    #[test]
    fn no_change_is_found_where_there_is_none((ty, [a, b]) in specs()) {
        let cluster = Cluster::new(&ty);
        let delta = crate::apply::compare::compare(cluster.typed(), &thing(a.clone()), &thing(b.clone()));
        prop_assert_eq!(delta.is_empty(), ty.canonical(&a) == ty.canonical(&b));
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

/// The lists in a value whose items are told apart, with the elements of each.
fn lists_of(
    ty: Typed<'_>,
    value: &Value,
    path: &mut Vec<PathElement>,
    out: &mut Vec<(Vec<PathElement>, Vec<PathElement>)>,
) {
    let mut down = |path: &mut Vec<PathElement>, element, ty, value| {
        path.push(element);
        lists_of(ty, value, path, out);
        path.pop();
    };
    match (ty.form(value), value) {
        (Form::Object(fields), Value::Object(map)) => {
            for (name, value) in map {
                down(path, PathElement::field(name), fields.get(name).0, value);
            }
        }
        (Form::Keyed(keyed), Value::Array(items)) => {
            for item in items {
                down(path, keyed.element(item).unwrap(), keyed.item, item);
            }
            let elements = items.iter().map(|item| keyed.element(item).unwrap());
            out.push((path.clone(), elements.collect()));
        }
        (Form::Set, Value::Array(items)) => {
            let elements = items
                .iter()
                .map(|item| PathElement::Value(Box::new(item.clone())));
            out.push((path.clone(), elements.collect()));
        }
        _ => {}
    }
}

fn elements_of(cluster: &Cluster, object: &Value, path: &[PathElement]) -> Vec<PathElement> {
    let mut lists = Vec::new();
    lists_of(cluster.typed(), object, &mut Vec::new(), &mut lists);
    let found = lists.into_iter().find(|(p, _)| p == path);
    found.map(|(_, elements)| elements).unwrap_or_default()
}
