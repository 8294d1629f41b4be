//! What the machine and the driver of a watcher say to each other: what to do next, and what came of it.

use std::{collections::VecDeque, time::Duration, vec};

use super::Event;

/// What the driver performs next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Request a page of the list.
    List(List),
    /// Open a watch.
    Watch(Watch),
    /// Read the next frame of the open watch; give the watch up at this moment.
    Read { until: Duration },
    /// Do nothing before this moment.
    Wait { until: Duration },
}

/// One page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct List {
    /// Where to go on; sent without a version.
    pub(super) continue_token: Option<String>,
    /// How old the list may be: nothing for the most recent, `0` for any, otherwise at least as new as this.
    pub(super) not_older_than: Option<String>,
    /// How many objects to ask for.
    pub(super) limit: Option<u32>,
}

/// One watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Watch {
    /// From where.
    pub(super) version: String,
    /// Whether the existing objects come first.
    pub(super) initial_events: bool,
}

/// What came of an effect.
#[derive(Debug)]
pub(super) enum Input<K, E> {
    /// The page that was asked for.
    Page {
        items: Vec<Box<K>>,
        continue_token: Option<String>,
        version: String,
    },
    /// The list failed.
    ListFailed(Failure<E>),
    /// The watch is open.
    Opened,
    /// The watch could not be opened.
    OpenFailed(Failure<E>),
    /// The watch sent an event.
    Frame(Frame<K, E>),
    /// One frame could not be read; the next may be.
    Unreadable(E),
    /// The watch broke.
    Broken(Failure<E>),
    /// The watch ended in good order.
    End,
    /// The moment given with `Read` came.
    Silent,
    /// The moment given with `Wait` came.
    Waited,
}

/// An event of a watch.
#[derive(Debug)]
pub(super) enum Frame<K, E> {
    Added(K),
    Modified(K),
    Deleted(K),
    Bookmark { version: String, initial_end: bool },
    Error(Failure<E>),
}

/// A failure as far as the machine cares.
#[derive(Debug)]
pub(super) struct Failure<E> {
    pub(super) class: Class,
    /// The least time that the server asks for.
    pub(super) retry_after: Option<Duration>,
    pub(super) error: E,
}

/// What a failure means for the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// The version or the continue token is too old (410).
    Expired,
    /// The version lies in the future of the server that answered (504 with that cause).
    TooNew,
    /// The server refuses a request of this form (400, 422).
    Refused,
    /// There is no such resource (404).
    NotFound,
    /// The server failed in itself (500 `InternalError`): storage, conversion, decryption.
    Internal,
    /// Nothing that waiting helps against by itself: access denied, an answer that cannot be decoded.
    Standing,
    /// Expected to pass: no connection, an overloaded or failing server.
    Passing,
}

/// What the machine tells.
#[derive(Debug)]
pub(super) enum Output<K, E> {
    /// The objects of a page, each an [`Event::InitApply`].
    Listed(vec::IntoIter<Box<K>>),
    /// Any other event.
    Event(Event<K>),
    Failed(E),
}

// === impl Output ===

impl<K, E> Output<K, E> {
    /// Takes the first thing out that was told, a page object by object.
    pub(super) fn next(told: &mut VecDeque<Self>) -> Option<Result<Event<K>, E>> {
        while let Some(Self::Listed(items)) = told.front_mut() {
            if let Some(item) = items.next() {
                return Some(Ok(Event::InitApply(*item)));
            }
            told.pop_front();
        }
        match told.pop_front()? {
            Self::Event(event) => Some(Ok(event)),
            Self::Failed(error) => Some(Err(error)),
            // Passed over above.
            Self::Listed(_) => None,
        }
    }
}
