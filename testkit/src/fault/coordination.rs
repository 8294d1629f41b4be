//! Section F: what other processes do, as far as it shows between one client and the server.
//!
//! Pauses, crashes and clocks are not on the wire: a test drops or stops polling what it wants to crash or pause, and gives each process an
//! [`Env`](seatrial_client::Env) of its own.

use http::{Method, request::Parts};
use serde_json::{Value, json};

use super::{
    WriteFault,
    wire::{Changes, Exchange, Target, Verdict, is_watch, is_write},
};

/// What others do between two requests of one client.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CoordinationFault {
    /// F1: the renewal of a lease conflicts with somebody else's.
    LeaseConflict,
    /// F1: the answer to a renewal is a timeout.
    LeaseTimedOut {
        /// Whether the lease is renewed all the same.
        applied: bool,
    },
    /// F2: somebody whose clock is ahead takes the lease just before, although it has not expired: for a while there are two.
    LeaseTaken {
        /// Who holds it then.
        by: &'static str,
    },
    /// F3: all objects of an answer were made in the same second.
    SameSecond,
    /// F5: somebody removes all finalizers of the object just before.
    FinalizersRemoved,
    /// F5: somebody removes all owners of the object just before.
    OwnersRemoved,
    /// F5: somebody removes all labels of the object just before.
    LabelsRemoved,
    /// F5: somebody applies this merge patch to the object just before: nonsense that is valid.
    Edited(Value),
    /// F6: the namespace is deleted just before.
    NamespaceDeleted,
}

// === impl CoordinationFault ===

impl CoordinationFault {
    pub(super) fn row(&self) -> &'static str {
        match self {
            Self::LeaseConflict | Self::LeaseTimedOut { .. } => "F1",
            Self::LeaseTaken { .. } => "F2",
            Self::SameSecond => "F3",
            Self::FinalizersRemoved | Self::OwnersRemoved | Self::LabelsRemoved | Self::Edited(_) => "F5",
            Self::NamespaceDeleted => "F6",
        }
    }

    pub(super) fn concerns(&self, request: &Parts) -> bool {
        let target = Target::of(&request.uri);
        match self {
            Self::LeaseConflict | Self::LeaseTimedOut { .. } | Self::LeaseTaken { .. } => {
                target.resource == "leases"
                    && target.is_object()
                    && matches!(request.method, Method::PUT | Method::PATCH)
            }
            Self::SameSecond => request.method == Method::GET && !is_watch(request),
            Self::FinalizersRemoved | Self::OwnersRemoved | Self::LabelsRemoved | Self::Edited(_) => {
                target.is_object() && request.method != Method::POST
            }
            Self::NamespaceDeleted => is_write(request) && target.namespace.is_some(),
        }
    }

    pub(super) fn verdict(&self) -> Verdict {
        match self {
            Self::LeaseConflict => WriteFault::Conflict.verdict(),
            Self::LeaseTimedOut { applied } => WriteFault::TimedOut { applied: *applied }.verdict(),
            Self::LeaseTaken { by } => {
                let by = *by;
                Verdict::play(move |exchange| async move {
                    take_lease(&exchange, by).await;
                    exchange.serve().await
                })
            }
            Self::SameSecond => Changes::json(|body| {
                let first = match body["items"].as_array() {
                    Some(items) => items
                        .iter()
                        .filter_map(|item| item["metadata"]["creationTimestamp"].as_str())
                        .min()
                        .map(str::to_owned),
                    None => None,
                };
                let Some(first) = first else { return };
                for item in body["items"].as_array_mut().into_iter().flatten() {
                    item["metadata"]["creationTimestamp"] = first.clone().into();
                }
            }),
            Self::FinalizersRemoved => edited(json!({"metadata": {"finalizers": null}})),
            Self::OwnersRemoved => edited(json!({"metadata": {"ownerReferences": null}})),
            Self::LabelsRemoved => edited(json!({"metadata": {"labels": null}})),
            Self::Edited(patch) => edited(patch.clone()),
            Self::NamespaceDeleted => Verdict::play(|exchange| async move {
                if let Some(namespace) = exchange.target().namespace {
                    let path = format!("/api/v1/namespaces/{namespace}");
                    exchange.other(Method::DELETE, &path, None).await;
                }
                exchange.serve().await
            }),
        }
    }
}

/// Somebody else edits the object, then the request is served.
fn edited(patch: Value) -> Verdict {
    Verdict::play(|exchange| async move {
        if let Some(path) = exchange.target().object() {
            exchange.other(Method::PATCH, &path, Some(&patch)).await;
        }
        exchange.serve().await
    })
}

async fn take_lease(exchange: &Exchange, by: &str) {
    let Some(path) = exchange.target().object() else {
        return;
    };
    let Some(lease) = exchange.other(Method::GET, &path, None).await else {
        return;
    };
    let now = exchange.env.now().strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
    let transitions = lease["spec"]["leaseTransitions"].as_i64().unwrap_or_default() + 1;
    let patch = json!({"spec": {
        "holderIdentity": by, "acquireTime": now, "renewTime": now, "leaseTransitions": transitions,
    }});
    exchange.other(Method::PATCH, &path, Some(&patch)).await;
}
