//! Role-based access control, by the roles and bindings in the store.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/>

use serde_json::Value;

use super::user::parse_service_account;
use super::{Attributes, UserInfo};
use crate::status::{StatusError, go_quote};
use crate::storage::Store;

/// The tables that say who may do what.
const CLUSTER_BINDINGS: &str = "clusterrolebindings.rbac.authorization.k8s.io";
const BINDINGS: &str = "rolebindings.rbac.authorization.k8s.io";
const CLUSTER_ROLES: &str = "clusterroles.rbac.authorization.k8s.io";
const ROLES: &str = "roles.rbac.authorization.k8s.io";

/// Whether something may be done, with the reason where there is one to give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It may.
    Allowed(String),
    /// Nobody has said that it may.
    NoOpinion(String),
}

/// One rule of a role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) verbs: Vec<String>,
    pub(super) groups: Vec<String>,
    pub(super) resources: Vec<String>,
    /// Empty for all.
    pub(super) names: Vec<String>,
    pub(super) paths: Vec<String>,
}

/// Whether the user may do what is asked for.
pub(crate) fn authorize(store: &Store, user: &UserInfo, attributes: &Attributes) -> Decision {
    if user.is_master() {
        return Decision::Allowed(String::new());
    }
    let mut errors = Vec::new();
    let mut reason = None;
    visit(store, user, &attributes.namespace, |found| match found {
        Ok((rule, grant)) if rule.allows(attributes) => {
            reason = Some(format!("RBAC: allowed by {}", grant()));
            false
        }
        Ok(_) => true,
        Err(error) => {
            errors.push(error);
            true
        }
    });
    match reason {
        Some(reason) => Decision::Allowed(reason),
        None => Decision::NoOpinion(aggregate("RBAC: ", &errors)),
    }
}

/// All rules that hold for the user in a namespace, and what could not be resolved.
pub(super) fn rules_for(store: &Store, user: &UserInfo, namespace: &str) -> (Vec<Rule>, Vec<String>) {
    let (mut rules, mut errors) = (Vec::new(), Vec::new());
    visit(store, user, namespace, |found| {
        match found {
            Ok((rule, _)) => rules.push(rule),
            Err(error) => errors.push(error),
        }
        true
    });
    (rules, errors)
}

/// The rules of the role that a binding refers to.
pub(super) fn rules_of(store: &Store, reference: &Value, namespace: &str) -> Result<Vec<Rule>, StatusError> {
    let name = reference["name"].as_str().unwrap_or("");
    let found = match reference["kind"].as_str().unwrap_or("") {
        "ClusterRole" => store.get(CLUSTER_ROLES, name).ok_or("clusterrole"),
        "Role" => store.get(ROLES, &format!("{namespace}/{name}")).ok_or("role"),
        kind => {
            let why = format!("unsupported role reference kind: {}", go_quote(kind));
            return Err(StatusError::new(500, "", why));
        }
    };
    let role = found.map_err(|kind| StatusError::not_found("rbac.authorization.k8s.io", kind, name))?;
    let rules = role.value()["rules"].as_array();
    Ok(rules.into_iter().flatten().map(Rule::read).collect())
}

/// Several errors as one text; empty where there are none.
pub(super) fn aggregate(prefix: &str, errors: &[String]) -> String {
    match errors {
        [] => String::new(),
        [one] => format!("{prefix}{one}"),
        many => format!("{prefix}[{}]", many.join(", ")),
    }
}

// === impl Rule ===

impl Rule {
    pub(super) fn read(rule: &Value) -> Self {
        let list = |name: &str| -> Vec<String> {
            let all = rule[name].as_array();
            all.into_iter()
                .flatten()
                .filter_map(|v| v.as_str().map(str::to_owned))
                .collect()
        };
        Self {
            verbs: list("verbs"),
            groups: list("apiGroups"),
            resources: list("resources"),
            names: list("resourceNames"),
            paths: list("nonResourceURLs"),
        }
    }

    fn allows(&self, wanted: &Attributes) -> bool {
        if !has_or_all(&self.verbs, &wanted.verb) {
            return false;
        }
        if let Some(path) = &wanted.path {
            return self.paths.iter().any(|rule| path_matches(rule, path));
        }
        let combined = wanted.combined();
        let any_parent = format!("*/{}", wanted.subresource);
        has_or_all(&self.groups, &wanted.group)
            && self
                .resources
                .iter()
                .any(|r| r == "*" || *r == combined || !wanted.subresource.is_empty() && *r == any_parent)
            && (self.names.is_empty() || self.names.contains(&wanted.name))
    }
}

fn has_or_all(list: &[String], wanted: &str) -> bool {
    list.iter().any(|entry| entry == "*" || entry == wanted)
}

/// Whether a path is the rule's, or below it where the rule ends in `*`.
pub(super) fn path_matches(rule: &str, path: &str) -> bool {
    rule == "*"
        || rule == path
        || rule
            .strip_suffix('*')
            .is_some_and(|prefix| path.starts_with(prefix))
}

