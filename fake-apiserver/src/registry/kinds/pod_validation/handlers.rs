//! Probes and the hooks of a container's life.

use super::super::check::{Check, items, object, part, strings};
use super::super::fields::{Fields, has, int, text};

const ONE_ONLY: &str = "may not specify more than 1 handler type";

/// Checks what runs after a container's start and before its stop.
pub(super) fn lifecycle(check: &mut Check, spec: &Fields, lifecycle: &Fields, path: &str) {
    for hook in ["postStart", "preStop"] {
        if let Some(found) = object(lifecycle, hook) {
            handler(check, spec, found, &format!("{path}.{hook}"));
        }
    }
    let signal = text(lifecycle, "stopSignal");
    if !signal.is_empty() && part(spec, "os").is_empty() {
        check.forbidden(
            format!("{path}.stopSignal"),
            "may not be set for containers with empty `spec.os.name`",
        );
    }
}

/// Checks a probe; one that decides over a container's life succeeds or fails (`once`).
pub(super) fn probe(check: &mut Check, spec: &Fields, probe: &Fields, path: &str, once: bool) {
    handler(check, spec, probe, path);
    for number in [
        "initialDelaySeconds",
        "timeoutSeconds",
        "periodSeconds",
        "successThreshold",
        "failureThreshold",
    ] {
        check.not_negative(probe, path, number);
    }
    if let Some(grace) = int(probe, "terminationGracePeriodSeconds").filter(|grace| *grace <= 0) {
        check.invalid(
            format!("{path}.terminationGracePeriodSeconds"),
            grace,
            "must be greater than 0",
        );
    }
    if once {
        if let Some(threshold) = int(probe, "successThreshold").filter(|threshold| *threshold != 1) {
            check.invalid(format!("{path}.successThreshold"), threshold, "must be 1");
        }
    } else if has(probe, "terminationGracePeriodSeconds") {
        let field = format!("{path}.terminationGracePeriodSeconds");
        let grace = int(probe, "terminationGracePeriodSeconds").unwrap_or(0);
        check.invalid(field, grace, "must not be set for readinessProbes");
    }
}

fn handler(check: &mut Check, spec: &Fields, handler: &Fields, path: &str) {
    let mut handlers = 0;
    let mut first = |check: &mut Check, name: &str| {
        handlers += 1;
        if handlers > 1 {
            check.forbidden(format!("{path}.{name}"), ONE_ONLY);
        }
        handlers == 1
    };
    if let Some(exec) = object(handler, "exec")
        && first(check, "exec")
        && strings(exec, "command").is_empty()
    {
        check.required(format!("{path}.exec.command"), "");
    }
    if let Some(get) = object(handler, "httpGet")
        && first(check, "httpGet")
    {
        http_get(check, get, &format!("{path}.httpGet"));
    }
    if let Some(socket) = object(handler, "tcpSocket")
        && first(check, "tcpSocket")
    {
        port(check, socket, &format!("{path}.tcpSocket"));
    }
    if let Some(grpc) = object(handler, "grpc")
        && first(check, "grpc")
    {
        port(check, grpc, &format!("{path}.grpc"));
    }
    if let Some(sleep) = object(handler, "sleep")
        && first(check, "sleep")
    {
        let (seconds, grace) = (
            int(sleep, "seconds").unwrap_or(0),
            int(spec, "terminationGracePeriodSeconds").unwrap_or(0),
        );
        if seconds < 0 || seconds > grace {
            let why = format!("must be non-negative and less than terminationGracePeriodSeconds ({grace})");
            check.invalid(format!("{path}.sleep.seconds"), seconds, why);
        }
    }
    if handlers == 0 {
        check.required(path, "must specify a handler type");
    }
}

fn http_get(check: &mut Check, get: &Fields, path: &str) {
    check.present(get, path, "path");
    port(check, get, path);
    let scheme = text(get, "scheme");
    if !matches!(scheme, "HTTP" | "HTTPS") {
        check.not_supported(format!("{path}.scheme"), scheme, &["HTTP", "HTTPS"]);
    }
    for header in items(get, "httpHeaders") {
        let name = text(header, "name");
        if !is_header(name) {
            check.invalid(
                format!("{path}.httpHeaders"),
                name,
                "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
            );
        }
    }
}

fn is_header(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn port(check: &mut Check, fields: &Fields, path: &str) {
    let port = fields.get("port").cloned().unwrap_or_else(|| 0.into());
    check.port_or_name(&format!("{path}.port"), &port);
}
