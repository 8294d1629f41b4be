//! Validation rules in CEL and merge strategies, as schemas carry them.
//!
//! `#[derive(KubeSchema)]` and `#[kube(validation = …)]` write these into schemas as `x-kubernetes-*` extensions; the apiserver runs
//! the rules and the merges. The functions do the same by hand to a schema that exists already.
//!
//! # Source
//! [Validation rules](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules),
//! [merge strategy](https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy).

mod merge;
mod rule;

pub use merge::{
    ListMerge, MapMerge, MergeStrategy, StructMerge, merge_properties, merge_strategy,
    merge_strategy_property,
};
pub use rule::{Message, Reason, Rule, validate, validate_property};

#[cfg(feature = "cel")]
pub use super::validation::{validate_cel, validate_cel_schema, validate_cel_update};

/// What the derive macros apply. Their inputs are written by the macros, so that nothing can fail.
#[doc(hidden)]
pub mod __apply {
    use schemars::Schema;

    use serde::Serialize;
    use serde_json::Value;

    use super::{MergeStrategy, Rule, merge, rule};

    /// A transform that adds a rule.
    pub fn validation(rule: impl Into<Rule>) -> impl FnMut(&mut Schema) {
        let rule = rule.into();
        // Strings and flags are always JSON, so that there is no error to pass on.
        move |schema: &mut Schema| drop(rule::push(schema, &rule))
    }

    /// A transform that sets a merge strategy.
    pub fn strategy(strategy: impl Into<MergeStrategy>) -> impl FnMut(&mut Schema) {
        let strategy = strategy.into();
        move |schema: &mut Schema| merge::set(schema.ensure_object(), &strategy)
    }

    /// A transform that sets the default.
    pub fn default_value(value: &impl Serialize) -> impl FnMut(&mut Schema) {
        // What cannot be written as JSON cannot be a default, and what is none is dropped with its like.
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        move |schema: &mut Schema| drop(schema.insert("default".into(), value.clone()))
    }

    /// A number or a string, whatever the type says.
    pub fn int_or_string(schema: &mut Schema) {
        let nullable = may_be_null(schema);
        for key in [
            "$ref",
            "type",
            "format",
            "anyOf",
            "oneOf",
            "allOf",
            "properties",
            "required",
            "items",
            "enum",
        ] {
            schema.remove(key);
        }
        schema.insert("x-kubernetes-int-or-string".into(), true.into());
        if nullable {
            schema.insert("nullable".into(), true.into());
        }
    }

    /// Unknown fields are kept.
    pub fn preserve_unknown_fields(schema: &mut Schema) {
        schema.insert("x-kubernetes-preserve-unknown-fields".into(), true.into());
    }

    /// Any Kubernetes object, whose type and metadata the server checks.
    pub fn embedded_resource(schema: &mut Schema) {
        let nullable = may_be_null(schema);
        for key in [
            "$ref",
            "type",
            "anyOf",
            "oneOf",
            "allOf",
            "properties",
            "required",
            "additionalProperties",
        ] {
            schema.remove(key);
        }
        schema.insert("type".into(), "object".into());
        schema.insert("x-kubernetes-embedded-resource".into(), true.into());
        preserve_unknown_fields(schema);
        if nullable {
            schema.insert("nullable".into(), true.into());
        }
    }

    /// Whether schemars made this schema for an `Option`.
    fn may_be_null(schema: &Schema) -> bool {
        let null = Value::from("null");
        let in_type = schema
            .get("type")
            .and_then(Value::as_array)
            .is_some_and(|names| names.contains(&null));
        let apart = schema.get("anyOf").and_then(Value::as_array);
        in_type || apart.is_some_and(|all| all.iter().any(|one| one.get("type") == Some(&null)))
    }
}

#[cfg(test)]
mod tests;
