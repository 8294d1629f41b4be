//! What each verb may be told: options as plain values, checked when the request is built.

mod delete;
mod get;
mod list;
mod patch;
mod watch;
mod write;

pub use delete::{DeleteParams, Preconditions, PropagationPolicy};
pub use get::GetParams;
pub use list::{ListParams, VersionMatch};
pub use patch::{Patch, PatchParams, ValidationDirective};
pub use watch::WatchParams;
pub use write::PostParams;

use super::request::Error;

/// The longest name of a field manager that the server takes.
const FIELD_MANAGER_CHARS_MAX: usize = 128;

/// Checks a field manager as the server would.
fn check_field_manager(manager: Option<&str>) -> Result<(), Error> {
    let Some(manager) = manager else { return Ok(()) };
    if manager.chars().count() > FIELD_MANAGER_CHARS_MAX {
        return Err(Error::Validation(format!(
            "field manager has more than {FIELD_MANAGER_CHARS_MAX} characters: {manager:?}"
        )));
    }
    if manager.chars().any(char::is_control) {
        return Err(Error::Validation(format!(
            "field manager has unprintable characters: {manager:?}"
        )));
    }
    Ok(())
}

/// `dryRun` is a list of directives in the API's options, of which `All` is the only one.
mod dry_run_all {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes fields by reference"
    )]
    pub(super) fn serialize<S: Serializer>(dry_run: &bool, serializer: S) -> Result<S::Ok, S::Error> {
        let directives: &[&str] = if *dry_run { &["All"] } else { &[] };
        directives.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
        let directives = Option::<Vec<String>>::deserialize(deserializer)?.unwrap_or_default();
        Ok(directives.iter().any(|directive| directive == "All"))
    }
}

#[cfg(test)]
mod tests;
