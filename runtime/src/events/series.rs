//! What is the same event, and how much is too much.

use std::{cmp::Ordering, hash::Hash, time::Duration};

use k8s_openapi::api::core::v1::ObjectReference;

use super::{Event, EventType};

/// How many writes about one object may come at once. client-go's number.
const BURST: f64 = 25.0;

/// How long it takes until one more may come. client-go's number.
const REFILL: Duration = Duration::from_secs(300);

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

/// What makes two events the same, of one reporter. The note does not count, so that numbers in it do not keep events apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity {
    type_: EventType,
    action: String,
    reason: String,
    regarding: Reference,
    related: Option<Reference>,
}

impl Identity {
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
