//! Which requests a webhook or a policy is about: rules, selectors, and versions that stand for each other.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules>

use std::sync::Arc;

use serde_json::Value;

use super::attempt::{Attempt, Operation};
use super::{Context, is};
use crate::registry::kinds::check::{items, strings};
use crate::registry::kinds::fields::{Fields, text};
use crate::registry::selector::LabelSelector;
use crate::registry::{Resource, namespace};
use crate::status::{Result, StatusError};

/// What a rule is held against.
struct Asked<'a> {
    operation: Operation,
    resource: &'a Resource,
    subresource: &'a str,
    /// Whether the request is in a namespace, which namespaces themselves are not.
    namespaced: bool,
}

/// Whether nobody is asked of a request, as who is asked is what it is about.
pub(super) fn is_exempt(cx: &Context<'_>) -> bool {
    &*cx.resource.group == "admissionregistration.k8s.io"
}

/// The version of the resource in which a matcher is about the request; `None` where it is not.
///
/// `rules` and `excluded` name the lists of rules in the matcher; where the first may be left out, that matches everything.
///
/// # Errors
/// The namespace that is to be looked at is not there.
pub(super) fn matches(
    cx: &Context<'_>,
    attempt: &Attempt,
    matcher: &Fields,
    (rules, optional): (&str, bool),
) -> Result<Option<Arc<Resource>>> {
    if !namespace_matches(cx, attempt, matcher)? || !object_matches(attempt, matcher) {
        return Ok(None);
    }
    let excluded = items(matcher, "excludeResourceRules");
    if target(cx, attempt, matcher, excluded).is_some() {
        return Ok(None);
    }
    if optional && items(matcher, rules).next().is_none() {
        return Ok(Some(cx.resource.clone()));
    }
    Ok(target(cx, attempt, matcher, items(matcher, rules)))
}

/// The version of the resource that one of the rules is about: the request's own, or another that stands for it.
fn target<'f>(
    cx: &Context<'_>,
    attempt: &Attempt,
    matcher: &Fields,
    rules: impl Iterator<Item = &'f Fields>,
) -> Option<Arc<Resource>> {
    let rules: Vec<&Fields> = rules.filter(|rule| name_matches(cx, rule)).collect();
    let among = |resource: &Resource| {
        let asked = Asked {
            operation: attempt.operation,
            resource,
            subresource: &cx.subresource,
            namespaced: !cx.namespace.is_empty() && !is(cx, "", "namespaces"),
        };
        rules.iter().any(|rule| asked.is_of(rule))
    };
    if rules.is_empty() {
        return None;
    }
    if among(&cx.resource) {
        return Some(cx.resource.clone());
    }
    if text(matcher, "matchPolicy") == "Exact" {
        return None;
    }
    let others = cx.core.catalog.iter().filter(|r| r.table == cx.resource.table);
    others
        .filter(|r| !Arc::ptr_eq(r, &cx.resource))
        .find(|r| among(r))
        .cloned()
}

/// Whether a rule that is about objects of some names is about the request's.
fn name_matches(cx: &Context<'_>, rule: &Fields) -> bool {
    let names = strings(rule, "resourceNames");
    names.is_empty() || names.contains(&cx.name.as_str())
}

// === impl Asked ===

impl Asked<'_> {
    fn is_of(&self, rule: &Fields) -> bool {
        let among =
            |list: &str, value: &str| strings(rule, list).iter().any(|own| *own == "*" || *own == value);
        let scope = match text(rule, "scope") {
            "Namespaced" => self.namespaced,
            "Cluster" => !self.namespaced,
            _ => true,
        };
        let resource = strings(rule, "resources").iter().any(|own| {
            let (resource, subresource) = own.split_once('/').unwrap_or((own, ""));
            (resource == "*" || *resource == *self.resource.plural)
                && (subresource == "*" || subresource == self.subresource)
        });
        scope
            && resource
            && among("operations", self.operation.name())
            && among("apiGroups", &self.resource.group)
            && among("apiVersions", &self.resource.version)
    }
}

