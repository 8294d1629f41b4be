//! Parts of objects as the server's own types print, which some errors quote: capitalised names, nothing left out.
//!
//! A type is a line of fields in their order; a field is its name in Go, its name in JSON where it is not the same in
//! lower case, and what it is: `s` a text, `i` a number, `b` a truth, `n` whatever may be null, a type's name for a
//! struct, `*` before it for one that may be absent, `[]` for a list of them.

use serde_json::Value;

use super::check::part;
use super::fields::Fields;

const TYPES: &[(&str, &str)] = &[
    (
        "PodSpec",
        "Volumes:n InitContainers:[]Container Containers:[]Container EphemeralContainers:[]Ephemeral RestartPolicy:s \
         TerminationGracePeriodSeconds:n ActiveDeadlineSeconds:n DNSPolicy/dnsPolicy:s NodeSelector:n \
         ServiceAccountName:s AutomountServiceAccountToken:n NodeName:s SecurityContext:PodSecurity \
         ImagePullSecrets:[]Reference Hostname:s Subdomain:s SetHostnameAsFQDN:n Affinity:n SchedulerName:s \
         Tolerations:[]Toleration HostAliases:[]HostAlias PriorityClassName:s Priority:n PreemptionPolicy:n \
         DNSConfig/dnsConfig:*DNSConfig ReadinessGates:[]ReadinessGate RuntimeClassName:n Overhead:n \
         EnableServiceLinks:n TopologySpreadConstraints:[]Spread OS/os:*Named SchedulingGates:[]Named \
         ResourceClaims:n Resources:*Resources HostnameOverride:n SchedulingGroup:n",
    ),
    (
        "Container",
        "Name:s Image:s Command:n Args:n WorkingDir:s Ports:[]Port EnvFrom:n Env:[]Variable Resources:Resources \
         ResizePolicy:[]Resize RestartPolicy:n RestartPolicyRules:n VolumeMounts:[]Mount VolumeDevices:[]Device \
         LivenessProbe:*Probe ReadinessProbe:*Probe StartupProbe:*Probe Lifecycle:n TerminationMessagePath:s \
         TerminationMessagePolicy:s ImagePullPolicy:s SecurityContext:*Security Stdin:b StdinOnce:b TTY/tty:b",
    ),
    (
        "Ephemeral",
        "Name:s Image:s Command:n Args:n WorkingDir:s Ports:[]Port EnvFrom:n Env:[]Variable Resources:Resources \
         ResizePolicy:[]Resize RestartPolicy:n RestartPolicyRules:n VolumeMounts:[]Mount VolumeDevices:[]Device \
         LivenessProbe:*Probe ReadinessProbe:*Probe StartupProbe:*Probe Lifecycle:n TerminationMessagePath:s \
         TerminationMessagePolicy:s ImagePullPolicy:s SecurityContext:*Security Stdin:b StdinOnce:b TTY/tty:b \
         TargetContainerName:s",
    ),
    (
        "PodSecurity",
        "HostNetwork:b HostPID/hostPID:b HostIPC/hostIPC:b ShareProcessNamespace:n HostUsers:n \
         SELinuxOptions/seLinuxOptions:*SELinux WindowsOptions:n RunAsUser:n RunAsGroup:n RunAsNonRoot:n \
         SupplementalGroups:n SupplementalGroupsPolicy:n FSGroup/fsGroup:n FSGroupChangePolicy/fsGroupChangePolicy:n \
         Sysctls:[]Sysctl SeccompProfile:*Profile AppArmorProfile:*Profile \
         SELinuxChangePolicy/seLinuxChangePolicy:n",
    ),
    (
        "Security",
        "Capabilities:*Capabilities Privileged:n SELinuxOptions/seLinuxOptions:*SELinux WindowsOptions:n RunAsUser:n \
         RunAsGroup:n RunAsNonRoot:n ReadOnlyRootFilesystem:n AllowPrivilegeEscalation:n ProcMount:n \
         SeccompProfile:*Profile AppArmorProfile:*Profile",
    ),
    ("Capabilities", "Add:n Drop:n"),
    ("SELinux", "User:s Role:s Type:s Level:s"),
    ("Profile", "Type:s LocalhostProfile:n"),
    ("Sysctl", "Name:s Value:s"),
    ("Resources", "Limits:n Requests:n Claims:n"),
    ("Resize", "ResourceName:s RestartPolicy:s"),
    (
        "Port",
        "Name:s HostPort:i ContainerPort:i Protocol:s HostIP/hostIP:s",
    ),
    ("Variable", "Name:s Value:s ValueFrom:n"),
    (
        "Mount",
        "Name:s ReadOnly:b RecursiveReadOnly:n MountPath:s SubPath:s MountPropagation:n SubPathExpr:s",
    ),
    ("Device", "Name:s DevicePath:s"),
    (
        "Probe",
        "Exec:*Exec HTTPGet/httpGet:*HTTPGet TCPSocket/tcpSocket:*TCPSocket GRPC/grpc:*GRPC InitialDelaySeconds:i \
         TimeoutSeconds:i PeriodSeconds:i SuccessThreshold:i FailureThreshold:i TerminationGracePeriodSeconds:n",
    ),
    ("Exec", "Command:n"),
    (
        "HTTPGet",
        "Path:s Port:n Host:s Scheme:s HTTPHeaders/httpHeaders:n",
    ),
    ("TCPSocket", "Port:n Host:s"),
    ("GRPC", "Port:i Service:n"),
    ("Reference", "Name:s"),
    ("Named", "Name:s"),
    (
        "Toleration",
        "Key:s Operator:s Value:s Effect:s TolerationSeconds:n",
    ),
    ("HostAlias", "IP/ip:s Hostnames:n"),
    ("DNSConfig", "Nameservers:n Searches:n Options:n"),
    ("ReadinessGate", "ConditionType:s"),
    (
        "Spread",
        "MaxSkew:i TopologyKey:s WhenUnsatisfiable:s LabelSelector:n MinDomains:n NodeAffinityPolicy:n \
         NodeTaintsPolicy:n MatchLabelKeys:n",
    ),
    ("DeploymentStrategy", "Type:s RollingUpdate:n"),
    ("StatefulSetStrategy", "Type:s RollingUpdate:*Partition"),
    ("Partition", "Partition:n MaxUnavailable:n"),
    ("SuccessPolicy", "Rules:[]SuccessRule"),
    ("SuccessRule", "SucceededIndexes:n SucceededCount:n"),
    (
        "Budget",
        "MinAvailable:n Selector:n MaxUnavailable:n UnhealthyPodEvictionPolicy:n",
    ),
    ("Taint", "Key:s Value:s Effect:s TimeAdded:n"),
    ("Attachment", "Attacher:s Source:AttachmentSource NodeName:s"),
    ("AttachmentSource", "PersistentVolumeName:n InlineVolumeSpec:n"),
    (
        "CSIDriverOnNode",
        "Name:s NodeID/nodeID:s TopologyKeys:n Allocatable:n",
    ),
];

