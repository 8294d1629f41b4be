//! `/token` of a service account: a token that pods and others show to say that they act for it.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/>

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use crate::apply::managed::{self, OneVersion};
use crate::apply::resets::Resets;
use crate::auth::{Bound, Claims, Issuer};
use crate::clock::rfc3339;
use crate::registry::admission::{self, attempt::Attempt};
use crate::registry::{Context, decode, meta, namespace};
use crate::schema;
use crate::status::{FieldError, Result, StatusError, go_quote};

/// What a request for a token is.
const KIND: (&str, &str, &str) = ("authentication.k8s.io", "v1", "TokenRequest");
const API_VERSION: &str = "authentication.k8s.io/v1";
/// The life of a token, in seconds: at least, by default, at most.
const SECONDS_MIN: i64 = 600;
const SECONDS: i64 = 3600;
const SECONDS_MAX: i64 = 1 << 32;

/// Draws the token that `body` asks for.
pub(super) fn request(cx: &mut Context<'_>, body: &[u8], content_type: &str) -> Result<Value> {
    let mut request = decode::of_kind(cx, KIND, body, content_type)?;
    namespace::admit_create(cx)?;
    let spec = request.entry("spec").or_insert_with(|| json!({}));
    if spec["expirationSeconds"].is_null() {
        spec["expirationSeconds"] = SECONDS.into();
    }
    admission::look(cx, |cx| Attempt::post(cx, KIND, &request))?;
    let mut request = tracked(cx, request);
    let seconds = request["spec"]["expirationSeconds"].as_i64().unwrap_or(SECONDS);
    let account = cx.existing()?;
    check(cx, &request, seconds)?;
    let audiences = request["spec"]["audiences"].as_array();
    let mut audiences: Vec<String> = audiences
        .into_iter()
        .flatten()
        .filter_map(|a| a.as_str().map(str::to_owned))
        .collect();
    if audiences.is_empty() {
        audiences = Issuer::audiences();
    }
    let bound = bound(cx, &request["spec"]["boundObjectRef"])?;
    let claims = Claims {
        namespace: cx.namespace.clone(),
        name: cx.name.clone(),
        uid: account.meta("uid").to_owned(),
        audiences,
        bound,
        id: cx.core.ids.uid(),
        seconds,
    };
    let token = cx.core.issuer.sign(&claims, cx.now);
    let end = cx.now.saturating_add(SignedDuration::from_secs(seconds));
    request["spec"]["audiences"] = json!(claims.audiences);
    request["metadata"]["name"] = cx.name.clone().into();
    request["metadata"]["namespace"] = cx.namespace.clone().into();
    request["metadata"]["creationTimestamp"] = cx.timestamp().into();
    request["status"] = json!({"token": token, "expirationTimestamp": end.map(rfc3339).unwrap_or_default()});
    request["kind"] = KIND.2.into();
    request["apiVersion"] = API_VERSION.into();
    Ok(request)
}

fn check(cx: &Context<'_>, request: &Value, seconds: i64) -> Result<()> {
    let name = request["metadata"]["name"].as_str().unwrap_or("");
    if !name.is_empty() && name != cx.name {
        return Err(StatusError::bad_request(format!(
            "the name of the object ({name}) does not match the name on the URL ({})",
            cx.name
        )));
    }
    let why = match seconds {
        ..SECONDS_MIN => "may not specify a duration less than 10 minutes",
        SECONDS_MIN..=SECONDS_MAX => return Ok(()),
        _ => "may not specify a duration larger than 2^32 seconds",
    };
    let error = FieldError::invalid("spec.expirationSeconds", seconds, why);
    Err(StatusError::invalid(KIND.0, KIND.2, name, &[error]))
}

/// What the token is bound to, which must be there.
fn bound(cx: &Context<'_>, reference: &Value) -> Result<Option<Bound>> {
    if reference.is_null() {
        return Ok(None);
    }
    let text = |field: &str| reference[field].as_str().unwrap_or("");
    let (kind, version, name, uid) = (text("kind"), text("apiVersion"), text("name"), text("uid"));
    let (what, table) = match (version, kind) {
        ("v1", "Pod") => ("pod", "pods"),
        ("v1", "Secret") => ("secret", "secrets"),
        ("v1", "Node") => ("node", "nodes"),
        _ => {
            let (group, version) = version.rsplit_once('/').unwrap_or(("", version));
            let why = format!("cannot bind token to object of type {group}/{version}, Kind={kind}");
            return Err(StatusError::bad_request(why));
        }
    };
    let key = match what {
        "node" => name.to_owned(),
        _ => format!("{}/{name}", cx.namespace),
    };
    let Some(object) = cx.core.store.get(table, &key) else {
        return Err(StatusError::not_found("", table, name));
    };
    let own = object.value()["spec"]["serviceAccountName"]
        .as_str()
        .unwrap_or("");
    if what == "pod" && own != cx.name {
        return Err(StatusError::bad_request(format!(
            "cannot bind token for serviceaccount {} to pod running with different serviceaccount name.",
            go_quote(&cx.name)
        )));
    }
    if !uid.is_empty() && uid != object.meta("uid") {
        return Err(StatusError::conflict(
            "",
            table,
            name,
            &format!(
                "the UID in the bound object reference ({uid}) does not match the UID in record. The object might have \
                 been deleted and then recreated"
            ),
        ));
    }
    Ok(Some(Bound {
        what,
        name: name.to_owned(),
        uid: object.meta("uid").to_owned(),
    }))
}

/// The request with what its writer owns, and its metadata.
fn tracked(cx: &Context<'_>, mut request: Map<String, Value>) -> Value {
    meta::normalise(meta::of_mut(&mut request));
    let mut request = Value::Object(request);
    let builtin = schema::builtin();
    if let Some(node) = builtin.kind(KIND.0, KIND.1, KIND.2) {
        let context = managed::Context {
            schema: builtin.schema(),
            node,
            api_version: API_VERSION,
            kind: KIND.2,
            manager: &cx.manager,
            subresource: &cx.subresource,
            resets: &Resets::none(),
            evolving: false,
            now: &cx.timestamp(),
            versions: &OneVersion,
        };
        managed::update(&context, None, &mut request);
    }
    request
}
