//! What to watch, and how.

use std::time::Duration;

use seatrial_client::core::{Selector, decode::Decode};

/// How long the server is asked to keep a watch open when the configuration does not say.
///
/// Below five minutes, because that is where load balancers begin to cut idle connections.
const WATCH_TIMEOUT_SECONDS: u32 = 290;

/// The page size of lists when the configuration does not say, client-go's.
const PAGE_SIZE: u32 = 500;

/// How consistent the first list must be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ListSemantic {
    /// The most recent data, at the cost of a consistent read. Pages are used.
    #[default]
    MostRecent,
    /// Whatever the apiserver that answers has in its cache, which may be arbitrarily old and even older than what this process saw before
    /// it was restarted. A watcher that runs never goes back: its later lists ask for data at least as new as what it has seen.
    ///
    /// [`Health::may_be_stale`](super::Health::may_be_stale) and [`Store::may_be_stale`](crate::reflector::Store::may_be_stale) say so of what came of it.
    Any,
}

/// How the first state of the world is fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum InitialListStrategy {
    /// List, then watch from where the list was taken.
    #[default]
    ListWatch,
    /// Watch with the existing objects sent first (KEP-3157), which costs the server less memory.
    ///
    /// A server that cannot do it makes the watcher fall back to [`ListWatch`](Self::ListWatch) by itself.
    StreamingList,
}

/// What a [`watcher`](super::watcher) watches.
///
/// ```
/// use seatrial_runtime::watcher::Config;
///
/// let config = Config::default().labels("app=web").timeout(60);
/// assert_eq!(config.label_selector.as_deref(), Some("app=web"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Only objects whose labels match.
    pub label_selector: Option<String>,
    /// Only objects whose fields match; which fields can be used depends on the kind.
    pub field_selector: Option<String>,
    /// How many seconds the server is asked to keep a watch open; 290 when absent. The watcher waits a few seconds longer and then takes
    /// the connection for dead.
    pub timeout: Option<u32>,
    /// How consistent the first list must be.
    pub list_semantic: ListSemantic,
    /// How the first state is fetched.
    pub initial_list_strategy: InitialListStrategy,
    /// How many objects a list asks for at a time.
    pub page_size: Option<u32>,
    /// Whether to ask for bookmarks, which keep the resume point fresh on a quiet watch.
    pub bookmarks: bool,
    /// After how long without any event, bookmarks included, the watch is opened anew from where it was.
    ///
    /// Absent by default: the server need not send bookmarks, so silence alone says nothing. Set it above one minute, the usual interval of
    /// bookmarks, to notice a dead connection sooner than `timeout` does.
    pub idle_timeout: Option<Duration>,
    /// Whether objects keep their `metadata.managedFields`: often a third of an object and of no use to most programs, so they are passed
    /// over while decoding unless this says otherwise.
    ///
    /// An object without them can be written back: the server then keeps those that it has.
    pub managed_fields: bool,
    /// How often the set is listed anew although nothing went wrong, against servers that lose events. Absent by default: a server that keeps
    /// its promises needs none.
    pub relist_interval: Option<Duration>,
}

// === impl Config ===

impl Default for Config {
    fn default() -> Self {
        Self {
            label_selector: None,
            field_selector: None,
            timeout: None,
            list_semantic: ListSemantic::default(),
            initial_list_strategy: InitialListStrategy::default(),
            page_size: Some(PAGE_SIZE),
            bookmarks: true,
            idle_timeout: None,
            managed_fields: false,
            relist_interval: None,
        }
    }
}

impl Config {
    /// Asks the server to keep each watch open for `timeout_secs` seconds.
    #[must_use]
    pub fn timeout(mut self, timeout_secs: u32) -> Self {
        self.timeout = Some(timeout_secs);
        self
    }

    /// Only objects whose fields match, such as `metadata.name=web`.
    #[must_use]
    pub fn fields(mut self, field_selector: &str) -> Self {
        self.field_selector = Some(field_selector.to_owned());
        self
    }

    /// Only objects whose labels match, such as `app=web,tier!=cache`.
    #[must_use]
    pub fn labels(mut self, label_selector: &str) -> Self {
        self.label_selector = Some(label_selector.to_owned());
        self
    }

    /// Only objects whose labels match `selector`.
    #[must_use]
    pub fn labels_from(mut self, selector: &Selector) -> Self {
        self.label_selector = Some(selector.to_string());
        self
    }

    /// How consistent the first list must be.
    #[must_use]
    pub fn list_semantic(mut self, semantic: ListSemantic) -> Self {
        self.list_semantic = semantic;
        self
    }

    /// Accepts a first list of any age; see [`ListSemantic::Any`].
    #[must_use]
    pub fn any_semantic(self) -> Self {
        self.list_semantic(ListSemantic::Any)
    }

    /// Asks for no bookmarks.
    #[must_use]
    pub fn disable_bookmarks(mut self) -> Self {
        self.bookmarks = false;
        self
    }

    /// Lists `page_size` objects at a time; 0 asks for everything at once.
    #[must_use]
    pub fn page_size(mut self, page_size: u32) -> Self {
        self.page_size = (page_size > 0).then_some(page_size);
        self
    }

    /// Fetches the first state by [`InitialListStrategy::StreamingList`].
    #[must_use]
    pub fn streaming_lists(mut self) -> Self {
        self.initial_list_strategy = InitialListStrategy::StreamingList;
        self
    }

    /// Opens the watch anew after `idle` without any event; see the field.
    #[must_use]
    pub fn idle_timeout(mut self, idle: Duration) -> Self {
        self.idle_timeout = Some(idle);
        self
    }

    /// Keeps the `metadata.managedFields` of objects; see the field.
    #[must_use]
    pub fn keep_managed_fields(mut self) -> Self {
        self.managed_fields = true;
        self
    }

    /// Lists the set anew every `interval`; see the field.
    #[must_use]
    pub fn relist_interval(mut self, interval: Duration) -> Self {
        self.relist_interval = Some(interval);
        self
    }

    /// How objects are decoded.
    pub(super) fn decode(&self) -> Decode {
        if self.managed_fields {
            Decode::default()
        } else {
            Decode::default().skip_managed_fields()
        }
    }

    /// How long the server is asked to keep a watch open.
    pub(super) fn watch_seconds(&self) -> u32 {
        self.timeout.unwrap_or(WATCH_TIMEOUT_SECONDS)
    }
}
