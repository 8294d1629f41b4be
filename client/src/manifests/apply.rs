//! One object after the other.

use std::{fmt, time::Duration};

use serde_json::Value;

use super::{ApplySet, Called, ManifestError, Manifests, SERVED_WITHIN, kind};
use crate::{
    api::{Api, PatchParams},
    client::Client,
    core::{DynamicObject, GroupVersionKind},
    discovery::Resolver,
    error::Result,
};

/// How often a kind that is to be served is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How manifests are applied.
#[derive(Clone, Debug)]
#[must_use = "options do nothing by themselves"]
pub struct ApplyOptions {
    pub(super) params: PatchParams,
    pub(super) namespace: Option<String>,
    pub(super) set: Option<ApplySet>,
    wait: Duration,
}

impl ApplyOptions {
    /// Applies as `manager`; conflicts are errors.
    pub fn new(manager: &str) -> Self {
        Self {
            params: PatchParams::apply(manager),
            namespace: None,
            set: None,
            wait: SERVED_WITHIN,
        }
    }

    /// Takes over fields that other managers own.
    pub fn force(mut self) -> Self {
        self.params = self.params.force();
        self
    }

    /// Changes nothing and tells what would change.
    ///
    /// Kinds and namespaces that only the manifests themselves would make are taken as they stand there.
    pub fn dry_run(mut self) -> Self {
        self.params = self.params.dry_run();
        self
    }

    /// Sets the namespace of objects that name none; the client's default namespace otherwise.
    pub fn namespace(mut self, namespace: &str) -> Self {
        self.namespace = Some(namespace.to_owned());
        self
    }

    /// Sets how long a kind that the manifests define may take to be served; a minute otherwise.
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// Makes the objects the members of a set, and deletes those that were members before and are not any more.
    pub fn prune(mut self, set: ApplySet) -> Self {
        self.set = Some(set);
        self
    }
}

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// It was not there.
    Created,
    /// It was changed.
    Configured,
    /// It was as it should be.
    Unchanged,
    /// It was no member of the set any more, and deleted.
    Pruned,
}

/// An object that was applied, or would be in a dry run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Applied {
    /// What became of it.
    pub action: Action,
    /// As it was before; absent if it was not there.
    pub before: Option<DynamicObject>,
    /// As the server answered; for an object that was pruned, as it was.
    pub after: DynamicObject,
}

/// A field that an apply changed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// The field: `spec.template.spec.containers[0].image`.
    pub path: String,
    /// Its value before; absent if it was not there.
    pub before: Option<Value>,
    /// Its value after; absent if it is gone.
    pub after: Option<Value>,
}

impl Applied {
    /// The fields that changed, in order, without what the server keeps for itself.
    pub fn diff(&self) -> Vec<Difference> {
        let mut found = Vec::new();
        let before = self.before.as_ref().map(contents);
        let after = (self.action != Action::Pruned).then(|| contents(&self.after));
        differences(String::new(), before.as_ref(), after.as_ref(), &mut found);
        found
    }
}

impl fmt::Display for Applied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let action = match self.action {
            Action::Created => "created",
            Action::Configured => "configured",
            Action::Unchanged => "unchanged",
            Action::Pruned => "pruned",
        };
        write!(f, "{} {action}", Called(&self.after))
    }
}

impl Manifests {
    /// Applies the objects in order, one after the other.
    ///
    /// # Errors
    ///
    /// [`ManifestError::Object`] at the first object that could not be applied; those before it were, and applying again
    /// goes on from there. [`ManifestError::ForeignSet`] if the set is another tool's.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves what was applied so far.
    pub async fn apply(
        &self,
        client: &Client,
        options: &ApplyOptions,
    ) -> Result<Vec<Applied>, ManifestError> {
        let run = Run {
            client,
            options,
            resolver: Resolver::new(client.clone()),
            defined: self.defined(),
            namespaces: self
                .objects
                .iter()
                .filter(|object| kind(object) == "Namespace")
                .filter_map(|object| object.metadata.name.as_deref())
                .collect(),
        };
        let members = match &options.set {
            Some(set) => Some(set.find(client, options, &run.resolver).await?),
            None => None,
        };
        let mut placed = self.objects.clone();
        if let Some(members) = &members {
            placed.iter_mut().for_each(|object| members.label(object));
            members.announce(&placed).await?;
        }
        let mut applied = Vec::new();
        for object in placed {
            let called = Called(&object).to_string();
            let done = run.apply(object).await.map_err(|source| ManifestError::Object {
                object: called,
                source,
            })?;
            applied.push(done);
        }
        if let Some(members) = &members {
            let pruned = members.prune(&applied).await?;
            applied.extend(pruned);
        }
        Ok(applied)
    }
}

