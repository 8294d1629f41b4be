//! Pod security: the labels of a namespace say how much its pods may, and what becomes of those that want more.
//!
//! Pods are refused, or let through with a warning; workloads are warned of for the pods that they would make. A namespace
//! that is made stricter warns of the pods that are there.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/security/pod-security-admission/>

mod baseline;
mod checks;
mod policy;
mod restricted;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Context, in_namespace, is, refusal};
use crate::registry::kinds::check::{items, part};
use crate::registry::kinds::fields::{Fields, text};
use crate::registry::meta;
use crate::status::{FieldError, Result, StatusError, go_quote};
use crate::storage::Stored;

use checks::{Finding, violations};
use policy::{Level, Policies};

/// Where the annotations of old profiles name a container.
const OLD_SECCOMP: &str = "container.seccomp.security.alpha.kubernetes.io/";

/// Refuses and warns as the namespace has it.
pub(super) fn validate(cx: &mut Context<'_>, object: &Fields, old: Option<&Fields>) -> Result<()> {
    if is(cx, "", "namespaces") {
        return if cx.subresource.is_empty() {
            namespace(cx, object, old)
        } else {
            Ok(())
        };
    }
    if is(cx, "", "pods") {
        let counts = matches!(&*cx.subresource, "" | "ephemeralcontainers" | "resize");
        if !counts {
            return Ok(());
        }
        // Asked first, as most namespaces say nothing and comparing costs something.
        let Some(policies) = policies(cx) else {
            return Ok(());
        };
        return if old.is_none_or(|old| is_significant(object, old)) {
            pod(cx, &policies, object)
        } else {
            Ok(())
        };
    }
    if !cx.subresource.is_empty() {
        return Ok(());
    }
    let Some(template) = template(cx, object) else {
        return Ok(());
    };
    let Some(policies) = policies(cx) else {
        return Ok(());
    };
    warn(cx, &policies, &violations(&policies.warn, template));
    Ok(())
}

/// What the namespace of the request says; `None` where it says nothing, as most do.
fn policies(cx: &Context<'_>) -> Option<Policies> {
    let namespace = cx.core.store.get("namespaces", &cx.namespace)?;
    let labels = part(namespace.metadata()?, "labels");
    policy::says_anything(labels).then(|| Policies::of(labels).0)
}

fn pod(cx: &mut Context<'_>, policies: &Policies, pod: &Fields) -> Result<()> {
    let found = violations(&policies.enforce, pod);
    if !found.is_empty() {
        let why = format!(
            "violates PodSecurity {}: {}",
            go_quote(&policies.enforce.to_string()),
            in_full(&found)
        );
        return Err(refusal(cx, &why));
    }
    warn(cx, policies, &violations(&policies.warn, pod));
    Ok(())
}

fn warn(cx: &mut Context<'_>, policies: &Policies, found: &[Finding]) {
    if !found.is_empty() {
        let policy = go_quote(&policies.warn.to_string());
        cx.warn(format!("would violate PodSecurity {policy}: {}", in_full(found)));
    }
}

fn in_full(found: &[Finding]) -> String {
    let each = found.iter().map(|f| format!("{} ({})", f.reason, f.detail));
    each.collect::<Vec<_>>().join(", ")
}

/// The pod that a workload makes, as far as it is a pod.
fn template<'f>(cx: &Context<'_>, object: &'f Fields) -> Option<&'f Fields> {
    let spec = part(object, "spec");
    let resource = (&*cx.resource.group, &*cx.resource.plural);
    let template = match resource {
        ("apps", "daemonsets" | "deployments" | "replicasets" | "statefulsets")
        | ("batch", "jobs")
        | ("", "replicationcontrollers") => part(spec, "template"),
        ("batch", "cronjobs") => part(part(part(spec, "jobTemplate"), "spec"), "template"),
        ("", "podtemplates") => part(object, "template"),
        _ => return None,
    };
    template.contains_key("spec").then_some(template)
}

/// Whether an update of a pod changes anything that policies look at and updates may change.
fn is_significant(pod: &Fields, old: &Fields) -> bool {
    let (spec, before) = (part(pod, "spec"), part(old, "spec"));
    let profile = |of: &Fields, name: &str| {
        let annotations = part(part(of, "metadata"), "annotations");
        text(annotations, &format!("{OLD_SECCOMP}{name}")).to_owned()
    };
    let changed = |new: &Fields, was: &Fields| {
        let name = text(new, "name");
        text(new, "image") != text(was, "image") || profile(pod, name) != profile(old, name)
    };
    let lists = ["containers", "initContainers"];
    let many = lists
        .iter()
        .any(|list| items(spec, list).count() != items(before, list).count());
    let any = lists.iter().any(|list| {
        let mut both = items(spec, list).zip(items(before, list));
        both.any(|(new, was)| changed(new, was))
    });
    let debugging = items(spec, "ephemeralContainers").any(|new| {
        let was = items(before, "ephemeralContainers").find(|was| text(was, "name") == text(new, "name"));
        was.is_none_or(|was| changed(new, was))
    });
    many || any || debugging
}

