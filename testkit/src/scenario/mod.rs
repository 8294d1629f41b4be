//! What happens to a few objects and to whoever watches them, as a value: drawn by proptest, made smaller by it, kept in a file that
//! people can read, and played again from there.
//!
//! A [`Scenario`] is a list of [`Step`]s: objects are made, changed, deleted and made anew, and in between watches break, versions
//! become too old, bookmarks stay away, lists come from a replica that is behind. All of it is legal: a cluster that is well may do
//! it. A [`Trial`] plays it, and looks whether a cache ([`Trial::of_cache`]) or a controller ([`Trial::of_controller`]) ends as it
//! would have if nothing had gone wrong.
//!
//! With the feature `proptest`, scenarios are drawn by `scenarios` and by `any::<Scenario>()`:
//!
//! ```
//! # #[cfg(feature = "proptest")] {
//! use k8s_openapi::api::core::v1::ConfigMap;
//! use proptest::prelude::*;
//! use seatrial_runtime::watcher::Config;
//! use seatrial_testkit::scenario::{Scenario, Subject, Trial};
//!
//! proptest! {
//!     # #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]
//!     # /*
//!     #[test]
//!     # */
//!     fn the_cache_catches_up(scenario in any::<Scenario>()) {
//!         Trial::of_cache::<ConfigMap>(Config::default(), Subject::config_maps()).run(&scenario)?;
//!     }
//! }
//! # the_cache_catches_up();
//! # }
//! ```
//!
//! Reading order: here, `subject` (what the objects are), `play` (how steps are done), `file`, `trial`, `cache`, `strategy`.

mod cache;
mod file;
mod play;
#[cfg(feature = "proptest")]
mod strategy;
mod subject;
mod trial;

use std::time::Duration;

use serde::{Deserialize, Serialize};

#[cfg(feature = "proptest")]
pub use self::strategy::scenarios;
pub use self::{
    file::ScenarioError,
    subject::Subject,
    trial::{Disagreement, Trial},
};
use crate::{duration, fault::Fault};

/// What happens, in order.
///
/// Its text, and what it is printed as where a property fails, is the YAML that [`Scenario::load`] reads.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scenario {
    steps: Vec<Step>,
}

/// One thing that happens. Objects have numbers; what they are, a [`Subject`] says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Step {
    /// The object is made, if it is not there.
    Create(u8),
    /// It is changed, if it is there.
    Change(u8),
    /// It is deleted, if it is there.
    Delete(u8),
    /// It is deleted and made anew at once, under its name and with another UID, if it is there.
    Replace(u8),
    /// The server forgets its history, and something else has changed since.
    Compact,
    /// A fault befalls the next exchanges that it can befall.
    Fault {
        /// What goes wrong.
        what: Fault,
        /// How many exchanges it befalls.
        times: usize,
    },
    /// From now on a replica that is stuck in the present answers: time travel, for whoever asks it later.
    Stuck {
        /// What it answers.
        reads: Reads,
        /// How often.
        times: usize,
    },
    /// Time passes.
    Wait(#[serde(with = "duration")] Duration),
}

/// Which reads a replica that is behind may answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reads {
    /// Lists and reads that may be of any age.
    Lists,
    /// Watches that go on from a version.
    Watches,
}

// === impl Scenario ===

impl Scenario {
    /// These steps.
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            steps: steps.into_iter().collect(),
        }
    }

    /// What happens, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The same without what goes wrong: the changes, and the time between them.
    pub fn undisturbed(&self) -> Self {
        let steps = self.steps.iter().filter(|step| !step.is_fault());
        Self::new(steps.cloned())
    }
}

// === impl Step ===

impl Step {
    /// Whether it is something that goes wrong, and no change of an object.
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::Compact | Self::Fault { .. } | Self::Stuck { .. })
    }
}
