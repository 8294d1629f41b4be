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
    api::{Api, DeleteParams, ListParams, Preconditions, PropagationPolicy},
    client::Client,
    core::{ApiResource, DynamicObject, GroupVersionKind, TypeMeta},
    discovery::{Discovery, Resolver, Scope},
    error::{DiscoveryError, Error, Result},
};

const ID: &str = "applyset.kubernetes.io/id";
const PART_OF: &str = "applyset.kubernetes.io/part-of";
const TOOLING: &str = "applyset.kubernetes.io/tooling";
const KINDS: &str = "applyset.kubernetes.io/contains-group-kinds";
const IS_PARENT_TYPE: &str = "applyset.kubernetes.io/is-parent-type";
const NAMESPACES: &str = "applyset.kubernetes.io/additional-namespaces";

/// The name of this tool in the parents of its sets, before its version.
const TOOL: &str = "seatrial";

/// Who owns what the parent says of the set. The parent can be one of the manifests, whose manager states the rest of it, and would take it away by
/// stating this alone.
const MANAGER: &str = "seatrial-applyset";

/// A set of applied objects, known by a parent object in the cluster.
///
/// The parent is made where it does not exist, and must be one that can be made of a name alone. It may be used by one tool only: a set of `kubectl` is left alone.
#[derive(Clone, Debug)]
pub struct ApplySet {
    parent: GroupVersionKind,
    name: String,
    namespace: Option<String>,
}

impl ApplySet {
    /// The set whose parent is a Secret, in the namespace of the apply.
    pub fn secret(name: &str) -> Self {
        Self::new(GroupVersionKind::gvk("", "v1", "Secret"), name)
    }

    /// The set whose parent is a ConfigMap, in the namespace of the apply.
    pub fn config_map(name: &str) -> Self {
        Self::new(GroupVersionKind::gvk("", "v1", "ConfigMap"), name)
    }

    /// The set whose parent is a custom resource. It is in the namespace of the apply if its kind has namespaces.
    ///
    /// The definition of its kind says that it may be a parent by the label `applyset.kubernetes.io/is-parent-type: "true"`.
    pub fn custom(gvk: GroupVersionKind, name: &str) -> Self {
        Self::new(gvk, name)
    }

    /// Puts the parent into a namespace of its own.
    #[must_use]
    pub fn within(mut self, namespace: &str) -> Self {
        self.namespace = Some(namespace.to_owned());
        self
    }

    fn new(parent: GroupVersionKind, name: &str) -> Self {
        Self {
            parent,
            name: name.to_owned(),
            namespace: None,
        }
    }

    /// Finds the parent's kind on the server.
    pub(super) async fn find<'a>(
        &'a self,
        client: &'a Client,
        options: &'a ApplyOptions,
        resolver: &'a Resolver,
    ) -> Result<Members<'a>, ManifestError> {
        let (resource, capabilities) = resolver
            .resolve(&self.parent)
            .await
            .map_err(|source| self.failed(source))?;
        if !self.parent.group.is_empty() {
            self.check_definition(client, &resource).await?;
        }
        let usual = options.namespace.as_deref().unwrap_or(client.default_namespace());
        let home = self.namespace.as_deref().unwrap_or(usual).to_owned();
        let parents = Api::dynamic(client.clone(), &resource, &capabilities.scope);
        let (namespace, parents) = match capabilities.scope {
            // The parent has no namespace; the members that name none have one all the same.
            Scope::Cluster => (String::new(), parents),
            Scope::Namespaced => (home.clone(), parents.constrain(&home)),
        };
        Ok(Members {
            set: self,
            client,
            options,
            resolver,
            id: self.id(&namespace),
            namespace,
            home,
            usual: usual.to_owned(),
            parents,
        })
    }

    /// A custom resource may be a parent if its definition says so.
    async fn check_definition(&self, client: &Client, resource: &ApiResource) -> Result<(), ManifestError> {
        let definitions = ApiResource::from_gvk_with_plural(
            &GroupVersionKind::gvk("apiextensions.k8s.io", "v1", "CustomResourceDefinition"),
            "customresourcedefinitions",
        );
        let definitions: Api<DynamicObject> = Api::all_with(client.clone(), &definitions);
        let name = format!("{}.{}", resource.plural, resource.group);
        let definition = definitions
            .get_metadata_opt(&name)
            .await
            .map_err(|source| self.failed(source))?;
        let labels = definition
            .and_then(|definition| definition.metadata.labels)
            .unwrap_or_default();
        if labels.get(IS_PARENT_TYPE).is_some_and(|value| value == "true") {
            Ok(())
        } else {
            Err(ManifestError::NoParentType { definition: name })
        }
    }

    /// The name that the members' labels give the set.
    fn id(&self, namespace: &str) -> String {
        let GroupVersionKind { group, kind, .. } = &self.parent;
        let text = format!("{}.{namespace}.{kind}.{group}", self.name);
        format!("applyset-{}-v1", URL_SAFE_NO_PAD.encode(Sha256::digest(text)))
    }

    fn failed(&self, source: Error) -> ManifestError {
        ManifestError::Object {
            object: format!("the set of {} {}", self.parent.kind, self.name),
            source,
        }
    }
}

