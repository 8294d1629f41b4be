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

/// What the derive macros apply. Their inputs are written by the macros, so that nothing can fail.
#[doc(hidden)]
pub mod __apply {
    use schemars::Schema;

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
}

#[cfg(test)]
mod tests;
