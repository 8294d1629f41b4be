//! Publishing events.

use std::{fmt, sync::Arc, time::Duration};

use futures::lock::Mutex as AsyncMutex;
use k8s_openapi::{
    api::{core::v1::ObjectReference, events::v1::Event as EventObject},
    apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta},
};
use seatrial_client::{
    Api, Client, ResourceExt, Result,
    api::{Patch, PatchParams, PostParams},
    env::Rng,
};
use serde_json::json;

use super::{
    Event, Reporter,
    series::{Bucket, Identity, Kind, Reference, Similar},
};
use crate::{aging::Aging, shared::Shared};

/// How long after its last time an event is a new one. client-go's number.
const SERIES_LIFE: Duration = Duration::from_secs(6 * 60);

/// The longest note that the server takes.
const NOTE_BYTES_MAX: usize = 1024;

/// What is left of an object's name in the name of an event, so that both and a number fit.
const NAME_CHARS_MAX: usize = 236;

/// How often a name that is taken is drawn anew.
const NAMES_MAX: usize = 5;

/// Where events about objects without a namespace go.
const CLUSTER_EVENTS: &str = "default";

/// Publishes events.
///
/// Cheap to clone; clones count together. It needs the verbs `create` and `patch` on `events` of `events.k8s.io`.
///
/// # Limits
///
/// About one object, 25 writes may come at once and one every five minutes after that. What is over is dropped without an error;
/// [`without_limit`](Self::without_limit) lifts this.
#[derive(Clone)]
pub struct Recorder {
    client: Client,
    reporter: Reporter,
    state: Shared<State>,
    limited: bool,
}

struct State {
    series: Aging<Identity, Arc<AsyncMutex<Series>>>,
    similar: Aging<Kind, Similar>,
    buckets: Aging<Reference, Bucket>,
    /// Draws the names of events.
    rng: Rng,
}

/// An event that may be told.
pub(super) struct Admitted {
    identity: Identity,
    series: Arc<AsyncMutex<Series>>,
}

/// One event and how often it came. Held while it is written, so that nobody counts from an old number.
#[derive(Debug, Default)]
struct Series {
    /// The event as the server knows it.
    name: Option<String>,
    count: i32,
    /// When it came last.
    last: Duration,
}

// === impl Recorder ===

impl Recorder {
    /// A recorder that tells in the name of `reporter`.
    pub fn new(client: Client, reporter: Reporter) -> Self {
        let id = format!(
            "events/{}/{}",
            reporter.controller,
            reporter.instance.as_deref().unwrap_or_default()
        );
        let rng = client.env().rng(&id);
        let state = State {
            series: Aging::new(SERIES_LIFE),
            similar: Aging::new(Similar::LIFE),
            buckets: Aging::new(Bucket::LIFE),
            rng,
        };
        Self {
            client,
            reporter,
            state: Shared::new(state),
            limited: true,
        }
    }

    /// Publishes everything, however much it is.
    #[must_use]
    pub fn without_limit(mut self) -> Self {
        self.limited = false;
        self
    }

    /// Tells about the object `reference`, and waits until the server has it.
    ///
    /// The same event within six minutes counts up the one that is there. Events that differ by their notes alone are told apart up to the
    /// ninth; after that they are one, as long as no ten minutes pass between two of them. Its note is that of the first that was combined, because the
    /// server lets nothing but the count of an event change.
    ///
    /// # Errors
    ///
    /// Those of the request. Nothing depends on an event, so as a rule the error is logged and that is that.
    ///
    /// # Cancel safety
    ///
    /// A publication that is dropped may or may not have happened.
    pub async fn publish(&self, ev: &Event, reference: &ObjectReference) -> Result<()> {
        match self.admit(ev, reference) {
            Some(admitted) => self.write(&admitted, ev, reference).await,
            None => Ok(()),
        }
    }

