//! The labels of a namespace that say how much its pods may.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces>

use std::fmt;

use crate::registry::kinds::fields::{Fields, text};
use crate::status::FieldError;

const PREFIX: &str = "pod-security.kubernetes.io/";

/// How much pods may; the later, the less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Privileged,
    Baseline,
    Restricted,
}

/// A level as it was in one minor version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Policy {
    pub(super) level: Level,
    /// The minor version; `u32::MAX` for the newest.
    pub(super) version: u32,
}

/// What a namespace says. What is audited nobody sees here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Policies {
    /// What is refused.
    pub(super) enforce: Policy,
    /// What is warned of.
    pub(super) warn: Policy,
}

/// Whether there is any label of the kind.
pub(super) fn says_anything(labels: &Fields) -> bool {
    labels.keys().any(|key| key.starts_with(PREFIX))
}

// === impl Policies ===

impl Policies {
    /// Reads labels, and says what is wrong with them; a level that is none counts as the strictest.
    ///
    /// Without a level of its own, what is enforced is warned of, too.
    pub(super) fn of(labels: &Fields) -> (Self, Vec<FieldError>) {
        let mut errors = Vec::new();
        let mut read = |mode: &str| {
            let level = level(labels, mode, &mut errors);
            let version = version(labels, &format!("{mode}-version"), &mut errors);
            (level, version)
        };
        let (enforced, enforced_version) = read("enforce");
        read("audit");
        let (warned, warned_version) = read("warn");
        let policy = |level: Option<Level>, version| Policy {
            level: level.unwrap_or(Level::Privileged),
            version,
        };
        let enforce = policy(enforced, enforced_version);
        let warn = match warned {
            Some(_) => policy(warned, warned_version),
            None => enforce,
        };
        (Self { enforce, warn }, errors)
    }
}

fn level(labels: &Fields, mode: &str, errors: &mut Vec<FieldError>) -> Option<Level> {
    let key = format!("{PREFIX}{mode}");
    labels.get(&key)?;
    match text(labels, &key) {
        "privileged" => Some(Level::Privileged),
        "baseline" => Some(Level::Baseline),
        "restricted" => Some(Level::Restricted),
        other => {
            let why = "must be one of privileged, baseline, restricted";
            errors.push(FieldError::invalid(format!("metadata.labels[{key}]"), other, why));
            Some(Level::Restricted)
        }
    }
}

fn version(labels: &Fields, mode: &str, errors: &mut Vec<FieldError>) -> u32 {
    let key = format!("{PREFIX}{mode}");
    let Some(given) = labels.get(&key).map(|_| text(labels, &key)) else {
        return u32::MAX;
    };
    let minor = given.strip_prefix("v1.").filter(|minor| {
        let digits = minor.bytes().all(|b| b.is_ascii_digit());
        digits && (*minor == "0" || !minor.starts_with('0'))
    });
    match (given, minor.and_then(|minor| minor.parse().ok())) {
        ("latest", _) => u32::MAX,
        (_, Some(minor)) => minor,
        _ => {
            let why = "must be \"latest\" or \"v1.x\"";
            errors.push(FieldError::invalid(format!("metadata.labels[{key}]"), given, why));
            u32::MAX
        }
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Privileged => "privileged",
            Level::Baseline => "baseline",
            Level::Restricted => "restricted",
        };
        match self.version {
            u32::MAX => write!(f, "{level}:latest"),
            minor => write!(f, "{level}:v1.{minor}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(labels: &[(&str, &str)]) -> (String, String, usize) {
        let labels = labels
            .iter()
            .map(|(key, value)| (format!("{PREFIX}{key}"), (*value).into()));
        let (policies, errors) = Policies::of(&labels.collect());
        (
            policies.enforce.to_string(),
            policies.warn.to_string(),
            errors.len(),
        )
    }

    fn is(enforce: &str, warn: &str, errors: usize) -> (String, String, usize) {
        (enforce.to_owned(), warn.to_owned(), errors)
    }

    #[test]
    fn what_is_enforced_is_warned_of_unless_told_otherwise() {
        assert_eq!(read(&[]), is("privileged:latest", "privileged:latest", 0));
        assert_eq!(
            read(&[("enforce", "baseline"), ("enforce-version", "v1.25")]),
            is("baseline:v1.25", "baseline:v1.25", 0)
        );
        assert_eq!(
            read(&[("enforce", "baseline"), ("warn", "privileged")]),
            is("baseline:latest", "privileged:latest", 0)
        );
        assert_eq!(
            read(&[("warn", "restricted"), ("warn-version", "latest")]),
            is("privileged:latest", "restricted:latest", 0)
        );
    }

    #[test]
    fn bad_labels_are_told() {
        assert_eq!(
            read(&[("enforce", "x"), ("audit", "y"), ("warn-version", "1")]).2,
            3
        );
        for version in ["v1.x", "v1.01", "v1.", "v2.1", "", "1.2"] {
            assert_eq!(read(&[("warn-version", version)]).2, 1, "{version}");
        }
        for version in ["v1.0", "v1.36", "latest"] {
            assert_eq!(read(&[("warn-version", version)]).2, 0, "{version}");
        }
    }
}