/// A rule that holds for a user, and the words for what grants it.
type Granted<'a> = Result<(Rule, &'a dyn Fn() -> String), String>;

/// Shows all rules that hold for the user, until told that it is enough.
fn visit(store: &Store, user: &UserInfo, namespace: &str, mut see: impl FnMut(Granted<'_>) -> bool) {
    for (_, stored) in &store.live(CLUSTER_BINDINGS) {
        let describe = || format!("ClusterRoleBinding {}", go_quote(stored.meta("name")));
        if !visit_binding(store, user, stored.value(), "", &describe, &mut see) {
            return;
        }
    }
    if namespace.is_empty() {
        return;
    }
    for (_, stored) in &store.live(BINDINGS) {
        if stored.meta("namespace") != namespace {
            continue;
        }
        let name = format!("{}/{namespace}", stored.meta("name"));
        let describe = || format!("RoleBinding {}", go_quote(&name));
        if !visit_binding(store, user, stored.value(), namespace, &describe, &mut see) {
            return;
        }
    }
}

fn visit_binding(
    store: &Store,
    user: &UserInfo,
    binding: &Value,
    namespace: &str,
    describe: &dyn Fn() -> String,
    see: &mut impl FnMut(Granted<'_>) -> bool,
) -> bool {
    let subjects = binding["subjects"].as_array();
    let Some(subject) = subjects
        .into_iter()
        .flatten()
        .find(|s| is_subject(s, user, namespace))
    else {
        return true;
    };
    let reference = &binding["roleRef"];
    let rules = match rules_of(store, reference, namespace) {
        Ok(rules) => rules,
        Err(error) => return see(Err(error.message().to_owned())),
    };
    let grant = || {
        format!(
            "{} of {} {} to {}",
            describe(),
            reference["kind"].as_str().unwrap_or(""),
            go_quote(reference["name"].as_str().unwrap_or("")),
            describe_subject(subject, namespace)
        )
    };
    rules.into_iter().all(|rule| see(Ok((rule, &grant))))
}

fn is_subject(subject: &Value, user: &UserInfo, namespace: &str) -> bool {
    let name = subject["name"].as_str().unwrap_or("");
    match subject["kind"].as_str().unwrap_or("") {
        "User" => name == user.name,
        "Group" => user.is_in(name),
        "ServiceAccount" => {
            let namespace = subject["namespace"].as_str().unwrap_or(namespace);
            parse_service_account(&user.name) == Some((namespace, name))
        }
        _ => false,
    }
}

fn describe_subject(subject: &Value, namespace: &str) -> String {
    let (kind, name) = (
        subject["kind"].as_str().unwrap_or(""),
        subject["name"].as_str().unwrap_or(""),
    );
    if kind == "ServiceAccount" {
        let namespace = subject["namespace"].as_str().unwrap_or(namespace);
        return format!("{kind} {}", go_quote(&format!("{name}/{namespace}")));
    }
    format!("{kind} {}", go_quote(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(rule: Value, wanted: &[(&str, &str, &str, &str)], allowed: bool) {
        let rule = Rule::read(&rule);
        for (verb, group, resource, name) in wanted {
            let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
            let attributes = Attributes {
                verb: (*verb).into(),
                group: (*group).into(),
                resource: resource.into(),
                subresource: subresource.into(),
                name: (*name).into(),
                ..Attributes::default()
            };
            assert_eq!(rule.allows(&attributes), allowed, "{attributes:?}");
        }
    }

    #[test]
    fn a_resource_is_not_its_subresources() {
        let rule = json!({"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]});
        check(rule.clone(), &[("get", "", "pods", "a")], true);
        check(
            rule,
            &[
                ("get", "", "pods/log", "a"),
                ("list", "", "pods", ""),
                ("get", "apps", "pods", "a"),
            ],
            false,
        );
    }

    #[test]
    fn stars_stand_for_all() {
        let rule = json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]});
        check(rule, &[("x", "y", "z/w", "a")], true);
        let rule = json!({"verbs": ["get"], "apiGroups": [""], "resources": ["*/scale"]});
        check(rule.clone(), &[("get", "", "pods/scale", "a")], true);
        check(
            rule,
            &[("get", "", "pods", "a"), ("get", "", "pods/status", "a")],
            false,
        );
    }

    #[test]
    fn names_narrow() {
        let rule =
            json!({"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "resourceNames": ["a"]});
        check(rule.clone(), &[("get", "", "pods", "a")], true);
        check(rule, &[("get", "", "pods", "b"), ("get", "", "pods", "")], false);
    }

    #[test]
    fn paths_match_whole_or_by_prefix() {
        assert!(path_matches("/healthz", "/healthz"));
        assert!(!path_matches("/healthz", "/healthz/ping"));
        assert!(path_matches("/api/*", "/api/v1"));
        assert!(!path_matches("/api/*", "/apis"));
        assert!(path_matches("*", "/x"));
    }
}
