//! Keeps a watch from going back in time.
//!
//! **Invariant:** for one UID, versions are let through in growing order only. Versions that are not numbers (aggregated APIs) have no
//! order: only an exact repetition is held back.

use std::collections::VecDeque;

use crate::hash::Map;

/// How many deletions are remembered against events of before them.
const TOMBSTONES_MAX: usize = 1024;

/// The newest version let through for each object, by UID.
#[derive(Debug, Default)]
pub(super) struct Guard {
    /// Never iterated except to drop what a list did not show.
    seen: Map<Box<str>, Seen>,
    /// UIDs of deleted objects with the version of the deletion; UIDs are never used again.
    tombstones: Map<Box<str>, Version>,
    /// The tombstones from oldest to newest.
    buried: VecDeque<Box<str>>,
    /// Counts lists, to tell what the present one showed.
    round: u32,
}

#[derive(Debug)]
struct Seen {
    version: Version,
    round: u32,
}

/// A resource version, in order if it is a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Number(u64),
    Opaque(Box<str>),
}

// === impl Guard ===

impl Guard {
    /// A list begins: what it shows counts, whatever was known before.
    pub(super) fn begin_list(&mut self) {
        self.round = self.round.wrapping_add(1);
    }

    /// The list that began shows this object.
    pub(super) fn listed(&mut self, uid: Option<&str>, version: Option<&str>) {
        let (Some(uid), Some(version)) = (uid, version) else {
            return;
        };
        let seen = Seen {
            version: Version::from(version),
            round: self.round,
        };
        match self.seen.get_mut(uid) {
            Some(held) => *held = seen,
            None => {
                self.seen.insert(uid.into(), seen);
            }
        }
    }

    /// The list is complete: what it did not show is gone.
    pub(super) fn end_list(&mut self) {
        let round = self.round;
        self.seen.retain(|_, seen| seen.round == round);
        self.tombstones.clear();
        self.buried.clear();
    }

    /// Whether an event about this object says something new.
    ///
    /// An object without UID or version is always let through.
    pub(super) fn admit(&mut self, uid: Option<&str>, version: Option<&str>) -> bool {
        let (Some(uid), Some(version)) = (uid, version) else {
            return true;
        };
        let version = Version::from(version);
        if self
            .tombstones
            .get(uid)
            .is_some_and(|buried| !version.follows(buried))
        {
            return false;
        }
        let round = self.round;
        match self.seen.get_mut(uid) {
            Some(held) if !version.follows(&held.version) => false,
            Some(held) => {
                *held = Seen { version, round };
                true
            }
            None => {
                self.seen.insert(uid.into(), Seen { version, round });
                true
            }
        }
    }

    /// Whether the deletion of this object is news, which it is once.
    pub(super) fn bury(&mut self, uid: Option<&str>, version: Option<&str>) -> bool {
        let (Some(uid), Some(version)) = (uid, version) else {
            return true;
        };
        let version = Version::from(version);
        if self
            .tombstones
            .get(uid)
            .is_some_and(|buried| !version.follows(buried))
        {
            return false;
        }
        // A deletion may carry the version of the last change (old servers), so equality is no repetition here.
        if self
            .seen
            .get(uid)
            .is_some_and(|held| held.version.is_after(&version))
        {
            return false;
        }
        self.seen.swap_remove(uid);
        if self.tombstones.insert(uid.into(), version).is_none() {
            self.buried.push_back(uid.into());
            if self.buried.len() > TOMBSTONES_MAX
                && let Some(oldest) = self.buried.pop_front()
            {
                self.tombstones.swap_remove(&oldest);
            }
        }
        true
    }
}

// === impl Version ===

impl From<&str> for Version {
    fn from(version: &str) -> Self {
        version
            .parse()
            .map_or_else(|_| Self::Opaque(version.into()), Self::Number)
    }
}

impl Version {
    /// Whether this is, or may be, newer than `other`.
    fn follows(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(this), Self::Number(other)) => this > other,
            (this, other) => this != other,
        }
    }

    /// Whether this is newer than `other` for certain.
    fn is_after(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Number(this), Self::Number(other)) if this > other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_one_uid_only_grow() {
        let mut guard = Guard::default();
        assert!(guard.admit(Some("a"), Some("5")));
        assert!(!guard.admit(Some("a"), Some("5")));
        assert!(!guard.admit(Some("a"), Some("4")));
        assert!(guard.admit(Some("b"), Some("4")));
        assert!(guard.admit(Some("a"), Some("6")));
    }

    #[test]
    fn a_deletion_is_final_for_older_events_only() {
        let mut guard = Guard::default();
        assert!(guard.admit(Some("a"), Some("5")));
        assert!(guard.bury(Some("a"), Some("7")));
        assert!(!guard.bury(Some("a"), Some("7")));
        assert!(!guard.admit(Some("a"), Some("6")));
        // It left the selector and came back.
        assert!(guard.admit(Some("a"), Some("8")));
        assert!(guard.bury(Some("a"), Some("9")));
    }

    #[test]
    fn versions_without_order_are_let_through_unless_repeated() {
        let mut guard = Guard::default();
        assert!(guard.admit(Some("a"), Some("x9")));
        assert!(!guard.admit(Some("a"), Some("x9")));
        assert!(guard.admit(Some("a"), Some("x1")));
        assert!(guard.bury(Some("a"), Some("x2")));
        assert!(guard.admit(None, Some("1")) && guard.admit(None, Some("1")));
        assert!(guard.admit(Some("a"), None));
    }

    #[test]
    fn a_list_replaces_what_was_known() {
        let mut guard = Guard::default();
        guard.admit(Some("gone"), Some("5"));
        guard.begin_list();
        guard.listed(Some("kept"), Some("3"));
        guard.end_list();
        assert_eq!(guard.seen.len(), 1);
        assert!(guard.admit(Some("gone"), Some("1")));
        assert!(!guard.admit(Some("kept"), Some("3")));
    }

    #[test]
    fn tombstones_are_bounded() {
        let mut guard = Guard::default();
        for n in 0..5000 {
            guard.bury(Some(&format!("uid-{n}")), Some("9"));
        }
        assert_eq!(
            (guard.tombstones.len(), guard.buried.len()),
            (TOMBSTONES_MAX, TOMBSTONES_MAX)
        );
    }
}
