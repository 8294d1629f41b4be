//! What belongs together, and what does not belong to it any more.
//!
//! # Source
//!
//! KEP-3659: a parent object names the kinds and the namespaces of the set; a label on each member names the set.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Action, Applied, ApplyOptions, ManifestError};
use crate::{
    api::{Api, DeleteParams, ListParams, Preconditions},
    client::Client,
    core::{ApiResource, DynamicObject, GroupVersionKind, TypeMeta},
    discovery::{Discovery, Resolver, Scope},
    error::{Error, Result},
};

const ID: &str = "applyset.kubernetes.io/id";
const PART_OF: &str = "applyset.kubernetes.io/part-of";
const TOOLING: &str = "applyset.kubernetes.io/tooling";
const KINDS: &str = "applyset.kubernetes.io/contains-group-kinds";
const NAMESPACES: &str = "applyset.kubernetes.io/additional-namespaces";

/// The name of this tool in the parents of its sets, before its version.
const TOOL: &str = "seatrial";

/// A set of applied objects, known by a parent object in the cluster.
///
/// The parent is made where it does not exist. It may be used by one tool only: a set of `kubectl` is left alone.
#[derive(Clone, Debug)]
pub struct ApplySet {
    kind: &'static str,
    name: String,
    namespace: Option<String>,
}

impl ApplySet {
    /// The set whose parent is a Secret, in the namespace of the apply.
    pub fn secret(name: &str) -> Self {
        Self::new("Secret", name)
    }

    /// The set whose parent is a ConfigMap, in the namespace of the apply.
    pub fn config_map(name: &str) -> Self {
        Self::new("ConfigMap", name)
    }

    /// Puts the parent into a namespace of its own.
    #[must_use]
    pub fn within(mut self, namespace: &str) -> Self {
        self.namespace = Some(namespace.to_owned());
        self
    }

