//! The outside world: what a program keeps in step besides the cluster, such as buckets, machines, names.

use std::fmt::Write as _;

use seatrial_client::{
    Api, Client, Error,
    api::{ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams},
    error::Outcome,
};
use serde_json::{Value, json};

/// The group under which a world keeps records of the outside.
pub(crate) const GROUP: &str = "outside.seatrial.dev";

const VERSION: &str = "v1";

/// A system outside of the cluster, as a process under test reaches it: records, each with a key.
///
/// A controller that makes buckets has a trait or a client of its own for that, and keeps it: a test gives it one that asks this instead of the
/// real system. The records belong to the world: they outlive the process that made them, and are compared in the end like objects of the
/// cluster. Requests for them meet with the same fates as those to the apiserver, and are never tried again by themselves.
///
/// Declare the system by [`Sweep::external`](crate::Sweep::external) or [`FakeClusterBuilder::external`](crate::FakeClusterBuilder::external).
///
/// ```
/// use seatrial_client::Client;
/// use seatrial_testkit::{sim::External, sweep};
/// use serde_json::json;
///
/// let mut world = sweep(|client: Client| async move {
///     let buckets = External::of(&client, "buckets");
///     buckets.put("Images/2026", &json!({"region": "north"})).await.unwrap();
///     assert_eq!(buckets.get("Images/2026").await.unwrap(), Some(json!({"region": "north"})));
///     std::future::pending::<()>().await;
/// })
/// .external("buckets")
/// .simulation();
/// assert!(world.settle());
/// assert_eq!(world.view().external("buckets"), [("Images/2026".to_owned(), json!({"region": "north"}))]);
/// ```
#[derive(Clone, Debug)]
pub struct External {
    resource: ApiResource,
    records: Api<DynamicObject>,
}

/// A request to the outside that did not work, or of which nobody knows whether it did.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExternalError {
    /// Nothing has happened: it may be tried again.
    #[error("the outside did not do it")]
    NotDone(#[source] Error),
    /// It may have happened: look before it is tried again.
    #[error("nobody knows whether the outside did it")]
    Unknown(#[source] Error),
}

// === impl External ===

impl External {
    /// The system of this name, for the process that has this client.
    pub fn of(client: &Client, name: &str) -> Self {
        let resource = ApiResource {
            group: GROUP.to_owned(),
            version: VERSION.to_owned(),
            api_version: format!("{GROUP}/{VERSION}"),
            kind: kind(name),
            plural: name.to_owned(),
        };
        Self {
            records: Api::all_with(client.clone().with_retry(None), &resource),
            resource,
        }
    }

    /// The record of a key, if there is one.
    ///
    /// # Errors
    /// [`ExternalError`] where no answer came, or none that says so.
    pub async fn get(&self, key: &str) -> Result<Option<Value>, ExternalError> {
        let record = self.records.get_opt(&name_of(key)).await.map_err(failed)?;
        Ok(record.map(|record| record.data["spec"]["value"].clone()))
    }

    /// All records with their keys.
    ///
    /// # Errors
    /// As [`External::get`].
    pub async fn list(&self) -> Result<Vec<(String, Value)>, ExternalError> {
        let records = self.records.list(&ListParams::default()).await.map_err(failed)?;
        let told = |record: DynamicObject| content(record.metadata.name.as_deref(), &record.data);
        Ok(records.items.into_iter().map(told).collect())
    }

    /// Makes the record of a key, or makes it like this: the same as often as it is done.
    ///
    /// # Errors
    /// [`ExternalError::Unknown`] where it may have happened.
    pub async fn put(&self, key: &str, value: &Value) -> Result<(), ExternalError> {
        let name = name_of(key);
        let record = self.record(&name, json!({"key": key, "value": value}));
        let params = PatchParams::apply("outside").force();
        self.records
            .patch(&name, &params, &Patch::Apply(record))
            .await
            .map(drop)
            .map_err(failed)
    }

    /// Makes a record under a key that the outside gives it: another one each time.
    ///
    /// # Errors
    /// [`ExternalError::Unknown`] where it may have happened.
    pub async fn create(&self, value: &Value) -> Result<String, ExternalError> {
        let mut record = self.record("", json!({ "value": value }));
        record.metadata.name = None;
        record.metadata.generate_name = Some("given-".to_owned());
        let made = self.records.create(&PostParams::default(), &record).await;
        Ok(made.map_err(failed)?.metadata.name.unwrap_or_default())
    }

    /// Takes the record of a key away; whether there was one.
    ///
    /// # Errors
    /// [`ExternalError::Unknown`] where it may have happened.
    pub async fn delete(&self, key: &str) -> Result<bool, ExternalError> {
        match self.records.delete(&name_of(key), &DeleteParams::default()).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(failed(error)),
        }
    }

    fn record(&self, name: &str, spec: Value) -> DynamicObject {
        DynamicObject::new(name, &self.resource).data(json!({ "spec": spec }))
    }
}

