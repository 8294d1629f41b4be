//! What a cluster does by itself: the controllers that run beside a kube-apiserver.
//!
//! An actor is a pure function from the [`World`] as it is to the one request that it would make next, so that whoever
//! runs them (the server after each request, a simulator at a moment of its choice) decides when each moves. Requests
//! travel the same path as a client's: what an actor may do, and what is written down of it, follows from the rules for
//! everybody.
//!
//! **Invariant:** an actor keeps nothing between two steps; all it knows stands in the store.

mod deployment;
mod garbage_collector;
mod job;
mod namespace;
mod object;
mod replica_set;
mod run;
mod scheduler;
mod service_account;
mod stateful_set;
mod template_hash;
mod world;

use http::Method;
use serde_json::Value;

pub(crate) use run::{settle, step};
use world::World;

/// A controller of the cluster's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Actor {
    /// Gives every namespace its default service account and root certificates.
    ServiceAccount,
    /// Turns Deployments into ReplicaSets.
    Deployment,
    /// Turns ReplicaSets into pods.
    ReplicaSet,
    /// Turns StatefulSets into pods, in order, and claims.
    StatefulSet,
    /// Turns Jobs into pods and counts how they end.
    Job,
    /// Gives pods nodes, where there are any.
    Scheduler,
    /// Deletes what has lost its owners, and lets owners go that wait for their dependents.
    GarbageCollector,
    /// Empties namespaces that are being deleted.
    Namespace,
}

/// A request that an actor wants made.
#[derive(Debug, Clone, PartialEq)]
struct Call {
    method: Method,
    path: String,
    content_type: &'static str,
    body: Value,
}

// === impl Actor ===

impl Actor {
    /// All but the scheduler, in the order in which they are asked: a pod of theirs waits for a node, as it does where no scheduler runs.
    pub const ALL: [Self; 7] = [
        Self::ServiceAccount,
        Self::Deployment,
        Self::ReplicaSet,
        Self::StatefulSet,
        Self::Job,
        Self::GarbageCollector,
        Self::Namespace,
    ];

    /// The requests that the actor would make now, each by itself, found as they are asked for; none where it is content.
    fn next<'w>(self, world: &'w World<'_>) -> Box<dyn Iterator<Item = Call> + 'w> {
        match self {
            Self::ServiceAccount => Box::new(service_account::next(world)),
            Self::Deployment => Box::new(deployment::next(world)),
            Self::ReplicaSet => Box::new(replica_set::next(world)),
            Self::StatefulSet => Box::new(stateful_set::next(world)),
            Self::Job => Box::new(job::next(world)),
            Self::Scheduler => Box::new(scheduler::next(world)),
            Self::GarbageCollector => Box::new(garbage_collector::next(world)),
            Self::Namespace => Box::new(namespace::next(world)),
        }
    }
}

// === impl Call ===

impl Call {
    fn create(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::POST, path, "application/json", body)
    }

    fn replace(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::PUT, path, "application/json", body)
    }

    fn merge(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::PATCH, path, "application/merge-patch+json", body)
    }

    fn delete(path: impl Into<String>, options: Value) -> Self {
        Self::new(Method::DELETE, path, "application/json", options)
    }

    fn new(method: Method, path: impl Into<String>, content_type: &'static str, body: Value) -> Self {
        Self {
            method,
            path: path.into(),
            content_type,
            body,
        }
    }
}

#[cfg(test)]
mod tests;
