//! Limit ranges: containers get the resources that they do not name, and what is beyond the bounds is refused.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/policy/limit-range/>

use serde_json::Value;

use super::pod_resources::{Amounts, amounts, of_containers};
use super::{Context, aggregate, in_namespace, is, refusal};
use crate::registry::kinds::check::{items, part};
use crate::registry::kinds::fields::{Fields, each, ensure, text};
use crate::registry::meta;
use crate::schema::quantity::Quantity;
use crate::status::Result;

const RANGES: &str = "limitranges";
/// Tells what was filled in.
const ANNOTATION: &str = "kubernetes.io/limit-ranger";
/// Up to here ratios are told to the thousandth.
const FINE_MAX: i128 = i64::MAX as i128 / 1000;

/// Gives the containers of a new pod what the ranges of its namespace have for those that say nothing.
pub(super) fn mutate(cx: &Context<'_>, pod: &mut Fields) {
    for range in in_namespace(cx, RANGES) {
        let spec = range.value()["spec"].as_object().unwrap_or(meta::empty());
        fill_in(pod, spec);
    }
}

/// Refuses what is beyond the bounds of a range. Of updates only those count that may change resources.
pub(super) fn validate(cx: &Context<'_>, object: &Fields, old: Option<&Fields>) -> Result<()> {
    let pod = is(cx, "", "pods");
    let applies = match (&*cx.subresource, old) {
        ("", None) => pod || is(cx, "", "persistentvolumeclaims"),
        ("", Some(old)) => is(cx, "", "persistentvolumeclaims") && !meta::is_deleting(meta::of(old)),
        ("resize", Some(old)) => pod && !meta::is_deleting(meta::of(old)),
        _ => false,
    };
    if !applies {
        return Ok(());
    }
    for range in in_namespace(cx, RANGES) {
        let spec = range.value()["spec"].as_object().unwrap_or(meta::empty());
        let complaints = if pod {
            pod_complaints(part(object, "spec"), spec)
        } else {
            claim_complaints(part(object, "spec"), spec)
        };
        if !complaints.is_empty() {
            return Err(refusal(cx, &aggregate(&complaints)));
        }
    }
    Ok(())
}

fn of_type<'f>(range: &'f Fields, kind: &'static str) -> impl Iterator<Item = &'f Fields> {
    items(range, "limits").filter(move |limit| text(limit, "type") == kind)
}

fn fill_in(pod: &mut Fields, range: &Fields) {
    let mut defaults: [Fields; 2] = Default::default();
    for limit in of_type(range, "Container") {
        for (to, from) in defaults.iter_mut().zip(["defaultRequest", "default"]) {
            to.extend(part(limit, from).iter().map(|(k, v)| (k.clone(), v.clone())));
        }
    }
    let mut told = Vec::new();
    let spec = ensure(pod, "spec");
    for (list, what) in [("containers", "container"), ("initContainers", "init container")] {
        for container in each(spec, list) {
            let name = text(container, "name").to_owned();
            for (defaults, (field, word)) in defaults
                .iter()
                .zip([("requests", "request"), ("limits", "limit")])
            {
                let set = add_missing(container, field, defaults);
                if !set.is_empty() {
                    told.push(format!("{} {word} for {what} {name}", set.join(", ")));
                }
            }
        }
    }
    if !told.is_empty() {
        let told = format!("LimitRanger plugin set: {}", told.join("; "));
        ensure(ensure(pod, "metadata"), "annotations").insert(ANNOTATION.into(), told.into());
    }
}

/// Adds what a container does not name itself; the names of what was added.
fn add_missing(container: &mut Fields, field: &str, defaults: &Fields) -> Vec<String> {
    let given = part(part(container, "resources"), field);
    let missing: Vec<(String, Value)> = defaults
        .iter()
        .filter(|(name, _)| !given.contains_key(*name))
        .map(|(name, amount)| (name.clone(), amount.clone()))
        .collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let mut names: Vec<String> = missing.iter().map(|(name, _)| name.clone()).collect();
    names.sort();
    ensure(ensure(container, "resources"), field).extend(missing);
    names
}

