//! What can be requested: every resource that is served, and what is known of it.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, LazyLock, OnceLock};

use serde_json::{Map, Value};

use super::strategy::Strategy;
use super::{Core, custom, kinds};
use crate::crd::CustomType;
use crate::discovery::{self, Verbs};
use crate::schema::{self, Absent, Node, NodeId, Schema, Shape};
use crate::status::Result;
use crate::storage::Stored;

/// A resource in one version: what discovery says of it, and how it is served.
pub(crate) struct Resource {
    info: discovery::Resource,
    /// The kind of its lists.
    pub(crate) list_kind: String,
    /// The table that holds the objects: one for all versions.
    pub(crate) table: Arc<str>,
    /// `version` or `group/version`.
    pub(crate) api_version: Arc<str>,
    /// What precedes an object's own fields in JSON; see [`crate::storage::Stored::tail`].
    pub(crate) prefix: Arc<str>,
    /// Whether a CRD serves it.
    pub(crate) custom: bool,
    /// The rules of the kind.
    pub(crate) strategy: Arc<dyn Strategy>,
    /// The kind among the built-in types.
    node: Option<NodeId>,
    /// What the definition of a custom resource says.
    defined: Option<custom::Version>,
}

/// All resources, by group, version and plural name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Catalog {
    groups: BTreeMap<String, BTreeMap<String, BTreeMap<String, Arc<Resource>>>>,
    /// Whether a definition is converted by a webhook.
    calls_webhooks: bool,
}

/// What a [`Catalog`] says of a group, version and resource.
pub(crate) enum Found<'a> {
    /// It is served.
    Resource(&'a Arc<Resource>),
    /// The group is, the rest is not.
    Group,
    /// There is no such group.
    Nothing,
}

// === impl Resource ===

impl Resource {
    /// A built-in resource.
    pub(crate) fn builtin(info: &discovery::Resource) -> Self {
        let list_kind = format!("{}List", info.kind);
        let strategy = kinds::strategy(&info.group, &info.version, &info.plural);
        // Events are the one resource that two groups serve.
        let group = if &*info.plural == "events" {
            ""
        } else {
            &info.group
        };
        let table = crate::status::qualified(group, &info.plural);
        Self::new(info.clone(), list_kind, table, false, strategy)
    }

    fn new(
        info: discovery::Resource,
        list_kind: String,
        table: String,
        custom: bool,
        strategy: Arc<dyn Strategy>,
    ) -> Self {
        let api_version = info.api_version();
        let node = if custom {
            None
        } else {
            schema::builtin().kind_of(&api_version, &info.kind)
        };
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let prefix = format!(
            "{{\"kind\":{},\"apiVersion\":{},",
            quoted(&info.kind),
            quoted(&api_version)
        );
        Self {
            info,
            list_kind,
            table: table.into(),
            api_version: api_version.into(),
            prefix: prefix.into(),
            custom,
            strategy,
            node,
            defined: None,
        }
    }

    /// A version of a custom resource.
    pub(crate) fn custom(mut info: discovery::Resource, list_kind: String, version: custom::Version) -> Self {
        let table = crate::status::qualified(&info.group, &info.plural);
        // Discovery hides some verbs of a definition that is going away, but they are still served.
        info.verbs = Verbs::ALL;
        Self {
            defined: Some(version),
            ..Self::new(info, list_kind, table, true, Arc::new(custom::Custom))
        }
    }

    /// What the definition of a custom resource says of this version.
    pub(crate) fn defined(&self) -> Option<&custom::Version> {
        self.defined.as_ref()
    }

    /// The compiled type of a custom resource.
    pub(crate) fn custom_type(&self) -> Option<&CustomType> {
        self.defined.as_ref()?.kind()
    }

    /// A stored object as this version of the resource has it.
    ///
    /// # Errors
    /// It cannot be converted.
    pub(crate) fn view(&self, core: &Core, stored: &Arc<Stored>) -> Result<Arc<Stored>> {
        match &self.defined {
            Some(version) => version.view(core, stored),
            None => Ok(self.strategy.view(stored).unwrap_or_else(|| stored.clone())),
        }
    }

    /// The group that refusals of invalid objects name: that of the form in which the server works on them.
    pub(crate) fn working_group(&self) -> &str {
        if &*self.plural == "events" {
            ""
        } else {
            &self.group
        }
    }

    /// Whether a definition says of the resource what was said when it was made.
    pub(crate) fn is_defined_by(&self, definition: &Value) -> bool {
        self.defined.as_ref().is_some_and(|v| v.is_of(definition))
    }

    /// The kind's built-in type; `None` for custom resources.
    pub(crate) fn node(&self) -> Option<(&'static Schema, NodeId)> {
        self.node.map(|node| (schema::builtin().schema(), node))
    }

    /// What a typed object prints for a field that it was not given; `None` for nothing.
    pub(crate) fn zero_field(&self, name: &str) -> Option<Value> {
        let (schema, node) = self.node()?;
        let Shape::Struct(fields) = &schema.node(node).shape else {
            return None;
        };
        let field = fields.field(name)?;
        match field.go.absent {
            Absent::Omitted => None,
            Absent::Null => Some(Value::Null),
            Absent::Zero => Some(schema::decode::zero(schema, field.node)),
        }
    }

