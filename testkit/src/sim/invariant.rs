//! What a test says must hold, looked at after every change.

use std::{fmt, sync::Arc};

use seatrial_fake_apiserver::FakeApiServer;
use serde_json::Value;

use super::external;

/// The state of the cluster at one revision.
#[derive(Clone, Copy, Debug)]
pub struct View<'a>(&'a FakeApiServer);

type Predicate = Arc<dyn Fn(&View<'_>) -> bool>;

/// Something that must hold.
#[derive(Clone)]
pub(crate) struct Invariant {
    pub(crate) name: Arc<str>,
    pub(crate) rule: Rule,
}

#[derive(Clone)]
pub(crate) enum Rule {
    /// At every revision.
    Always(Predicate),
    /// In the end.
    Eventually(Predicate),
    /// At some revision of some run.
    Sometimes(Predicate),
    /// At the same revision as the first, or later.
    LeadsTo(Predicate, Predicate),
}

/// An invariant that does not hold, and since which revision.
pub(crate) type Broken = (Arc<str>, u64);

/// How the invariants of one run are doing.
#[derive(Default)]
pub(super) struct Watchman {
    invariants: Arc<[Invariant]>,
    /// Broken, each at its first revision.
    broken: Vec<Broken>,
    /// Seen, or owed.
    marks: Vec<Option<u64>>,
}

// === impl View ===

impl<'a> View<'a> {
    pub(super) fn new(server: &'a FakeApiServer) -> Self {
        Self(server)
    }

    /// An object; `resource` is `pods`, `deployments.apps`, and the namespace is empty where there is none.
    pub fn get(&self, resource: &str, namespace: &str, name: &str) -> Option<Value> {
        self.0.get(resource, namespace, name)
    }

    /// All objects of a resource, in the order of their namespaces and names.
    pub fn list(&self, resource: &str) -> Vec<Value> {
        self.0.list(resource)
    }

    /// The records of a system outside of the cluster, each with its key, in the order of what they are called; see [`External`](super::External).
    pub fn external(&self, name: &str) -> Vec<(String, Value)> {
        let records = self.0.list(&format!("{name}.{}", external::GROUP));
        let told = |record: &Value| external::content(record["metadata"]["name"].as_str(), record);
        records.iter().map(told).collect()
    }

    /// The revision.
    pub fn revision(&self) -> u64 {
        self.0.revision()
    }
}

// === impl Watchman ===

impl Watchman {
    pub(super) fn new(invariants: Arc<[Invariant]>) -> Self {
        Self {
            marks: vec![None; invariants.len()],
            invariants,
            broken: Vec::new(),
        }
    }

    /// Looks at the state after a change.
    pub(super) fn look(&mut self, server: &FakeApiServer) {
        let view = View::new(server);
        for (invariant, mark) in self.invariants.iter().zip(&mut self.marks) {
            match &invariant.rule {
                Rule::Always(holds) => {
                    if mark.is_none() && !holds(&view) {
                        *mark = Some(view.revision());
                        self.broken.push((invariant.name.clone(), view.revision()));
                    }
                }
                Rule::Sometimes(holds) => {
                    if mark.is_none() && holds(&view) {
                        *mark = Some(view.revision());
                    }
                }
                Rule::LeadsTo(first, then) => {
                    if mark.is_none() && first(&view) {
                        *mark = Some(view.revision());
                    }
                    if mark.is_some() && then(&view) {
                        *mark = None;
                    }
                }
                Rule::Eventually(_) => {}
            }
        }
    }

    /// What is broken at the end, and since when; and what was seen that should be seen sometimes. Of a run that is not whole, only what broke on the
    /// way is broken: what was yet to come may have come.
    pub(super) fn end(mut self, server: &FakeApiServer, is_whole: bool) -> (Vec<Broken>, Vec<Arc<str>>) {
        let view = View::new(server);
        let mut seen = Vec::new();
        for (invariant, mark) in self.invariants.iter().zip(&self.marks) {
            match &invariant.rule {
                Rule::Eventually(_) | Rule::LeadsTo(..) if !is_whole => {}
                Rule::Eventually(holds) if !holds(&view) => {
                    self.broken.push((invariant.name.clone(), view.revision()));
                }
                Rule::LeadsTo(..) => self
                    .broken
                    .extend(mark.map(|since| (invariant.name.clone(), since))),
                Rule::Sometimes(_) if mark.is_some() => seen.push(invariant.name.clone()),
                _ => {}
            }
        }
        (self.broken, seen)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.invariants.is_empty()
    }
}

impl fmt::Debug for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.rule {
            Rule::Always(_) => "always",
            Rule::Eventually(_) => "eventually",
            Rule::Sometimes(_) => "sometimes",
            Rule::LeadsTo(..) => "leads to",
        };
        write!(f, "{kind} {}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::json;

    use super::*;
    use crate::raw;

    fn count(view: &View<'_>) -> usize {
        let all = view.list("configmaps");
        all.iter()
            .filter(|c| c["metadata"]["namespace"] == "default")
            .count()
    }

    fn rules(rules: Vec<Rule>) -> Watchman {
        let names = ["a", "b", "c", "d"];
        let named = rules.into_iter().zip(names).map(|(rule, name)| Invariant {
            name: name.into(),
            rule,
        });
        Watchman::new(named.collect())
    }

    #[test]
    fn rules_are_judged_over_time() {
        let server = FakeApiServer::new();
        let mut watchman = rules(vec![
            Rule::Always(Arc::new(|view| count(view) < 2)),
            Rule::Eventually(Arc::new(|view| count(view) == 2)),
            Rule::Sometimes(Arc::new(|view| count(view) == 1)),
            Rule::LeadsTo(
                Arc::new(|view| count(view) == 1),
                Arc::new(|view| count(view) == 3),
            ),
        ]);
        let path = "/api/v1/namespaces/default/configmaps";
        let mut revisions = Vec::new();
        for name in ["x", "y"] {
            let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
            raw::send(&server, Method::POST, path, Some(&object));
            watchman.look(&server);
            revisions.push(server.revision());
        }
        let (broken, seen) = watchman.end(&server, true);
        assert_eq!(broken, [("a".into(), revisions[1]), ("d".into(), revisions[0])]);
        assert_eq!(seen, ["c".into()]);
    }
}