/// Whether the labels of the request's namespace are selected; of a namespace that is written, its new ones.
fn namespace_matches(cx: &Context<'_>, attempt: &Attempt, matcher: &Fields) -> Result<bool> {
    let selector = matcher.get("namespaceSelector").unwrap_or(&Value::Null);
    let selector = LabelSelector::of(selector);
    if selector.is_empty() {
        return Ok(true);
    }
    let own = is(cx, "", "namespaces");
    let name = Attempt::namespace(cx);
    // Nothing of the cluster is spared by its namespace.
    if name.is_empty() && !own {
        return Ok(true);
    }
    let written = matches!(attempt.operation, Operation::Create | Operation::Update);
    if own && cx.subresource.is_empty() && written {
        let meta = attempt.object.as_ref().and_then(|o| o["metadata"].as_object());
        return Ok(selector.matches(meta));
    }
    match namespace::find(cx, name) {
        Some(found) => Ok(selector.matches(found.metadata())),
        None => Err(StatusError::not_found("", "namespaces", name)),
    }
}

/// Whether the labels of the object, or those that it had, are selected.
fn object_matches(attempt: &Attempt, matcher: &Fields) -> bool {
    let selector = matcher.get("objectSelector").unwrap_or(&Value::Null);
    let selector = LabelSelector::of(selector);
    if selector.is_empty() {
        return true;
    }
    let selected = |object: &Option<Value>| {
        let meta = object.as_ref().and_then(|o| o["metadata"].as_object());
        meta.is_some_and(|_| selector.matches(meta))
    };
    selected(&attempt.object) || selected(&attempt.old)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::registry::Catalog;

    #[track_caller]
    fn check(rule: &Value, (group, plural, subresource): (&str, &str, &str), expected: bool) {
        let catalog = Catalog::builtin();
        let resource = catalog.any_version(group, plural).expect("a resource");
        let asked = Asked {
            operation: Operation::Create,
            resource,
            subresource,
            namespaced: resource.namespaced,
        };
        let mut whole =
            json!({"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"]});
        for (field, value) in rule.as_object().expect("an object") {
            whole[field] = value.clone();
        }
        let found = asked.is_of(whole.as_object().expect("an object"));
        assert_eq!(found, expected, "{rule} {group} {plural} {subresource}");
    }

    #[test]
    fn a_rule_has_to_fit_in_every_part() {
        let pods = ("", "pods", "");
        check(&json!({}), pods, true);
        check(&json!({"operations": ["UPDATE", "DELETE"]}), pods, false);
        check(&json!({"operations": ["CREATE"]}), pods, true);
        check(&json!({"apiGroups": [""]}), pods, true);
        check(&json!({"apiGroups": ["apps"]}), pods, false);
        check(&json!({"apiVersions": ["v2"]}), pods, false);
        check(&json!({"scope": "Cluster"}), pods, false);
        check(&json!({"scope": "Namespaced"}), pods, true);
        check(&json!({"scope": "Cluster"}), ("", "nodes", ""), true);
    }

    #[test]
    fn subresources_are_named_or_starred() {
        let (pods, status) = (("", "pods", ""), ("", "pods", "status"));
        for (resource, whole, part) in [
            ("*", true, false),
            ("*/*", true, true),
            ("pods", true, false),
            ("pods/*", true, true),
            ("pods/status", false, true),
            ("*/status", false, true),
            ("pods/exec", false, false),
            ("nodes/*", false, false),
        ] {
            check(&json!({"resources": [resource]}), pods, whole);
            check(&json!({"resources": [resource]}), status, part);
        }
    }

    #[test]
    fn labels_of_either_object_count() {
        let matcher = json!({"objectSelector": {"matchLabels": {"a": "b"}}});
        let labelled = Some(json!({"metadata": {"labels": {"a": "b"}}}));
        let plain = Some(json!({"metadata": {}}));
        let with = |object: Option<Value>, old: Option<Value>| Attempt {
            object,
            old,
            ..Attempt::of_nothing()
        };
        let matches = |attempt: &Attempt| object_matches(attempt, matcher.as_object().expect("an object"));
        assert!(matches(&with(labelled.clone(), plain.clone())));
        assert!(matches(&with(plain.clone(), labelled)));
        assert!(!matches(&with(plain, None)));
        assert!(!matches(&with(Some(json!({})), None)));
    }
}
