//! Options of watch.

use crate::core::{
    fields::FieldSelector, labels::Selector, params::VersionMatch, path::Query, request::Error,
};

/// How long a watch lasts if nobody says otherwise, in seconds.
///
/// The server ends a watch after some 5 to 10 minutes by itself. Below the 5 minutes after which load balancers like to cut idle connections, every end is one
/// that the server announced.
const TIMEOUT_DEFAULT_SECS: u32 = 290;

/// The timeout at and above which a watch is refused, in seconds: the client gives a silent connection 295 seconds.
const TIMEOUT_MAX_SECS: u32 = 295;

/// Options of following the changes of a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchParams {
    /// Which labels the objects must have; see [`Selector`].
    pub label_selector: Option<String>,
    /// Which fields the objects must have; see [`FieldSelector`].
    pub field_selector: Option<String>,
    /// After how many seconds the server ends the watch; less than 295, and 290 if `None`.
    pub timeout: Option<u32>,
    /// Whether the server may send bookmarks: events that carry nothing but a resource version to resume from.
    pub bookmarks: bool,
    /// Whether the watch begins with the objects that exist, closed by a bookmark (a streaming list); needs `bookmarks`.
    pub send_initial_events: bool,
}

// === impl WatchParams ===

impl Default for WatchParams {
    fn default() -> Self {
        Self {
            label_selector: None,
            field_selector: None,
            timeout: None,
            bookmarks: true,
            send_initial_events: false,
        }
    }
}

impl WatchParams {
    /// A watch that begins with the objects that exist.
    pub fn streaming_lists() -> Self {
        Self::default().initial_events()
    }

    /// Sets after how many seconds the server ends the watch.
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

    /// Does without bookmarks.
    #[must_use]
    pub fn disable_bookmarks(mut self) -> Self {
        self.bookmarks = false;
        self
    }

    /// Begins with the objects that exist.
    #[must_use]
    pub fn initial_events(mut self) -> Self {
        self.send_initial_events = true;
        self
    }

    fn validate(&self, resource_version: &str) -> Result<(), Error> {
        if self.timeout.is_some_and(|secs| secs >= TIMEOUT_MAX_SECS) {
            return Err(Error::Validation(format!(
                "WatchParams::timeout must be less than {TIMEOUT_MAX_SECS} seconds"
            )));
        }
        if self.send_initial_events && !self.bookmarks {
            return Err(Error::Validation(
                "WatchParams::send_initial_events needs bookmarks".to_owned(),
            ));
        }
        if resource_version.is_empty() && !self.send_initial_events {
            return Err(Error::Validation(
                "a watch needs the resource_version of the list or event it follows, or \"0\"".to_owned(),
            ));
        }
        Ok(())
    }

    /// # Errors
    /// [`Error::Validation`] for a timeout of 295 seconds or more, initial events without bookmarks, and an empty resource version where the watch does
    /// not begin with the initial events: the server would send the existing objects as if they had just been added, and a change between list and watch be lost.
    pub(in crate::core) fn populate(&self, resource_version: &str, query: &mut Query) -> Result<(), Error> {
        self.validate(resource_version)?;
        query.push_flag("watch", true);
        query.push_some("labelSelector", self.label_selector.as_ref());
        query.push_some("fieldSelector", self.field_selector.as_ref());
        query.push_display("timeoutSeconds", self.timeout.unwrap_or(TIMEOUT_DEFAULT_SECS));
        query.push_flag("allowWatchBookmarks", self.bookmarks);
        if self.send_initial_events {
            query.push_flag("sendInitialEvents", true);
            query.push("resourceVersionMatch", VersionMatch::NotOlderThan.as_str());
        }
        query.push_some(
            "resourceVersion",
            Some(resource_version).filter(|rv| !rv.is_empty()),
        );
        Ok(())
    }
}
