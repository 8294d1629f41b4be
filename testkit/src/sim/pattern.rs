//! Requests as a person names them: the second create of a stateful set, whoever asks, whatever it is called.

use std::fmt;

use seatrial_client::core::Verb;
use serde::{Deserialize, Serialize};

use super::Site;

/// A request told by what it means, so that it is the same one after a change of the program: the so-manieth that does this to such an
/// object.
///
/// ```
/// use seatrial_testkit::{plan::create, sim::Pattern};
///
/// let pattern: Pattern = serde_json::from_value(serde_json::json!({
///     "verb": "create", "kind": "StatefulSet", "nth": 2,
/// }))?;
/// assert_eq!(pattern, create("StatefulSet").nth(2));
/// # Ok::<_, serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Pattern {
    /// The process that asks; any unless it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
    /// What it asks for.
    pub verb: Ask,
    /// Of what kind of object, as kubectl takes it: `StatefulSet`, `Database.example.com`, `statefulsets.apps`, each with a subresource if
    /// there is one: `Pod/status`. Any unless it is said.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "resource")]
    pub kind: Option<String>,
    /// Of which object: `namespace/name`, with generated names told by what they are generated from; any unless it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Which of the requests that are alike up to here, from 1; the first unless it is said.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub nth: u32,
}

/// What is asked for: a verb of the API, or any that reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Ask {
    /// This verb.
    Verb(Verb),
    /// Any that changes nothing: `read`.
    Read,
    /// Any that may change something: `write`.
    Write,
}

// === impl Pattern ===

impl Pattern {
    /// The first request of this verb, of whatever process for whatever object.
    pub fn new(verb: Ask) -> Self {
        Self {
            process: None,
            verb,
            kind: None,
            key: None,
            nth: 1,
        }
    }

    /// For an object of this kind.
    pub fn of(mut self, kind: &str) -> Self {
        self.kind = Some(kind.to_owned());
        self
    }

    /// For the object of this key, `namespace/name`.
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// By this process.
    pub fn by(mut self, process: &str) -> Self {
        self.process = Some(process.to_owned());
        self
    }

    /// The so-manieth of those that are alike, from 1.
    pub fn nth(mut self, nth: u32) -> Self {
        self.nth = nth;
        self
    }

    /// Whether a request is one of these; its kind must be told as a resource.
    pub(crate) fn covers(&self, site: &Site) -> bool {
        let is = |wanted: &Option<String>, found: &String| wanted.as_ref().is_none_or(|w| w == found);
        self.verb.covers(site.verb)
            && is(&self.process, &site.process)
            && is(&self.kind, &site.resource)
            && is(&self.key, &site.key)
    }
}

fn first() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_first(nth: &u32) -> bool {
    *nth == 1
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(process) = &self.process {
            write!(f, "{process}: ")?;
        }
        write!(f, "{} {}", self.verb, self.kind.as_deref().unwrap_or("anything"))?;
        if let Some(key) = &self.key {
            write!(f, " {key}")?;
        }
        write!(f, " (#{})", self.nth)
    }
}

// === impl Ask ===

impl Ask {
    fn covers(self, verb: Verb) -> bool {
        match self {
            Self::Verb(wanted) => wanted == verb,
            Self::Read => verb.is_read_only(),
            Self::Write => !verb.is_read_only(),
        }
    }
}

impl From<Verb> for Ask {
    fn from(verb: Verb) -> Self {
        Self::Verb(verb)
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verb(verb) => verb.fmt(f),
            Self::Read => f.write_str("read"),
            Self::Write => f.write_str("write"),
        }
    }
}

impl Serialize for Ask {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Verb(verb) => verb.serialize(serializer),
            Self::Read | Self::Write => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Ask {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "read" => Ok(Self::Read),
            "write" => Ok(Self::Write),
            verb => {
                let verb = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(verb);
                Verb::deserialize(verb).map(Self::Verb).map_err(|error| {
                    serde::de::Error::custom(format!("{error}; `read` and `write` stand for any such verb"))
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(verb: Verb, resource: &str, key: &str) -> Site {
        Site {
            process: "controller".to_owned(),
            verb,
            resource: resource.to_owned(),
            key: key.to_owned(),
            nth: 1,
        }
    }

    #[test]
    fn a_pattern_covers_what_it_does_not_rule_out() {
        let create = site(Verb::Create, "pods", "default/a");
        assert!(Pattern::new(Ask::Write).covers(&create));
        assert!(!Pattern::new(Ask::Read).covers(&create));
        assert!(Pattern::new(Verb::Create.into()).of("pods").covers(&create));
        assert!(
            !Pattern::new(Verb::Create.into())
                .of("pods/status")
                .covers(&create)
        );
        assert!(!Pattern::new(Ask::Write).key("default/b").covers(&create));
        assert!(!Pattern::new(Ask::Write).by("other").covers(&create));
    }

    #[test]
    fn verbs_are_read_as_they_are_written() {
        for text in ["create", "deletecollection", "read", "write"] {
            let ask: Ask = serde_json::from_value(text.into()).unwrap();
            assert_eq!(ask.to_string(), text);
            assert_eq!(serde_json::to_value(ask).unwrap(), text);
        }
        let error = serde_json::from_value::<Ask>("make".into())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("`make`") && error.contains("`read` and `write`"),
            "{error}"
        );
    }
}
