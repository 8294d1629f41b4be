//! Options of create and replace.

use serde::{Deserialize, Serialize};

use super::{check_field_manager, dry_run_all};
use crate::core::{path::Query, request::Error};

/// Options of creating and replacing an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostParams {
    /// Whether the server goes through everything but the storing.
    #[serde(default, with = "dry_run_all", skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// Who is changing the object, as `managedFields` will say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_manager: Option<String>,
}

// === impl PostParams ===

impl PostParams {
    /// # Errors
    /// [`Error::Validation`] for a field manager that the server would refuse.
    pub(in crate::core) fn populate(&self, query: &mut Query) -> Result<(), Error> {
        check_field_manager(self.field_manager.as_deref())?;
        query.push_some("dryRun", self.dry_run.then_some("All"));
        query.push_some("fieldManager", self.field_manager.as_ref());
        Ok(())
    }
}