    fn new(kind: &'static str, name: &str) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            namespace: None,
        }
    }

    fn namespace(&self, client: &Client, options: &ApplyOptions) -> String {
        let chosen = self.namespace.as_ref().or(options.namespace.as_ref());
        chosen.map_or_else(|| client.default_namespace().to_owned(), Clone::clone)
    }

    /// The name that the members' labels give the set.
    fn id(&self, namespace: &str) -> String {
        let text = format!("{}.{namespace}.{}.", self.name, self.kind);
        format!("applyset-{}-v1", URL_SAFE_NO_PAD.encode(Sha256::digest(text)))
    }

    pub(super) fn label(&self, object: &mut DynamicObject, client: &Client, options: &ApplyOptions) {
        let id = self.id(&self.namespace(client, options));
        let labels = object.metadata.labels.get_or_insert_default();
        labels.insert(PART_OF.to_owned(), id);
    }

    fn parents(&self, client: &Client, namespace: &str) -> Api<DynamicObject> {
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", self.kind));
        Api::namespaced_with(client.clone(), namespace, &resource)
    }

    /// Adds to the parent what the members will be, so that nobody loses sight of them if this is interrupted.
    pub(super) async fn announce(
        &self,
        client: &Client,
        options: &ApplyOptions,
        objects: &[DynamicObject],
    ) -> Result<(), ManifestError> {
        let known = self.contents(client, options).await?;
        if options.params.dry_run {
            return Ok(());
        }
        let mut contents = Contents::of(objects);
        contents.kinds.extend(known.kinds);
        contents.namespaces.extend(known.namespaces);
        self.write(client, options, &contents).await
    }

    /// Deletes the members that were not applied, and says in the parent what is left.
    pub(super) async fn prune(
        &self,
        client: &Client,
        options: &ApplyOptions,
        resolver: &Resolver,
        applied: &[Applied],
    ) -> Result<Vec<Applied>, ManifestError> {
        let known = self.contents(client, options).await?;
        let pruned = self
            .delete_others(client, options, resolver, applied, &known)
            .await
            .map_err(|source| self.failed(source))?;
        if !options.params.dry_run {
            let objects: Vec<_> = applied.iter().map(|applied| applied.after.clone()).collect();
            self.write(client, options, &Contents::of(&objects)).await?;
        }
        Ok(pruned)
    }

    async fn delete_others(
        &self,
        client: &Client,
        options: &ApplyOptions,
        resolver: &Resolver,
        applied: &[Applied],
        known: &Contents,
    ) -> Result<Vec<Applied>> {
        let namespace = self.namespace(client, options);
        let members = ListParams::default().labels(&format!("{PART_OF}={}", self.id(&namespace)));
        let kept: BTreeSet<_> = applied
            .iter()
            .filter_map(|applied| applied.after.metadata.uid.as_deref())
            .collect();
        let groups: Vec<_> = known.kinds.iter().map(|(_, group)| group.as_str()).collect();
        let discovery = Discovery::new(client.clone()).filter(&groups).run().await?;
        let mut pruned = Vec::new();
        for (kind, group) in &known.kinds {
            // A kind that is not served any more has no objects.
            let Some((resource, _)) = discovery.get(group).and_then(|group| {
                let mut resources = group.resources_by_stability().into_iter();
                resources.find(|(resource, _)| resource.kind == *kind)
            }) else {
                continue;
            };
            let gvk = GroupVersionKind::gvk(&resource.group, &resource.version, &resource.kind);
            let (resource, capabilities) = resolver.resolve(&gvk).await?;
            let all: Api<DynamicObject> = Api::dynamic(client.clone(), &resource, &capabilities.scope);
            let apis = match capabilities.scope {
                Scope::Cluster => vec![all],
                Scope::Namespaced => {
                    let namespaces = known
                        .namespaces
                        .iter()
                        .chain([&namespace])
                        .collect::<BTreeSet<_>>();
                    namespaces
                        .into_iter()
                        .map(|namespace| all.clone().constrain(namespace))
                        .collect()
                }
            };
            for api in apis {
                for mut object in api.list_all(&members).await?.items {
                    // The items of a list do not say what they are.
                    object.types = Some(TypeMeta {
                        api_version: resource.api_version.clone(),
                        kind: resource.kind.clone(),
                    });
                    let (Some(name), Some(uid)) = (&object.metadata.name, &object.metadata.uid) else {
                        continue;
                    };
                    if kept.contains(uid.as_str()) {
                        continue;
                    }
                    let only_this = DeleteParams {
                        dry_run: options.params.dry_run,
                        ..DeleteParams::default()
                    }
                    .preconditions(Preconditions {
                        uid: Some(uid.clone()),
                        resource_version: None,
                    });
                    match api.delete_if_present(name, &only_this).await {
                        // Another object of that name is no member that was listed.
                        Err(error) if !error.is_conflict() => return Err(error),
                        _ => {}
                    }
                    pruned.push(Applied {
                        action: Action::Pruned,
                        before: Some(object.clone()),
                        after: object,
                    });
                }
            }
        }
        Ok(pruned)
    }

    /// What the parent says of its members; nothing if there is no parent.
    async fn contents(&self, client: &Client, options: &ApplyOptions) -> Result<Contents, ManifestError> {
        let parents = self.parents(client, &self.namespace(client, options));
        let parent = parents
            .get_opt(&self.name)
            .await
            .map_err(|source| self.failed(source))?;
        let Some(parent) = parent else {
            return Ok(Contents::default());
        };
        let annotations = parent.metadata.annotations.unwrap_or_default();
        let text = |key: &str| annotations.get(key).map_or("", String::as_str);
        let tooling = text(TOOLING);
        if !tooling.is_empty() && tooling.split('/').next() != Some(TOOL) {
            return Err(ManifestError::ForeignSet {
                tooling: tooling.to_owned(),
            });
        }
        let words = |key: &str| {
            let words = text(key).split(',').filter(|word| !word.is_empty());
            words.map(str::to_owned).collect::<Vec<_>>()
        };
        let kinds = words(KINDS).into_iter().map(|word| match word.split_once('.') {
            Some((kind, group)) => (kind.to_owned(), group.to_owned()),
            None => (word, String::new()),
        });
        Ok(Contents {
            kinds: kinds.collect(),
            namespaces: words(NAMESPACES).into_iter().collect(),
        })
    }

    async fn write(
        &self,
        client: &Client,
        options: &ApplyOptions,
        contents: &Contents,
    ) -> Result<(), ManifestError> {
        let namespace = self.namespace(client, options);
        let kinds = contents.kinds.iter().map(|(kind, group)| match group.as_str() {
            "" => kind.clone(),
            group => format!("{kind}.{group}"),
        });
        let others = contents
            .namespaces
            .iter()
            .filter(|other| **other != namespace)
            .cloned();
        let (id, tooling) = (
            self.id(&namespace),
            concat!("seatrial/v", env!("CARGO_PKG_VERSION")),
        );
        let parent = json!({
            "metadata": {
                "name": self.name,
                "labels": {ID: id},
                "annotations": {
                    TOOLING: tooling,
                    KINDS: kinds.collect::<Vec<_>>().join(","),
                    NAMESPACES: others.collect::<Vec<_>>().join(","),
                },
            },
        });
        let parents = self.parents(client, &namespace);
        let written = parents.apply(&parent, options.params.clone().force()).await;
        written.map(drop).map_err(|source| self.failed(source))
    }

    fn failed(&self, source: Error) -> ManifestError {
        ManifestError::Object {
            object: format!("the set of {} {}", self.kind, self.name),
            source,
        }
    }
}

/// The kinds (with their groups) and the namespaces of a set's members.
#[derive(Default)]
struct Contents {
    kinds: BTreeSet<(String, String)>,
    namespaces: BTreeSet<String>,
}

impl Contents {
    fn of(objects: &[DynamicObject]) -> Self {
        let kinds = objects.iter().filter_map(|object| {
            let gvk = GroupVersionKind::try_from(object.types.as_ref()?).ok()?;
            Some((gvk.kind, gvk.group))
        });
        let namespaces = objects
            .iter()
            .filter_map(|object| object.metadata.namespace.clone());
        Self {
            kinds: kinds.collect(),
            namespaces: namespaces.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_named_by_its_parent() {
        let id = ApplySet::secret("web").id("apps");
        assert_eq!(id, ApplySet::secret("web").within("elsewhere").id("apps"));
        assert_ne!(id, ApplySet::config_map("web").id("apps"));
        // A label's value has 63 characters at most.
        assert!(
            id.starts_with("applyset-") && id.ends_with("-v1") && id.len() <= 63,
            "{id}"
        );
    }
}
