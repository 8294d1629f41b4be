//! Conditions in the status of an object.
//!
//! A condition says of one aspect of an object whether it holds, since when, and for which generation of the spec. These functions keep the rules that the API conventions set for that,
//! so that a status does not change when nothing happened.
//!
//! ```
//! use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
//! use seatrial_client::Env;
//! use seatrial_runtime::status::{self, Verdict};
//!
//! let env = Env::system();
//! let mut conditions: Vec<Condition> = Vec::new();
//! let ready = status::condition("Ready", Verdict::False, "Waiting", "2 of 3 pods are ready", Some(7));
//! assert!(status::set(&mut conditions, ready.clone(), &env), "it is new");
//! assert!(!status::set(&mut conditions, ready, &env), "it says the same");
//! assert!(!status::is_true(&conditions, "Ready"));
//! ```
//!
//! # Source
//!
//! <https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties>

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use seatrial_client::Env;

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It does.
    True,
    /// It does not.
    False,
    /// Nobody can say.
    Unknown,
}

// === impl Verdict ===

impl Verdict {
    /// As objects carry it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::True => "True",
            Self::False => "False",
            Self::Unknown => "Unknown",
        }
    }
}

impl From<bool> for Verdict {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

/// A condition to be [`set`]: what it is of, whether it holds, why in one word in CamelCase, and in a sentence.
///
/// `generation` is the `metadata.generation` of the object that it was decided on.
#[must_use]
pub fn condition(
    type_: &str,
    verdict: Verdict,
    reason: &str,
    message: &str,
    generation: Option<i64>,
) -> Condition {
    Condition {
        type_: type_.to_owned(),
        status: verdict.as_str().to_owned(),
        reason: reason.to_owned(),
        message: message.to_owned(),
        observed_generation: generation,
        // Set with the condition.
        last_transition_time: Time(k8s_openapi::jiff::Timestamp::UNIX_EPOCH),
    }
}

/// Puts a condition in the place of the one of its type, or behind all others; whether that changed anything.
///
/// The transition time is kept while the status stays the same, and is the present otherwise. A condition that was decided on an older generation than the one that is there
/// is not taken: it comes from a cache that lags behind.
pub fn set(conditions: &mut Vec<Condition>, mut new: Condition, env: &Env) -> bool {
    let Some(held) = conditions.iter_mut().find(|held| held.type_ == new.type_) else {
        new.last_transition_time = now(env);
        conditions.push(new);
        return true;
    };
    if new.observed_generation.is_some() && new.observed_generation < held.observed_generation {
        return false;
    }
    new.last_transition_time = if new.status == held.status {
        held.last_transition_time.clone()
    } else {
        now(env)
    };
    let changed = *held != new;
    *held = new;
    changed
}

/// Removes the condition of a type; whether there was one.
pub fn remove(conditions: &mut Vec<Condition>, type_: &str) -> bool {
    let before = conditions.len();
    conditions.retain(|condition| condition.type_ != type_);
    conditions.len() != before
}

/// The condition of a type.
pub fn find<'a>(conditions: &'a [Condition], type_: &str) -> Option<&'a Condition> {
    conditions.iter().find(|condition| condition.type_ == type_)
}

/// Whether the condition of a type is there and holds.
pub fn is_true(conditions: &[Condition], type_: &str) -> bool {
    find(conditions, type_).is_some_and(|condition| condition.status == Verdict::True.as_str())
}

/// Whether the condition of a type holds for this generation of the spec, not only for an older one.
pub fn is_true_for(conditions: &[Condition], type_: &str, generation: Option<i64>) -> bool {
    is_true(conditions, type_)
        && find(conditions, type_).is_some_and(|condition| condition.observed_generation >= generation)
}

/// The present, in the whole seconds that objects carry.
fn now(env: &Env) -> Time {
    let now = env.now();
    Time(k8s_openapi::jiff::Timestamp::from_second(now.as_second()).unwrap_or(now))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn time(conditions: &[Condition]) -> String {
        conditions[0].last_transition_time.0.to_string()
    }

    #[tokio::test(start_paused = true)]
    async fn the_transition_time_moves_with_the_status_alone() {
        let env = Env::seeded(1, "2026-01-01T00:00:00.5Z".parse().unwrap());
        let mut conditions = Vec::new();
        let ready = |verdict, message, generation| condition("Ready", verdict, "Why", message, generation);
        assert!(set(&mut conditions, ready(Verdict::False, "", Some(1)), &env));
        assert_eq!(time(&conditions), "2026-01-01T00:00:00Z");
        env.sleep(Duration::from_secs(60)).await;
        assert!(set(&mut conditions, ready(Verdict::False, "more", Some(2)), &env));
        assert_eq!(
            (time(&conditions), conditions[0].observed_generation),
            ("2026-01-01T00:00:00Z".to_owned(), Some(2))
        );
        assert!(!set(
            &mut conditions,
            ready(Verdict::False, "more", Some(2)),
            &env
        ));
        assert!(set(&mut conditions, ready(true.into(), "", Some(2)), &env));
        assert_eq!(time(&conditions), "2026-01-01T00:01:00Z");
    }

    #[test]
    fn what_was_decided_on_an_older_spec_is_not_taken() {
        let env = Env::seeded(1, "2026-01-01T00:00:00Z".parse().unwrap());
        let mut conditions = Vec::new();
        set(
            &mut conditions,
            condition("Ready", Verdict::True, "Why", "", Some(5)),
            &env,
        );
        assert!(!set(
            &mut conditions,
            condition("Ready", Verdict::False, "Why", "", Some(4)),
            &env
        ));
        assert!(is_true(&conditions, "Ready") && is_true_for(&conditions, "Ready", Some(5)));
        assert!(!is_true_for(&conditions, "Ready", Some(6)) && !is_true(&conditions, "Other"));
    }

    #[test]
    fn conditions_keep_their_places() {
        let env = Env::seeded(1, "2026-01-01T00:00:00Z".parse().unwrap());
        let mut conditions = Vec::new();
        for type_ in ["A", "B", "C", "B"] {
            set(
                &mut conditions,
                condition(type_, Verdict::Unknown, "Why", type_, None),
                &env,
            );
        }
        let types = |conditions: &[Condition]| {
            conditions
                .iter()
                .map(|held| held.type_.clone())
                .collect::<String>()
        };
        assert_eq!(types(&conditions), "ABC");
        assert!(remove(&mut conditions, "B") && !remove(&mut conditions, "B"));
        assert_eq!(types(&conditions), "AC");
        assert!(find(&conditions, "B").is_none());
    }
}
