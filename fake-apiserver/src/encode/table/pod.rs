//! A pod's row: its readiness, the one word for its state, and its restarts.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Row, human,
    value::{int, list, text},
};

/// What the row's state column is found from, container by container.
struct State {
    reason: String,
    ready: usize,
    restarts: i64,
    /// When the container that restarted last had ended.
    last_restart: Option<Timestamp>,
}

pub(super) fn cells(row: &Row<'_>) -> Vec<Value> {
    let pod = row.object;
    let sidecars = list(pod, "/spec/initContainers")
        .iter()
        .filter(|c| is_sidecar(c))
        .count();
    let total = list(pod, "/spec/containers").len() + sidecars;
    let state = state(pod);
    let restarts = match state.last_restart {
        Some(at) if state.restarts != 0 => {
            format!(
                "{} ({} ago)",
                state.restarts,
                human::duration_between(at, row.now)
            )
        }
        _ => state.restarts.to_string(),
    };
    let ip = match list(pod, "/status/podIPs").first() {
        Some(first) => text(first, "/ip"),
        None => row.text("/status/podIP"),
    };
    vec![
        row.name(),
        json!(format!("{}/{total}", state.ready)),
        json!(state.reason),
        json!(restarts),
        row.age(),
        json!(if ip.is_empty() { "<none>" } else { ip }),
        json!(row.text_or("/spec/nodeName", "<none>")),
        json!(row.text_or("/status/nominatedNodeName", "<none>")),
        json!(readiness_gates(pod)),
    ]
}

/// A pod that has run to its end says so beside its cells.
pub(super) fn conditions(pod: &Value) -> Option<Value> {
    let (reason, message) = match text(pod, "/status/phase") {
        "Succeeded" => ("Succeeded", "The pod has completed successfully."),
        "Failed" => ("Failed", "The pod failed."),
        _ => return None,
    };
    Some(json!([{ "type": "Completed", "status": "True", "reason": reason, "message": message }]))
}

fn state(pod: &Value) -> State {
    let phase = text(pod, "/status/phase");
    let given = text(pod, "/status/reason");
    let mut state = State {
        reason: if given.is_empty() { phase } else { given }.to_owned(),
        ready: 0,
        restarts: 0,
        last_restart: None,
    };
    let gated = list(pod, "/status/conditions")
        .iter()
        .any(|c| text(c, "/type") == "PodScheduled" && text(c, "/reason") == "SchedulingGated");
    if gated {
        state.reason = "SchedulingGated".to_owned();
    }

    if !init_containers(pod, &mut state) || condition(pod, "Initialized") {
        containers(pod, &mut state);
    }

    let ended = matches!(phase, "Succeeded" | "Failed");
    if pod
        .pointer("/metadata/deletionTimestamp")
        .is_some_and(|t| !t.is_null())
    {
        if given == "NodeLost" {
            state.reason = "Unknown".to_owned();
        } else if !ended {
            state.reason = "Terminating".to_owned();
        }
    }
    state
}

/// Goes through the init containers; whether the pod is still initializing.
fn init_containers(pod: &Value, state: &mut State) -> bool {
    let specs = list(pod, "/spec/initContainers");
    let sidecar = |status: &Value| {
        specs
            .iter()
            .any(|c| text(c, "/name") == text(status, "/name") && is_sidecar(c))
    };
    let mut sidecars = State {
        reason: String::new(),
        ready: 0,
        restarts: 0,
        last_restart: None,
    };
    for (i, status) in list(pod, "/status/initContainerStatuses").iter().enumerate() {
        state.count_restarts(status);
        let started = status.get("started") == Some(&Value::Bool(true));
        if sidecar(status) {
            sidecars.count_restarts(status);
        }
        if status
            .pointer("/state/terminated/exitCode")
            .and_then(Value::as_i64)
            == Some(0)
        {
            continue;
        }
        if sidecar(status) && started {
            state.ready += usize::from(status.get("ready") == Some(&Value::Bool(true)));
            continue;
        }
        state.reason = match (
            status.pointer("/state/terminated"),
            text(status, "/state/waiting/reason"),
        ) {
            (Some(end), _) => format!("Init:{}", end_reason(end)),
            (None, "" | "PodInitializing") => format!("Init:{i}/{}", specs.len()),
            (None, waiting) => format!("Init:{waiting}"),
        };
        return true;
    }
    // Once they are done, only sidecars' restarts are told.
    state.restarts = sidecars.restarts;
    state.last_restart = sidecars.last_restart;
    false
}

fn containers(pod: &Value, state: &mut State) {
    let mut running = false;
    // The first container that has something to say wins, so it is asked last.
    for status in list(pod, "/status/containerStatuses").iter().rev() {
        state.count_restarts(status);
        let waiting = text(status, "/state/waiting/reason");
        let ended = status.pointer("/state/terminated").filter(|t| !t.is_null());
        if !waiting.is_empty() {
            state.reason = waiting.to_owned();
        } else if let Some(end) = ended {
            state.reason = end_reason(end);
        } else if status.get("ready") == Some(&Value::Bool(true))
            && status.pointer("/state/running").is_some_and(|r| !r.is_null())
        {
            running = true;
            state.ready += 1;
        }
    }
    if state.reason == "Completed" && running {
        state.reason = if condition(pod, "Ready") {
            "Running"
        } else {
            "NotReady"
        }
        .to_owned();
    }
}

// === impl State ===

impl State {
    fn count_restarts(&mut self, status: &Value) {
        self.restarts += int(status, "/restartCount");
        let ended = text(status, "/lastState/terminated/finishedAt").parse().ok();
        self.last_restart = self.last_restart.max(ended);
    }
}

/// Why a container ended: its own word, or its signal or exit code.
fn end_reason(terminated: &Value) -> String {
    match (text(terminated, "/reason"), int(terminated, "/signal")) {
        ("", 0) => format!("ExitCode:{}", int(terminated, "/exitCode")),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.to_owned(),
    }
}

/// An init container that keeps running beside the others.
fn is_sidecar(container: &Value) -> bool {
    text(container, "/restartPolicy") == "Always"
}

fn condition(pod: &Value, kind: &str) -> bool {
    list(pod, "/status/conditions")
        .iter()
        .any(|c| text(c, "/type") == kind && text(c, "/status") == "True")
}

fn readiness_gates(pod: &Value) -> String {
    let gates = list(pod, "/spec/readinessGates");
    if gates.is_empty() {
        return "<none>".to_owned();
    }
    let open = gates
        .iter()
        .filter(|g| condition(pod, text(g, "/conditionType")))
        .count();
    format!("{open}/{}", gates.len())
}
