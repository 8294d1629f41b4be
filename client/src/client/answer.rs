//! Answers: accepted or turned into an error, then read in one of the forms that the API has.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use either::Either;
use futures::{AsyncBufRead, Stream, TryStreamExt};
use http::{Response, StatusCode, header::HeaderMap};
use http_body_util::{BodyDataStream, BodyExt};
use serde::{Deserialize, de::DeserializeOwned};

use super::{Body, stream::Events};
use crate::{
    core::{
        ObjectList, Status, WatchEvent,
        decode::{self, Decode, ListDecoder, ListEnd},
        response::{StatusCause, StatusDetails, StatusSummary, reason},
    },
    env::Env,
    error::{Error, Result, Target, UNEXPECTED_SERVER_RESPONSE},
};

/// More than any `Status` of an API server; the rest of a longer error answer is not read.
const ERROR_BODY_BYTES_MAX: usize = 4 << 20;

/// What is quoted of an error answer that is not a `Status`.
const QUOTE_BYTES_MAX: usize = 1 << 10;

/// An answer with a status of success, its body still to be read.
pub(crate) struct Answer {
    target: Target,
    body: Body,
}

impl Answer {
    /// The answer with this body.
    pub(super) fn new(target: Target, body: Body) -> Self {
        Self { target, body }
    }

    /// Reads the body of an error answer; the response keeps a copy of it.
    pub(super) async fn read_error(response: Response<Body>) -> (Response<Body>, Bytes) {
        let (head, body) = response.into_parts();
        let bytes = read_error_body(body).await;
        (Response::from_parts(head, Body::from(bytes.clone())), bytes)
    }

    /// The error that an error answer describes, once its body is read.
    pub(super) async fn read_refusal(target: &Target, response: Response<Body>, env: &Env) -> Error {
        let (response, body) = Self::read_error(response).await;
        Self::refusal(target, &response, &body, env)
    }

    /// The error that an error answer with this body describes.
    pub(super) fn refusal(target: &Target, response: &Response<Body>, body: &[u8], env: &Env) -> Error {
        Error::Api(Box::new(read_status(target, response, body, env)))
    }

    pub(crate) async fn json<T: DeserializeOwned>(self) -> Result<T> {
        decode::from_json(&self.bytes().await?).map_err(Error::SerdeError)
    }

    pub(crate) async fn text(self) -> Result<String> {
        String::from_utf8(self.bytes().await?.into()).map_err(Error::FromUtf8)
    }

    pub(crate) async fn object_or_status<T: DeserializeOwned>(self) -> Result<Either<T, Status>> {
        let bytes = self.bytes().await?;
        let Kind { api_version, kind } = serde_json::from_slice(&bytes).map_err(Error::SerdeError)?;
        if kind == "Status" && api_version == "v1" {
            decode::from_json(&bytes).map(Either::Right)
        } else {
            decode::from_json(&bytes).map(Either::Left)
        }
        .map_err(Error::SerdeError)
    }

    pub(crate) fn reader(self) -> impl AsyncBufRead + use<> {
        let Self { target, body } = self;
        BodyDataStream::new(body)
            .map_err(move |error| std::io::Error::other(target.explain(true, error)))
            .into_async_read()
    }

    pub(crate) fn events<T: Clone + DeserializeOwned>(
        self,
        decode: Decode,
    ) -> impl Stream<Item = Result<WatchEvent<T>>> + Send + use<T> {
        Events::new(self.target, self.body, decode)
    }

    pub(crate) async fn list<T: Clone + DeserializeOwned>(self, decode: Decode) -> Result<ObjectList<T>> {
        let Self { target, mut body } = self;
        let mut decoder = ListDecoder::new(decode);
        let mut items = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| target.explain(true, error))?;
            let Ok(chunk) = frame.into_data() else {
                continue;
            };
            decoder.push(chunk);
            while let Some(item) = decoder.next_item().map_err(|error| undecodable(&error))? {
                items.push(item);
            }
        }
        let ListEnd { types, metadata } = decoder.finish().map_err(|error| undecodable(&error))?;
        Ok(ObjectList {
            types,
            metadata,
            items,
        })
    }

    pub(crate) async fn bytes(self) -> Result<Bytes> {
        let Self { target, body } = self;
        body.collect_bytes()
            .await
            .map_err(|error| target.explain(true, error))
    }
}

/// Reads what there is: an error answer that breaks off still has its status code.
async fn read_error_body(mut body: Body) -> Bytes {
    let mut bytes = BytesMut::new();
    while let Some(Ok(frame)) = body.frame().await {
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data);
        }
        if bytes.len() >= ERROR_BODY_BYTES_MAX {
            break;
        }
    }
    bytes.freeze()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    kind: String,
}

