//! Section C: lists, and reads of one object.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderValue, Method, header::ACCEPT, request::Parts};
use seatrial_fake_apiserver::FakeApiServer;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Class, FlowFault, StorageFailure,
    wire::{self, Changes, Target, Verdict, answer, is_watch, json_answer, param, set_param},
};

/// What a read may meet.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum ReadFault {
    /// C1, C4: a read that may be of any age is answered by a cache that is behind. Make it by [`FakeApiServer::fork`] at the time that it is stuck in.
    #[serde(skip)]
    Stale(FakeApiServer),
    /// C3, C7: a replica answers that is at an older state, even to those who ask for the newest, as some servers and stores once did. Make it as
    /// for [`Stale`](Self::Stale), which is what a correct server may do.
    #[serde(skip)]
    Replica(FakeApiServer),
    /// C2: the replica has not reached the version that the request asks for, and gives up waiting.
    TooLargeVersion,
    /// C2: the replica's cache is being filled.
    CacheNotReady,
    /// C7: an object that was just made is not found.
    NotYetThere,
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
    /// C11: the storage takes too long.
    RequestTimedOut,
    /// C12: the path is not served: the CRD is not established yet, or was removed.
    NotServed,
    /// C12: the resource is not served, told by a `Status` that names no object.
    UnknownResource,
    /// C12: an aggregated API is registered, and nobody is there to describe it.
    GroupUnavailable,
    /// C13: what answers converts objects to another version.
    Converted,
    /// C13: the answer is a table.
    Table,
    /// C13: the answer is metadata without the objects.
    PartialMetadata,
}

// === impl ReadFault ===

impl ReadFault {
    pub(super) fn row(&self) -> &'static str {
        match self {
            Self::Stale(_) => "C1",
            Self::Replica(_) => "C3",
            Self::TooLargeVersion | Self::CacheNotReady => "C2",
            Self::NotYetThere => "C7",
            Self::ContinueExpired { .. } => "C8",
            Self::NoRemainingCount | Self::EmptyPage | Self::LimitIgnored => "C9",
            Self::NullItems | Self::UnknownFields => "C10",
            Self::LeaderChanged | Self::RequestTimedOut => "C11",
            Self::NotServed | Self::UnknownResource | Self::GroupUnavailable => "C12",
            Self::Converted | Self::Table | Self::PartialMetadata => "C13",
        }
    }

    pub(super) fn class(&self) -> Class {
        match self {
            Self::Replica(_) => Class::HistoricalServerBug,
            _ => Class::Legal,
        }
    }

    pub(super) fn concerns(&self, request: &Parts) -> bool {
        if request.method != Method::GET || is_watch(request) {
            return false;
        }
        let target = Target::of(&request.uri);
        match self {
            Self::Stale(_) => param(request, "resourceVersion") == Some("0"),
            Self::NotYetThere => target.is_object(),
            Self::GroupUnavailable => !target.group.is_empty() && target.resource.is_empty(),
            Self::UnknownResource | Self::Table | Self::PartialMetadata => !target.resource.is_empty(),
            Self::ContinueExpired { .. } => param(request, "continue").is_some(),
            Self::LimitIgnored => param(request, "limit").is_some(),
            // An empty page needs another one that it can be before.
            Self::EmptyPage => param(request, "limit").is_some() && param(request, "continue").is_none(),
            _ => true,
        }
    }

    pub(super) fn verdict(&self) -> Verdict {
        match self {
            Self::Stale(server) | Self::Replica(server) => Changes::elsewhere(server),
            Self::TooLargeVersion => Verdict::Answer(json_answer(504, &wire::too_large_version())),
            Self::CacheNotReady => FlowFault::CacheInitializing { for_secs: 0 }.verdict(),
            Self::NotYetThere => Verdict::instead(false, |exchange| {
                let target = exchange.target();
                let message = format!(
                    "{} \"{}\" not found",
                    target.qualified(),
                    target.name.unwrap_or_default()
                );
                json_answer(404, &wire::status_about(&target, 404, "NotFound", &message))
            }),
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
                &wire::status(500, "", StorageFailure::LeaderChanged.message()),
            )),
            Self::RequestTimedOut => Verdict::Answer(json_answer(
                500,
                &wire::status(500, "", StorageFailure::RequestTimedOut.message()),
            )),
            Self::UnknownResource => {
                let mut status = wire::status(
                    404,
                    "NotFound",
                    "the server could not find the requested resource",
                );
                status["details"] = json!({});
                Verdict::Answer(json_answer(404, &status))
            }
            Self::GroupUnavailable => {
                Verdict::Answer(answer(503, "text/plain; charset=utf-8", "service unavailable\n"))
            }
            Self::Table => {
                Changes::request(|request| accept(request, "application/json;as=Table;v=v1;g=meta.k8s.io"))
            }
            Self::PartialMetadata => Changes::request(|request| {
                let form = if Target::of(&request.uri).is_object() {
                    "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
                } else {
                    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
                };
                accept(request, form);
            }),
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

/// Asks for an answer in this form, whatever the client accepts.
fn accept(request: &mut Parts, form: &'static str) {
    request.headers.insert(ACCEPT, HeaderValue::from_static(form));
}

/// The token that goes on before the first object at the version of this list.
fn first_page_token(list: &Value) -> String {
    let version = list["metadata"]["resourceVersion"].as_str().unwrap_or_default();
    let version: u64 = version.parse().unwrap_or_default();
    let token = json!({"v": "meta.k8s.io/v1", "rv": version, "start": "\u{0}"});
    URL_SAFE_NO_PAD.encode(token.to_string())
}
