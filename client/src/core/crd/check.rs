//! Whether a server would take a definition, as far as that can be told without one.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSONSchemaProps,
};

use crate::core::{conversion::Hub, schema::violations};

/// Panics with everything that a server would refuse; the derive macro writes a test that calls it.
#[track_caller]
pub fn assert_valid(crd: &CustomResourceDefinition) {
    let found = problems(crd);
    assert!(
        found.is_empty(),
        "the definition {} is not valid:\n  {}",
        crd.metadata.name.as_deref().unwrap_or_default(),
        found.join("\n  ")
    );
}

/// How many objects of each version the test of a hub draws.
const CASES: u32 = 128;

/// Panics with the first object that loses something between versions; the derive macro writes a test that calls it.
#[track_caller]
pub fn assert_round_trips<H: Hub>() {
    if let Err(error) = H::conversions().check_round_trips(CASES) {
        let cause = std::error::Error::source(&error).map_or_else(String::new, |cause| format!(": {cause}"));
        panic!("{error}{cause}");
    }
}

/// What a server would refuse about the schemas and the paths into them.
fn problems(crd: &CustomResourceDefinition) -> Vec<String> {
    let mut found = Vec::new();
    for version in &crd.spec.versions {
        let schema = version
            .schema
            .as_ref()
            .and_then(|schema| schema.open_api_v3_schema.as_ref());
        let Some(schema) = schema else {
            found.push(format!("{}: schema: must not be empty", version.name));
            continue;
        };
        match serde_json::to_value(schema) {
            Ok(written) => {
                let lines = violations(&written).into_iter().chain(rules(&written));
                found.extend(lines.map(|line| format!("{}: schema: {line}", version.name)));
            }
            Err(error) => found.push(format!("{}: schema: {error}", version.name)),
        }
        for field in version.selectable_fields.iter().flatten() {
            if let Err(why) = selectable(schema, &field.json_path) {
                found.push(format!(
                    "{}: selectable field {}: {why}",
                    version.name, field.json_path
                ));
            }
        }
    }
    found
}

/// What is wrong with the CEL rules of a schema, their cost included.
#[cfg(feature = "cel")]
fn rules(schema: &serde_json::Value) -> Vec<String> {
    let mut findings = seatrial_cel::rules::judge(schema, "");
    findings.extend(seatrial_cel::rules::compile(schema, "", &|_| false).findings);
    let line = |finding: seatrial_cel::rules::Finding| match finding.path.trim_start_matches('.') {
        "" => finding.detail,
        path => format!("{path}: {}", finding.detail),
    };
    findings.into_iter().map(line).collect()
}

/// Without the feature `cel`, rules are the server's to judge.
#[cfg(not(feature = "cel"))]
fn rules(_: &serde_json::Value) -> Vec<String> {
    Vec::new()
}

/// A selectable field is a string, a boolean or an integer that the schema names.
fn selectable(schema: &JSONSchemaProps, path: &str) -> Result<(), &'static str> {
    let mut node = schema;
    for name in path.trim_start_matches('.').split('.') {
        if name.contains('[') {
            return Err("must not point into a list");
        }
        if name == "metadata" {
            return Err("must not point into metadata");
        }
        node = node
            .properties
            .as_ref()
            .and_then(|fields| fields.get(name))
            .ok_or("no such field in the schema")?;
    }
    match node.type_.as_deref() {
        Some("string" | "boolean" | "integer") => Ok(()),
        _ => Err("must be a string, a boolean or an integer"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn definition(schema: serde_json::Value, selectable: &str) -> CustomResourceDefinition {
        serde_json::from_value(json!({
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "foos.example.com"},
            "spec": {
                "group": "example.com",
                "names": {"kind": "Foo", "plural": "foos"},
                "scope": "Namespaced",
                "versions": [{
                    "name": "v1", "served": true, "storage": true,
                    "schema": {"openAPIV3Schema": schema},
                    "selectableFields": [{"jsonPath": selectable}],
                }],
            },
        }))
        .unwrap()
    }

    #[track_caller]
    fn check(schema: serde_json::Value, selectable: &str, expect: &[&str]) {
        assert_eq!(problems(&definition(schema, selectable)), expect);
    }

    #[test]
    fn schemas_and_paths() {
        let schema = json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {
            "color": {"type": "string"},
            "size": {"type": "number"},
        }}}});
        check(schema.clone(), ".spec.color", &[]);
        check(
            schema.clone(),
            ".spec.size",
            &["v1: selectable field .spec.size: must be a string, a boolean or an integer"],
        );
        check(
            schema.clone(),
            ".spec.none",
            &["v1: selectable field .spec.none: no such field in the schema"],
        );
        check(
            schema,
            ".metadata.name",
            &["v1: selectable field .metadata.name: must not point into metadata"],
        );
        let list =
            json!({"type": "object", "properties": {"spec": {"type": "string"}, "list": {"type": "array"}}});
        check(
            list,
            ".spec",
            &["v1: schema: properties[list].items: must be specified"],
        );
    }

    #[cfg(feature = "cel")]
    #[test]
    fn rules_that_a_server_refuses() {
        let with = |rule: serde_json::Value| {
            json!({"type": "object", "properties": {
                "spec": {"type": "string", "x-kubernetes-validations": [rule]},
            }})
        };
        check(with(json!({"rule": "self != ''"})), ".spec", &[]);
        check(
            with(json!({"rule": "self.size() > 'a'"})),
            ".spec",
            &[
                "v1: schema: properties[spec].x-kubernetes-validations[0].rule: compilation failed: ERROR: <input>:1:13: found no \
               matching overload for '_>_' applied to '(int, string)'\n | self.size() > 'a'\n | ............^",
            ],
        );
        check(
            with(json!({"rule": "true", "message": "a\nb"})),
            ".spec",
            &[
                "v1: schema: properties[spec].x-kubernetes-validations[0].message: message must not contain line breaks",
            ],
        );
    }

    #[test]
    fn a_definition_without_schema_is_refused() {
        let mut definition = definition(json!({"type": "object"}), ".spec");
        definition.spec.versions[0].schema = None;
        assert_eq!(problems(&definition), ["v1: schema: must not be empty"]);
        let refused = std::panic::catch_unwind(|| assert_valid(&definition));
        assert!(refused.is_err());
    }
}
