//! One call: a review that is posted, and the texts of what can go wrong.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use serde_json::Value;

use super::{Answer, ClientConfig};
use crate::schema::json;
use crate::status::go_quote;
use crate::storage::Store;
use crate::wire::{go_json, yaml};

/// A review to post.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    /// The URL, its timeout included.
    url: String,
    timeout: Duration,
    review: Value,
    /// Why nobody can be called.
    unresolved: Option<String>,
    /// The certificates that are trusted, in PEM.
    trusted: String,
}

// === impl Call ===

impl Call {
    /// A call that may take `timeout`, in whole seconds.
    pub(crate) fn new(to: &ClientConfig, store: &Store, timeout: Duration, review: Value) -> Self {
        Self {
            url: format!("{}?timeout={}s", to.url(), timeout.as_secs()),
            timeout,
            review,
            unresolved: to.unresolved(store),
            trusted: String::new(),
        }
    }

    /// The same call, trusting the certificates of a `caBundle`.
    #[must_use]
    pub(crate) fn trusting(mut self, bundle: &Value) -> Self {
        use base64::Engine as _;
        let bundle = bundle.as_str().unwrap_or("");
        let bytes = base64::engine::general_purpose::STANDARD.decode(bundle);
        self.trusted = String::from_utf8(bytes.unwrap_or_default()).unwrap_or_default();
        self
    }

    /// Whether a certificate in PEM is among those that are trusted.
    pub(crate) fn trusts(&self, certificate: &str) -> bool {
        self.trusted.contains(certificate.trim())
    }

    /// How long the call may take.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The URL without its query: what a transport is chosen by.
    pub(crate) fn address(&self) -> &str {
        self.url.split('?').next().unwrap_or_default()
    }

    /// The request; the error says why there is none.
    pub(crate) fn request(&self) -> Result<Request<Bytes>, String> {
        if let Some(why) = &self.unresolved {
            return Err(self.failed(why));
        }
        Request::post(&self.url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json, */*")
            .header(header::USER_AGENT, "kube-apiserver-admission")
            .body(self.review.to_string().into())
            .map_err(|e| self.failed(&e.to_string()))
    }

    /// What a response comes to, in the words of the server's client.
    pub(crate) fn answer(&self, response: &Response<Bytes>) -> Answer {
        let status = response.status();
        if status.is_success() {
            return review(response);
        }
        Err(match status {
            StatusCode::NOT_FOUND => "the server could not find the requested resource".to_owned(),
            StatusCode::BAD_REQUEST => "the server rejected our request for an unknown reason".to_owned(),
            StatusCode::UNAUTHORIZED => {
                "the server has asked for the client to provide credentials".to_owned()
            }
            StatusCode::TOO_MANY_REQUESTS => {
                "the server has received too many requests and has asked us to try again later".to_owned()
            }
            status if status.is_server_error() => {
                "an error on the server (\"unknown\") has prevented the request from succeeding".to_owned()
            }
            status => format!(
                "the server responded with the status code {} but did not return more information",
                status.as_u16()
            ),
        })
    }

    /// The text of a call that did not come through.
    pub(crate) fn failed(&self, why: &str) -> String {
        format!("Post {}: {why}", go_quote(&self.url))
    }
}

/// The review in a response; like the server's own bodies it may be YAML.
fn review(response: &Response<Bytes>) -> Answer {
    let bytes = response.body();
    if bytes.is_empty() {
        let kind = response.headers().get(header::CONTENT_TYPE);
        return Err(format!(
            "0-length response with status code: {} and content type: {}",
            response.status().as_u16(),
            kind.and_then(|k| k.to_str().ok()).unwrap_or("")
        ));
    }
    let read = json::parse(bytes).or_else(|_| yaml::read(bytes).map(|document| document.value));
    let review = read.map_err(|why| format!("couldn't get version/kind; json parse error: {why}"))?;
    if review.is_object() {
        return Ok(review);
    }
    Err(format!(
        "couldn't get version/kind; json parse error: {}",
        go_json::no_type_meta(&review)
    ))
}
