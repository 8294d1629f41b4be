//! Keeps users from granting what they do not hold.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping>

use serde_json::{Map, Value};

use super::rbac::{self, Rule, path_matches};
use super::{Attributes, Decision, UserInfo, authorize};
use crate::registry::Resource;
use crate::status::{Result, StatusError, go_quote};
use crate::storage::Store;

const GROUP: &str = "rbac.authorization.k8s.io";

/// Refuses a role with rules that the user does not hold, unless they may `escalate` it.
pub(crate) fn check_role(
    store: &Store,
    user: &UserInfo,
    resource: &Resource,
    (namespace, name): (&str, &str),
    (role, old): (&Map<String, Value>, Option<&Map<String, Value>>),
) -> Result<()> {
    let same = |field: &str| old.is_some_and(|old| old.get(field) == role.get(field));
    if user.is_master() || same("rules") && same("aggregationRule") {
        return Ok(());
    }
    if may(store, user, "escalate", &resource.plural, namespace, name) {
        return Ok(());
    }
    let refuse = |why: &str| Err(StatusError::forbidden(GROUP, &resource.plural, name, why));
    let rules = role.get("rules").and_then(Value::as_array);
    let rules: Vec<Rule> = rules.into_iter().flatten().map(Rule::read).collect();
    confirm(store, user, namespace, &rules).or_else(|why| refuse(&why))?;
    if role.get("aggregationRule").is_some_and(|a| !a.is_null()) {
        let all = || vec!["*".to_owned()];
        let everything = [
            Rule {
                verbs: all(),
                groups: all(),
                resources: all(),
                ..Rule::default()
            },
            Rule {
                verbs: all(),
                paths: all(),
                ..Rule::default()
            },
        ];
        if let Err(why) = confirm(store, user, namespace, &everything) {
            return refuse(&format!(
                "must have cluster-admin privileges to use the aggregationRule: {why}"
            ));
        }
    }
    Ok(())
}

/// Refuses a binding to a role whose rules the user does not hold, unless they may `bind` it.
pub(crate) fn check_binding(
    store: &Store,
    user: &UserInfo,
    resource: &Resource,
    (namespace, name): (&str, &str),
    (binding, old): (&Map<String, Value>, Option<&Map<String, Value>>),
) -> Result<()> {
    let same = |field: &str| old.is_some_and(|old| old.get(field) == binding.get(field));
    if user.is_master() || same("roleRef") && same("subjects") {
        return Ok(());
    }
    let reference = binding.get("roleRef").unwrap_or(&Value::Null);
    let role = reference["name"].as_str().unwrap_or("");
    let plural = match reference["kind"].as_str() {
        Some("ClusterRole") => "clusterroles",
        _ => "roles",
    };
    if may(store, user, "bind", plural, namespace, role) {
        return Ok(());
    }
    let rules = rbac::rules_of(store, reference, namespace).map_err(|error| match error.code() {
        // What is not found is told of the binding, by the name of the role.
        404 => StatusError::not_found(GROUP, &resource.plural, role),
        _ => error,
    })?;
    confirm(store, user, namespace, &rules)
        .map_err(|why| StatusError::forbidden(GROUP, &resource.plural, name, &why))
}

fn may(store: &Store, user: &UserInfo, verb: &str, plural: &str, namespace: &str, name: &str) -> bool {
    let attributes = Attributes {
        verb: verb.into(),
        group: GROUP.into(),
        resource: plural.into(),
        namespace: namespace.into(),
        name: name.into(),
        ..Attributes::default()
    };
    matches!(authorize(store, user, &attributes), Decision::Allowed(_))
}

/// Whether the user holds all of the rules; the error says what is missing.
fn confirm(store: &Store, user: &UserInfo, namespace: &str, rules: &[Rule]) -> Result<(), String> {
    let (held, errors) = rbac::rules_for(store, user, namespace);
    let missing: Vec<Rule> = rules
        .iter()
        .flat_map(atoms)
        .filter(|atom| !held.iter().any(|rule| covers(rule, atom)))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut lines: Vec<String> = compact(missing).iter().map(print).collect();
    lines.sort();
    let quoted: Vec<String> = user.groups.iter().map(|g| go_quote(g)).collect();
    let mut why = format!(
        "user {} (groups=[{}]) is attempting to grant RBAC permissions not currently held:\n{}",
        go_quote(&user.name),
        quoted.join(" "),
        lines.join("\n")
    );
    if !errors.is_empty() {
        why.push_str(&rbac::aggregate("; resolution errors: ", &errors));
    }
    Err(why)
}

/// The smallest permissions that a rule consists of.
fn atoms(rule: &Rule) -> Vec<Rule> {
    let mut out = Vec::new();
    let one = |s: &String| vec![s.clone()];
    for group in &rule.groups {
        for resource in &rule.resources {
            for verb in &rule.verbs {
                let atom = Rule {
                    verbs: one(verb),
                    groups: one(group),
                    resources: one(resource),
                    ..Rule::default()
                };
                if rule.names.is_empty() {
                    out.push(atom);
                } else {
                    out.extend(rule.names.iter().map(|name| Rule {
                        names: one(name),
                        ..atom.clone()
                    }));
                }
            }
        }
    }
    for path in &rule.paths {
        out.extend(rule.verbs.iter().map(|verb| Rule {
            verbs: one(verb),
            paths: one(path),
            ..Rule::default()
        }));
    }
    out
}

/// Whether a rule includes an atom.
fn covers(rule: &Rule, atom: &Rule) -> bool {
    let has = |all: &[String], wanted: &[String]| {
        all.iter().any(|a| a == "*") || wanted.iter().all(|w| all.contains(w))
    };
    if !has(&rule.verbs, &atom.verbs) {
        return false;
    }
    if let [path] = atom.paths.as_slice() {
        return rule.paths.iter().any(|held| path_matches(held, path));
    }
    let resource = |wanted: &String| {
        let any_parent = wanted.split_once('/').map(|(_, sub)| format!("*/{sub}"));
        rule.resources
            .iter()
            .any(|r| r == "*" || r == wanted || Some(r) == any_parent.as_ref())
    };
    let names = rule.names.is_empty()
        || !atom.names.is_empty() && atom.names.iter().all(|name| rule.names.contains(name));
    has(&rule.groups, &atom.groups) && atom.resources.iter().all(resource) && names
}

/// Joins atoms that differ in nothing but the verb.
fn compact(atoms: Vec<Rule>) -> Vec<Rule> {
    let mut out: Vec<Rule> = Vec::new();
    for atom in atoms {
        let place = |r: &&mut Rule| {
            r.groups == atom.groups
                && r.resources == atom.resources
                && r.names == atom.names
                && r.paths == atom.paths
        };
        // Paths stay apart.
        match out.iter_mut().find(place) {
            Some(rule) if atom.paths.is_empty() => {
                for verb in atom.verbs {
                    if !rule.verbs.contains(&verb) {
                        rule.verbs.push(verb);
                    }
                }
            }
            _ => out.push(atom),
        }
    }
    out
}

fn print(rule: &Rule) -> String {
    let parts = [
        ("APIGroups", &rule.groups),
        ("Resources", &rule.resources),
        ("ResourceNames", &rule.names),
        ("NonResourceURLs", &rule.paths),
        ("Verbs", &rule.verbs),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(name, values)| {
            let quoted: Vec<String> = values.iter().map(|v| go_quote(v)).collect();
            format!("{name}:[{}]", quoted.join(" "))
        })
        .collect();
    format!("{{{}}}", parts.join(", "))
}
