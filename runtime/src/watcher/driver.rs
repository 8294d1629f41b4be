//! The half of a watcher that talks to the server: performs the machine's effects and reports what came of them.

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures::{FutureExt, Stream, StreamExt, future::BoxFuture, stream::BoxStream};
use seatrial_client::{
    Env, Result as ClientResult,
    api::{ListParams, VersionMatch, WatchEvent, WatchParams},
    core::ObjectList,
};

use super::{
    Config, Error, Event, Health, Result,
    effect::{Effect, Frame, Input, List, Output, Watch},
    error::{is_unreadable, no_resource_version, of_event, of_request, unanswered},
    machine::{Delays, Machine, Plan},
};
use crate::{reflector::Lookup, time::time_until};

/// How long a page of a list may take. Generous, because the server may be slow for good reasons; against a connection that is dead.
const LIST_PATIENCE: Duration = Duration::from_secs(120);

/// How long a watch may take to open: the server answers before it has anything to send.
const OPEN_PATIENCE: Duration = Duration::from_secs(30);

/// Where objects come from: an `Api` read in full or as metadata.
pub(super) trait Source: Send + 'static {
    /// What is told.
    type Item: Lookup + Clone + Send + 'static;

    /// Requests a page.
    ///
    /// Its items are boxed, because they are handed on one by one: what is large is moved less often, and the memory of each goes with it.
    fn list(&self, params: ListParams) -> BoxFuture<'static, ClientResult<ObjectList<Box<Self::Item>>>>;

    /// Opens a watch.
    fn watch(
        &self,
        params: WatchParams,
        version: String,
    ) -> BoxFuture<'static, ClientResult<Events<Self::Item>>>;
}

/// An open watch.
pub(super) type Events<K> = BoxStream<'static, ClientResult<WatchEvent<K>>>;

type Reported<K> = Input<K, Error>;

/// The stream of [`watcher`](super::watcher()) and [`metadata_watcher`](super::metadata_watcher).
#[must_use = "streams do nothing unless polled"]
pub struct Watcher<K> {
    source: Box<dyn Source<Item = K>>,
    env: Env,
    config: Config,
    machine: Machine,
    /// What was told and not yet taken.
    out: VecDeque<Output<K, Error>>,
    doing: Doing<K>,
    /// The open watch, while the machine thinks that there is one.
    events: Option<Events<K>>,
    health: Health,
}

/// The effect being performed.
enum Doing<K> {
    Nothing,
    /// A request, or a wait.
    Asking(BoxFuture<'static, Answer<K>>),
    /// Reading the open watch, until this fires.
    Reading {
        until: Duration,
        patience: BoxFuture<'static, ()>,
    },
}

enum Answer<K> {
    Input(Reported<K>),
    Open(Events<K>),
}

// === impl Watcher ===

impl<K> Watcher<K> {
    /// A handle on how this watch is doing.
    pub fn health(&self) -> Health {
        self.health.clone()
    }
}

impl<K: Lookup + Clone + Send + 'static> Watcher<K> {
    pub(super) fn new(source: impl Source<Item = K>, env: Env, config: Config, delays: Delays) -> Self {
        let plan = Plan {
            semantic: config.list_semantic.clone(),
            strategy: config.initial_list_strategy.clone(),
            page_size: config.page_size,
            watch_timeout: Duration::from_secs(config.watch_seconds().into()),
            idle_timeout: config.idle_timeout,
            relist_interval: config.relist_interval,
        };
        Self {
            health: Health::new(env.clone()),
            source: Box::new(source),
            env,
            config,
            machine: Machine::new(plan, delays),
            out: VecDeque::new(),
            doing: Doing::Nothing,
            events: None,
        }
    }

    /// Begins the next effect.
    fn begin(&mut self) {
        let now = self.env.monotonic();
        self.doing = match self.machine.effect(now) {
            Effect::List(list) => Doing::Asking(self.list(list)),
            Effect::Watch(watch) => Doing::Asking(self.watch(watch)),
            Effect::Wait { until } => {
                let sleep = self.env.sleep(time_until(now, until));
                Doing::Asking(sleep.map(|()| Answer::Input(Input::Waited)).boxed())
            }
            Effect::Read { until } => {
                // The moment moves with each event when silence is bounded; the timer is only renewed once it fires too early.
                let sleep = self.env.sleep(time_until(now, until));
                Doing::Reading {
                    until,
                    patience: sleep.boxed(),
                }
            }
        };
    }

