//! How a process is doing.

use std::fmt::Write as _;

use crate::{controller, lease::Leadership, shared::Shared};

/// How a process is doing: a handle on a [`Manager`](super::Manager), for its probes.
///
/// ```
/// use seatrial_runtime::manager::Health;
///
/// /// The answer to a probe: the code and the text.
/// fn readyz(health: &Health) -> (u16, String) {
///     (if health.is_ready() { 200 } else { 503 }, health.report())
/// }
/// # assert_eq!(readyz(&Health::default()).0, 200);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Health {
    state: Shared<State>,
}

#[derive(Debug, Default)]
struct State {
    controllers: Vec<(String, controller::Health)>,
    leadership: Option<Leadership>,
    /// A part ended by itself, or the process was asked to end.
    stopping: bool,
}

// === impl Health ===

impl Health {
    /// Whether the process works as it should: no controller ended. A process that does not live should be started again.
    ///
    /// A controller that cannot reach the server, or does not lead, lives: starting it again would not help.
    pub fn is_live(&self) -> bool {
        let state = self.state.lock();
        state.stopping || state.controllers.iter().all(|(_, health)| !health.is_ended())
    }

    /// Whether the caches of all controllers are complete and the process is not ending. A standby whose caches are warm is ready.
    pub fn is_ready(&self) -> bool {
        let state = self.state.lock();
        !state.stopping && state.controllers.iter().all(|(_, health)| health.is_ready())
    }

    /// Who leads, if somebody is elected.
    pub fn leadership(&self) -> Option<Leadership> {
        self.state.lock().leadership.clone()
    }

    /// The controllers by name.
    pub fn controllers(&self) -> Vec<(String, controller::Health)> {
        self.state.lock().controllers.clone()
    }

    /// A line for each controller and each of its watches, as probes like to answer.
    pub fn report(&self) -> String {
        let state = self.state.lock();
        let mut text = String::new();
        let mark = |good: bool| if good { "[+]" } else { "[-]" };
        for (name, health) in &state.controllers {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}{name}", mark(health.is_ready()));
            for (path, watch) in health.watches() {
                let age = match watch.last_event_age() {
                    Some(age) => format!("heard of {} s ago", age.as_secs()),
                    None => "never heard of".to_owned(),
                };
                let _ = write!(
                    text,
                    "{}{name}{path} {age}",
                    mark(watch.is_synced() && !watch.is_stale())
                );
                // What failed says more.
                if watch.is_synced() && watch.may_be_stale() && !watch.is_stale() {
                    text.push_str(", from a list of any age");
                }
                if let Some(error) = watch.last_error() {
                    let _ = write!(text, ": {error}");
                }
                text.push('\n');
            }
        }
        if let Some(leadership) = &state.leadership {
            let role = if leadership.is_leader() {
                "leads"
            } else {
                "stands by"
            };
            let _ = writeln!(text, "[+]{role}");
        }
        text
    }

    pub(super) fn add(&self, name: &str, health: controller::Health) {
        self.state.lock().controllers.push((name.to_owned(), health));
    }

    pub(super) fn set_leadership(&self, leadership: Option<Leadership>) {
        self.state.lock().leadership = leadership;
    }

    pub(super) fn set_stopping(&self) {
        self.state.lock().stopping = true;
    }
}
