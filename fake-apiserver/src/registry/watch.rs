//! Watches: where one starts, and which event each change is to it.
//!
//! A watch is a position in its table's log. Nothing is queued for it: polling reads the changes since, decides what each
//! is under the watch's selector, and takes the frame that the object holds for everyone.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes>

use std::collections::VecDeque;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use super::read::bad_version;
use super::selector::{FieldSelector, LabelSelector, Selector};
use super::{Context, Core, Resource, server_error};
use crate::encode::frame::{self, Frames};
use crate::encode::{Include, View};
use crate::status::{Result, StatusError};
use crate::storage::{Event, Stored};
use crate::wire::accept::{self, Encoding};
use crate::wire::{ListOptions, parse_uint};

/// How long a watch lasts that does not say.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(1800);

/// A watch that has been admitted.
#[derive(Debug)]
pub(crate) struct WatchPlan {
    resource: Arc<Resource>,
    /// The keys it sees start with this.
    prefix: String,
    selector: Selector,
    frames: Frames,
    /// The next change to look at in the table's log; `None` until the table exists.
    position: Option<u64>,
    /// Changes up to here are passed over.
    after: u64,
    /// The compactions when it began: the next one ends it.
    epoch: u64,
    /// Frames that precede the log: the present state, or an error.
    pub(crate) first: VecDeque<Bytes>,
    /// The stream ends after `first`.
    pub(crate) ended: bool,
    /// When to end.
    pub(crate) timeout: Duration,
    /// Whether to send bookmarks.
    pub(crate) bookmarks: bool,
    /// The initial events wait for this revision.
    pub(crate) wait_for: Option<u64>,
    pub(crate) warnings: Vec<String>,
    /// The revision of the newest change that was looked at.
    seen: u64,
    /// Whether the resource changed since the watch began or the last bookmark.
    changed: bool,
}

/// What a watch finds when it looks at the log.
pub(crate) enum Step {
    /// Something to send.
    Frame(Bytes),
    /// Nothing yet.
    Nothing,
    /// Webhooks have to be called before the next event can be told.
    Calls,
    /// The history it needs is gone.
    End,
}

/// Opens a watch of the collection that the request names.
pub(super) fn open(
    cx: &mut Context<'_>,
    options: &ListOptions,
    selector: (LabelSelector, FieldSelector),
    view: View<'_>,
) -> Result<Box<WatchPlan>> {
    if !cx.resource.verbs.contains(crate::discovery::Verb::Watch) {
        return Err(unsupported(&cx.resource));
    }
    let mut selector = selector;
    selector.1.check(&cx.resource)?;
    if !cx.name.is_empty() {
        selector.1.require_name(&cx.name)?;
    }
    let version = if options.version.is_empty() {
        0
    } else {
        parse_uint(&options.version).map_err(|why| server_error(bad_version(&options.version, &why)))?
    };
    if view.accepted.encoding == Encoding::Yaml {
        return Err(accept::no_such_stream());
    }
    let form = frame::form(view.accepted.form);
    let include = Include::parse(view.include)?;
    let store = &cx.core.store;
    let now = store.revision();
    let prefix = if cx.resource.namespaced && !cx.namespace.is_empty() {
        format!("{}/", cx.namespace)
    } else {
        String::new()
    };
    let timeout = match options.timeout_seconds {
        Some(0) | None => DEFAULT_TIMEOUT,
        Some(seconds) => Duration::from_secs(u64::try_from(seconds).unwrap_or(0)),
    };
    let mut plan = WatchPlan {
        frames: Frames::new(&cx.resource, form, include),
        resource: cx.resource.clone(),
        prefix,
        selector: Selector::new(selector.0, selector.1),
        position: None,
        after: now,
        epoch: store.epoch(),
        first: VecDeque::new(),
        ended: false,
        timeout,
        bookmarks: options.bookmarks,
        wait_for: None,
        warnings: Vec::new(),
        seen: now,
        changed: false,
    };
    let initial = options.initial_events.unwrap_or(version == 0);
    if initial {
        if version > now {
            plan.wait_for = Some(version);
        } else {
            plan.start_with_present(cx.core, options.initial_events == Some(true), cx.now)?;
        }
    } else if version == 0 {
        plan.position = store.table(&plan.resource.table).map(|t| t.end());
    } else {
        plan.start_after(cx.core, version);
    }
    Ok(Box::new(plan))
}

// === impl WatchPlan ===

impl WatchPlan {
    /// The table that is watched.
    pub(crate) fn table(&self) -> &Arc<str> {
        &self.resource.table
    }

