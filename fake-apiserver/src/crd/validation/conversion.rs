//! How objects are converted between versions.

use base64::Engine as _;
use serde_json::{Map, Value};

use crate::crd::definition::text;
use crate::registry::names;
use crate::status::FieldError;

const CLIENT: &str = "spec.conversion.webhookClientConfig";
const REVIEWS: &str = "spec.conversion.conversionReviewVersions";

/// What is wrong with a conversion.
pub(super) fn validate(conversion: &Value) -> Vec<FieldError> {
    if conversion.is_null() {
        return Vec::new();
    }
    let mut errors = Vec::new();
    let strategy = text(&conversion["strategy"]);
    match strategy {
        "" => errors.push(FieldError::required("spec.conversion.strategy", "")),
        "None" | "Webhook" => {}
        other => errors.push(FieldError::not_supported(
            "spec.conversion.strategy",
            other,
            &["None", "Webhook"],
        )),
    }
    let client = &conversion["webhook"]["clientConfig"];
    let reviews = &conversion["webhook"]["conversionReviewVersions"];
    if strategy != "Webhook" {
        let why = "should not be set when strategy is not set to Webhook";
        if client.is_object() {
            errors.push(FieldError::forbidden(CLIENT, why));
        }
        if reviews.as_array().is_some_and(|r| !r.is_empty()) {
            errors.push(FieldError::forbidden(REVIEWS, why));
        }
        return errors;
    }
    match (client, &client["url"], &client["service"]) {
        (Value::Object(_), Value::String(url), Value::Null) => {
            errors.extend(address(&format!("{CLIENT}.url"), url));
        }
        (Value::Object(_), Value::Null, service @ Value::Object(_)) => errors.extend(reference(service)),
        (Value::Object(_), ..) => {
            errors.push(FieldError::required(
                CLIENT,
                "exactly one of url or service is required",
            ));
        }
        _ => errors.push(FieldError::required(
            CLIENT,
            "required when strategy is set to Webhook",
        )),
    }
    if let Some(bundle) = client["caBundle"]
        .as_str()
        .filter(|b| !b.is_empty() && !is_pem(b))
    {
        let why = "unable to load root certificates: unable to parse bytes as PEM block";
        errors.push(FieldError::invalid(format!("{CLIENT}.caBundle"), bundle, why));
    }
    errors.extend(review_versions(reviews));
    errors
}

/// Whether bytes in base64 hold a certificate in PEM.
fn is_pem(bundle: &str) -> bool {
    let bytes = base64::engine::general_purpose::STANDARD.decode(bundle);
    bytes.is_ok_and(|bytes| {
        let text = String::from_utf8_lossy(&bytes);
        let begun = text.find("-----BEGIN CERTIFICATE-----");
        begun.is_some_and(|at| text[at..].contains("-----END CERTIFICATE-----"))
    })
}

/// What is wrong with the URL of a webhook.
pub(crate) fn address(field: &str, url: &str) -> Vec<FieldError> {
    const FORM: &str = "; desired format: https://host[/path]";
    let mut errors = Vec::new();
    let (rest, fragment) = url.split_once('#').unwrap_or((url, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (scheme, rest) = match rest.split_once(':') {
        Some((scheme, rest))
            if scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) =>
        {
            (scheme, rest)
        }
        _ => ("", rest),
    };
    let authority = rest
        .strip_prefix("//")
        .unwrap_or("")
        .split('/')
        .next()
        .unwrap_or("");
    let (user, host) = authority
        .rsplit_once('@')
        .map_or((None, authority), |(u, h)| (Some(u), h));
    if scheme != "https" {
        let why = format!("'https' is the only allowed URL scheme{FORM}");
        errors.push(FieldError::invalid(field, scheme, why));
    }
    if host.is_empty() {
        errors.push(FieldError::invalid(
            field,
            host,
            format!("host must be specified{FORM}"),
        ));
    }
    if let Some(user) = user {
        let why = "user information is not permitted in the URL";
        errors.push(FieldError::invalid(field, user, why));
    }
    if !fragment.is_empty() {
        errors.push(FieldError::invalid(
            field,
            fragment,
            "fragments are not permitted in the URL",
        ));
    }
    if !query.is_empty() {
        errors.push(FieldError::invalid(
            field,
            query,
            "query parameters are not permitted in the URL",
        ));
    }
    errors
}

/// The real server mixes up the two names here, and so do its messages.
fn reference(service: &Value) -> Vec<FieldError> {
    let path = format!("{CLIENT}.service");
    let mut errors = Vec::new();
    if text(&service["namespace"]).is_empty() {
        errors.push(FieldError::required(format!("{path}.name"), ""));
    }
    if text(&service["name"]).is_empty() {
        errors.push(FieldError::required(format!("{path}.namespace"), ""));
    }
    errors.extend(place(&path, service));
    errors
}

/// What is wrong with the service of a webhook.
pub(crate) fn webhook_service(path: &str, service: &Map<String, Value>) -> Vec<FieldError> {
    let service = Value::Object(service.clone());
    let mut errors = Vec::new();
    for field in ["name", "namespace"] {
        if text(&service[field]).is_empty() {
            errors.push(FieldError::required(format!("{path}.{field}"), ""));
        }
    }
    errors.extend(place(path, &service));
    errors
}

/// What is wrong with the port and the path at a service.
fn place(path: &str, service: &Value) -> Vec<FieldError> {
    let at = |field: &str| format!("{path}.{field}");
    let mut errors = Vec::new();
    if let Some(port) = service["port"].as_i64().filter(|p| !(1..=65535).contains(p)) {
        let why = "port is not valid: must be between 1 and 65535, inclusive";
        errors.push(FieldError::invalid(at("port"), port, why));
    }
    let path = text(&service["path"]);
    if path.is_empty() || path == "/" {
        return errors;
    }
    if !path.starts_with('/') {
        errors.push(FieldError::invalid(at("path"), path, "must start with a '/'"));
    }
    let inner = path.strip_prefix('/').unwrap_or(path);
    for (i, segment) in inner.strip_suffix('/').unwrap_or(inner).split('/').enumerate() {
        if segment.is_empty() {
            errors.push(FieldError::invalid(
                at("path"),
                path,
                format!("segment[{i}] may not be empty"),
            ));
            continue;
        }
        for why in names::subdomain(segment) {
            errors.push(FieldError::invalid(
                at("path"),
                path,
                format!("segment[{i}]: {why}"),
            ));
        }
    }
    errors
}

fn review_versions(versions: &Value) -> Vec<FieldError> {
    let all: Vec<&str> = versions.as_array().into_iter().flatten().map(text).collect();
    if all.is_empty() {
        return vec![FieldError::required(REVIEWS, "")];
    }
    let mut errors = Vec::new();
    for (i, version) in all.iter().enumerate() {
        let field = format!("{REVIEWS}[{i}]");
        let why = names::label_1035(version);
        if all[..i].contains(version) {
            errors.push(FieldError::invalid(field, *version, "duplicate version"));
        } else if !why.is_empty() {
            errors.push(FieldError::invalid(field, *version, why.join(",")));
        }
    }
    if !all.iter().any(|v| matches!(*v, "v1" | "v1beta1")) {
        let why = "must include at least one of v1, v1beta1";
        errors.push(FieldError::invalid(REVIEWS, versions.clone(), why));
    }
    errors
}
