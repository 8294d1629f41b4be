//! What a pod and its containers may do on the node.

use serde_json::Value;

use super::super::check::{Check, flag, items, object, part};
use super::super::fields::{Fields, has, int, text};
use super::{contains, duplicates};

const ID: &str = "must be between 0 and 2147483647, inclusive";
const SYSCTL: &str = "must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";

/// Checks what holds for all containers of a pod.
pub(super) fn pod(check: &mut Check, spec: &Fields, path: &str) {
    let context = part(spec, "securityContext");
    let path = format!("{path}.securityContext");
    for id in ["fsGroup", "runAsUser", "runAsGroup"] {
        number(check, context, &path, id);
    }
    let groups = context.get("supplementalGroups").and_then(Value::as_array);
    for (i, group) in groups.into_iter().flatten().enumerate() {
        let group = group.as_i64().unwrap_or(0);
        if !(0..=i64::from(i32::MAX)).contains(&group) {
            check.invalid(format!("{path}.supplementalGroups[{i}]"), group, ID);
        }
    }
    if flag(spec, "shareProcessNamespace") && flag(spec, "hostPID") {
        check.invalid(
            format!("{path}.shareProcessNamespace"),
            true,
            "ShareProcessNamespace and HostPID cannot both be enabled",
        );
    }
    sysctls(check, context, &path);
    check.maybe_one_of(
        context,
        &path,
        "fsGroupChangePolicy",
        &["Always", "OnRootMismatch"],
    );
    profiles(check, context, &path);
    check.maybe_one_of(context, &path, "supplementalGroupsPolicy", &["Merge", "Strict"]);
    check.maybe_one_of(
        context,
        &path,
        "seLinuxChangePolicy",
        &["MountOption", "Recursive"],
    );
}

/// Checks what one container may do.
pub(super) fn container(check: &mut Check, context: &Fields, spec: &Fields, path: &str) {
    for id in ["runAsUser", "runAsGroup"] {
        number(check, context, path, id);
    }
    check.maybe_one_of(context, path, "procMount", &["Default", "Unmasked"]);
    if text(context, "procMount") == "Unmasked" && spec.get("hostUsers") != Some(&Value::Bool(false)) {
        check.invalid(
            format!("{path}.procMount"),
            "Unmasked",
            "`hostUsers` must be false to use `Unmasked`",
        );
    }
    profiles(check, context, path);
    if context.get("allowPrivilegeEscalation") != Some(&Value::Bool(false)) {
        return;
    }
    let refuse = |check: &mut Check, why: &str| {
        check.invalid_printed(path, super::super::go_struct::security_context(context), why);
    };
    if flag(context, "privileged") {
        refuse(
            check,
            "cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
        );
    }
    if contains(part(context, "capabilities"), "add", "CAP_SYS_ADMIN") {
        refuse(
            check,
            "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN",
        );
    }
}

/// Checks what a pod with users of its own must leave to the node.
pub(super) fn host_users(check: &mut Check, spec: &Fields, path: &str) {
    if spec.get("hostUsers") != Some(&Value::Bool(false)) {
        return;
    }
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        if flag(spec, field) {
            check.forbidden(format!("{path}.{field}"), "when `hostUsers` is false");
        }
    }
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        for (i, container) in items(spec, list).enumerate() {
            if items(container, "volumeDevices").next().is_some() {
                check.forbidden(
                    format!("{path}.{list}[{i}].volumeDevices"),
                    "when `hostUsers` is false",
                );
            }
        }
    }
}

fn number(check: &mut Check, context: &Fields, path: &str, name: &str) {
    if let Some(id) = int(context, name)
        && !(0..=i64::from(i32::MAX)).contains(&id)
    {
        check.invalid(format!("{path}.{name}"), id, ID);
    }
}

fn sysctls(check: &mut Check, context: &Fields, path: &str) {
    let twice = duplicates(context, "sysctls", "name");
    for (i, sysctl) in items(context, "sysctls").enumerate() {
        let name = text(sysctl, "name");
        let field = format!("{path}.sysctls[{i}].name");
        if name.is_empty() {
            check.required(&field, "");
        } else if !is_sysctl(name) {
            check.invalid(&field, name, SYSCTL);
        }
        if twice.iter().any(|(at, _)| *at == i) {
            check.duplicate(field, name);
        }
    }
}

fn is_sysctl(name: &str) -> bool {
    let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let part = |part: &str| {
        let bytes = part.as_bytes();
        bytes.first().is_some_and(inner)
            && bytes.last().is_some_and(inner)
            && bytes.iter().all(|b| inner(b) || matches!(b, b'-' | b'_'))
    };
    name.len() <= 253 && name.split(['.', '/']).all(part)
}

/// Checks the profiles that limit calls into the kernel.
fn profiles(check: &mut Check, context: &Fields, path: &str) {
    for (name, word, sorted) in [
        (
            "seccompProfile",
            "seccomp",
            ["Localhost", "RuntimeDefault", "Unconfined"],
        ),
        (
            "appArmorProfile",
            "AppArmor",
            ["Localhost", "RuntimeDefault", "Unconfined"],
        ),
    ] {
        let Some(profile) = object(context, name) else {
            continue;
        };
        let path = format!("{path}.{name}");
        let kind = text(profile, "type");
        let local = has(profile, "localhostProfile");
        let field = format!("{path}.localhostProfile");
        match kind {
            "" => check.required(
                format!("{path}.type"),
                "type is required when seccompProfile is set",
            ),
            "Localhost" if !local && word == "seccomp" => {
                check.required(field, "must be set when seccomp type is Localhost");
            }
            "Localhost" if !local => check.required(field, "must be set when AppArmor type is Localhost"),
            "Localhost" => {
                let file = text(profile, "localhostProfile");
                super::descending(check, &field, file);
            }
            kind if sorted.contains(&kind) => {
                if local {
                    let why = format!("can only be set when {word} type is Localhost");
                    check.invalid(field, text(profile, "localhostProfile"), why);
                }
            }
            kind => check.not_supported(format!("{path}.type"), kind, &sorted),
        }
    }
}
