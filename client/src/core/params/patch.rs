//! Options and bodies of patch.

use serde::{Deserialize, Serialize};

use super::check_field_manager;
use crate::core::{path::Query, request::Error};

/// A change to an object, in one of the formats the server takes.
///
/// [`Patch::Apply`] states all that one manager wants of an object and lets the server work out the change; the others state the change.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq)]
pub enum Patch<T: Serialize> {
    /// Server-side apply: the body is a whole object (with `apiVersion` and `kind`) of the fields this manager owns.
    Apply(T),
    /// JSON patch (RFC 6902): a list of operations on paths.
    #[cfg(feature = "jsonpatch")]
    Json(json_patch::Patch),
    /// JSON merge patch (RFC 7396): fields to set, and nulls for fields to remove. Lists are replaced whole.
    Merge(T),
    /// Strategic merge patch: a merge patch that merges lists by key. Built-in kinds only.
    Strategic(T),
}

/// Options of patching.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatchParams {
    /// Whether the server goes through everything but the storing.
    pub dry_run: bool,
    /// Whether an apply takes over fields that other managers own; with [`Patch::Apply`] only.
    pub force: bool,
    /// Who is changing the object; [`Patch::Apply`] needs it.
    pub field_manager: Option<String>,
    /// What the server does about fields that the schema does not know or that are there twice.
    pub field_validation: Option<ValidationDirective>,
}

/// What the server does about fields that the schema does not know or that are there twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ValidationDirective {
    /// It refuses the request.
    Strict,
    /// It drops them and answers with a warning.
    Warn,
    /// It drops them.
    Ignore,
}

// === impl Patch ===

impl<T: Serialize> Patch<T> {
    fn is_apply(&self) -> bool {
        matches!(self, Patch::Apply(_))
    }

    pub(in crate::core) fn content_type(&self) -> &'static str {
        match self {
            Patch::Apply(_) => "application/apply-patch+yaml",
            #[cfg(feature = "jsonpatch")]
            Patch::Json(_) => "application/json-patch+json",
            Patch::Merge(_) => "application/merge-patch+json",
            Patch::Strategic(_) => "application/strategic-merge-patch+json",
        }
    }

    /// # Errors
    /// [`Error::SerializeBody`] if the patch cannot be written as JSON.
    pub(in crate::core) fn body(&self) -> Result<Vec<u8>, Error> {
        match self {
            Patch::Apply(patch) | Patch::Merge(patch) | Patch::Strategic(patch) => serde_json::to_vec(patch),
            #[cfg(feature = "jsonpatch")]
            Patch::Json(patch) => serde_json::to_vec(patch),
        }
        .map_err(Error::SerializeBody)
    }
}

// === impl PatchParams ===

impl PatchParams {
    /// Applies as the given manager.
    pub fn apply(manager: &str) -> Self {
        Self {
            field_manager: Some(manager.to_owned()),
            ..Self::default()
        }
    }

    /// Takes over fields that other managers own.
    #[must_use]
    pub fn force(mut self) -> Self {
        self.force = true;
        self
    }

    /// Goes through everything but the storing.
    #[must_use]
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// Sets what the server does about fields that it does not know.
    #[must_use]
    pub fn validation(mut self, directive: ValidationDirective) -> Self {
        self.field_validation = Some(directive);
        self
    }

    /// Fields that the server does not know are dropped silently.
    #[must_use]
    pub fn validation_ignore(self) -> Self {
        self.validation(ValidationDirective::Ignore)
    }

    /// Fields that the server does not know are dropped with a warning.
    #[must_use]
    pub fn validation_warn(self) -> Self {
        self.validation(ValidationDirective::Warn)
    }

    /// Fields that the server does not know make it refuse the patch.
    #[must_use]
    pub fn validation_strict(self) -> Self {
        self.validation(ValidationDirective::Strict)
    }

    fn validate<T: Serialize>(&self, patch: &Patch<T>) -> Result<(), Error> {
        check_field_manager(self.field_manager.as_deref())?;
        if self.force && !patch.is_apply() {
            return Err(Error::Validation(
                "PatchParams::force works with Patch::Apply only".to_owned(),
            ));
        }
        if patch.is_apply() && self.field_manager.as_deref().unwrap_or_default().is_empty() {
            return Err(Error::Validation(
                "PatchParams::field_manager is needed by Patch::Apply".to_owned(),
            ));
        }
        Ok(())
    }

    /// # Errors
    /// [`Error::Validation`] for a field manager that the server would refuse, for an apply without one, and for force without apply.
    pub(in crate::core) fn populate<T: Serialize>(
        &self,
        patch: &Patch<T>,
        query: &mut Query,
    ) -> Result<(), Error> {
        self.validate(patch)?;
        query.push_some("dryRun", self.dry_run.then_some("All"));
        query.push_flag("force", self.force);
        query.push_some("fieldManager", self.field_manager.as_ref());
        query.push_some(
            "fieldValidation",
            self.field_validation.as_ref().map(ValidationDirective::as_str),
        );
        Ok(())
    }
}

impl From<&str> for PatchParams {
    /// [`PatchParams::apply`] as this manager.
    fn from(manager: &str) -> Self {
        Self::apply(manager)
    }
}

// === impl ValidationDirective ===

impl ValidationDirective {
    /// The word the server knows.
    pub fn as_str(&self) -> &str {
        match self {
            ValidationDirective::Strict => "Strict",
            ValidationDirective::Warn => "Warn",
            ValidationDirective::Ignore => "Ignore",
        }
    }
}
