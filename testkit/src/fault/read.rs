//! Section C: lists, and reads of one object.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{Method, request::Parts};
use seatrial_fake_apiserver::FakeApiServer;
use serde_json::{Value, json};

use super::wire::{self, Changes, Verdict, answer, is_watch, json_answer, param, set_param};

/// What a read may meet.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ReadFault {
    /// C1, C3, C7: a replica answers that is at an older state. Make it by [`FakeApiServer::fork`] at the time that it is stuck in.
    Replica(FakeApiServer),
    /// C2: the replica has not reached the version that the request asks for, and gives up waiting.
    TooLargeVersion,
    /// C2: the replica's cache is being filled.
    CacheNotReady,
    /// C8: the continue token is too old. Some servers add a token that goes on in a newer version.
    ContinueExpired {
        /// Whether there is such a token.
        with_token: bool,
    },
    /// C9: a page says nothing of how many objects follow.
    NoRemainingCount,
    /// C9: a page has no object although there are more pages.
    EmptyPage,
    /// C9: the server does not page.
    LimitIgnored,
    /// C10: a list without objects says `null`.
    NullItems,
    /// C10: objects and lists have fields that the client does not know.
    UnknownFields,
    /// C11: the storage changes its leader.
    LeaderChanged,
    /// C12: the path is not served: the CRD is not established yet, or was removed.
    NotServed,
    /// C13: what answers converts objects to another version.
    Converted,
}

// === impl ReadFault ===

impl ReadFault {
    pub(super) fn row(&self) -> &'static str {
        match self {
            Self::Replica(_) => "C3",
            Self::TooLargeVersion | Self::CacheNotReady => "C2",
            Self::ContinueExpired { .. } => "C8",
            Self::NoRemainingCount | Self::EmptyPage | Self::LimitIgnored => "C9",
            Self::NullItems | Self::UnknownFields => "C10",
            Self::LeaderChanged => "C11",
            Self::NotServed => "C12",
            Self::Converted => "C13",
        }
    }

    pub(super) fn concerns(&self, request: &Parts) -> bool {
        if request.method != Method::GET || is_watch(request) {
            return false;
        }
        match self {
            Self::ContinueExpired { .. } => param(request, "continue").is_some(),
            Self::LimitIgnored => param(request, "limit").is_some(),
            // An empty page needs another one that it can be before.
            Self::EmptyPage => param(request, "limit").is_some() && param(request, "continue").is_none(),
            _ => true,
        }
    }

    pub(super) fn verdict(&self) -> Verdict {
        match self {
            Self::Replica(server) => Changes::elsewhere(server),
            Self::TooLargeVersion => Verdict::Answer(json_answer(504, &wire::too_large_version())),
            Self::CacheNotReady => {
                let mut status = wire::status(429, "TooManyRequests", "storage is (re)initializing");
                status["details"] = json!({"retryAfterSeconds": 1});
                let mut response = json_answer(429, &status);
                response
                    .headers_mut()
                    .insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("1"));
                Verdict::Answer(response)
            }
            Self::ContinueExpired { with_token } => {
                let mut status = wire::status(
                    410,
                    "Expired",
                    "The provided continue parameter is too old to display a consistent list result.",
                );
                if *with_token {
                    status["metadata"] = json!({"continue": "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTF9"});
                }
                Verdict::Answer(json_answer(410, &status))
            }
            Self::NoRemainingCount => Changes::json(|list| {
                if let Some(metadata) = list["metadata"].as_object_mut() {
                    metadata.remove("remainingItemCount");
                }
            }),
            // As a filter leaves one that held back everything it read: the token goes on where this page began.
            Self::EmptyPage => Changes::json(|list| {
                if list["metadata"]["continue"].as_str().is_none_or(str::is_empty) {
                    return;
                }
                list["items"] = json!([]);
                list["metadata"]["continue"] = json!(first_page_token(list));
            }),
            Self::LimitIgnored => Changes::request(|request| set_param(request, "limit", None)),
            Self::NullItems => Changes::json(|list| {
                if list["items"].as_array().is_some_and(Vec::is_empty) {
                    list["items"] = Value::Null;
                }
            }),
            Self::UnknownFields => Changes::json(|list| {
                list["future"] = json!({"of": ["the", "API"]});
                for item in list["items"].as_array_mut().into_iter().flatten() {
                    item["future"] = json!(1);
                }
            }),
            Self::LeaderChanged => Verdict::Answer(json_answer(
                500,
                &wire::status(500, "", "etcdserver: leader changed"),
            )),
            Self::NotServed => {
                Verdict::Answer(answer(404, "text/plain; charset=utf-8", "404 page not found\n"))
            }
            Self::Converted => Changes::json(|list| {
                list["apiVersion"] = json!("example.com/v9");
                for item in list["items"].as_array_mut().into_iter().flatten() {
                    item["apiVersion"] = json!("example.com/v9");
                    item["kind"] = json!("Other");
                }
            }),
        }
    }
}

/// The token that goes on before the first object at the version of this list.
fn first_page_token(list: &Value) -> String {
    let version = list["metadata"]["resourceVersion"].as_str().unwrap_or_default();
    let version: u64 = version.parse().unwrap_or_default();
    let token = json!({"v": "meta.k8s.io/v1", "rv": version, "start": "\u{0}"});
    URL_SAFE_NO_PAD.encode(token.to_string())
}
