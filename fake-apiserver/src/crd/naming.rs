//! Which names a definition gets, and whether it is established.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/#CustomResourceDefinitionStatus>

use serde_json::Value;

use super::approval;
use super::definition::{is_true, set_condition, text};

/// Accepts the names that no neighbour of the same group has, and establishes a definition once all are accepted.
///
/// `others` are the remaining definitions, of any group. Returns the definition with its new status, `None` where the
/// status stays as it is.
pub fn step<'a>(crd: &Value, others: impl IntoIterator<Item = &'a Value>, now: &str) -> Option<Value> {
    let group = &crd["spec"]["group"];
    let mut resources: Vec<&str> = Vec::new();
    let mut kinds: Vec<&str> = Vec::new();
    for other in others {
        if other["spec"]["group"] != *group || other["metadata"]["name"] == crd["metadata"]["name"] {
            continue;
        }
        let names = &other["status"]["acceptedNames"];
        resources.extend([text(&names["plural"]), text(&names["singular"])]);
        resources.extend(names["shortNames"].as_array().into_iter().flatten().map(text));
        kinds.extend([text(&names["kind"]), text(&names["listKind"])]);
    }

    let wanted = &crd["spec"]["names"];
    let has = &crd["status"]["acceptedNames"];
    let mut accepted = has.clone();
    let mut conflict = None;
    let mut settle = |field: &str, taken: &[&str], reason: &'static str| {
        let name = text(&wanted[field]);
        if name != text(&has[field]) && taken.contains(&name) {
            conflict = Some((reason, in_use(name)));
        } else if name.is_empty() {
            remove(&mut accepted, field);
        } else {
            accepted[field] = name.into();
        }
        if field == "singular" {
            let ours = has["shortNames"].as_array();
            let errors: Vec<String> = wanted["shortNames"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|s| !ours.is_some_and(|o| o.contains(s)) && resources.contains(&text(s)))
                .map(|s| in_use(text(s)))
                .collect();
            match errors.as_slice() {
                [] => copy(&mut accepted, wanted, "shortNames"),
                [one] => conflict = Some(("ShortNamesConflict", one.clone())),
                many => conflict = Some(("ShortNamesConflict", format!("[{}]", many.join(", ")))),
            }
        }
    };
    settle("plural", &resources, "PluralConflict");
    settle("singular", &resources, "SingularConflict");
    settle("kind", &kinds, "KindConflict");
    settle("listKind", &kinds, "ListKindConflict");
    copy(&mut accepted, wanted, "categories");

    let mut out = crd.clone();
    out["status"]["acceptedNames"] = accepted;
    match &conflict {
        Some((reason, message)) => set_condition(&mut out, "NamesAccepted", "False", reason, message, now),
        None => set_condition(
            &mut out,
            "NamesAccepted",
            "True",
            "NoConflicts",
            "no conflicts found",
            now,
        ),
    }
    // What is established stays so, whatever becomes of later names.
    if !is_true(crd, "Established") {
        if conflict.is_none() {
            let message = "the initial names have been accepted";
            set_condition(
                &mut out,
                "Established",
                "True",
                "InitialNamesAccepted",
                message,
                now,
            );
        } else {
            set_condition(
                &mut out,
                "Established",
                "False",
                "NotAccepted",
                "not all names are accepted",
                now,
            );
        }
    }
    approval::set(&mut out, now);
    (out["status"] != crd["status"]).then_some(out)
}

fn in_use(name: &str) -> String {
    format!("{} is already in use", crate::status::go_quote(name))
}

fn copy(to: &mut Value, from: &Value, field: &str) {
    match &from[field] {
        Value::Null => remove(to, field),
        value => to[field] = value.clone(),
    }
}

