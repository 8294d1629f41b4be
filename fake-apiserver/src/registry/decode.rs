//! Request bodies into objects of the resource's kind.
//!
//! The order of complaints is the real server's: syntax, version and kind, types, strict field validation, and last
//! whether the version is the endpoint's.

use serde_json::{Map, Value};

use super::{Context, Resource};
use crate::patch::Patched;
use crate::pointer::text;
use crate::schema::decode::{self, DecodeError, Decoded};
use crate::schema::{self, NodeId, Schema, json};
use crate::status::{FieldError, Result, StatusError, go_quote};
use crate::wire::{FieldValidation, body, go_json, yaml};

/// Reads an object of the resource's kind, without its type.
pub(super) fn object(cx: &mut Context<'_>, bytes: &[u8], content_type: &str) -> Result<Map<String, Value>> {
    let resource = cx.resource.clone();
    let target = Target {
        kind: &resource.kind,
        version: &resource.version,
        api_version: &resource.api_version,
        node: resource.node(),
        resource: &resource,
    };
    typed(cx, &target, bytes, content_type)
}

/// Reads the body of a subresource, whose kind is its own: `policy/v1` `Eviction`, say.
pub(super) fn of_kind(
    cx: &mut Context<'_>,
    (group, version, kind): (&str, &str, &str),
    bytes: &[u8],
    content_type: &str,
) -> Result<Map<String, Value>> {
    let api_version = if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    };
    let resource = cx.resource.clone();
    let target = Target {
        kind,
        version,
        api_version: &api_version,
        node: schema::builtin()
            .kind(group, version, kind)
            .map(|node| (schema::builtin().schema(), node)),
        resource: &resource,
    };
    typed(cx, &target, bytes, content_type)
}

/// Reads what a patch made of an object.
pub(super) fn patched(cx: &mut Context<'_>, patched: &Patched) -> Result<Map<String, Value>> {
    let resource = cx.resource.clone();
    let decoded = match resource.node() {
        Some((schema, node)) => decode::decode(schema, node, patched.text.as_bytes()),
        None => custom_or_untyped(&resource, patched.text.as_bytes()),
    };
    // A wrong type is told before anything else that does not fit.
    let value = decoded.as_ref().map_or_else(|_| patched.value(), |d| &d.value);
    let (api_version, kind) = (text(value, "/apiVersion"), text(value, "/kind"));
    if resource.custom {
        is_own_kind(&resource, api_version, kind, &cx.name)?;
    }
    if kind != &*resource.kind || api_version != &*resource.api_version {
        return Err(
            patched.invalid(&match schema::builtin().kind_of(api_version, kind) {
                Some(_) => unconvertible(&resource, api_version, kind, &resource.kind),
                None => unregistered(api_version, kind),
            }),
        );
    }
    let decoded = decoded.map_err(|e| patched.invalid(&e.to_string()))?;
    let complaints: Vec<String> = patched.findings.iter().cloned().chain(decoded.strict).collect();
    judge(cx, complaints).map_err(|all| patched.invalid(&format!("strict decoding error: {all}")))?;
    Ok(untyped(decoded.value))
}

/// Refuses what is not of a custom resource's kind and version.
fn is_own_kind(resource: &Resource, api_version: &str, kind: &str, name: &str) -> Result<()> {
    let mut errors = Vec::new();
    for (field, given, own) in [
        ("kind", kind, &*resource.kind),
        ("apiVersion", api_version, &*resource.api_version),
    ] {
        if given != own {
            errors.push(FieldError::invalid(field, given, format!("must be {own}")));
        }
    }
    if errors.is_empty() {
        return Ok(());
    }
    let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
    Err(StatusError::invalid(group, kind, name, &errors))
}

/// Reads what a patch made of the body of a subresource.
pub(super) fn patched_kind(
    cx: &mut Context<'_>,
    (group, version, kind): (&str, &str, &str),
    patched: &Patched,
) -> Result<Map<String, Value>> {
    let builtin = schema::builtin();
    let decoded = match builtin.kind(group, version, kind) {
        Some(node) => decode::decode(builtin.schema(), node, patched.text.as_bytes()),
        None => decode::decode_untyped(patched.text.as_bytes()),
    };
    let decoded = decoded.map_err(|e| patched.invalid(&e.to_string()))?;
    let complaints: Vec<String> = patched.findings.iter().cloned().chain(decoded.strict).collect();
    judge(cx, complaints).map_err(|all| patched.invalid(&format!("strict decoding error: {all}")))?;
    Ok(untyped(decoded.value))
}

