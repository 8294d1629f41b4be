//! Keeps a watch from going back in time.
//!
//! **Invariant:** for one UID, versions are let through in growing order only, and a UID that is not in the set as of some version is let in
//! by later versions only. Versions that are not numbers (aggregated APIs) have no order: only an exact repetition is held back.

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
    /// As of this version, what has neither been seen nor a tombstone is not in the set: an event about it that is not newer is an old one told
    /// again, such as the addition of an object whose name another has by now. Nothing where versions have no order.
    floor: Option<u64>,
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

    /// The list is complete as of `version`: what it did not show is gone.
    pub(super) fn end_list(&mut self, version: &str) {
        let round = self.round;
        self.seen.retain(|_, seen| seen.round == round);
        self.tombstones.clear();
        self.buried.clear();
        // Not the greater of the two: after a restore of the storage, versions begin anew.
        self.floor = version.parse().ok();
    }

    /// Whether an event about this object says something new.
    ///
    /// An object without UID or version is always let through.
    pub(super) fn admit(&mut self, uid: Option<&str>, version: Option<&str>) -> bool {
        let (Some(uid), Some(version)) = (uid, version) else {
            return true;
        };
        let version = Version::from(version);
        if self.is_bygone(uid, &version) {
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
        if self.is_bygone(uid, &version) {
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
                self.forget(&oldest);
            }
        }
        true
    }

    /// Whether an object of this UID is known to be gone as of a version that is not older.
    fn is_bygone(&self, uid: &str, version: &Version) -> bool {
        match self.tombstones.get(uid) {
            Some(buried) => !version.follows(buried),
            None if self.seen.contains_key(uid) => false,
            None => {
                matches!((version, self.floor), (Version::Number(version), Some(floor)) if *version <= floor)
            }
        }
    }

    /// Drops a tombstone. What it held back is older than the deletions that are remembered, so the floor takes its place.
    fn forget(&mut self, uid: &str) {
        let Some(Version::Number(version)) = self.tombstones.swap_remove(uid) else {
            return;
        };
        if let Some(floor) = &mut self.floor {
            *floor = (*floor).max(version);
        }
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
        guard.end_list("6");
        assert_eq!(guard.seen.len(), 1);
        assert!(!guard.admit(Some("kept"), Some("3")));
        assert!(guard.admit(Some("kept"), Some("4")));
        // Neither what was known before the list, nor what nobody ever heard of, was there at that time.
        for uid in ["gone", "never-seen"] {
            assert!(!guard.admit(Some(uid), Some("6")) && !guard.bury(Some(uid), Some("6")));
            assert!(guard.admit(Some(uid), Some("7")));
        }
        // A list that goes back in time, which only the newest state does, is believed.
        guard.begin_list();
        guard.end_list("2");
        assert!(guard.admit(Some("gone"), Some("3")));
    }

    #[test]
    fn where_versions_have_no_order_the_unknown_is_let_through() {
        let mut guard = Guard::default();
        guard.begin_list();
        guard.end_list("abc");
        assert!(guard.admit(Some("a"), Some("aaa")));
        assert!(guard.admit(Some("b"), Some("1")));
        guard.begin_list();
        guard.end_list("9");
        assert!(guard.admit(Some("c"), Some("aaa")));
    }

    #[test]
    fn tombstones_are_bounded_and_those_that_are_forgotten_stay_gone() {
        let mut guard = Guard::default();
        guard.begin_list();
        guard.end_list("10");
        for n in 11..5000 {
            guard.bury(Some(&format!("uid-{n}")), Some(&n.to_string()));
        }
        assert_eq!(
            (guard.tombstones.len(), guard.buried.len()),
            (TOMBSTONES_MAX, TOMBSTONES_MAX)
        );
        assert!(!guard.admit(Some("uid-11"), Some("11")));
        assert!(guard.admit(Some("uid-11"), Some("5000")));
    }
}
