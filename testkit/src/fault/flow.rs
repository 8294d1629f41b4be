//! Section B: requests that the server takes and does not serve.

use bytes::Bytes;
use http::{
    HeaderValue, Method, Response,
    header::{CONNECTION, RETRY_AFTER, WARNING},
    request::Parts,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::wire::{
    Exchange, Target, Verdict, answer, come_again, is_watch, is_write, json_answer, status, status_about,
};

/// What stands between a request and its being served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum FlowFault {
    /// B1: priority and fairness has no room for the request.
    TooManyRequests {
        /// The least number of seconds to wait.
        retry_after: u64,
    },
    /// B2: the server has begun to shut down, and turns everybody away.
    ShuttingDown,
    /// B3: the server ends, and waits for nobody but those whom it serves already.
    Draining,
    /// B4: the cache behind lists and watches is being filled.
    CacheInitializing {
        /// For how many seconds it has been so: whoever comes late is told to wait longer, up to half a minute.
        for_secs: u64,
    },
    /// B5: the eviction would take more pods from a disruption budget than it allows.
    BudgetExhausted {
        /// The number of seconds to wait, where the server says one.
        retry_after: Option<u64>,
    },
    /// B6: the credential has expired.
    Unauthorized,
    /// B7: access was never granted, has been withdrawn, or is not yet known to this replica.
    Forbidden,
    /// B8: nothing new is made in a namespace that is on its way out.
    NamespaceTerminating,
    /// B8: the namespace has used up its quota.
    QuotaExceeded,
    /// B9: a webhook cannot be reached, or refuses.
    Webhook(WebhookFailure),
    /// B10: the body is larger than the server reads.
    BodyTooLarge,
    /// B10: the object is larger than the storage takes.
    ObjectTooLarge,
    /// B10: the server does not know this form of body, such as a strategic merge patch for a custom resource.
    UnsupportedMediaType,
    /// B10: the server has no form of answer that the client would accept.
    NotAcceptable,
    /// B11: the answer has warnings beside it.
    Warning {
        /// What it says, without quotation marks.
        text: String,
    },
}

/// How a webhook fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum WebhookFailure {
    /// An admission webhook does not answer in time.
    TimedOut,
    /// Nobody listens where an admission webhook should be.
    Unreachable,
    /// An admission webhook refuses the request.
    Denied,
    /// An admission webhook calls the request malformed.
    DeniedAsMalformed,
    /// The webhook that converts between versions cannot be reached: reads fail as well as writes.
    Conversion,
}

// === impl FlowFault ===