/// Reads what an apply made of an object that was stored as `old`; the error says what does not fit its type.
pub(super) fn applied(
    cx: &Context<'_>,
    old: Option<&Value>,
    mut value: Value,
) -> std::result::Result<Map<String, Value>, String> {
    if let (Some((schema, node)), Some(old)) = (cx.resource.node(), old) {
        let whole = cfg!(debug_assertions).then(|| value.clone());
        let read = schema::unstructured::convert_changes(schema, node, old, &mut value);
        if read.is_some() {
            let again = whole.map(|value| schema::unstructured::convert(schema, node, value));
            debug_assert_eq!(
                again.and_then(Result::ok).map(|d| untyped(d.value)),
                Some(untyped(value.clone())),
                "all of it read again"
            );
            return Ok(untyped(value));
        }
    }
    let decoded = match cx.resource.node() {
        Some((schema, node)) => schema::unstructured::convert(schema, node, value),
        None => custom_or_untyped(&cx.resource, &json::print(&value)),
    };
    Ok(untyped(decoded.map_err(|e| e.to_string())?.value))
}

/// What a body is to become.
struct Target<'a> {
    kind: &'a str,
    version: &'a str,
    api_version: &'a str,
    node: Option<(&'static Schema, NodeId)>,
    resource: &'a Resource,
}

fn typed(
    cx: &mut Context<'_>,
    target: &Target<'_>,
    bytes: &[u8],
    content_type: &str,
) -> Result<Map<String, Value>> {
    let expected = target.kind;
    let unrecognised = |why: String| {
        StatusError::bad_request(format!(
            "the object provided is unrecognized (must be of type {expected}): {why} ({})",
            excerpt(bytes)
        ))
    };
    let read;
    let mut duplicates = None;
    let text: &[u8] = match body::media(content_type)? {
        body::Media::Json => bytes,
        body::Media::Yaml => {
            let document = yaml::read(bytes).map_err(unrecognised)?;
            duplicates = document.strict_error();
            read = document.value.to_string();
            read.as_bytes()
        }
    };
    if let Some(Decoded { value, strict }) = as_expected(target, text) {
        let complaints = duplicates.into_iter().chain(strict).collect();
        if let Err(all) = judge(cx, complaints) {
            let version = go_quote(target.version);
            let why = format!("strict decoding error: {all}");
            return Err(StatusError::bad_request(format!(
                "{expected} in version {version} cannot be handled as a {expected}: {why}"
            )));
        }
        return Ok(untyped(value));
    }
    let meta = type_meta(text)
        .map_err(|why| unrecognised(format!("couldn't get version/kind; json parse error: {why}")))?;
    if meta.api_version.matches('/').count() > 1 {
        return Err(unrecognised(format!(
            "unexpected GroupVersion string: {}",
            meta.api_version
        )));
    }
    let mut api_version = meta.api_version;
    let kind = if meta.kind.is_empty() {
        expected.to_owned()
    } else {
        meta.kind
    };
    if target.resource.custom {
        return custom(
            cx,
            target,
            (text, duplicates),
            (&api_version, &kind),
            &unrecognised,
        );
    }
    if api_version.is_empty() {
        target.api_version.clone_into(&mut api_version);
    }
    let version = api_version.rsplit('/').next().unwrap_or_default().to_owned();
    let refuse = |why: String| {
        StatusError::bad_request(format!(
            "{kind} in version {} cannot be handled as a {expected}: {why}",
            go_quote(&version)
        ))
    };
    let own = kind == expected && api_version == target.api_version;
    let node = if own {
        target.node
    } else {
        let builtin = schema::builtin();
        match builtin.kind_of(&api_version, &kind) {
            Some(node) => Some((builtin.schema(), node)),
            None if is_retired(&api_version, &kind) => target.node,
            None if api_version == "v1" && kind == "List" => {
                return Err(refuse(unconvertible(
                    target.resource,
                    &api_version,
                    &kind,
                    expected,
                )));
            }
            None => return Err(refuse(unregistered(&api_version, &kind))),
        }
    };
    let decoded = match node {
        Some((schema, node)) => decode::decode(schema, node, text),
        None => decode::decode_untyped(text),
    };
    let Decoded { value, strict } = decoded.map_err(|e| match e {
        DecodeError::Syntax(e) => unrecognised(format!("couldn't get version/kind; json parse error: {e}")),
        other => refuse(other.to_string()),
    })?;
    if kind != expected {
        return Err(refuse(unconvertible(
            target.resource,
            &api_version,
            &kind,
            expected,
        )));
    }
    let complaints = duplicates.into_iter().chain(strict).collect();
    judge(cx, complaints).map_err(|all| refuse(format!("strict decoding error: {all}")))?;
    // Evictions are taken in the version that they first had, too.
    let old_eviction = expected == "Eviction" && api_version == "policy/v1beta1";
    if api_version != target.api_version && !old_eviction {
        return Err(StatusError::bad_request(
            format!(
                "the API version in the data ({api_version}) does not match the expected API version ({}/{})",
                target.api_version.rsplit_once('/').map_or("", |(group, _)| group),
                target.version
            )
            .replace("(/", "("),
        ));
    }
    Ok(untyped(value))
}