/// The error of a list or of an event, with what the decoder knows of the place.
///
/// `serde_json` lets its own errors be made of text only, and they are what callers match on.
pub(super) fn undecodable(error: &decode::Error) -> Error {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text += &format!(": {error}");
        source = error.source();
    }
    Error::SerdeError(serde::de::Error::custom(text))
}

fn read_status(target: &Target, response: &Response<Body>, body: &[u8], env: &Env) -> Status {
    let mut status = match own_status(body) {
        Some(status) => status,
        None => foreign_status(target, response.status(), body),
    };
    if status.code == 0 {
        status.code = response.status().as_u16();
    }
    if let Some(seconds) = retry_after_seconds(response.headers(), env) {
        let details = status.details.get_or_insert_default();
        if details.retry_after_seconds == 0 {
            details.retry_after_seconds = seconds;
        }
    }
    status
}

/// The `Status` that an API server sent.
///
/// One without `kind` counts if it says what a `Status` says, because handwritten services often leave `kind` out.
fn own_status(body: &[u8]) -> Option<Status> {
    #[derive(Deserialize)]
    struct Shape {
        kind: Option<String>,
        reason: Option<String>,
        code: Option<u16>,
    }
    let shape: Shape = serde_json::from_slice(body).ok()?;
    let is_status = match shape.kind {
        Some(kind) => kind == "Status",
        None => shape.reason.is_some() || shape.code.is_some(),
    };
    if is_status {
        serde_json::from_slice(body).ok()
    } else {
        None
    }
}

/// A `Status` for an answer that is none: of a proxy, of a filter in front of the API, or of an unknown path.
fn foreign_status(target: &Target, code: StatusCode, body: &[u8]) -> Status {
    let text = quote(body);
    let phrase = code.canonical_reason().unwrap_or("an unknown status");
    let said = if text.is_empty() || text.starts_with('<') {
        phrase
    } else {
        &text
    };
    // Unlike the API server, what is in front of it does not name the object.
    let message = format!("{said} ({target})");
    Status {
        status: Some(StatusSummary::Failure),
        code: code.as_u16(),
        message,
        reason: reason_of(code).to_owned(),
        details: Some(StatusDetails {
            causes: vec![StatusCause {
                reason: UNEXPECTED_SERVER_RESPONSE.to_owned(),
                message: text,
                field: String::new(),
            }],
            ..StatusDetails::default()
        }),
        metadata: None,
    }
}

/// The start of a body as text on one line.
fn quote(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(QUOTE_BYTES_MAX)]);
    // A character that the limit cut in two is no part of the text.
    let text = if body.len() > QUOTE_BYTES_MAX {
        text.trim_end_matches(char::REPLACEMENT_CHARACTER)
    } else {
        &text
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The reason that the API conventions give to a code.
fn reason_of(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => reason::BAD_REQUEST,
        401 => reason::UNAUTHORIZED,
        403 => reason::FORBIDDEN,
        404 => reason::NOT_FOUND,
        405 => reason::METHOD_NOT_ALLOWED,
        406 => reason::NOT_ACCEPTABLE,
        409 => reason::CONFLICT,
        410 => reason::GONE,
        413 => reason::REQUEST_ENTITY_TOO_LARGE,
        415 => reason::UNSUPPORTED_MEDIA_TYPE,
        422 => reason::INVALID,
        429 => reason::TOO_MANY_REQUESTS,
        500 => reason::INTERNAL_ERROR,
        503 => reason::SERVICE_UNAVAILABLE,
        504 => reason::TIMEOUT,
        _ => reason::UNKNOWN,
    }
}

/// The header `Retry-After`, in seconds from now.
///
/// # Source
///
/// RFC 9110, section 10.2.3.
pub(super) fn retry_after(headers: &HeaderMap, env: &Env) -> Option<Duration> {
    let seconds = retry_after_seconds(headers, env)?;
    Some(Duration::from_secs(seconds.into()))
}

fn retry_after_seconds(headers: &HeaderMap, env: &Env) -> Option<u32> {
    let value = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(u32::try_from(seconds).unwrap_or(u32::MAX));
    }
    let now = env.now();
    let date = super::http_date::parse(value, now)?;
    // Rounded up: a client that comes back a moment early is sent away again.
    let seconds = (date.duration_since(now).as_millis().max(0) + 999) / 1_000;
    Some(u32::try_from(seconds).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
