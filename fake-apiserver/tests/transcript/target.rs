//! What a transcript is replayed against, and the bit of HTTP between.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use http::header::{HeaderName, HeaderValue};
use http::{Method, Uri};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use serde_json::{Map, Value};

/// The headers that are compared.
const KEPT: [&str; 5] = ["content-type", "warning", "retry-after", "location", "allow"];
/// How long an answer may take, on the virtual clock.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) type Body = UnsyncBoxBody<Bytes, String>;

/// A server under test.
pub(crate) trait Target {
    fn call(
        &self,
        request: http::Request<Full<Bytes>>,
    ) -> LocalBoxFuture<'_, Result<http::Response<Body>, String>>;

    /// Forgets what was before now, and ends open watches.
    fn compact(&self);

    /// Told before each step, by its index.
    fn at_step(&self, _index: usize) {}
}

/// A request with its variables filled in.
pub(crate) struct Wire {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, Option<String>)>,
    pub(crate) payload: Option<Bytes>,
}

/// The head of an answer, in the form it was recorded in.
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) headers: Value,
}

/// Sends a request, whatever the server does: a panic or an answer that never comes is an error like a broken connection.
pub(crate) async fn send(target: &dyn Target, wire: &Wire) -> Result<(Head, Body), String> {
    let request = wire.to_http()?;
    let head_only = request.method() == Method::HEAD;
    let answer = guarded(async { target.call(request).await }).await??;
    let (parts, body) = answer.into_parts();
    let mut headers = Map::new();
    for name in KEPT {
        // Bytes that are not ASCII are read as a client does that knows no encoding.
        let text = |v: &HeaderValue| Value::String(v.as_bytes().iter().map(|&b| char::from(b)).collect());
        let mut values: Vec<_> = parts.headers.get_all(name).iter().map(text).collect();
        match values.len() {
            0 => {}
            1 => drop(headers.insert(name.to_owned(), values.remove(0))),
            _ => drop(headers.insert(name.to_owned(), Value::Array(values))),
        }
    }
    let bodiless = head_only || matches!(parts.status.as_u16(), 204 | 304);
    let body = if bodiless {
        Full::default().map_err(|never| match never {}).boxed_unsync()
    } else {
        body
    };
    Ok((
        Head {
            status: parts.status.as_u16(),
            headers: Value::Object(headers),
        },
        body,
    ))
}

/// Reads the whole body: JSON as a value, other text under `<text>`, nothing as null.
pub(crate) async fn read(body: Body) -> Result<Value, String> {
    let data = guarded(body.collect()).await??.to_bytes();
    if data.is_empty() {
        return Ok(Value::Null);
    }
    Ok(serde_json::from_slice(&data).unwrap_or_else(|_| {
        let text = String::from_utf8_lossy(&data).into_owned();
        Value::Object(Map::from_iter([("<text>".to_owned(), Value::String(text))]))
    }))
}

async fn guarded<T>(work: impl Future<Output = T>) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(panic)) => Err(format!("panicked: {}", panic_text(&*panic))),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("with no message")
}

impl Wire {
    fn to_http(&self) -> Result<http::Request<Full<Bytes>>, String> {
        let mut request = http::Request::new(Full::new(self.payload.clone().unwrap_or_default()));
        *request.method_mut() = self
            .method
            .parse()
            .map_err(|_| format!("method {:?}", self.method))?;
        *request.uri_mut() = uri(&self.path)?;
        let mut headers = vec![
            ("Host".to_owned(), Some("localhost:6443".to_owned())),
            ("Accept-Encoding".to_owned(), Some("identity".to_owned())),
        ];
        if let Some(payload) = &self.payload {
            headers.push(("Content-Length".to_owned(), Some(payload.len().to_string())));
        } else if matches!(self.method.as_str(), "POST" | "PUT" | "PATCH") {
            headers.push(("Content-Length".to_owned(), Some("0".to_owned())));
        }
        for (name, value) in [
            ("Accept", "application/json"),
            ("Authorization", "Bearer admin-token"),
            ("User-Agent", "transcript/1.0"),
        ] {
            headers.push((name.to_owned(), Some(value.to_owned())));
        }
        for (name, value) in headers.iter().chain(&self.headers) {
            let parsed: HeaderName = name.parse().map_err(|_| format!("header name {name:?}"))?;
            match value {
                None => drop(request.headers_mut().remove(parsed)),
                Some(value) => {
                    // As a connection would: the space around a value is no part of it.
                    let bytes: Option<Vec<u8>> = value.trim().chars().map(|c| u8::try_from(c).ok()).collect();
                    let value = bytes.and_then(|b| HeaderValue::from_bytes(&b).ok());
                    drop(
                        request
                            .headers_mut()
                            .insert(parsed, value.ok_or_else(|| format!("value of {name}"))?),
                    );
                }
            }
        }
        Ok(request)
    }
}

fn uri(path: &str) -> Result<Uri, String> {
    path.parse().or_else(|_| {
        let escaped: String = path
            .bytes()
            .map(|b| match b {
                b'!'..=b'~' if !b"\"<>\\^`{|}".contains(&b) => char::from(b).to_string(),
                _ => format!("%{b:02X}"),
            })
            .collect();
        escaped.parse().map_err(|_| format!("path {path:?}"))
    })
}

#[test]
fn defaults_can_be_replaced_and_taken_away() {
    let wire = Wire {
        method: "POST".to_owned(),
        path: "/a?b=<c>".to_owned(),
        headers: vec![
            ("accept".to_owned(), None),
            ("Authorization".to_owned(), Some("Bearer ".to_owned())),
        ],
        payload: None,
    };
    let request = wire.to_http().expect("a good request");
    assert_eq!(request.uri(), "/a?b=%3Cc%3E");
    assert!(!request.headers().contains_key("accept"));
    assert_eq!(request.headers()["authorization"], "Bearer");
    assert_eq!(request.headers()["user-agent"], "transcript/1.0");
    assert_eq!(request.headers()["content-length"], "0");
}
