//! What leads to a program rather than to an object: logs, commands and ports of pods, proxies.
//!
//! No node runs anything here, so that what a kubelet would answer is there only where the builder was given a scripted one;
//! what the apiserver answers by itself always is.

use http::StatusCode;
use serde_json::Value;

use crate::encode::Answer;
#[cfg(feature = "kubelet")]
use crate::kubelet::{Call, LogOptions, Streams, What};
use crate::registry::Context;
use crate::registry::admission::{self, attempt::Attempt};
use crate::registry::dispatch::Done;
use crate::status::{Result, StatusError, go_quote};
use crate::wire::Request;

/// The annotation that names a pod's main container.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// Answers a request to a pod's or node's program.
pub(super) fn call(cx: &mut Context<'_>, request: &Request) -> Result<Done> {
    if cx.subresource != "log" {
        admission::look(cx, |cx| Attempt::connect(cx, &request.query))?;
    }
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
        ("log", "") => return Ok(Done::Answer(Answer::empty(StatusCode::NO_CONTENT))),
        ("exec" | "attach" | "portforward", "") => {
            let why = format!("pod {} does not have a host assigned", cx.name);
            return Err(StatusError::bad_request(why));
        }
        ("proxy", _) => return Err(out_of_reach(cx)),
        _ => {}
    }
    #[cfg(feature = "kubelet")]
    if cx.core.has_kubelet {
        return connection(cx, pod, request).map(|call| Done::Connect(Box::new(call)));
    }
    if cx.core.store.get("nodes", node).is_none() {
        return Err(StatusError::not_found("", "nodes", node));
    }
    Err(out_of_reach(cx))
}

/// What a request wants of the programs of a pod.
#[cfg(feature = "kubelet")]
fn connection(cx: &Context<'_>, pod: &Value, request: &Request) -> Result<Call> {
    let query = &request.query;
    let flag = |name: &str| matches!(query.text(name), "true" | "1");
    let streams = || {
        let streams = Streams {
            stdin: flag("stdin"),
            stdout: flag("stdout"),
            stderr: flag("stderr"),
            tty: flag("tty"),
        };
        if !streams.stdin && !streams.stdout && !streams.stderr {
            return Err(StatusError::bad_request(
                "you must specify at least one of stdin, stdout, stderr",
            ));
        }
        Ok(streams)
    };
    let what = match cx.subresource.as_str() {
        "log" => What::Log(LogOptions::parse(query)?),
        "attach" => What::Attach(streams()?),
        "exec" => {
            let command = query.all("command");
            if command.is_empty() {
                return Err(StatusError::bad_request(
                    "you must specify a command for the container",
                ));
            }
            What::Exec {
                command,
                streams: streams()?,
            }
        }
        _ => What::Ports(ports(query.all("ports"))?),
    };
    let created = pod["metadata"]["creationTimestamp"].as_str();
    Ok(Call {
        namespace: cx.namespace.clone(),
        pod: cx.name.clone(),
        container: container(pod, query.text("container")),
        created: created.and_then(|at| at.parse().ok()).unwrap_or(cx.now),
        what,
    })
}

/// The ports of a request, which may stand in one list or in several.
#[cfg(feature = "kubelet")]
fn ports(lists: Vec<String>) -> Result<Vec<u16>> {
    let words = lists.iter().flat_map(|list| list.split(','));
    let ports: std::result::Result<Vec<u16>, _> = words.map(str::parse).collect();
    match ports {
        // The streams of more have no numbers.
        Ok(ports) if (1..=127).contains(&ports.len()) => Ok(ports),
        Ok(_) => Err(StatusError::bad_request("query parameter \"port\" is required")),
        Err(error) => Err(StatusError::bad_request(format!(
            "unable to parse the ports: {error}"
        ))),
    }
}

/// The container that a request means: the one it names, the pod's main one, or its only one.
#[cfg(feature = "kubelet")]
fn container(pod: &Value, asked: &str) -> String {
    let main = pod["metadata"]["annotations"][DEFAULT_CONTAINER].as_str();
    let only = pod["spec"]["containers"][0]["name"].as_str();
    let named = Some(asked).filter(|name| !name.is_empty());
    named.or(main).or(only).unwrap_or_default().to_owned()
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
    if let Some(query) = cx.query {
        admission::look(cx, |cx| Attempt::connect(cx, query))?;
    }
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