fn namespace(cx: &mut Context<'_>, object: &Fields, old: Option<&Fields>) -> Result<()> {
    let labels = |of| part(meta::of(of), "labels");
    if !policy::says_anything(labels(object)) {
        return Ok(());
    }
    let (new, errors) = Policies::of(labels(object));
    let Some(old) = old else {
        return invalid(cx, &errors);
    };
    let (before, known) = Policies::of(labels(old));
    if errors != known {
        invalid(cx, &errors)?;
    }
    let (new, before) = (new.enforce, before.enforce);
    let laxer = new.version == before.version && new.level <= before.level;
    if new.level == Level::Privileged || laxer {
        return Ok(());
    }
    let mut told: Vec<(String, String, usize)> = Vec::new();
    let name = cx.name.clone();
    for pod in by_controller(&pods_of(cx)) {
        let fields = pod.value().as_object().unwrap_or(meta::empty());
        let found = violations(&new, fields);
        if found.is_empty() {
            continue;
        }
        let reasons: Vec<&str> = found.iter().map(|f| &*f.reason).collect();
        let reasons = reasons.join(", ");
        match told.iter_mut().find(|(known, _, _)| *known == reasons) {
            Some((_, _, others)) => *others += 1,
            None => told.push((reasons, pod.meta("name").to_owned(), 0)),
        }
    }
    if told.is_empty() {
        return Ok(());
    }
    cx.warn(format!(
        "existing pods in namespace {} violate the new PodSecurity enforce level {}",
        go_quote(&name),
        go_quote(&new.to_string())
    ));
    for (reasons, first, others) in told {
        let others = match others {
            0 => String::new(),
            1 => " (and 1 other pod)".to_owned(),
            many => format!(" (and {many} other pods)"),
        };
        cx.warn(format!("{first}{others}: {reasons}"));
    }
    Ok(())
}

fn invalid(cx: &Context<'_>, errors: &[FieldError]) -> Result<()> {
    if errors.is_empty() {
        return Ok(());
    }
    Err(StatusError::invalid("", "Namespace", &cx.name, errors))
}

/// The pods of the namespace that the request is about.
fn pods_of(cx: &mut Context<'_>) -> Vec<Arc<Stored>> {
    let outside = std::mem::replace(&mut cx.namespace, cx.name.clone());
    let pods = in_namespace(cx, "pods");
    cx.namespace = outside;
    pods
}

/// The pods with those first of which each has another controller, or none.
fn by_controller(pods: &[Arc<Stored>]) -> impl Iterator<Item = &Arc<Stored>> {
    let mut controllers: BTreeSet<&str> = BTreeSet::new();
    let (first, alike): (Vec<_>, Vec<_>) = pods.iter().partition(|pod| {
        let owners = pod
            .metadata()
            .into_iter()
            .flat_map(|m| items(m, "ownerReferences"));
        let controller = owners
            .into_iter()
            .find(|o| o.get("controller").is_some_and(|c| *c == true));
        controller.is_none_or(|c| controllers.insert(text(c, "uid")))
    });
    first.into_iter().chain(alike)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn updates_count_where_they_change_what_runs() {
        let pod = |spec: Value| json!({"metadata": {"name": "p"}, "spec": spec});
        let old = pod(json!({"containers": [{"name": "a", "image": "x"}]}));
        let significant = |new: Value| {
            let (new, old) = (new.as_object().cloned(), old.as_object().cloned());
            is_significant(&new.expect("an object"), &old.expect("an object"))
        };
        assert!(!significant(old.clone()));
        let mut labelled = old.clone();
        labelled["metadata"]["labels"] = json!({"a": "b"});
        assert!(!significant(labelled));
        assert!(significant(pod(
            json!({"containers": [{"name": "a", "image": "y"}]})
        )));
        let mut debugged = old.clone();
        debugged["spec"]["ephemeralContainers"] = json!([{"name": "e", "image": "x"}]);
        assert!(significant(debugged));
        let mut profiled = old.clone();
        profiled["metadata"]["annotations"][format!("{OLD_SECCOMP}a")] = json!("unconfined");
        assert!(significant(profiled));
    }

    #[test]
    fn one_pod_of_each_controller_comes_first() {
        let pod = |name: &str, owner: &str| {
            let owners = json!([{"controller": true, "uid": owner}]);
            Arc::new(Stored::new(
                Arc::new(json!({"metadata": {"name": name, "ownerReferences": owners}})),
                1,
            ))
        };
        let pods = [pod("a", "x"), pod("b", "x"), pod("c", "y")];
        let names: Vec<&str> = by_controller(&pods).map(|p| p.meta("name")).collect();
        assert_eq!(names, ["a", "c", "b"]);
    }
}
