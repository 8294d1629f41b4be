//! Options of list.

use crate::core::{fields::FieldSelector, labels::Selector, path::Query, request::Error};

/// How the resource version of a list is meant.
///
/// # Source
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VersionMatch {
    /// At least as new as the version.
    #[default]
    NotOlderThan,
    /// Exactly the state at the version, which the server may have forgotten.
    Exact,
}

/// Options of reading a collection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListParams {
    /// Which labels the objects must have; see [`Selector`].
    pub label_selector: Option<String>,
    /// Which fields the objects must have; see [`FieldSelector`].
    pub field_selector: Option<String>,
    /// How long the server may take, in seconds.
    pub timeout: Option<u32>,
    /// How many objects the answer may have; the rest follows with the continue token.
    pub limit: Option<u32>,
    /// The token of the page before.
    pub continue_token: Option<String>,
    /// How `resource_version` is meant; needs one.
    pub version_match: Option<VersionMatch>,
    /// The state to read: `None` for the most recent one, `"0"` for any that the server has at hand.
    pub resource_version: Option<String>,
}

// === impl VersionMatch ===

impl VersionMatch {
    pub(in crate::core) fn as_str(self) -> &'static str {
        match self {
            VersionMatch::NotOlderThan => "NotOlderThan",
            VersionMatch::Exact => "Exact",
        }
    }
}

// === impl ListParams ===

impl ListParams {
    /// Bounds how long the server may take, in seconds.
    #[must_use]
    pub fn timeout(mut self, timeout_secs: u32) -> Self {
        self.timeout = Some(timeout_secs);
        self
    }

    /// Selects by fields, written as the server reads them.
    #[must_use]
    pub fn fields(mut self, field_selector: &str) -> Self {
        self.field_selector = Some(field_selector.to_owned());
        self
    }

    /// Selects by fields.
    #[must_use]
    pub fn fields_from(self, selector: &FieldSelector) -> Self {
        self.fields(&selector.to_string())
    }

    /// Selects by labels, written as the server reads them.
    #[must_use]
    pub fn labels(mut self, label_selector: &str) -> Self {
        self.label_selector = Some(label_selector.to_owned());
        self
    }

    /// Selects by labels.
    #[must_use]
    pub fn labels_from(self, selector: &Selector) -> Self {
        self.labels(&selector.to_string())
    }

    /// Bounds how many objects the answer has.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Goes on after the page that carried the token.
    #[must_use]
    pub fn continue_token(mut self, token: &str) -> Self {
        self.continue_token = Some(token.to_owned());
        self
    }

    /// Names the state to read.
    #[must_use]
    pub fn at(mut self, resource_version: &str) -> Self {
        self.resource_version = Some(resource_version.to_owned());
        self
    }

    /// Says how the state that [`Self::at`] names is meant.
    #[must_use]
    pub fn matching(mut self, version_match: VersionMatch) -> Self {
        self.version_match = Some(version_match);
        self
    }

    /// Takes whatever state the server has at hand, which may be old.
    #[must_use]
    pub fn match_any(self) -> Self {
        self.at("0").matching(VersionMatch::NotOlderThan)
    }

    fn validate(&self) -> Result<(), Error> {
        let version = self.resource_version.as_deref().unwrap_or_default();
        match self.version_match {
            // A continue token stands for the version it was made at.
            _ if self.is_continued() => Ok(()),
            Some(_) if version.is_empty() => Err(Error::Validation(
                "ListParams::version_match needs a resource_version".to_owned(),
            )),
            Some(VersionMatch::Exact) if version == "0" => Err(Error::Validation(
                "ListParams::version_match cannot be Exact for resource_version \"0\"".to_owned(),
            )),
            _ => Ok(()),
        }
    }

    fn is_continued(&self) -> bool {
        self.continue_token
            .as_ref()
            .is_some_and(|token| !token.is_empty())
    }

    /// # Errors
    /// [`Error::Validation`] for a version match without a version, or an exact match of `"0"`.
    pub(in crate::core) fn populate(&self, query: &mut Query) -> Result<(), Error> {
        self.validate()?;
        query.push_some("labelSelector", self.label_selector.as_ref());
        query.push_some("fieldSelector", self.field_selector.as_ref());
        query.push_some("timeoutSeconds", self.timeout);
        query.push_some("limit", self.limit);
        if self.is_continued() {
            // The server refuses a version beside the token, which holds one already.
            query.push_some("continue", self.continue_token.as_ref());
        } else {
            query.push_some(
                "resourceVersion",
                self.resource_version.as_ref().filter(|rv| !rv.is_empty()),
            );
            query.push_some(
                "resourceVersionMatch",
                self.version_match.map(VersionMatch::as_str),
            );
        }
        Ok(())
    }
}