/// One run over manifests.
struct Run<'a> {
    client: &'a Client,
    options: &'a ApplyOptions,
    resolver: Resolver,
    /// The kinds that the manifests define.
    defined: Vec<GroupVersionKind>,
    /// The namespaces that the manifests make.
    namespaces: Vec<&'a str>,
}

impl Run<'_> {
    async fn apply(&self, object: DynamicObject) -> Result<Applied> {
        let env = self.client.env();
        let deadline = env.monotonic().saturating_add(self.options.wait);
        loop {
            let error = match self.try_apply(&object).await {
                Err(error) if error.is_not_served() && self.is_to_come(&object) => error,
                result => return result,
            };
            if self.options.params.dry_run {
                return Ok(created(object));
            }
            if env.monotonic() >= deadline {
                return Err(error);
            }
            env.sleep(LOOK_EVERY).await;
        }
    }

    async fn try_apply(&self, object: &DynamicObject) -> Result<Applied> {
        let api = self.api(object).await?;
        // Its presence was checked when it was read.
        let name = object.metadata.name.as_deref().unwrap_or_default();
        let before = api.get_opt(name).await?;
        let after = match api.apply(object, self.options.params.clone()).await {
            Ok(after) => after,
            Err(error)
                if self.options.params.dry_run && error.is_not_found() && self.has_no_namespace_yet(&api) =>
            {
                return Ok(created(object.clone()));
            }
            Err(error) => return Err(error),
        };
        let action = match &before {
            None => Action::Created,
            Some(before) if contents(before) == contents(&after) => Action::Unchanged,
            Some(_) => Action::Configured,
        };
        Ok(Applied {
            action,
            before,
            after,
        })
    }

    async fn api(&self, object: &DynamicObject) -> Result<Api<DynamicObject>> {
        let mut object = object.clone();
        object.metadata.namespace = object
            .metadata
            .namespace
            .or_else(|| self.options.namespace.clone());
        self.resolver.api_of(&object).await
    }

    /// The manifests define the kind of this object, so that it will be served.
    fn is_to_come(&self, object: &DynamicObject) -> bool {
        let gvk = object
            .types
            .as_ref()
            .and_then(|types| GroupVersionKind::try_from(types).ok());
        gvk.is_some_and(|gvk| self.defined.contains(&gvk))
    }

    fn has_no_namespace_yet(&self, api: &Api<DynamicObject>) -> bool {
        api.namespace_name()
            .is_some_and(|namespace| self.namespaces.contains(&namespace))
    }
}

fn created(object: DynamicObject) -> Applied {
    Applied {
        action: Action::Created,
        before: None,
        after: object,
    }
}

/// An object without what the server keeps for itself.
fn contents(object: &DynamicObject) -> Value {
    let mut object = object.clone();
    object.metadata.managed_fields = None;
    object.metadata.resource_version = None;
    object.metadata.generation = None;
    // What was read as JSON can be written as JSON.
    serde_json::to_value(object).unwrap_or_default()
}

fn differences(path: String, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            let added = after.keys().filter(|key| !before.contains_key(*key));
            for key in before.keys().chain(added) {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                differences(path, before.get(key), after.get(key), found);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            for index in 0..before.len().max(after.len()) {
                differences(
                    format!("{path}[{index}]"),
                    before.get(index),
                    after.get(index),
                    found,
                );
            }
        }
        (before, after) => found.push(Difference {
            path,
            before: before.cloned(),
            after: after.cloned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn differences_are_told_field_by_field() {
        let before = json!({"a": {"b": 1, "c": [1, 2]}, "d": "x"});
        let after = json!({"a": {"b": 2, "c": [1]}, "e": null});
        let mut found = Vec::new();
        differences(String::new(), Some(&before), Some(&after), &mut found);
        let text: Vec<_> = found
            .iter()
            .map(|d| format!("{}: {:?} -> {:?}", d.path, d.before, d.after))
            .collect();
        assert_eq!(
            text,
            [
                "a.b: Some(Number(1)) -> Some(Number(2))",
                "a.c[1]: Some(Number(2)) -> None",
                "d: Some(String(\"x\")) -> None",
                "e: None -> Some(Null)",
            ]
        );
    }
}
