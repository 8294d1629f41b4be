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

#[cfg(test)]
mod tests;
