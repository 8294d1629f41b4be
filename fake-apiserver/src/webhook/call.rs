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

/// How much of a failing hook's body is told, in bytes.
const SHOWN_MAX: usize = 2048;

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
        Err(refused(response))
    }

    /// The text of a call that did not come through.
    pub(crate) fn failed(&self, why: &str) -> String {
        format!("Post {}: {why}", go_quote(&self.url))
    }
}

/// What the server's client says of a response that is no success.
fn refused(response: &Response<Bytes>) -> String {
    let status = response.status();
    let fixed = match status {
        StatusCode::BAD_REQUEST => "the server rejected our request for an unknown reason",
        StatusCode::UNAUTHORIZED => "the server has asked for the client to provide credentials",
        StatusCode::FORBIDDEN | StatusCode::NOT_ACCEPTABLE | StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            return said(response);
        }
        StatusCode::NOT_FOUND => "the server could not find the requested resource",
        StatusCode::METHOD_NOT_ALLOWED => "the server does not allow this method on the requested resource",
        StatusCode::CONFLICT => "the server reported a conflict",
        StatusCode::UNPROCESSABLE_ENTITY => "the server rejected our request due to an error in our request",
        StatusCode::TOO_MANY_REQUESTS => {
            "the server has received too many requests and has asked us to try again later"
        }
        StatusCode::SERVICE_UNAVAILABLE => "the server is currently unable to handle the request",
        StatusCode::GATEWAY_TIMEOUT => {
            "the server was unable to return a response in the time allotted, but may still be processing the request"
        }
        status if status.is_server_error() => {
            return format!(
                "an error on the server ({}) has prevented the request from succeeding",
                go_quote(&said(response))
            );
        }
        status => {
            return format!(
                "the server responded with the status code {} but did not return more information",
                status.as_u16()
            );
        }
    };
    fixed.to_owned()
}

/// The body of a response as far as it is text, which it is where nothing else is said.
fn said(response: &Response<Bytes>) -> String {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let kind = kind.map_or("", |kind| kind.to_str().unwrap_or("?"));
    let is_text = kind.is_empty() || kind.trim_start().to_ascii_lowercase().starts_with("text/");
    if !is_text {
        return "unknown".to_owned();
    }
    let body = response.body();
    let shown = &body[..body.len().min(SHOWN_MAX)];
    String::from_utf8_lossy(shown).trim().to_owned()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn told(code: u16, kind: Option<&str>, body: &str) -> String {
        let mut response = Response::builder().status(code);
        if let Some(kind) = kind {
            response = response.header(header::CONTENT_TYPE, kind);
        }
        let body = Bytes::copy_from_slice(body.as_bytes());
        refused(&response.body(body).expect("a response"))
    }

    #[test]
    fn what_a_failing_hook_says_is_quoted_where_it_is_text() {
        let failed = |said: &str| {
            format!("an error on the server (\"{said}\") has prevented the request from succeeding")
        };
        assert_eq!(told(500, None, " boom\n"), failed("boom"));
        assert_eq!(
            told(502, Some("Text/plain; charset=utf-8"), "b\"m"),
            failed("b\\\"m")
        );
        assert_eq!(told(500, Some("text/html"), "<p>"), failed("<p>"));
        assert_eq!(told(500, Some("application/json"), "{}"), failed("unknown"));
        assert_eq!(told(500, None, &"x".repeat(3000)), failed(&"x".repeat(2048)));
        assert_eq!(told(403, None, "not you"), "not you");
        assert_eq!(told(403, Some("application/json"), "{}"), "unknown");
    }

    #[test]
    fn some_failures_have_words_of_their_own() {
        for (code, words) in [
            (
                405,
                "the server does not allow this method on the requested resource",
            ),
            (409, "the server reported a conflict"),
            (
                418,
                "the server responded with the status code 418 but did not return more information",
            ),
            (
                422,
                "the server rejected our request due to an error in our request",
            ),
            (503, "the server is currently unable to handle the request"),
        ] {
            assert_eq!(told(code, None, "boom"), words);
        }
        assert!(told(504, None, "").starts_with("the server was unable to return a response"));
    }
}