fn failed(error: Error) -> ExternalError {
    if error.outcome() == Outcome::Unknown {
        ExternalError::Unknown(error)
    } else {
        ExternalError::NotDone(error)
    }
}

/// The key and the value of a record; what was given a key by the outside has its name for one.
pub(crate) fn content(name: Option<&str>, record: &Value) -> (String, Value) {
    let key = record.pointer("/spec/key").and_then(Value::as_str).or(name);
    (
        key.unwrap_or_default().to_owned(),
        record["spec"]["value"].clone(),
    )
}

/// The system that a resource holds the records of, if it does.
pub(crate) fn system(resource: &str) -> Option<&str> {
    resource.strip_suffix(GROUP)?.strip_suffix('.')
}

/// The definition of a system's records, for the server that keeps them.
pub(crate) fn definition(name: &str) -> Value {
    let kind = kind(name);
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{name}.{GROUP}")},
        "spec": {
            "group": GROUP,
            "scope": "Cluster",
            "names": {"plural": name, "singular": kind.to_lowercase(), "kind": kind},
            "versions": [{
                "name": VERSION, "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {
                    "type": "object",
                    "properties": {"spec": {"type": "object", "properties": {
                        "key": {"type": "string"},
                        "value": {"x-kubernetes-preserve-unknown-fields": true},
                    }}},
                }},
            }],
        },
    })
}

/// The kind of a system's records: never what another resource is called.
fn kind(name: &str) -> String {
    let mut chars = name.chars();
    let first: String = chars
        .next()
        .map(|c| c.to_uppercase().collect())
        .unwrap_or_default();
    format!("{first}{}Record", chars.as_str())
}

/// What the record of a key is called: the key itself where an object may be called so, without a word of its own for what it must not have.
fn name_of(key: &str) -> String {
    let is_plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let labels = || key.split('.');
    let fits = |label: &str| {
        let bytes = label.as_bytes();
        bytes.first().copied().is_some_and(is_plain)
            && bytes.last().copied().is_some_and(is_plain)
            && bytes.iter().all(|c| is_plain(*c) || *c == b'-')
    };
    if labels().all(fits) && !key.contains("--") && key.len() < 200 {
        return key.to_owned();
    }
    let mut name = "k--".to_owned();
    for byte in key.bytes() {
        if is_plain(byte) {
            name.push(char::from(byte));
        } else {
            // Never fails: a string grows.
            let _ = write!(name, "--{byte:02x}-");
        }
    }
    name.push('k');
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_names_that_objects_may_have_and_no_two_the_same() {
        let keys = [
            "a",
            "a-b",
            "a.b",
            "A",
            "a--b",
            "a/b",
            "a b",
            "",
            "-",
            "k",
            "kk",
            "k----41-k",
            "ä",
        ];
        let names: std::collections::BTreeSet<String> = keys.iter().map(|key| name_of(key)).collect();
        assert_eq!(names.len(), keys.len(), "{names:?}");
        assert_eq!(
            (name_of("a-b.c"), name_of("A/1")),
            ("a-b.c".to_owned(), "k----41---2f-1k".to_owned())
        );
    }
}
