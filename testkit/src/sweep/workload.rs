//! What there is to do in a run, as data: a failure is made smaller by leaving some of it out.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Sweep;
use crate::sim::{Op, Script};

/// What a failure was made smaller to: the processes that run, the objects that are there at the start, and what the user does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Workload {
    /// Of the processes under test, these run.
    pub(super) processes: Vec<String>,
    /// The objects at the start.
    #[serde(default)]
    pub(super) given: Vec<Value>,
    /// The user's operations.
    #[serde(default)]
    pub(super) script: Vec<Op>,
}

// === impl Workload ===

impl Workload {
    /// All that a test says.
    pub(super) fn of(sweep: &Sweep) -> Self {
        let names = sweep.processes.iter().map(|(name, _)| name.to_string());
        Self {
            processes: names.collect(),
            given: sweep.objects.clone(),
            script: sweep.script.ops().unwrap_or_default().to_vec(),
        }
    }

    pub(super) fn script(&self) -> Script {
        Script::of(self.script.clone())
    }

    /// The operations, told in a line each.
    pub(super) fn steps(&self) -> impl Iterator<Item = String> + '_ {
        self.script.iter().map(Op::to_string)
    }
}