/// A value with its fields in order.
#[derive(Debug, Clone, PartialEq)]
enum Printed {
    Raw(Value),
    Struct(Vec<(String, Printed)>),
    List(Vec<Printed>),
}

/// Prints a struct of one of the types above on one line.
pub(super) fn print(kind: &str, fields: &Fields) -> String {
    let mut out = String::new();
    structure(kind, fields).compact(&mut out);
    out
}

/// Prints what a container may do.
pub(super) fn security_context(context: &Fields) -> String {
    print("Security", context)
}

/// Prints a pod template.
pub(super) fn template(template: &Fields) -> String {
    let metadata = part(template, "metadata");
    let mut out = String::from("{");
    for name in ["labels", "annotations"] {
        if let Some(map) = metadata.get(name) {
            out += &format!("\"{name}\":{map},");
        }
    }
    out += &format!(
        "\"Spec\":{}}}",
        print("PodSpec", &internal(part(template, "spec")))
    );
    out
}

/// The lines in which two specs differ, as `diff -u` shows them.
pub(super) fn pod_diff(old: &Fields, new: &Fields) -> String {
    let lines = |spec: &Fields| -> Vec<String> {
        let mut out = String::new();
        structure("PodSpec", &internal(spec)).indented(0, &mut out);
        out.lines().map(str::to_owned).collect()
    };
    unified(&lines(old), &lines(new))
}