fn pod_complaints(pod: &Fields, range: &Fields) -> Vec<String> {
    let mut complaints = Vec::new();
    for limit in items(range, "limits") {
        match text(limit, "type") {
            "Container" => {
                for container in items(pod, "containers").chain(items(pod, "initContainers")) {
                    let resources = part(container, "resources");
                    let asked = (amounts(resources, "requests"), amounts(resources, "limits"));
                    bounded(&mut complaints, "Container", limit, &asked);
                }
            }
            "Pod" => {
                let asked = (of_containers(pod, "requests"), of_containers(pod, "limits"));
                bounded(&mut complaints, "Pod", limit, &asked);
            }
            _ => {}
        }
    }
    complaints
}

/// Holds requests and limits against the bounds of a limit.
fn bounded(complaints: &mut Vec<String>, of: &str, limit: &Fields, (requests, limits): &(Amounts, Amounts)) {
    for (name, min) in amounts(limit, "min") {
        let bound = format!("minimum {name} usage per {of} is {min}");
        complaints.extend(match (requests.get(&name), limits.get(&name)) {
            (None, _) => Some(format!("{bound}.  No request is specified")),
            (Some(request), _) if *request < min => Some(format!("{bound}, but request is {request}")),
            (_, Some(limit)) if *limit < min => Some(format!("{bound}, but limit is {limit}")),
            _ => None,
        });
    }
    for (name, max) in amounts(limit, "max") {
        let bound = format!("maximum {name} usage per {of} is {max}");
        complaints.extend(match (requests.get(&name), limits.get(&name)) {
            (_, None) => Some(format!("{bound}.  No limit is specified")),
            (_, Some(limit)) if *limit > max => Some(format!("{bound}, but limit is {limit}")),
            (Some(request), _) if *request > max => Some(format!("{bound}, but request is {request}")),
            _ => None,
        });
    }
    for (name, max) in amounts(limit, "maxLimitRequestRatio") {
        complaints.extend(over_ratio(of, &name, max, requests.get(&name), limits.get(&name)));
    }
}

fn over_ratio(
    of: &str,
    name: &str,
    max: Quantity,
    request: Option<&Quantity>,
    limit: Option<&Quantity>,
) -> Option<String> {
    let bound = format!("{name} max limit to request ratio per {of} is {max}");
    let given = |amount: Option<&Quantity>| amount.copied().filter(|amount| amount.nano() != 0);
    let Some(request) = given(request) else {
        return Some(format!("{bound}, but no request is specified or request is 0"));
    };
    let Some(limit) = given(limit) else {
        return Some(format!("{bound}, but no limit is specified or limit is 0"));
    };
    let fine = [max, request, limit]
        .iter()
        .all(|amount| amount.value() <= FINE_MAX);
    let number = |amount: Quantity| if fine { amount.milli() } else { amount.value() };
    #[expect(clippy::cast_precision_loss, reason = "the server computes ratios as floats")]
    let (ratio, allowed) = (
        number(limit) as f64 / number(request) as f64,
        max.nano() as f64 / 1e9,
    );
    (ratio > allowed).then(|| format!("{bound}, but provided ratio is {ratio:.6}"))
}