fn remove(from: &mut Value, field: &str) {
    // The two names that are always printed.
    if matches!(field, "plural" | "kind") {
        from[field] = "".into();
    } else if let Some(map) = from.as_object_mut() {
        map.remove(field);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::crd::definition;

    const NOW: &str = "2024-01-02T03:04:05Z";

    fn crd(names: Value) -> Value {
        let mut crd = json!({
            "metadata": {"name": format!("{}.example.com", names["plural"].as_str().unwrap_or(""))},
            "spec": {"group": "example.com", "names": names, "versions": [{"name": "v1", "storage": true}]},
        });
        definition::default(&mut crd);
        definition::prepare_create(&mut crd);
        crd
    }

    fn condition<'a>(crd: &'a Value, kind: &str) -> (&'a str, &'a str, &'a str) {
        let all = crd["status"]["conditions"].as_array().expect("conditions");
        let c = all.iter().find(|c| c["type"] == kind).expect("the condition");
        (text(&c["status"]), text(&c["reason"]), text(&c["message"]))
    }

    #[test]
    fn free_names_are_accepted_and_the_definition_established() {
        let crd =
            crd(json!({"plural": "widgets", "kind": "Widget", "shortNames": ["wd"], "categories": ["all"]}));
        let done = step(&crd, [], NOW).expect("a change");
        assert_eq!(done["status"]["acceptedNames"], done["spec"]["names"]);
        assert_eq!(
            condition(&done, "NamesAccepted"),
            ("True", "NoConflicts", "no conflicts found")
        );
        assert_eq!(
            condition(&done, "Established"),
            (
                "True",
                "InitialNamesAccepted",
                "the initial names have been accepted"
            )
        );
        assert_eq!(step(&done, [], "2024-01-02T03:04:06Z"), None);
    }

    #[test]
    fn taken_names_keep_a_definition_from_being_established() {
        let widgets = step(
            &crd(json!({"plural": "widgets", "kind": "Widget", "shortNames": ["wd"]})),
            [],
            NOW,
        )
        .unwrap();
        let gizmos = step(
            &crd(json!({"plural": "gizmos", "kind": "Widget"})),
            [&widgets],
            NOW,
        )
        .unwrap();
        assert_eq!(
            gizmos["status"]["acceptedNames"],
            json!({"kind": "", "plural": "gizmos"})
        );
        assert_eq!(
            condition(&gizmos, "NamesAccepted"),
            ("False", "ListKindConflict", "\"WidgetList\" is already in use")
        );
        assert_eq!(
            condition(&gizmos, "Established"),
            ("False", "NotAccepted", "not all names are accepted")
        );
        let sprockets = crd(json!({"plural": "sprockets", "kind": "Sprocket", "shortNames": ["wd", "sp"]}));
        let sprockets = step(&sprockets, [&widgets], NOW).unwrap();
        assert_eq!(
            condition(&sprockets, "NamesAccepted"),
            ("False", "ShortNamesConflict", "\"wd\" is already in use")
        );
        assert!(sprockets["status"]["acceptedNames"].get("shortNames").is_none());
        let freed = step(&gizmos, [], NOW).unwrap();
        assert!(is_true(&freed, "Established"));
    }

    #[test]
    fn an_established_definition_survives_a_later_conflict() {
        let widgets = step(
            &crd(json!({"plural": "widgets", "kind": "Widget", "shortNames": ["wd"]})),
            [],
            NOW,
        )
        .unwrap();
        let gears = step(
            &crd(json!({"plural": "gears", "kind": "Gear", "shortNames": ["gr"]})),
            [],
            NOW,
        )
        .unwrap();
        let mut changed = gears.clone();
        changed["spec"]["names"]["shortNames"] = json!(["wd", "gg"]);
        let changed = step(&changed, [&widgets], NOW).unwrap();
        assert_eq!(changed["status"]["acceptedNames"]["shortNames"], json!(["gr"]));
        assert_eq!(condition(&changed, "NamesAccepted").0, "False");
        assert!(is_true(&changed, "Established"));
    }
}