/// A spec as the server holds it: what concerns the node's namespaces is part of the security context.
fn internal(spec: &Fields) -> Fields {
    let mut spec = spec.clone();
    let mut context = part(&spec, "securityContext").clone();
    for field in [
        "hostNetwork",
        "hostPID",
        "hostIPC",
        "shareProcessNamespace",
        "hostUsers",
    ] {
        if let Some(value) = spec.remove(field) {
            context.insert(field.into(), value);
        }
    }
    spec.insert("securityContext".into(), Value::Object(context));
    spec
}

fn structure(kind: &str, fields: &Fields) -> Printed {
    let line = TYPES
        .iter()
        .find(|(name, _)| *name == kind)
        .map_or("", |(_, line)| line);
    let all = line.split_ascii_whitespace().filter_map(|field| {
        let (names, kind) = field.split_once(':')?;
        let (go, json) = match names.split_once('/') {
            Some((go, json)) => (go, json.to_owned()),
            None => (names, lower(names)),
        };
        Some((go.to_owned(), field_value(kind, fields.get(&json))))
    });
    Printed::Struct(all.collect())
}

fn field_value(kind: &str, value: Option<&Value>) -> Printed {
    let raw = |zero: Value| Printed::Raw(value.filter(|v| !v.is_null()).cloned().unwrap_or(zero));
    let empty = Fields::new();
    match kind {
        "s" => raw("".into()),
        "i" => raw(0.into()),
        "b" => raw(false.into()),
        "n" => raw(Value::Null),
        list if list.starts_with("[]") => match value.and_then(Value::as_array) {
            Some(items) if !items.is_empty() => Printed::List(
                items
                    .iter()
                    .map(|item| structure(&list[2..], item.as_object().unwrap_or(&empty)))
                    .collect(),
            ),
            _ => Printed::Raw(Value::Null),
        },
        pointer if pointer.starts_with('*') => match value.and_then(Value::as_object) {
            Some(fields) => structure(&pointer[1..], fields),
            None => Printed::Raw(Value::Null),
        },
        name => structure(name, value.and_then(Value::as_object).unwrap_or(&empty)),
    }
}

fn lower(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().map(|c| c.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}

// === impl Printed ===

impl Printed {
    fn compact(&self, out: &mut String) {
        match self {
            Self::Raw(value) => *out += &value.to_string(),
            Self::Struct(fields) => {
                out.push('{');
                for (i, (name, value)) in fields.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    *out += &format!("\"{name}\":");
                    value.compact(out);
                }
                out.push('}');
            }
            Self::List(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    item.compact(out);
                }
                out.push(']');
            }
        }
    }

    fn indented(&self, depth: usize, out: &mut String) {
        let (inner, outer) = (" ".repeat(depth + 1), " ".repeat(depth));
        match self {
            Self::Raw(value) => raw_indented(value, depth, out),
            Self::Struct(fields) => {
                *out += "{\n";
                for (i, (name, value)) in fields.iter().enumerate() {
                    *out += &format!("{inner}\"{name}\": ");
                    value.indented(depth + 1, out);
                    *out += if i + 1 < fields.len() { ",\n" } else { "\n" };
                }
                *out += &format!("{outer}}}");
            }
            Self::List(items) => {
                *out += "[\n";
                for (i, item) in items.iter().enumerate() {
                    *out += &inner;
                    item.indented(depth + 1, out);
                    *out += if i + 1 < items.len() { ",\n" } else { "\n" };
                }
                *out += &format!("{outer}]");
            }
        }
    }
}