/// Holds the storage that a claim asks for against the bounds for claims.
fn claim_complaints(claim: &Fields, range: &Fields) -> Vec<String> {
    const OF: &str = "PersistentVolumeClaim";
    let requests = amounts(part(claim, "resources"), "requests");
    let mut complaints = Vec::new();
    for limit in of_type(range, OF) {
        for (word, bounds) in [
            ("minimum", amounts(limit, "min")),
            ("maximum", amounts(limit, "max")),
        ] {
            for (name, bound) in bounds {
                let told = format!("{word} {name} usage per {OF} is {bound}");
                let beyond = |request: &Quantity| {
                    if word == "minimum" {
                        *request < bound
                    } else {
                        *request > bound
                    }
                };
                complaints.extend(match requests.get(&name) {
                    None => Some(format!("{told}.  No request is specified")),
                    Some(request) if beyond(request) => Some(format!("{told}, but request is {request}")),
                    Some(_) => None,
                });
            }
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: &Value) -> &Fields {
        value.as_object().expect("an object")
    }

    #[track_caller]
    fn check(limit: &Value, resources: &Value, complaints: &[&str]) {
        let range = json!({ "limits": [limit] });
        let pod = json!({"containers": [{"name": "c", "resources": resources}]});
        assert_eq!(pod_complaints(fields(&pod), fields(&range)), complaints);
    }

    #[test]
    fn each_bound_wants_the_number_that_it_bounds() {
        let limit = |bound: &str| json!({"type": "Container", bound: {"cpu": "1"}});
        let nothing = json!({});
        check(
            &limit("min"),
            &nothing,
            &["minimum cpu usage per Container is 1.  No request is specified"],
        );
        check(
            &limit("max"),
            &nothing,
            &["maximum cpu usage per Container is 1.  No limit is specified"],
        );
        check(
            &limit("maxLimitRequestRatio"),
            &json!({"requests": {"cpu": "1"}}),
            &["cpu max limit to request ratio per Container is 1, but no limit is specified or limit is 0"],
        );
        check(
            &limit("min"),
            &json!({"requests": {"cpu": "1"}, "limits": {"cpu": "900m"}}),
            &["minimum cpu usage per Container is 1, but limit is 900m"],
        );
        let exact = json!({"requests": {"cpu": "1"}, "limits": {"cpu": "1000m"}});
        for bound in ["min", "max", "maxLimitRequestRatio"] {
            check(&limit(bound), &exact, &[]);
        }
    }

    #[test]
    fn a_ratio_is_told_in_full() {
        let limit = json!({"type": "Container", "maxLimitRequestRatio": {"cpu": "1.5"}});
        let at = |cpu: &str| json!({"requests": {"cpu": "1"}, "limits": {"cpu": cpu}});
        check(&limit, &at("1500m"), &[]);
        check(
            &limit,
            &at("1501m"),
            &["cpu max limit to request ratio per Container is 1500m, but provided ratio is 1.501000"],
        );
    }

    #[test]
    fn bounds_of_pods_hold_for_the_sum() {
        let range = json!({"limits": [{"type": "Pod", "max": {"cpu": "1"}}]});
        let container = json!({"resources": {"limits": {"cpu": "600m"}}});
        let one = json!({ "containers": [container] });
        let two = json!({ "containers": [container, container] });
        assert!(pod_complaints(fields(&one), fields(&range)).is_empty());
        assert_eq!(
            pod_complaints(fields(&two), fields(&range)),
            ["maximum cpu usage per Pod is 1, but limit is 1200m"]
        );
    }

    #[test]
    fn what_a_container_says_itself_stays() {
        let range = json!({"limits": [
            {"type": "Container", "default": {"cpu": "1", "memory": "1Gi"}, "defaultRequest": {"cpu": "500m"}},
            {"type": "Pod", "default": {"x": "1"}},
        ]});
        let mut pod = json!({"spec": {"containers": [
            {"name": "c", "resources": {"limits": {"cpu": "2"}, "requests": {"cpu": "1"}}},
        ]}});
        fill_in(pod.as_object_mut().expect("an object"), fields(&range));
        assert_eq!(
            pod["spec"]["containers"][0]["resources"],
            json!({"limits": {"cpu": "2", "memory": "1Gi"}, "requests": {"cpu": "1"}})
        );
        assert_eq!(
            pod["metadata"]["annotations"][ANNOTATION],
            "LimitRanger plugin set: memory limit for container c"
        );
    }
}