/// Reads a body that is just what it is expected to be, as most are; `None` where there is something to be said of its type.
fn as_expected(target: &Target<'_>, text: &[u8]) -> Option<Decoded> {
    let (schema, node) = target.node.filter(|_| !target.resource.custom)?;
    let decoded = decode::decode(schema, node, text).ok()?;
    let says = |field: &str, text: &str| decoded.value.get(field).is_some_and(|value| value == text);
    (says("kind", target.kind) && says("apiVersion", target.api_version)).then_some(decoded)
}

/// Reads a custom resource: its type must be there, and its fields are looked at later.
fn custom(
    cx: &mut Context<'_>,
    target: &Target<'_>,
    (text, duplicates): (&[u8], Option<String>),
    (api_version, kind): (&str, &str),
    unrecognised: &impl Fn(String) -> StatusError,
) -> Result<Map<String, Value>> {
    let Decoded {
        mut value,
        mut strict,
    } = decode::decode_untyped(text).map_err(|e| match e {
        DecodeError::Syntax(_) => unrecognised(e.to_string()),
        _ => StatusError::bad_request(format!(
            "{kind} in version {} cannot be handled as a {}: {e}",
            go_quote(target.version),
            target.kind
        )),
    })?;
    if value.get("kind").and_then(Value::as_str).unwrap_or("").is_empty() {
        let quoted = String::from_utf8_lossy(text);
        return Err(StatusError::bad_request(format!(
            "the object provided is unrecognized (must be of type {}): Object 'Kind' is missing in '{quoted}' ({})",
            target.kind,
            excerpt(text)
        )));
    }
    let refuse = |why: String| {
        StatusError::bad_request(format!(
            "{kind} in version {} cannot be handled as a {}: {why}",
            go_quote(target.version),
            target.kind
        ))
    };
    let own_group = api_version.split_once('/').map(|(group, _)| group) == Some(&*target.resource.group);
    let mut versions = target
        .resource
        .defined()
        .into_iter()
        .flat_map(|v| v.definition().api_versions());
    if api_version != target.api_version && own_group && kind == target.kind {
        // A version that the definition does not have knows no fields.
        if !versions.any(|v| v == api_version) {
            let fields = value.as_object().into_iter().flat_map(Map::keys);
            let unknown = fields.filter(|f| !matches!(f.as_str(), "apiVersion" | "kind" | "metadata"));
            strict.extend(unknown.map(|f| format!("unknown field {}", go_quote(f))));
        }
    } else if kind == target.kind
        && let Some(custom) = target.resource.custom_type()
    {
        strict.extend(custom.normalise(&mut value).map_err(|e| refuse(e.to_string()))?);
    }
    let complaints = duplicates.into_iter().chain(strict).collect();
    judge(cx, complaints).map_err(|all| refuse(format!("strict decoding error: {all}")))?;
    if api_version != target.api_version {
        if target.kind != &*target.resource.kind {
            return Err(StatusError::bad_request(format!(
                "no kind is registered for the type v1.{kind} in scheme \
                 \"k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go:781\""
            )));
        }
        return Err(StatusError::bad_request(format!(
            "the API version in the data ({api_version}) does not match the expected API version ({})",
            target.api_version
        )));
    }
    if kind != target.kind {
        let name = value
            .pointer("/metadata/name")
            .and_then(Value::as_str)
            .unwrap_or("");
        let why = format!("must be {}", target.kind);
        return Err(StatusError::invalid(
            &target.resource.group,
            kind,
            name,
            &[FieldError::invalid("kind", kind, why)],
        ));
    }
    Ok(untyped(value))
}

fn custom_or_untyped(resource: &Resource, text: &[u8]) -> std::result::Result<Decoded, DecodeError> {
    match resource.custom_type() {
        Some(custom) => custom.decode(text),
        None => decode::decode_untyped(text),
    }
}

/// Warns of complaints, or gives them back where field validation is strict.
pub(super) fn judge(cx: &mut Context<'_>, complaints: Vec<String>) -> std::result::Result<(), String> {
    match cx.validation {
        FieldValidation::Strict if !complaints.is_empty() => return Err(complaints.join(", ")),
        FieldValidation::Warn => {
            let lines = complaints.iter().flat_map(|c| yaml::warnings(c));
            lines.for_each(|line| cx.warn(line.to_owned()));
        }
        _ => {}
    }
    Ok(())
}

struct TypeMeta {
    api_version: String,
    kind: String,
}

