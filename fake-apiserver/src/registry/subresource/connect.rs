//! What leads to a program rather than to an object: logs, commands and ports of pods, proxies.
//!
//! No node runs anything here, so that what a kubelet would answer is not there; what the apiserver answers by itself is.

use http::StatusCode;
use serde_json::Value;

use crate::encode::Answer;
use crate::registry::Context;
use crate::status::{Result, StatusError, go_quote};
use crate::wire::Request;

/// The annotation that names a pod's main container.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// Answers a request to a pod's or node's program.
pub(super) fn call(cx: &Context<'_>, request: &Request) -> Result<Answer> {
    let object = cx.existing()?;
    if &*cx.resource.plural != "pods" {
        return Err(out_of_reach(cx));
    }
    let pod = object.value();
    let subresource = cx.subresource.as_str();
    if matches!(subresource, "log" | "exec" | "attach") {
        check_container(cx, pod, request.query.text("container"))?;
    }
    let node = pod["spec"]["nodeName"].as_str().unwrap_or("");
    match (subresource, node) {
        ("log", "") => return Ok(Answer::empty(StatusCode::NO_CONTENT)),
        ("exec" | "attach" | "portforward", "") => {
            let why = format!("pod {} does not have a host assigned", cx.name);
            return Err(StatusError::bad_request(why));
        }
        ("proxy", _) => return Err(out_of_reach(cx)),
        _ => {}
    }
    if cx.core.store.get("nodes", node).is_none() {
        return Err(StatusError::not_found("", "nodes", node));
    }
    Err(out_of_reach(cx))
}

/// Answers a request through a service's proxy.
pub(super) fn service(cx: &mut Context<'_>) -> Result<Answer> {
    // `NAME`, `NAME:PORT` or `SCHEME:NAME:PORT`.
    let parts: Vec<String> = cx.name.split(':').map(str::to_owned).collect();
    let (name, port) = match parts.as_slice() {
        [name] => (name.as_str(), ""),
        [name, port] => (name.as_str(), port.as_str()),
        [scheme, name, port] if matches!(scheme.as_str(), "http" | "https" | "") => {
            (name.as_str(), port.as_str())
        }
        _ => {
            let why = format!("invalid service request {}", go_quote(&cx.name));
            return Err(StatusError::bad_request(why));
        }
    };
    name.clone_into(&mut cx.name);
    let service = cx.existing()?;
    let unavailable = |why: String| Err(StatusError::new(503, "ServiceUnavailable", why));
    let ports = service.value()["spec"]["ports"].as_array();
    let known = port.parse::<u16>().is_ok()
        || ports
            .into_iter()
            .flatten()
            .any(|p| p["name"].as_str().unwrap_or("") == port);
    if !known {
        return unavailable(format!(
            "no service port {} found for service {}",
            go_quote(port),
            go_quote(name)
        ));
    }
    let endpoints = cx.core.store.get("endpoints", &cx.key()).cloned();
    let endpoints = endpoints.ok_or_else(|| cx.not_found())?;
    let subsets = endpoints.value()["subsets"].as_array();
    let any = subsets
        .into_iter()
        .flatten()
        .any(|s| s["addresses"].as_array().is_some_and(|a| !a.is_empty()));
    if any {
        return Err(out_of_reach(cx));
    }
    unavailable(format!("no endpoints available for service {}", go_quote(name)))
}

/// Refuses a container that the pod does not have, and none where it has several.
fn check_container(cx: &Context<'_>, pod: &Value, asked: &str) -> Result<()> {
    let names = |field: &str| -> Vec<String> {
        let all = pod["spec"][field].as_array();
        all.into_iter()
            .flatten()
            .filter_map(|c| c["name"].as_str().map(str::to_owned))
            .collect()
    };
    let (containers, first) = (names("containers"), names("initContainers"));
    if asked.is_empty() {
        let main = pod["metadata"]["annotations"][DEFAULT_CONTAINER].as_str();
        if containers.len() == 1 || main.is_some_and(|m| containers.iter().any(|c| c == m)) {
            return Ok(());
        }
        let mut why = format!("a container name must be specified for pod {}", cx.name);
        if !containers.is_empty() {
            why.push_str(&format!(", choose one of: [{}]", containers.join(" ")));
        }
        if !first.is_empty() {
            why.push_str(&format!(" or one of the init containers: [{}]", first.join(" ")));
        }
        return Err(StatusError::bad_request(why));
    }
    let all = [containers, first, names("ephemeralContainers")].concat();
    if all.iter().any(|c| c == asked) {
        return Ok(());
    }
    Err(StatusError::bad_request(format!(
        "container {asked} is not valid for pod {}",
        cx.name
    )))
}

/// The refusal of what only a running program could answer.
fn out_of_reach(cx: &Context<'_>) -> StatusError {
    StatusError::new(
        501,
        "NotImplemented",
        format!(
            "{} of {} {} leads to a program, and this server runs none",
            cx.subresource,
            cx.resource.qualified(),
            go_quote(&cx.name)
        ),
    )
}
