//! What a watcher tells.

use std::fmt;

use seatrial_client::ResourceExt;

/// A change of the watched set, or a part of its first state.
///
/// A watcher tells a world as `Init`, any number of `InitApply`, `InitDone`, and then its changes as `Apply` and `Delete`. When it loses its
/// place, for example because the server no longer has the history, it tells the whole world again from `Init`. What it had told before and
/// does not tell again is gone; a [`reflector`](crate::reflector::reflector) finds those objects and adds the `Delete`s.
///
/// # Order
///
/// For one object (one UID) the versions told only grow. Between objects no order holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<K> {
    /// The object was created or changed.
    Apply(K),
    /// The object was deleted, or no longer matches the selectors; this is its last known state.
    ///
    /// With selectors it may well live on, so do not conclude from this alone that its effects are gone.
    Delete(K),
    /// The watched set is told from the beginning.
    Init,
    /// An object that exists, told between `Init` and `InitDone`.
    InitApply(K),
    /// The set is complete.
    InitDone,
}

// === impl Event ===

impl<K> Event<K> {
    /// The same event with its object changed by `f`; useful to drop fields that nobody reads before they are cached.
    #[must_use]
    pub fn modify(mut self, mut f: impl FnMut(&mut K)) -> Self {
        if let Self::Apply(object) | Self::Delete(object) | Self::InitApply(object) = &mut self {
            f(object);
        }
        self
    }

    /// The object that exists after this event.
    pub(crate) fn into_applied(self) -> Option<K> {
        match self {
            Self::Apply(object) | Self::InitApply(object) => Some(object),
            Self::Delete(_) | Self::Init | Self::InitDone => None,
        }
    }

    /// The object that this event is about.
    pub(crate) fn into_touched(self) -> Option<K> {
        match self {
            Self::Apply(object) | Self::InitApply(object) | Self::Delete(object) => Some(object),
            Self::Init | Self::InitDone => None,
        }
    }
}

impl<K: ResourceExt> fmt::Display for Event<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, object) = match self {
            Self::Apply(object) => ("Apply", object),
            Self::Delete(object) => ("Delete", object),
            Self::InitApply(object) => ("InitApply", object),
            Self::Init => return f.write_str("Init"),
            Self::InitDone => return f.write_str("InitDone"),
        };
        write!(f, "{what}(")?;
        if let Some(namespace) = &object.meta().namespace {
            write!(f, "{namespace}/")?;
        }
        write!(f, "{})", object.name_any())
    }
}