    /// An object without content, as a bookmark shows it.
    pub(crate) fn blank(&self) -> Map<String, Value> {
        let zero = self
            .node()
            .map(|(schema, node)| schema::decode::zero(schema, node));
        match zero {
            Some(Value::Object(fields)) => fields,
            _ => Map::new(),
        }
    }

    /// The type by which fields are owned and patches merged.
    pub(crate) fn managed_type(&self) -> (&Schema, NodeId) {
        let own = self.node().or_else(|| self.custom_type().map(CustomType::schema));
        own.unwrap_or_else(|| {
            static ANY: LazyLock<(Schema, NodeId)> = LazyLock::new(|| {
                let mut schema = Schema::new();
                let node = schema.add(Node::new(Shape::Any));
                (schema, node)
            });
            (&ANY.0, ANY.1)
        })
    }

    /// The name in messages: `pods`, `deployments.apps`.
    pub(crate) fn qualified(&self) -> String {
        crate::status::qualified(&self.group, &self.plural)
    }

    /// The key of an object in its table.
    pub(crate) fn key(&self, namespace: &str, name: &str) -> crate::storage::Key {
        if self.namespaced {
            [namespace, "/", name].concat().into()
        } else {
            name.into()
        }
    }

    /// Whether the object has a status that only `/status` writes.
    pub(crate) fn has_status(&self) -> bool {
        self.subresource("status").is_some()
    }

    /// The Go type that stands behind the kind in a few messages.
    pub(crate) fn go_type(&self, list: bool) -> String {
        if self.custom {
            return format!("*unstructured.Unstructured{}", if list { "List" } else { "" });
        }
        let package = match &*self.group {
            "" => "core",
            group => group.split('.').next().unwrap_or(group),
        };
        let suffix = if list { "List" } else { "" };
        format!("*{package}.{}{suffix}", self.kind)
    }

    /// The path that an object has in etcd, which one message shows.
    pub(crate) fn etcd_key(&self, namespace: &str, name: &str) -> String {
        let prefix = if self.custom {
            format!("{}/{}", self.group, self.plural)
        } else {
            match (&*self.group, &*self.plural) {
                ("", "services") => "services/specs".to_owned(),
                ("", "endpoints") => "services/endpoints".to_owned(),
                ("", "nodes") => "minions".to_owned(),
                ("networking.k8s.io", "ingresses") => "ingress".to_owned(),
                (group @ ("apiextensions.k8s.io" | "apiregistration.k8s.io"), plural) => {
                    format!("{group}/{plural}")
                }
                (_, plural) => plural.to_owned(),
            }
        };
        if self.namespaced {
            format!("/registry/{prefix}/{namespace}/{name}")
        } else {
            format!("/registry/{prefix}/{name}")
        }
    }
}

impl Deref for Resource {
    type Target = discovery::Resource;

    fn deref(&self) -> &Self::Target {
        &self.info
    }
}

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.api_version, self.plural)
    }
}

// === impl Catalog ===

impl Catalog {
    /// The resources that are always there.
    pub(crate) fn builtin() -> Arc<Self> {
        static BUILTIN: OnceLock<Arc<Catalog>> = OnceLock::new();
        BUILTIN
            .get_or_init(|| {
                let mut catalog = Self::default();
                for info in discovery::builtin_resources() {
                    catalog.insert(Arc::new(Resource::builtin(info)));
                }
                Arc::new(catalog)
            })
            .clone()
    }

    pub(crate) fn insert(&mut self, resource: Arc<Resource>) {
        self.calls_webhooks |= resource
            .defined()
            .is_some_and(|v| v.definition().calls_webhooks());
        self.groups
            .entry(resource.group.to_string())
            .or_default()
            .entry(resource.version.to_string())
            .or_default()
            .insert(resource.plural.to_string(), resource);
    }

    /// Whether objects of some resource are converted by a webhook.
    pub(crate) fn calls_webhooks(&self) -> bool {
        self.calls_webhooks
    }

    pub(crate) fn find(&self, group: &str, version: &str, plural: &str) -> Found<'_> {
        let Some(versions) = self.groups.get(group) else {
            return Found::Nothing;
        };
        match versions.get(version).and_then(|r| r.get(plural)) {
            Some(resource) => Found::Resource(resource),
            None => Found::Group,
        }
    }

    /// Whether this very resource is in the catalogue.
    pub(crate) fn has(&self, resource: &Arc<Resource>) -> bool {
        let found = self.find(&resource.group, &resource.version, &resource.plural);
        matches!(found, Found::Resource(known) if Arc::ptr_eq(known, resource))
    }

    /// A resource by group and plural name, in whichever version comes first.
    pub(crate) fn any_version(&self, group: &str, plural: &str) -> Option<&Arc<Resource>> {
        self.groups.get(group)?.values().find_map(|r| r.get(plural))
    }

    /// All resources, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Resource>> {
        self.groups
            .values()
            .flat_map(|v| v.values().flat_map(|r| r.values()))
    }
}