    fn list(&self, list: List) -> BoxFuture<'static, Answer<K>> {
        let version_match = list.not_older_than.as_deref().and_then(|version| {
            // Without a match parameter, version 0 means any.
            (version != "0").then_some(VersionMatch::NotOlderThan)
        });
        let params = ListParams {
            label_selector: self.config.label_selector.clone(),
            field_selector: self.config.field_selector.clone(),
            timeout: None,
            limit: list.limit,
            continue_token: list.continue_token,
            version_match,
            resource_version: list.not_older_than,
        };
        let answer = self.source.list(params);
        within(&self.env, LIST_PATIENCE, answer)
            .map(|answer| Answer::Input(listed(answer)))
            .boxed()
    }

    fn watch(&self, watch: Watch) -> BoxFuture<'static, Answer<K>> {
        let params = WatchParams {
            label_selector: self.config.label_selector.clone(),
            field_selector: self.config.field_selector.clone(),
            timeout: Some(self.config.watch_seconds()),
            // The end of initial events is told by a bookmark.
            bookmarks: self.config.bookmarks || watch.initial_events,
            send_initial_events: watch.initial_events,
        };
        let answer = self.source.watch(params, watch.version);
        let opened = within(&self.env, OPEN_PATIENCE, answer);
        opened
            .map(|answer| match answer {
                Some(Ok(events)) => Answer::Open(events),
                Some(Err(error)) => {
                    Answer::Input(Input::OpenFailed(of_request(error, Error::WatchStartFailed)))
                }
                None => Answer::Input(Input::OpenFailed(unanswered(OPEN_PATIENCE))),
            })
            .boxed()
    }

    /// Performs the present effect as far as it goes without waiting.
    fn poll_effect(&mut self, cx: &mut Context<'_>) -> Poll<Reported<K>> {
        match &mut self.doing {
            Doing::Nothing => Poll::Pending,
            Doing::Asking(future) => future.poll_unpin(cx).map(|answer| match answer {
                Answer::Input(input) => input,
                Answer::Open(events) => {
                    self.events = Some(events);
                    Input::Opened
                }
            }),
            Doing::Reading { patience, .. } => {
                if let Some(events) = &mut self.events
                    && let Poll::Ready(event) = events.poll_next_unpin(cx)
                {
                    return Poll::Ready(read(event));
                }
                patience.poll_unpin(cx).map(|()| Input::Silent)
            }
        }
    }

    /// Takes what came of an effect.
    fn finish(&mut self, input: Reported<K>) {
        let now = self.env.monotonic();
        if matches!(input, Input::Silent)
            && let Effect::Read { until } = self.machine.effect(now)
            && now < until
        {
            return self.begin();
        }
        match &input {
            Input::Page { .. } => self.health.heard(now),
            Input::Frame(frame) if !matches!(frame, Frame::Error(_)) => self.health.heard(now),
            _ => {}
        }
        let error = failure_of(&input);
        let before = (self.machine.lists(), self.machine.failures());
        self.machine.handle(now, input, &mut self.out);
        let after = (self.machine.lists(), self.machine.failures());
        if error.is_some() || after != before {
            self.health.note(after.0, self.machine.vouched(), after.1, error);
        }
        match self.machine.effect(now) {
            // The timer of the last read serves on: an early end of it is seen above.
            Effect::Read { until } if matches!(self.doing, Doing::Reading { until: held, .. } if held <= until) =>
                {}
            Effect::Read { .. } => self.begin(),
            Effect::List(_) | Effect::Watch(_) | Effect::Wait { .. } => {
                self.events = None;
                self.doing = Doing::Nothing;
            }
        }
    }
}

impl<K: Lookup + Clone + Send + 'static> Stream for Watcher<K> {
    type Item = Result<Event<K>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(told) = Output::next(&mut this.out) {
                return Poll::Ready(Some(told));
            }
            // All that led up to the resume point was taken, and whoever polls again has dealt with it.
            if let Some(version) = this.machine.moved() {
                this.health.reached(version);
            }
            if matches!(this.doing, Doing::Nothing) {
                this.begin();
            }
            match this.poll_effect(cx) {
                Poll::Ready(input) => this.finish(input),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

// A watcher is never pinned to a place: what must not move is boxed.
impl<K> Unpin for Watcher<K> {}

impl<K> fmt::Debug for Watcher<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher")
            .field("config", &self.config)
            .field("health", &self.health)
            .finish_non_exhaustive()
    }
}

/// What an attempt failed of, if it did, with its causes.
fn failure_of<K>(input: &Reported<K>) -> Option<String> {
    let failure = match input {
        Input::ListFailed(failure)
        | Input::OpenFailed(failure)
        | Input::Broken(failure)
        | Input::Frame(Frame::Error(failure)) => failure,
        _ => return None,
    };
    let mut text = failure.error.to_string();
    let mut cause = std::error::Error::source(&failure.error);
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    Some(text)
}

/// The output of `future`, or nothing if it takes longer than `patience`.
fn within<T: Send + 'static>(
    env: &Env,
    patience: Duration,
    future: BoxFuture<'static, T>,
) -> BoxFuture<'static, Option<T>> {
    env.timeout(patience, future).map(std::result::Result::ok).boxed()
}

fn listed<K>(answer: Option<ClientResult<ObjectList<Box<K>>>>) -> Reported<K>
where
    K: Clone,
{
    let list = match answer {
        Some(Ok(list)) => list,
        Some(Err(error)) => return Input::ListFailed(of_request(error, Error::InitialListFailed)),
        None => return Input::ListFailed(unanswered(LIST_PATIENCE)),
    };
    match list
        .metadata
        .resource_version
        .filter(|version| !version.is_empty())
    {
        Some(version) => Input::Page {
            items: list.items,
            continue_token: list.metadata.continue_,
            version,
        },
        None => Input::ListFailed(no_resource_version()),
    }
}

fn read<K>(event: Option<ClientResult<WatchEvent<K>>>) -> Reported<K> {
    match event {
        Some(Ok(event)) => Input::Frame(match event {
            WatchEvent::Added(object) => Frame::Added(object),
            WatchEvent::Modified(object) => Frame::Modified(object),
            WatchEvent::Deleted(object) => Frame::Deleted(object),
            WatchEvent::Bookmark(bookmark) => Frame::Bookmark {
                initial_end: bookmark.ends_initial_events(),
                version: bookmark.metadata.resource_version,
            },
            WatchEvent::Error(status) => Frame::Error(of_event(status)),
        }),
        Some(Err(error)) if is_unreadable(&error) => Input::Unreadable(Error::WatchFailed(error)),
        Some(Err(error)) => Input::Broken(of_request(error, Error::WatchFailed)),
        None => Input::End,
    }
}
