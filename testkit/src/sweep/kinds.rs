//! What kinds are called as resources: plans speak of `StatefulSet`, requests of `statefulsets.apps`.

use seatrial_fake_apiserver::FakeApiServer;

use crate::{
    raw,
    request::qualified,
    sim::{ChangeRef, Fate, Injection, Trigger},
};

/// The kinds that a server serves.
pub(super) struct Kinds(Vec<Kind>);

struct Kind {
    kind: String,
    group: String,
    plural: String,
}

// === impl Kinds ===

impl Kinds {
    pub(super) fn of(server: &FakeApiServer) -> Self {
        let served = server.discovery();
        let kinds = raw::preferred(&served).map(|resource| Kind {
            kind: (*resource.kind).into(),
            group: (*resource.group).into(),
            plural: (*resource.plural).into(),
        });
        Self(kinds.collect())
    }

    /// The resource that is meant: `pods` for `Pod`, `statefulsets.apps/status` for `StatefulSet/status`.
    pub(super) fn resource(&self, told: &str) -> Result<String, String> {
        let (name, part) = told.split_once('/').unwrap_or((told, ""));
        let (name, group) = name
            .split_once('.')
            .map_or((name, None), |(name, group)| (name, Some(group)));
        let is_meant = |kind: &&Kind| {
            (kind.kind == name || kind.plural == name) && group.is_none_or(|group| group == kind.group)
        };
        let kind = self
            .0
            .iter()
            .find(is_meant)
            .ok_or_else(|| format!("no kind or resource `{told}` is served"))?;
        let slash = if part.is_empty() { "" } else { "/" };
        Ok(format!("{}{slash}{part}", kind.resource()))
    }

    /// The other way round: `Pod/status` for `pods/status`, with the group where it is not Kubernetes' own.
    pub(super) fn kind(&self, resource: &str) -> Option<String> {
        let (name, part) = resource.split_once('/').unwrap_or((resource, ""));
        let kind = self.0.iter().find(|kind| kind.resource() == name)?;
        let slash = if part.is_empty() { "" } else { "/" };
        let short = format!("{}{slash}{part}", kind.kind);
        if self.resource(&short).as_deref() == Ok(resource) {
            return Some(short);
        }
        Some(format!("{}.{}{slash}{part}", kind.kind, kind.group))
    }

    /// Tells everything in an injection as requests do.
    pub(super) fn resolve(&self, injection: &mut Injection) -> Result<(), String> {
        match &mut injection.at {
            Trigger::Matching(pattern) => {
                if let Some(kind) = &mut pattern.kind {
                    *kind = self.resource(kind)?;
                }
            }
            Trigger::Change(change) | Trigger::Stage(change) => self.resolve_change(change)?,
            _ => {}
        }
        match &mut injection.fate {
            Fate::TimeTravel { to } => self.resolve_change(to),
            Fate::Lags { resource, .. } | Fate::Broken { resource, .. } => {
                *resource = self.resource(resource)?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn resolve_change(&self, change: &mut ChangeRef) -> Result<(), String> {
        change.resource = self.resource(&change.resource)?;
        Ok(())
    }
}

impl Kind {
    fn resource(&self) -> String {
        qualified(&self.plural, &self.group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_found_as_kubectl_finds_them() {
        let kinds = Kinds::of(&FakeApiServer::new());
        for (told, resource) in [
            ("Pod", "pods"),
            ("pods", "pods"),
            ("Pod/status", "pods/status"),
            ("StatefulSet", "statefulsets.apps"),
            ("statefulsets.apps", "statefulsets.apps"),
            ("Deployment.apps/scale", "deployments.apps/scale"),
            ("Event.events.k8s.io", "events.events.k8s.io"),
            ("Event", "events"),
        ] {
            assert_eq!(kinds.resource(told).unwrap(), resource);
        }
        let error = kinds.resource("Databse").unwrap_err();
        assert_eq!(error, "no kind or resource `Databse` is served");
        for (resource, kind) in [
            ("pods/status", "Pod/status"),
            ("statefulsets.apps", "StatefulSet"),
            ("events.events.k8s.io", "Event.events.k8s.io"),
        ] {
            assert_eq!(kinds.kind(resource).unwrap(), kind);
        }
        assert_eq!(kinds.kind("nothing"), None);
    }
}