impl FlowFault {
    pub(super) fn row(&self) -> &'static str {
        match self {
            Self::TooManyRequests { .. } => "B1",
            Self::ShuttingDown => "B2",
            Self::Draining => "B3",
            Self::CacheInitializing { .. } => "B4",
            Self::BudgetExhausted { .. } => "B5",
            Self::Unauthorized => "B6",
            Self::Forbidden => "B7",
            Self::NamespaceTerminating | Self::QuotaExceeded => "B8",
            Self::Webhook(_) => "B9",
            Self::BodyTooLarge | Self::ObjectTooLarge | Self::UnsupportedMediaType | Self::NotAcceptable => {
                "B10"
            }
            Self::Warning { .. } => "B11",
        }
    }

    pub(super) fn concerns(&self, request: &Parts) -> bool {
        let target = Target::of(&request.uri);
        let is_eviction = target.subresource == Some("eviction");
        let creates = request.method == Method::POST && target.subresource.is_none();
        match self {
            Self::CacheInitializing { .. } => request.method == Method::GET && !target.is_object(),
            Self::BudgetExhausted { .. } => request.method == Method::POST && is_eviction,
            Self::NamespaceTerminating | Self::QuotaExceeded => creates && target.namespace.is_some(),
            Self::Webhook(WebhookFailure::Conversion) => !target.resource.is_empty(),
            Self::Webhook(_) => is_write(request),
            Self::BodyTooLarge | Self::ObjectTooLarge | Self::UnsupportedMediaType => {
                is_write(request) && request.method != Method::DELETE
            }
            _ => true,
        }
    }

    pub(super) fn verdict(&self) -> Verdict {
        if let Self::Warning { text } = self {
            let text = text.clone();
            return Verdict::play(move |exchange| async move {
                let mut response = exchange.serve().await?;
                if let Ok(value) = HeaderValue::try_from(format!("299 - \"{text}\"")) {
                    response.headers_mut().append(WARNING, value);
                }
                Ok(response)
            });
        }
        let fault = self.clone();
        Verdict::instead(false, move |exchange| fault.refusal(exchange))
    }

    fn refusal(&self, exchange: &Exchange) -> Response<Bytes> {
        let target = exchange.target();
        match *self {
            Self::TooManyRequests { retry_after } => {
                let mut response = text(429, "Too many requests, please try again later.\n");
                let headers = response.headers_mut();
                headers.insert(RETRY_AFTER, retry_after.into());
                for (name, value) in [
                    (
                        "x-kubernetes-pf-flowschema-uid",
                        "6f6b1d0e-0000-4000-8000-000000000001",
                    ),
                    (
                        "x-kubernetes-pf-prioritylevel-uid",
                        "6f6b1d0e-0000-4000-8000-000000000002",
                    ),
                ] {
                    headers.insert(name, HeaderValue::from_static(value));
                }
                response
            }
            Self::ShuttingDown => {
                let mut response = text(429, "The apiserver is shutting down, please try again later.\n");
                let headers = response.headers_mut();
                headers.insert(RETRY_AFTER, 5.into());
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
                response
            }
            Self::Draining => come_again(
                503,
                status(503, "ServiceUnavailable", "apiserver is shutting down"),
                1,
            ),
            Self::CacheInitializing { for_secs } => {
                let status = status(429, "TooManyRequests", "storage is (re)initializing");
                come_again(429, status, patience(for_secs))
            }
            Self::BudgetExhausted { retry_after } => {
                let message = "Cannot evict pod as it would violate the pod's disruption budget.";
                let mut status = status(429, "TooManyRequests", message);
                status["details"] = json!({"causes": [{
                    "reason": "DisruptionBudget",
                    "message": "The disruption budget web needs 2 healthy pods and has 2 currently",
                }]});
                match retry_after {
                    Some(secs) => come_again(429, status, secs),
                    None => json_answer(429, &status),
                }
            }
            Self::Unauthorized => json_answer(401, &status(401, "Unauthorized", "Unauthorized")),
            Self::Forbidden => {
                let place = match target.namespace {
                    Some(namespace) => format!("in the namespace \"{namespace}\""),
                    None => "at the cluster scope".to_owned(),
                };
                let resource = match target.subresource {
                    Some(subresource) => format!("{}/{subresource}", target.resource),
                    None => target.resource.to_owned(),
                };
                let message = forbidden(
                    &target,
                    &format!(
                        "User \"somebody\" cannot {} resource \"{resource}\" in API group \"{}\" {place}",
                        target.verb(&exchange.request.method, is_watch(&exchange.request)),
                        target.group,
                    ),
                );
                json_answer(403, &status_about(&target, 403, "Forbidden", &message))
            }
            Self::NamespaceTerminating => {
                let namespace = target.namespace.unwrap_or_default();
                let target = exchange.named();
                let why = format!(
                    "unable to create new content in namespace {namespace} because it is being terminated"
                );
                let message = forbidden(&target.target(), &why);
                let mut status = status_about(&target.target(), 403, "Forbidden", &message);
                status["details"]["causes"] = json!([{
                    "reason": "NamespaceTerminating",
                    "message": format!("namespace {namespace} is being terminated"),
                    "field": "metadata.namespace",
                }]);
                json_answer(403, &status)
            }
            Self::QuotaExceeded => {
                let target = exchange.named();
                let counted = format!("count/{}", target.target().qualified());
                let why = format!(
                    "exceeded quota: quota, requested: {counted}=1, used: {counted}=10, limited: {counted}=10"
                );
                let message = forbidden(&target.target(), &why);
                json_answer(403, &status_about(&target.target(), 403, "Forbidden", &message))
            }
            Self::Webhook(failure) => failure.answer(&exchange.json(), &target),
            Self::BodyTooLarge => {
                let message = "Request entity too large: limit is 3145728";
                json_answer(413, &status(413, "RequestEntityTooLarge", message))
            }
            Self::ObjectTooLarge => json_answer(500, &status(500, "", "etcdserver: request is too large")),
            Self::UnsupportedMediaType => {
                let message = "the body of the request was in an unknown format - accepted media types include: \
                               application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";
                json_answer(415, &status(415, "UnsupportedMediaType", message))
            }
            Self::NotAcceptable => {
                let message = "only the following media types are accepted: application/json, application/yaml, \
                               application/vnd.kubernetes.protobuf";
                json_answer(406, &status(406, "NotAcceptable", message))
            }
            // Served, so that it never comes here.
            Self::Warning { .. } => text(200, ""),
        }
    }
}

// === impl WebhookFailure ===

impl WebhookFailure {
    fn answer(self, object: &serde_json::Value, target: &Target<'_>) -> Response<Bytes> {
        const CALL: &str = "Post \"https://webhook.hooks.svc:443/validate?timeout=10s\"";
        let failed = |why: &str| {
            let message = format!(
                "Internal error occurred: failed calling webhook \"check.example.com\": failed to call webhook: {CALL}: {why}"
            );
            let mut status = status(500, "InternalError", &message);
            status["details"] = json!({"causes": [{
                "message": message.trim_start_matches("Internal error occurred: "),
            }]});
            json_answer(500, &status)
        };
        let denied = |code: u16, reason: &str| {
            let message = "admission webhook \"check.example.com\" denied the request: not today";
            json_answer(code, &status(code, reason, message))
        };
        match self {
            Self::TimedOut => failed("context deadline exceeded"),
            Self::Unreachable => failed("dial tcp 10.96.0.7:443: connect: connection refused"),
            Self::Denied => denied(403, "Forbidden"),
            Self::DeniedAsMalformed => denied(400, "BadRequest"),
            Self::Conversion => {
                let kind = object["kind"].as_str().unwrap_or(target.resource);
                let version = if target.group.is_empty() {
                    target.version.to_owned()
                } else {
                    format!("{}/{}", target.group, target.version)
                };
                let message = format!(
                    "conversion webhook for {version}, Kind={kind} failed: Post \"https://webhook.hooks.svc:443/convert?timeout=30s\": \
                     dial tcp 10.96.0.7:443: connect: connection refused"
                );
                json_answer(500, &status(500, "", &message))
            }
        }
    }
}

fn text(code: u16, body: &'static str) -> Response<Bytes> {
    answer(code, "text/plain; charset=utf-8", body)
}

/// How long a client is told to wait for a cache that has been down for so long, in seconds: *e* to the power of 0.06 of it, between 1 and 30.
fn patience(for_secs: u64) -> u64 {
    // Whole after rounding down, and far below the limits of either type.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small positive number"
    )]
    let secs = (0.06 * for_secs.min(3600) as f64).exp().clamp(1.0, 30.0) as u64;
    secs
}

fn forbidden(target: &Target<'_>, why: &str) -> String {
    match target.name {
        Some(name) => format!("{} \"{name}\" is forbidden: {why}", target.qualified()),
        None => format!("{} is forbidden: {why}", target.qualified()),
    }
}