    /// Tells the server of an event, once or, after failures, again.
    pub(super) async fn write(
        &self,
        Admitted { identity, series }: &Admitted,
        ev: &Event,
        reference: &ObjectReference,
    ) -> Result<()> {
        let mut series = series.lock().await;
        let now = self.client.env().monotonic();
        let api = self.api(reference);
        if let Some(name) = series.name.clone()
            && now.saturating_sub(series.last) <= SERIES_LIFE
        {
            let count = series.count.saturating_add(1);
            match self.count_up(&api, &name, count).await {
                Ok(()) => {
                    series.count = count;
                    series.last = now;
                    return Ok(());
                }
                // The server forgets events after a while. Then it is a new one.
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
            }
        }
        let note = identity.note(ev);
        let name = self.create(&api, ev, note.as_deref(), reference).await?;
        *series = Series {
            name: Some(name),
            count: 1,
            last: now,
        };
        Ok(())
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// A number in `0.0..1.0`.
    pub(super) fn chance(&self) -> f64 {
        self.state.lock().rng.f64()
    }

    /// The series that this event belongs to, unless there is too much about the object. Each event asks once, however often it is written.
    pub(super) fn admit(&self, ev: &Event, reference: &ObjectReference) -> Option<Admitted> {
        let now = self.client.env().monotonic();
        let mut state = self.state.lock();
        let bucket = state
            .buckets
            .entry(now, Reference::new(reference.clone()), || Bucket::new(now));
        if self.limited && !bucket.take(now) {
            tracing::debug!(reason = ev.reason, "event dropped: too many about this object");
            return None;
        }
        let kind = Kind::of(ev, reference);
        let similar = state.similar.entry(now, kind.clone(), Similar::default);
        let identity = similar.identify(now, kind, ev.note.as_deref());
        let series = Arc::clone(state.series.entry(now, identity.clone(), Arc::default));
        Some(Admitted { identity, series })
    }

    fn api(&self, regarding: &ObjectReference) -> Api<EventObject> {
        Api::namespaced(
            self.client.clone(),
            regarding.namespace.as_deref().unwrap_or(CLUSTER_EVENTS),
        )
    }

    async fn count_up(&self, api: &Api<EventObject>, name: &str, count: i32) -> Result<()> {
        let series =
            json!({"series": {"count": count, "lastObservedTime": MicroTime(self.client.env().now())}});
        api.patch(name, &PatchParams::default(), &Patch::Merge(series))
            .await
            .map(drop)
    }

    /// Creates the event and returns its name.
    async fn create(
        &self,
        api: &Api<EventObject>,
        ev: &Event,
        note: Option<&str>,
        regarding: &ObjectReference,
    ) -> Result<String> {
        let mut taken = 0;
        loop {
            let object = self.object(ev, note, regarding);
            match api.create(&PostParams::default(), &object).await {
                Err(error) if error.is_already_exists() && taken < NAMES_MAX => taken += 1,
                answer => return answer.map(|created| created.name_any()),
            }
        }
    }

    fn object(&self, ev: &Event, note: Option<&str>, regarding: &ObjectReference) -> EventObject {
        let number = self.state.lock().rng.next_u64();
        let about = regarding.name.as_deref().unwrap_or_default();
        EventObject {
            metadata: ObjectMeta {
                name: Some(name(about, number)),
                namespace: Some(
                    regarding
                        .namespace
                        .clone()
                        .unwrap_or_else(|| CLUSTER_EVENTS.to_owned()),
                ),
                ..ObjectMeta::default()
            },
            action: Some(ev.action.clone()),
            event_time: Some(MicroTime(self.client.env().now())),
            note: note.map(|note| cut(note, NOTE_BYTES_MAX).to_owned()),
            reason: Some(ev.reason.clone()),
            regarding: Some(regarding.clone()),
            related: ev.secondary.clone(),
            reporting_controller: Some(self.reporter.controller.clone()),
            reporting_instance: Some(
                self.reporter
                    .instance
                    .clone()
                    .unwrap_or_else(|| self.reporter.controller.clone()),
            ),
            type_: Some(ev.type_.as_str().to_owned()),
            ..EventObject::default()
        }
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("reporter", &self.reporter)
            .finish_non_exhaustive()
    }
}

/// The name of an event about an object of this name: the same and a number, as far as an event can be called so.
///
/// Roles and their bindings may have names that most objects cannot, such as `system:controller:job-controller`.
fn name(about: &str, number: u64) -> String {
    let allowed = |char: char| match char.to_ascii_lowercase() {
        char @ ('a'..='z' | '0'..='9' | '-' | '.') => char,
        _ => '-',
    };
    let about: String = about.chars().take(NAME_CHARS_MAX).map(allowed).collect();
    let labels = about.split('.').map(|label| label.trim_matches('-'));
    let mut name = String::with_capacity(about.len() + 17);
    for label in labels.filter(|label| !label.is_empty()) {
        name += label;
        name.push('.');
    }
    name + &format!("{number:016x}")
}

/// The beginning of a text, in whole characters.
fn cut(text: &str, bytes_max: usize) -> &str {
    let mut end = bytes_max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_cut_between_characters() {
        assert_eq!(cut("short", 1024), "short");
        assert_eq!(cut("aäb", 2), "a");
        assert_eq!(cut("aäb", 3), "aä");
    }
}
