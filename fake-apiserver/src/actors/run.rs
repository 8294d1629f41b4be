//! Lets actors move: one request at a time, through the door that everybody uses.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue,
    header::{CONTENT_TYPE, USER_AGENT},
};
use jiff::Timestamp;

use super::{Actor, Call, World};
use crate::{
    auth::UserInfo,
    registry::{Core, Reply, handle},
    wire::{Query, Request},
};

/// The most requests in a row; a cluster whose own controllers never come to rest has a bug that must not hang a test.
const STEPS_MAX: usize = 100_000;

/// The name under which the requests are made.
const AGENT: HeaderValue = HeaderValue::from_static("kube-controller-manager/v1.36 (in memory)");

/// Who makes them.
static MANAGER: LazyLock<Arc<UserInfo>> = LazyLock::new(|| {
    let manager = UserInfo::new("system:kube-controller-manager");
    Arc::new(manager.group("system:masters").group("system:authenticated"))
});

/// Lets the actors move until all are content.
pub(crate) fn settle(core: &mut Core, actors: &[Actor], now: Timestamp) {
    let mut refused = Vec::new();
    for _ in 0..STEPS_MAX {
        if !move_one(core, actors, now, &mut refused) {
            return;
        }
    }
}

/// Lets one actor make one request; whether any had one to make.
pub(crate) fn step(core: &mut Core, actors: &[Actor], now: Timestamp) -> bool {
    move_one(core, actors, now, &mut Vec::new())
}

/// A request that the server refuses is not made again: what is `refused` counts as nothing to do.
fn move_one(core: &mut Core, actors: &[Actor], now: Timestamp, refused: &mut Vec<Call>) -> bool {
    for actor in actors {
        // A request that was refused has changed nothing: what comes after it is still to be made.
        while let Some(call) = {
            let world = World::new(core, now);
            actor.next(&world).find(|call| !refused.contains(call))
        } {
            if make(core, &call, now) {
                return true;
            }
            refused.push(call);
        }
    }
    false
}

/// Makes a request; whether it was accepted.
fn make(core: &mut Core, call: &Call, now: Timestamp) -> bool {
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, AGENT);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(call.content_type));
    let request = Request {
        method: call.method.clone(),
        path: call.path.clone(),
        query: Query::parse(""),
        raw_query: String::new(),
        headers,
        user: Some(MANAGER.clone()),
        body: Some(Bytes::from(call.body.to_string())),
    };
    matches!(handle(core, &request, now), Reply::Done(response) if response.status().is_success())
}