/// A set on a server.
pub(super) struct Members<'a> {
    set: &'a ApplySet,
    client: &'a Client,
    options: &'a ApplyOptions,
    resolver: &'a Resolver,
    id: String,
    /// That of the parent; empty if it has none.
    namespace: String,
    /// That of the parent, or where it would be if it had one.
    home: String,
    /// That of members which name none.
    usual: String,
    parents: Api<DynamicObject>,
}

impl Members<'_> {
    pub(super) fn label(&self, object: &mut DynamicObject) {
        let labels = object.metadata.labels.get_or_insert_default();
        labels.insert(PART_OF.to_owned(), self.id.clone());
    }

    /// Adds to the parent what the members will be, so that nobody loses sight of them if this is interrupted.
    pub(super) async fn announce(&self, objects: &[DynamicObject]) -> Result<(), ManifestError> {
        let known = self.contents().await?;
        if self.options.params.dry_run {
            return Ok(());
        }
        let mut contents = Contents::of(objects);
        contents.namespaces.insert(self.usual.clone());
        contents.kinds.extend(known.kinds);
        contents.namespaces.extend(known.namespaces);
        self.write(&contents).await
    }

    /// Deletes the members that were not applied, and says in the parent what is left.
    pub(super) async fn prune(&self, applied: &[Applied]) -> Result<Vec<Applied>, ManifestError> {
        let known = self.contents().await?;
        let pruned = self
            .delete_others(applied, &known)
            .await
            .map_err(|source| self.set.failed(source))?;
        if !self.options.params.dry_run {
            let objects: Vec<_> = applied.iter().map(|applied| applied.after.clone()).collect();
            self.write(&Contents::of(&objects)).await?;
        }
        Ok(pruned)
    }

    async fn delete_others(&self, applied: &[Applied], known: &Contents) -> Result<Vec<Applied>> {
        let client = self.client;
        let members = ListParams::default().labels(&format!("{PART_OF}={}", self.id));
        let kept: BTreeSet<_> = applied
            .iter()
            .filter_map(|applied| applied.after.metadata.uid.as_deref())
            .collect();
        let groups: Vec<_> = known.kinds.iter().map(|(_, group)| group.as_str()).collect();
        let discovery = Discovery::new(client.clone()).filter(&groups).run().await?;
        let mut pruned = Vec::new();
        for (kind, group) in &known.kinds {
            let Some((resource, _)) = discovery.get(group).and_then(|group| {
                let mut resources = group.resources_by_stability().into_iter();
                resources.find(|(resource, _)| resource.kind == *kind)
            }) else {
                // Nobody would look for its objects again once the parent does not name it.
                if discovery.unavailable().iter().any(|part| part.group == *group) {
                    let kind = format!("{kind}.{group}");
                    return Err(Error::Discovery(DiscoveryError::MissingKind(kind)));
                }
                // A kind that is not served any more has no objects.
                continue;
            };
            let gvk = GroupVersionKind::gvk(&resource.group, &resource.version, &resource.kind);
            let (resource, capabilities) = self.resolver.resolve(&gvk).await?;
            let all: Api<DynamicObject> = Api::dynamic(client.clone(), &resource, &capabilities.scope);
            let apis = match capabilities.scope {
                Scope::Cluster => vec![all],
                Scope::Namespaced => {
                    let namespaces = known
                        .namespaces
                        .iter()
                        .chain([&self.home])
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
                        dry_run: self.options.params.dry_run,
                        // For some kinds the server would leave behind what the object owns, such as the pods of a Job.
                        propagation_policy: Some(PropagationPolicy::Background),
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
    async fn contents(&self) -> Result<Contents, ManifestError> {
        let parent = self.parents.get_opt(&self.set.name).await;
        let parent = parent.map_err(|source| self.set.failed(source))?;
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

    async fn write(&self, contents: &Contents) -> Result<(), ManifestError> {
        let kinds = contents.kinds.iter().map(|(kind, group)| match group.as_str() {
            "" => kind.clone(),
            group => format!("{kind}.{group}"),
        });
        let others = contents
            .namespaces
            .iter()
            .filter(|other| **other != self.namespace)
            .cloned();
        let tooling = concat!("seatrial/v", env!("CARGO_PKG_VERSION"));
        let parent = json!({
            "metadata": {
                "name": self.set.name,
                "labels": {ID: self.id},
                "annotations": {
                    TOOLING: tooling,
                    KINDS: kinds.collect::<Vec<_>>().join(","),
                    NAMESPACES: others.collect::<Vec<_>>().join(","),
                },
            },
        });
        let mut params = self.options.params.clone().force();
        params.field_manager = Some(MANAGER.to_owned());
        let written = self.parents.apply(&parent, params).await;
        written.map(drop).map_err(|source| self.set.failed(source))
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
        let custom = |group| ApplySet::custom(GroupVersionKind::gvk(group, "v1", "Secret"), "web").id("apps");
        assert_ne!(custom("a.example.com"), custom("b.example.com"));
        assert_eq!(custom(""), id);
        // A label's value has 63 characters at most.
        assert!(
            id.starts_with("applyset-") && id.ends_with("-v1") && id.len() <= 63,
            "{id}"
        );
    }
}