    /// Sends what is there, and the end of it where `mark_end` says so, before what comes.
    ///
    /// # Errors
    /// An object cannot be converted; nothing has been started then.
    pub(crate) fn start_with_present(&mut self, core: &Core, mark_end: bool, now: Timestamp) -> Result<()> {
        let mut failed = None;
        let mut present = Vec::new();
        let from = Bound::Included(self.prefix.as_str());
        for (key, object) in core
            .store
            .live(&self.resource.table)
            .range::<_, str>((from, Bound::Unbounded))
        {
            if !key.starts_with(&self.prefix) {
                break;
            }
            match self.resource.view(core, object) {
                Ok(object) => present.push(object),
                // All that have to be converted are asked for before the first failure is told.
                Err(error) => drop(failed.get_or_insert(error)),
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        let store = &core.store;
        self.wait_for = None;
        self.after = store.revision();
        self.seen = self.after;
        self.position = store.table(&self.resource.table).map(|t| t.end());
        for object in present {
            if self.selector.matches(&object, &self.resource) {
                let frame = self.frames.event(&self.resource, "ADDED", &object, now);
                self.first.push_back(frame);
            }
        }
        if self.bookmarks && mark_end {
            let frame = self.frames.bookmark(&self.resource, self.after, true, now);
            self.first.push_back(frame);
        }
        Ok(())
    }

    /// Ends the watch with an error: the revision it waits for does not come, or an object cannot be converted.
    pub(crate) fn give_up(&mut self, error: &StatusError) {
        self.wait_for = None;
        self.first.push_back(frame::error(error));
        self.ended = true;
    }

    fn start_after(&mut self, core: &Core, version: u64) {
        let store = &core.store;
        let table = store.table(&self.resource.table);
        let since = self.resource.defined().map_or(0, |v| v.since());
        let floor = table.map_or(0, |t| t.floor()).max(store.compacted()).max(since);
        if version < floor {
            let gone = StatusError::expired(format!("too old resource version: {version} ({floor})"));
            self.first.push_back(frame::error(&gone));
            self.ended = true;
            return;
        }
        self.after = version;
        self.position = table.map(|t| t.position_after(version));
    }

    /// The next frame from the log.
    pub(crate) fn step(&mut self, core: &Core, now: Timestamp) -> Step {
        // The history is gone.
        if core.store.epoch() != self.epoch {
            return Step::End;
        }
        // What is not what it was tells what happened until then.
        let end = if self.resource.custom {
            core.retired_at(&self.resource)
        } else {
            None
        };
        let nothing = if end.is_some() { Step::End } else { Step::Nothing };
        let Some(table) = core.store.table(&self.resource.table) else {
            return nothing;
        };
        let mut position = match self.position {
            Some(position) => position,
            // The table was made after the watch began, so the watch sees its log from the start.
            None => table.position_after(self.after),
        };
        loop {
            let event = match table.event(position) {
                Ok(Some(event)) => event.clone(),
                Ok(None) => {
                    self.position = Some(position);
                    return nothing;
                }
                Err(_) => return Step::End,
            };
            if end.is_some_and(|end| event.revision > end) {
                return Step::End;
            }
            position += 1;
            self.changed = true;
            self.seen = event.revision;
            if event.revision <= self.after {
                continue;
            }
            match self.frame(core, &event, now) {
                Ok(Some(frame)) => {
                    self.position = Some(position);
                    return Step::Frame(frame);
                }
                Ok(None) => {}
                Err(_) if core.calls.are_waiting() => {
                    self.position = Some(position - 1);
                    return Step::Calls;
                }
                Err(error) => {
                    self.position = Some(position);
                    self.ended = true;
                    return Step::Frame(frame::error(&error));
                }
            }
        }
    }

    /// A bookmark, if something changed since the last one.
    pub(crate) fn bookmark(&mut self, core: &Core, now: Timestamp) -> Option<Bytes> {
        if !self.bookmarks || !std::mem::take(&mut self.changed) {
            return None;
        }
        let revision = core.store.revision().max(self.after);
        Some(self.frames.bookmark(&self.resource, revision, false, now))
    }

    /// What a change is to this watch.
    fn frame(&mut self, core: &Core, event: &Event, now: Timestamp) -> Result<Option<Bytes>> {
        if !event.key.starts_with(&self.prefix) {
            return Ok(None);
        }
        let view = |object: &Arc<Stored>| self.resource.view(core, object);
        let old = event.old.as_ref().map(view).transpose()?;
        let new = view(&event.new)?;
        let matches = |object: &Arc<Stored>| self.selector.matches(object, &self.resource);
        let before = old.filter(matches);
        let after = !event.removed && matches(&new);
        let (kind, object) = match (before, after) {
            (None, false) => return Ok(None),
            (None, true) => ("ADDED", new),
            (Some(_), true) => ("MODIFIED", new),
            (Some(_), false) if event.removed => ("DELETED", new),
            // It left the selector: the old content at the new revision.
            (Some(old), false) => ("DELETED", Arc::new(old.at(event.revision))),
        };
        Ok(Some(self.frames.event(&self.resource, kind, &object, now)))
    }
}

/// The refusal to watch what only can be listed.
fn unsupported(resource: &Resource) -> StatusError {
    StatusError::not_supported(&resource.group, &resource.plural, "watch")
}
