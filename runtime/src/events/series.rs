//! What is the same event, and how much is too much.

use std::{borrow::Cow, cmp::Ordering, collections::BTreeSet, hash::Hash, time::Duration};

use k8s_openapi::api::core::v1::ObjectReference;

use super::{Event, EventType};

/// How many writes about one object may come at once. client-go's number.
const BURST: f64 = 25.0;

/// How long it takes until one more may come. client-go's number.
const REFILL: Duration = Duration::from_secs(300);

/// From how many similar events on they are told as one, if each comes within [`Similar::LIFE`] of the last. client-go's number.
const SIMILAR_MAX: usize = 10;

/// How the note of such a one begins. client-go's words, which tools look for.
const COMBINED: &str = "(combined from similar events): ";

/// An object as events tell it apart: the resource version does not count.
#[derive(Clone, Debug)]
pub struct Reference(ObjectReference);

// === impl Reference ===

impl Reference {
    pub(super) fn new(object: ObjectReference) -> Self {
        Self(object)
    }

    fn parts(&self) -> [Option<&str>; 6] {
        let ObjectReference {
            api_version,
            kind,
            namespace,
            name,
            uid,
            field_path,
            resource_version: _,
        } = &self.0;
        [api_version, kind, namespace, name, uid, field_path].map(Option::as_deref)
    }
}

impl PartialEq for Reference {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Reference {}

impl PartialOrd for Reference {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Reference {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

impl Hash for Reference {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

/// What makes two events similar, of one reporter: all but what they say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    type_: EventType,
    action: String,
    reason: String,
    regarding: Reference,
    related: Option<Reference>,
}

/// What makes two events the same: they are similar, and say the same, or are both among those that are combined.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity {
    kind: Kind,
    note: Said,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    Note(Option<String>),
    /// So much was said that it is told as one.
    Combined,
}

// === impl Kind ===

impl Kind {
    pub(super) fn of(event: &Event, regarding: &ObjectReference) -> Self {
        Self {
            type_: event.type_,
            action: event.action.clone(),
            reason: event.reason.clone(),
            regarding: Reference::new(regarding.clone()),
            related: event.secondary.clone().map(Reference::new),
        }
    }
}

// === impl Identity ===

impl Identity {
    /// The note that a new event of this identity carries.
    pub(super) fn note<'a>(&self, event: &'a Event) -> Option<Cow<'a, str>> {
        let note = event.note.as_deref();
        match self.note {
            Said::Note(_) => note.map(Cow::Borrowed),
            Said::Combined => Some(format!("{COMBINED}{}", note.unwrap_or_default()).into()),
        }
    }
}

/// What was said lately by similar events, each of which is an event of its own.
#[derive(Debug, Default)]
pub(super) struct Similar {
    /// Fewer than [`SIMILAR_MAX`].
    notes: BTreeSet<Option<String>>,
    last: Duration,
}

// === impl Similar ===

impl Similar {
    /// How long they are remembered after the last of them.
    pub(super) const LIFE: Duration = Duration::from_secs(600);

    /// The event that one of this kind with this note is.
    pub(super) fn identify(&mut self, now: Duration, kind: Kind, note: Option<&str>) -> Identity {
        if now.saturating_sub(self.last) > Self::LIFE {
            self.notes.clear();
        }
        self.last = now;
        let note = note.map(str::to_owned);
        let has_room = self.notes.len() + 1 < SIMILAR_MAX;
        let note = if self.notes.contains(&note) {
            Said::Note(note)
        } else if has_room {
            self.notes.insert(note.clone());
            Said::Note(note)
        } else {
            Said::Combined
        };
        Identity { kind, note }
    }
}

/// A bucket of permissions to write about one object.
#[derive(Debug)]
pub(super) struct Bucket {
    tokens: f64,
    filled: Duration,
}

// === impl Bucket ===

impl Bucket {
    /// A bucket that is full.
    pub(super) fn new(now: Duration) -> Self {
        Self {
            tokens: BURST,
            filled: now,
        }
    }

    /// How long an unused bucket differs from a new one.
    pub(super) const LIFE: Duration = Duration::from_secs(300 * 25);

    /// Whether one more write is permitted, which it uses up.
    pub(super) fn take(&mut self, now: Duration) -> bool {
        let refilled = now.saturating_sub(self.filled).as_secs_f64() / REFILL.as_secs_f64();
        self.filled = now;
        self.tokens = (self.tokens + refilled).min(BURST);
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resource_version_does_not_tell_objects_apart() {
        let object = |version: &str, uid: &str| {
            Reference::new(ObjectReference {
                name: Some("a".to_owned()),
                uid: Some(uid.to_owned()),
                resource_version: Some(version.to_owned()),
                ..ObjectReference::default()
            })
        };
        assert_eq!(object("1", "u"), object("2", "u"));
        assert_ne!(object("1", "u"), object("1", "v"));
    }

    fn event(reason: &str, note: &str) -> Event {
        Event {
            type_: EventType::Normal,
            reason: reason.to_owned(),
            note: Some(note.to_owned()),
            action: "Testing".to_owned(),
            secondary: None,
        }
    }

    fn kind(reason: &str) -> Kind {
        Kind::of(&event(reason, ""), &ObjectReference::default())
    }

    #[test]
    fn from_the_tenth_on_similar_events_are_one() {
        let (mut similar, now) = (Similar::default(), Duration::ZERO);
        let mut say = |now, note: &str| similar.identify(now, kind("r"), Some(note));
        let apart: BTreeSet<_> = (0..9).map(|n| say(now, &n.to_string())).collect();
        assert_eq!(apart.len(), 9);
        let combined = say(now, "ten");
        assert!(!apart.contains(&combined));
        assert_eq!(say(now, "eleven"), combined);
        // What was told apart before still is.
        assert!(apart.contains(&say(now, "3")));
        let ten = event("r", "ten");
        let text = combined.note(&ten).unwrap();
        assert_eq!(text, "(combined from similar events): ten");
        // As long as they go on they stay one, and after ten minutes of silence they are told apart again.
        assert_eq!(say(Duration::from_secs(600), "twelve"), combined);
        assert_ne!(say(Duration::from_secs(1201), "thirteen"), combined);
    }

    #[test]
    fn a_burst_is_permitted_and_then_one_every_five_minutes() {
        let mut bucket = Bucket::new(Duration::ZERO);
        assert_eq!((0..100).filter(|_| bucket.take(Duration::ZERO)).count(), 25);
        let hour = (1..=60)
            .filter(|minute| bucket.take(Duration::from_secs(60 * minute)))
            .count();
        assert!((11..=12).contains(&hour), "{hour}");
        let full = Duration::from_secs(3600) + Bucket::LIFE;
        assert_eq!((0..100).filter(|_| bucket.take(full)).count(), 25);
    }
}