fn raw_indented(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            Printed::List(items.iter().cloned().map(Printed::Raw).collect()).indented(depth, out);
        }
        Value::Object(fields) if !fields.is_empty() => {
            let fields = fields.iter().map(|(k, v)| (k.clone(), Printed::Raw(v.clone())));
            Printed::Struct(fields.collect()).indented(depth, out);
        }
        other => *out += &other.to_string(),
    }
}

/// How many equal lines stand around a difference.
const CONTEXT: usize = 3;

/// The differences of two texts, with some lines around each.
fn unified(old: &[String], new: &[String]) -> String {
    let steps = steps(old, new);
    let mut out = String::new();
    let changed: Vec<usize> = (0..steps.len()).filter(|i| steps[*i].0 != ' ').collect();
    let mut next = 0;
    while let Some(first) = changed.get(next).copied() {
        let mut last = first;
        while let Some(other) = changed
            .get(next)
            .copied()
            .filter(|other| *other <= last + 2 * CONTEXT + 1)
        {
            last = other;
            next += 1;
        }
        let start = first.saturating_sub(CONTEXT);
        let end = (last + CONTEXT + 1).min(steps.len());
        let count =
            |skip: char, range: &[(char, &str)]| range.iter().filter(|(sign, _)| *sign != skip).count();
        let (hunk, before) = (&steps[start..end], &steps[..start]);
        let place = |skip: char| {
            let (at, length) = (count(skip, before), count(skip, hunk));
            match length {
                0 => format!("{at},0"),
                1 => format!("{}", at + 1),
                _ => format!("{},{length}", at + 1),
            }
        };
        out += &format!("@@ -{} +{} @@\n", place('+'), place('-'));
        for (sign, line) in hunk {
            out += &format!("{sign}{line}\n");
        }
    }
    out
}

/// The longest way of keeping lines: what stays, goes and comes.
fn steps<'l>(old: &'l [String], new: &'l [String]) -> Vec<(char, &'l str)> {
    let same_start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[same_start..], &new[same_start..]);
    let (rows, columns) = (old_rest.len(), new_rest.len());
    let mut kept = vec![vec![0_usize; columns + 1]; rows + 1];
    for i in (0..rows).rev() {
        for j in (0..columns).rev() {
            kept[i][j] = if old_rest[i] == new_rest[j] {
                kept[i + 1][j + 1] + 1
            } else {
                kept[i + 1][j].max(kept[i][j + 1])
            };
        }
    }
    let mut out: Vec<(char, &str)> = old[..same_start].iter().map(|l| (' ', l.as_str())).collect();
    let (mut i, mut j) = (0, 0);
    while i < rows || j < columns {
        if i < rows && j < columns && old_rest[i] == new_rest[j] {
            out.push((' ', &old_rest[i]));
            (i, j) = (i + 1, j + 1);
        } else if i < rows && (j == columns || kept[i + 1][j] >= kept[i][j + 1]) {
            out.push(('-', &old_rest[i]));
            i += 1;
        } else {
            out.push(('+', &new_rest[j]));
            j += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Fields {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn nothing_is_left_out() {
        assert_eq!(
            print("Capabilities", &fields(json!({"add": ["CAP_SYS_ADMIN"]}))),
            r#"{"Add":["CAP_SYS_ADMIN"],"Drop":null}"#
        );
        assert_eq!(
            print("Resources", &fields(json!({"limits": {"cpu": "1"}}))),
            r#"{"Limits":{"cpu":"1"},"Requests":null,"Claims":null}"#
        );
    }

    #[test]
    fn differences_stand_among_their_neighbours() {
        let old = fields(json!({"nodeName": ""}));
        let new = fields(json!({"nodeName": "n"}));
        let diff = pod_diff(&old, &new);
        let lines: Vec<&str> = diff.lines().collect();
        assert_eq!(lines[0], "@@ -10,7 +10,7 @@");
        assert_eq!(&lines[4..6], ["- \"NodeName\": \"\",", "+ \"NodeName\": \"n\","]);
        assert_eq!(lines.len(), 9);
    }
}
