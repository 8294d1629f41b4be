//! What the objects of a scenario are.

use seatrial_fake_apiserver::FakeApiServer;
use serde_json::{Value, json};

use crate::{
    builder::{BuildError, FakeClusterBuilder},
    fixture::{self, FixtureError},
    raw,
};

/// The objects that a scenario makes, changes and deletes, and the cluster that they are in.
#[derive(Clone, Debug)]
#[must_use = "a subject does nothing until a trial plays with it"]
pub struct Subject {
    template: Value,
    /// Merge patches; the first change of the scenario is the first one's, and so on, over and over.
    changes: Vec<Value>,
    /// What else is in the cluster.
    given: String,
    crds: Vec<Value>,
}

// === impl Subject ===

impl Subject {
    /// Objects like this one, given as YAML. Their names are its name with a number: `web-0`, `web-1`.
    ///
    /// # Errors
    /// Where the text is not one object with `apiVersion`, `kind` and `metadata.name`.
    pub fn new(yaml: &str) -> Result<Self, FixtureError> {
        let mut objects = fixture::parse(yaml)?;
        let incomplete = |field| FixtureError::Incomplete {
            field,
            object: yaml.chars().take(80).collect(),
        };
        let template = objects.pop().ok_or_else(|| incomplete("an object"))?;
        for (pointer, field) in [
            ("/apiVersion", "apiVersion"),
            ("/kind", "kind"),
            ("/metadata/name", "metadata.name"),
        ] {
            if !template.pointer(pointer).is_some_and(Value::is_string) {
                return Err(incomplete(field));
            }
        }
        Ok(Self {
            template,
            changes: Vec::new(),
            given: String::new(),
            crds: Vec::new(),
        })
    }

    /// Config maps with nothing in them.
    pub fn config_maps() -> Self {
        Self::new("{apiVersion: v1, kind: ConfigMap, metadata: {name: cm, labels: {app: web}}}")
            .expect("a constant that a test parses")
    }

    /// A change of an object, as a merge patch in YAML. Several take turns. Without any, a change is one of an annotation.
    ///
    /// # Errors
    /// Where the text is not YAML.
    pub fn change(mut self, yaml: &str) -> Result<Self, FixtureError> {
        self.changes.extend(fixture::parse(yaml)?);
        Ok(self)
    }

    /// Other objects that are there from the start, as [`FakeClusterBuilder::yaml`] takes them.
    pub fn given(mut self, yaml: &str) -> Self {
        self.given.push_str("\n---\n");
        self.given.push_str(yaml);
        self
    }

    /// Serves the custom resource `K`.
    ///
    /// # Errors
    /// Where its definition does not serialise.
    pub fn crd<K: seatrial_client::CustomResourceExt>(mut self) -> Result<Self, BuildError> {
        self.crds
            .push(serde_json::to_value(K::crd()).map_err(BuildError::Serialize)?);
        Ok(self)
    }

    pub(super) fn build(&self, builder: FakeClusterBuilder) -> FakeClusterBuilder {
        let with_crds = self.crds.iter().fold(builder, FakeClusterBuilder::object);
        with_crds.yaml(&self.given)
    }

    /// The object of that number.
    pub(super) fn object(&self, number: u8) -> Value {
        let mut object = self.template.clone();
        object["metadata"]["name"] = self.name(number).into();
        object
    }

    pub(super) fn name(&self, number: u8) -> String {
        let prefix = self.template["metadata"]["name"].as_str().unwrap_or_default();
        format!("{prefix}-{number}")
    }

    /// The so-manieth change of the scenario, from 0.
    pub(super) fn nth_change(&self, nth: usize) -> Value {
        if self.changes.is_empty() {
            let value = (nth + 1).to_string();
            return json!({"metadata": {"annotations": {"scenario.seatrial.dev/changed": value}}});
        }
        self.changes[nth % self.changes.len()].clone()
    }

    /// The path of the collection that the objects are in.
    pub(super) fn collection(&self, server: &FakeApiServer) -> Option<String> {
        let text = |pointer: &str| self.template.pointer(pointer).and_then(Value::as_str);
        let served = raw::served(server, text("/apiVersion")?, text("/kind")?)?;
        let namespace = text("/metadata/namespace").unwrap_or("default");
        Some(raw::collection(&served, served.namespaced.then_some(namespace)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_and_changes_have_an_order() {
        let subject = Subject::config_maps();
        assert_eq!(subject.object(3)["metadata"]["name"], "cm-3");
        let subject = subject.change("{data: {a: one}}\n---\n{data: {a: two}}").unwrap();
        let values: Vec<_> = (0..3)
            .map(|nth| subject.nth_change(nth)["data"]["a"].clone())
            .collect();
        assert_eq!(values, ["one", "two", "one"]);
        let path = subject.collection(&FakeApiServer::new()).unwrap();
        assert_eq!(path, "/api/v1/namespaces/default/configmaps");
    }

    #[test]
    fn a_template_that_says_too_little_is_refused() {
        for yaml in [
            "",
            "{kind: ConfigMap}",
            "{apiVersion: v1, kind: ConfigMap, metadata: {}}",
            "{",
        ] {
            Subject::new(yaml).unwrap_err();
        }
    }
}
