//! Environment variables of containers and where their values come from.

use super::super::check::{Check, items, object};
use super::super::fields::{Fields, has, text};
use crate::registry::names;

const SOURCES: &str =
    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
const ONE_ONLY: &str = "may not have more than one field specified at a time";
const VARIABLE: &str =
    "a valid environment variable name must consist only of printable ASCII characters other than '='";

/// The fields of a pod that its containers can be told of.
const IN_VARIABLES: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// The fields of a pod that its volumes can hold.
pub(super) const IN_VOLUMES: [&str; 5] = [
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
];

/// Fields that have a name and nowhere to go.
const KNOWN: [&str; 5] = [
    "metadata.annotations",
    "metadata.labels",
    "spec.restartPolicy",
    "spec.schedulerName",
    "status.phase",
];

/// The resources that containers can be told of.
const RESOURCES: [&str; 6] = [
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

/// Checks the variables of a container and the maps that bring more.
pub(super) fn check(check: &mut Check, container: &Fields, path: &str) {
    for (i, variable) in items(container, "env").enumerate() {
        let path = format!("{path}.env[{i}]");
        let name = text(variable, "name");
        if name.is_empty() {
            check.required(format!("{path}.name"), "");
        } else {
            variable_name(check, &format!("{path}.name"), name);
        }
        if let Some(source) = object(variable, "valueFrom") {
            value_from(check, variable, source, &format!("{path}.valueFrom"));
        }
    }
    for (i, source) in items(container, "envFrom").enumerate() {
        let list = format!("{path}.envFrom");
        let path = format!("{list}[{i}]");
        let prefix = text(source, "prefix");
        if !prefix.is_empty() {
            variable_name(check, &format!("{path}.prefix"), prefix);
        }
        let mut sources = 0;
        for kind in ["configMapRef", "secretRef"] {
            if let Some(reference) = object(source, kind) {
                sources += 1;
                check.present(reference, &format!("{path}.{kind}"), "name");
            }
        }
        match sources {
            0 => check.invalid(list, "", "must specify one of: `configMapRef` or `secretRef`"),
            1 => {}
            _ => check.invalid(list, "", ONE_ONLY),
        }
    }
}

fn variable_name(check: &mut Check, field: &str, name: &str) {
    if !name.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'=') {
        check.invalid(field, name, VARIABLE);
    }
}

fn value_from(check: &mut Check, variable: &Fields, source: &Fields, path: &str) {
    let mut sources = 0;
    if let Some(reference) = object(source, "fieldRef") {
        sources += 1;
        field_ref(check, reference, &format!("{path}.fieldRef"), &IN_VARIABLES);
    }
    if let Some(reference) = object(source, "resourceFieldRef") {
        sources += 1;
        resource_ref(check, reference, &format!("{path}.resourceFieldRef"), false);
    }
    for kind in ["configMapKeyRef", "secretKeyRef"] {
        if let Some(reference) = object(source, kind) {
            sources += 1;
            let path = format!("{path}.{kind}");
            check.present(reference, &path, "name");
            let key = text(reference, "key");
            if key.is_empty() {
                check.required(format!("{path}.key"), "");
            } else {
                check.each(&format!("{path}.key"), key, names::config_key(key));
            }
        }
    }
    if has(source, "fileKeyRef") {
        sources += 1;
    }
    if sources == 0 {
        check.invalid(path, "", SOURCES);
    }
    if !text(variable, "value").is_empty() {
        if sources != 0 {
            check.invalid(path, "", "may not be specified when `value` is not empty");
        }
    } else if sources > 1 {
        check.invalid(path, "", ONE_ONLY);
    }
}

/// Checks a reference to a field of the pod itself.
pub(super) fn field_ref(check: &mut Check, reference: &Fields, path: &str, allowed: &[&str]) {
    if text(reference, "apiVersion").is_empty() {
        return check.required(format!("{path}.apiVersion"), "");
    }
    let field = format!("{path}.fieldPath");
    let named = text(reference, "fieldPath");
    if named.is_empty() {
        return check.required(field, "");
    }
    if let Some((map, key)) = named
        .split_once("['")
        .and_then(|(map, rest)| Some((map, rest.strip_suffix("']")?)))
    {
        return match map {
            "metadata.annotations" => {
                check.each(&field, key, names::qualified_name(&key.to_lowercase()));
            }
            "metadata.labels" => check.each(&field, key, names::qualified_name(key)),
            _ => check.invalid(field, named, "does not support subscript"),
        };
    }
    if !IN_VARIABLES.contains(&named) && !KNOWN.contains(&named) {
        let why = format!("error converting fieldPath: field label not supported: {named}");
        return check.invalid(field, named, why);
    }
    if !allowed.contains(&named) {
        check.not_supported(field, named, allowed);
    }
}

/// Checks a reference to a resource of a container.
pub(super) fn resource_ref(check: &mut Check, reference: &Fields, path: &str, in_volume: bool) {
    if in_volume && text(reference, "containerName").is_empty() {
        check.required(format!("{path}.containerName"), "");
    }
    let resource = text(reference, "resource");
    let huge = ["requests.hugepages-", "limits.hugepages-"];
    if resource.is_empty() {
        check.required(format!("{path}.resource"), "");
    } else if !RESOURCES.contains(&resource) && !huge.iter().any(|h| resource.starts_with(h)) {
        check.not_supported(format!("{path}.resource"), resource, &RESOURCES);
    } else {
        divisor(check, reference, resource, &format!("{path}.divisor"));
    }
}

fn divisor(check: &mut Check, reference: &Fields, resource: &str, field: &str) {
    let divisor = text(reference, "divisor");
    if divisor.is_empty() || divisor == "0" {
        return;
    }
    let (kind, allowed): (&str, &[&str]) = match resource {
        "limits.cpu" | "requests.cpu" => ("cpu", &["1m", "1"]),
        "limits.memory" | "requests.memory" => (
            "memory",
            &[
                "1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei",
            ],
        ),
        _ => return,
    };
    if !allowed.contains(&divisor) {
        let all = allowed.join(", ");
        let why = match kind {
            "cpu" => "only divisor's values 1m and 1 are supported with the cpu resource".to_owned(),
            _ => format!("only divisor's values {all} are supported with the {kind} resource"),
        };
        check.invalid(field, divisor, why);
    }
}
