//! Plans: faults told by what they mean, written by people and kept in files.
//!
//! A plan says when something goes wrong in the terms of the API: after the first create of a stateful set, at the second rest. It is
//! looser than a [`Tape`](crate::Tape), and outlives larger changes of the program.
//!
//! ```
//! use seatrial_testkit::{plan::{Plan, after, create, delete, at}, sim::Loss};
//!
//! let plan = Plan::new()
//!     .fault(after(create("StatefulSet")).crash())
//!     .fault(at(delete("Pod").key("default/web-0").nth(2)).lose(Loss::Timeout));
//! assert_eq!(Plan::parse(&plan.text())?, plan);
//! # Ok::<_, seatrial_testkit::plan::PlanError>(())
//! ```
//!
//! The same in a file, which [`Sweep::replay_file`](crate::Sweep::replay_file) and [`Sweep::plan`](crate::Sweep::plan) take:
//!
//! ```
//! # let text = "
//! faults:
//! - at: {matching: {verb: create, kind: StatefulSet}}
//!   fate: crashAfter
//! - at: {matching: {verb: delete, kind: Pod, key: default/web-0, nth: 2}}
//!   fate: {lost: timeout}
//! # ";
//! # assert_eq!(seatrial_testkit::plan::Plan::parse(text)?.faults.len(), 2);
//! # Ok::<_, seatrial_testkit::plan::PlanError>(())
//! ```

mod build;

use std::{
    fs, io,
    path::{Path, PathBuf},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

pub use self::build::{
    After, At, Before, Changed, Crossed, Rest, after, at, at_rest, before, change, create, delete, get, list,
    patch, read, stage, update, watch, write,
};
use super::{Tape, workload::Workload};
use crate::{
    FailureKind,
    sim::{Injection, Overtaking},
};

/// Faults, and when they happen; see the [module](self).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Plan {
    /// What the plan has shown, for people and for [`Sweep::replay_file`](crate::Sweep::replay_file), which says if it still does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows: Option<Shown>,
    /// The seed of names, UIDs and jitter; the sweep's unless it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The faults.
    #[serde(default)]
    pub faults: Vec<Injection>,
    /// Where the order is another than the usual one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<Overtaking>,
    /// What there is to do, where that is less than the test says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workload: Option<Workload>,
}

/// How a run failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Shown {
    /// In which way.
    pub kind: FailureKind,
    /// What it was about.
    pub about: String,
}

/// A plan that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The file cannot be read.
    #[error("the plan {path} cannot be read")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The text is no plan.
    #[error("the text is no plan: {message}")]
    Format {
        /// What is wrong with it, and where.
        message: String,
    },
}

// === impl Plan ===

impl Plan {
    /// Nothing goes wrong.
    pub fn new() -> Self {
        Self::default()
    }

    /// And this does.
    #[must_use]
    pub fn fault(mut self, fault: Injection) -> Self {
        self.faults.push(fault);
        self
    }

    /// Draws names, UIDs and jitter from this seed, instead of the sweep's.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Reads a plan, which is YAML.
    ///
    /// # Errors
    /// [`PlanError::Format`] with the place that is wrong.
    pub fn parse(yaml: &str) -> Result<Self, PlanError> {
        serde_saphyr::from_str(yaml).map_err(|error| PlanError::Format {
            message: error.to_string(),
        })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`PlanError`] where it is not there or is no plan.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, PlanError> {
        let path = path.as_ref();
        let text = fs::read_to_string(path).map_err(|source| PlanError::Io {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text)
    }

    /// The plan as YAML.
    pub fn text(&self) -> String {
        // Made of strings, numbers and enums, which always serialise.
        serde_saphyr::to_string(self).unwrap_or_default()
    }
}

impl FromStr for Plan {
    type Err = PlanError;

    fn from_str(yaml: &str) -> Result<Self, PlanError> {
        Self::parse(yaml)
    }
}

impl TryFrom<&str> for Plan {
    type Error = PlanError;

    fn try_from(yaml: &str) -> Result<Self, PlanError> {
        Self::parse(yaml)
    }
}

impl From<Tape> for Plan {
    fn from(tape: Tape) -> Self {
        Self {
            shows: Some(Shown {
                kind: tape.kind,
                about: tape.about,
            }),
            seed: Some(tape.seed),
            faults: tape.injections,
            order: tape.overtakings,
            workload: tape.workload,
        }
    }
}

#[cfg(test)]
mod tests;
