//! What is still to happen, and at which request, change or rest.

use crate::sim::{ChangeRef, Fate, Injection, Site, Trigger, trace::Happening};

use super::World;

/// Something that is still to happen.
pub(super) struct Planned {
    pub(super) injection: Injection,
    /// How many requests of its pattern there were, and the last of them: one that waits comes twice.
    met: u32,
    last: Option<Site>,
}

impl From<Injection> for Planned {
    fn from(injection: Injection) -> Self {
        Self {
            injection,
            met: 0,
            last: None,
        }
    }
}

impl Planned {
    /// Whether it happens at this request; requests are counted.
    fn meets(&mut self, site: &Site) -> bool {
        match &self.injection.at {
            Trigger::Request(at) => at == site,
            Trigger::Matching(pattern) if pattern.covers(site) => {
                if self.last.as_ref() != Some(site) {
                    self.met += 1;
                    self.last = Some(site.clone());
                }
                self.met == pattern.nth
            }
            _ => false,
        }
    }
}

/// The change at which a replica stops, if an injection needs one.
pub(super) fn travel(injection: &Injection) -> Option<ChangeRef> {
    match &injection.fate {
        Fate::TimeTravel { to } => Some(to.clone()),
        _ => None,
    }
}

pub(super) fn asks_for_changes(injection: &Injection) -> bool {
    matches!(injection.at, Trigger::Change(_)) || travel(injection).is_some()
}

impl World {
    /// What becomes of a request; each injection happens once.
    pub(super) fn fate(&mut self, site: &Site) -> Option<Fate> {
        let mut at = None;
        for (place, planned) in self.injections.iter_mut().enumerate() {
            if planned.meets(site) && at.is_none() {
                at = Some(place);
            }
        }
        Some(self.befalls(at?))
    }

    /// What happens at a moment that is no request.
    pub(super) fn take(&mut self, trigger: &Trigger) -> Option<Fate> {
        let at = self
            .injections
            .iter()
            .position(|planned| planned.injection.at == *trigger)?;
        Some(self.befalls(at))
    }

    pub(super) fn befalls(&mut self, at: usize) -> Fate {
        let injection = self.injections.remove(at).injection;
        self.note(|| Happening::Fault(injection.to_string()));
        self.befell.push(injection.clone());
        self.calm = None;
        injection.fate
    }
}