/// The type that a text says it has; the error is a message.
fn type_meta(text: &[u8]) -> std::result::Result<TypeMeta, String> {
    #[derive(serde::Deserialize)]
    struct Fields<'a> {
        #[serde(default, borrow, rename = "apiVersion")]
        api_version: Option<std::borrow::Cow<'a, str>>,
        #[serde(default, borrow)]
        kind: Option<std::borrow::Cow<'a, str>>,
    }
    if let Ok(fields) = serde_json::from_slice::<Fields<'_>>(text)
        && text.trim_ascii_start().first() == Some(&b'{')
    {
        return Ok(TypeMeta {
            api_version: fields.api_version.unwrap_or_default().into_owned(),
            kind: fields.kind.unwrap_or_default().into_owned(),
        });
    }
    json::check(text).map_err(|e| e.to_string())?;
    let value = json::parse(text).map_err(|e| e.to_string())?;
    if value.is_null() {
        return Ok(TypeMeta {
            api_version: String::new(),
            kind: String::new(),
        });
    }
    let Value::Object(fields) = &value else {
        return Err(go_json::no_type_meta(&value));
    };
    let field = |name: &str| match fields.get(name) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Err(format!(
            "json: cannot unmarshal {} into Go struct field .{name} of type string",
            go_json::type_name(other)
        )),
    };
    Ok(TypeMeta {
        api_version: field("apiVersion")?,
        kind: field("kind")?,
    })
}

/// Takes the type off, and makes sure that there is metadata.
pub(super) fn untyped(value: Value) -> Map<String, Value> {
    let Value::Object(mut fields) = value else {
        return Map::from_iter([("metadata".to_owned(), Value::Object(Map::new()))]);
    };
    fields.remove("apiVersion");
    fields.remove("kind");
    if !fields.get("metadata").is_some_and(Value::is_object) {
        fields.insert("metadata".into(), Value::Object(Map::new()));
    }
    fields
}

fn unregistered(api_version: &str, kind: &str) -> String {
    format!(
        "no kind {} is registered for version {} in scheme \"pkg/api/legacyscheme/scheme.go:30\"",
        go_quote(kind),
        go_quote(api_version)
    )
}

fn unconvertible(resource: &Resource, api_version: &str, kind: &str, expected: &str) -> String {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let _ = group;
    let package = |group: &str| match group {
        "" => "core".to_owned(),
        group => group.split('.').next().unwrap_or(group).to_owned(),
    };
    let own = match expected {
        own if own == &*resource.kind => package(&resource.group),
        "Scale" => package("autoscaling"),
        "TokenRequest" => package("authentication"),
        "Binding" => package(""),
        _ => package("policy"),
    };
    format!("converting ({version}.{kind}) to ({own}.{expected}): unknown conversion")
}

/// Kinds in versions that are not served any more, but that the server still knows how to read.
fn is_retired(api_version: &str, kind: &str) -> bool {
    let kinds: &[&str] = match api_version {
        "apps/v1beta1" => &["ControllerRevision", "Deployment", "Scale", "StatefulSet"],
        "apps/v1beta2" => &[
            "ControllerRevision",
            "DaemonSet",
            "Deployment",
            "ReplicaSet",
            "Scale",
            "StatefulSet",
        ],
        "extensions/v1beta1" => &[
            "DaemonSet",
            "Deployment",
            "Ingress",
            "NetworkPolicy",
            "ReplicaSet",
            "Scale",
        ],
        "apiextensions.k8s.io/v1beta1" => &["CustomResourceDefinition"],
        "batch/v1beta1" => &["CronJob"],
        "policy/v1beta1" => &["Eviction", "PodDisruptionBudget"],
        "autoscaling/v2beta1" | "autoscaling/v2beta2" => &["HorizontalPodAutoscaler"],
        "coordination.k8s.io/v1beta1" => &["Lease"],
        "discovery.k8s.io/v1beta1" => &["EndpointSlice"],
        "events.k8s.io/v1beta1" => &["Event"],
        "networking.k8s.io/v1beta1" => &["Ingress", "IngressClass"],
        "rbac.authorization.k8s.io/v1beta1" | "rbac.authorization.k8s.io/v1alpha1" => {
            &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]
        }
        "scheduling.k8s.io/v1beta1" => &["PriorityClass"],
        "storage.k8s.io/v1beta1" => &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
        _ => &[],
    };
    kinds.contains(&kind)
}

/// The start of a body as messages quote it: text where it is an object, else hexadecimal.
fn excerpt(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "<empty>".to_owned();
    }
    let (cut, dots) = if bytes.len() > 30 {
        (&bytes[..30], " ...")
    } else {
        (bytes, "")
    };
    if bytes[0] == b'{' {
        return format!("{}{dots}", String::from_utf8_lossy(cut));
    }
    let hex: String = cut.iter().map(|b| format!("{b:02x}")).collect();
    format!("{hex}{dots}")
}
