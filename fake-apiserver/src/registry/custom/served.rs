//! A definition as it is served: its versions, and how an object gets from one to another.
//!
//! An object is stored as the version that it was written in, converted to the definition's storage version. Whoever
//! reads it sees it as the version asked for: the defaults of the stored version are filled in, the object is converted,
//! and what the version asked for does not know is dropped. Nothing of that is written back until the next write.
//!
//! # Source
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/>

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value, json};

use crate::apply::entries::Entries;
use crate::apply::managed::Versions;
use crate::crd::{CustomType, conversion, definition};
use crate::registry::{Core, server_error};
use crate::schema::{NodeId, Schema};
use crate::status::Result;
use crate::storage::{Stored, ViewKey};
use crate::webhook::{Call, ClientConfig};

/// All versions of a definition, each compiled when it is first asked.
pub(crate) struct Definition {
    value: Arc<Value>,
    group: Arc<str>,
    kind: Arc<str>,
    /// By `apiVersion`.
    types: BTreeMap<Arc<str>, OnceLock<Option<CustomType>>>,
    /// The `apiVersion` in which objects are stored.
    storage: Arc<str>,
    /// Who converts; `None` where versions differ in nothing but what they know.
    webhook: Option<ClientConfig>,
    /// The revision since which it is served like this: older ones cannot be watched from.
    since: u64,
}

/// One served version of a definition.
pub(crate) struct Version {
    definition: Arc<Definition>,
    /// What its views of objects are kept under; the first half is the `apiVersion`.
    key: ViewKey,
    columns: Vec<Value>,
    /// The fields that lists and watches may be filtered by, as selectors name them.
    selectable: Vec<String>,
}

/// The versions of a definition as field management looks at them: objects come in the version of the request.
pub(crate) struct AllVersions<'a> {
    pub(crate) core: &'a Core,
    pub(crate) version: &'a Version,
}

// === impl Definition ===

impl Definition {
    pub(super) fn new(value: Arc<Value>, since: u64) -> Self {
        let spec = &value["spec"];
        let text = |v: &Value| Arc::<str>::from(v.as_str().unwrap_or(""));
        let group = text(&spec["group"]);
        let api_version = |name: &str| Arc::<str>::from(format!("{group}/{name}"));
        let versions = spec["versions"].as_array().into_iter().flatten();
        let names = versions.filter_map(|v| v["name"].as_str());
        let storage = definition::storage_version(&value).unwrap_or_default();
        Self {
            types: names.map(|name| (api_version(name), OnceLock::new())).collect(),
            storage: api_version(&storage),
            webhook: (spec["conversion"]["strategy"] == "Webhook")
                .then(|| ClientConfig::new(&spec["conversion"]["webhook"]["clientConfig"])),
            kind: text(&spec["names"]["kind"]),
            group,
            value,
            since,
        }
    }

    /// Whether conversion leaves the process.
    pub(crate) fn calls_webhooks(&self) -> bool {
        self.webhook.is_some()
    }

    /// All versions as `apiVersion` names them.
    pub(crate) fn api_versions(&self) -> impl Iterator<Item = &str> {
        self.types.keys().map(|v| &**v)
    }

    /// The compiled type of a version; `None` for one that the definition does not have.
    fn kind_of(&self, api_version: &str) -> Option<&CustomType> {
        let (name, cell) = self.types.get_key_value(api_version)?;
        let version = name.rsplit('/').next().unwrap_or_default();
        cell.get_or_init(|| CustomType::new(&self.value, version).ok())
            .as_ref()
    }

    /// Where each version, as `apiVersion` names it, keeps the number of replicas that its scale shows.
    pub(crate) fn replicas_paths(&self) -> Vec<(String, Option<String>)> {
        let versions = self.value["spec"]["versions"].as_array();
        let versions = versions.into_iter().flatten();
        versions
            .filter_map(|v| {
                let path = v["subresources"]["scale"]["specReplicasPath"].as_str();
                Some((
                    format!("{}/{}", self.group, v["name"].as_str()?),
                    path.map(str::to_owned),
                ))
            })
            .collect()
    }

    /// An object of one version as another has it; neither carries its type. A webhook sees what is kept beside it, too.
    fn convert(
        &self,
        core: &Core,
        object: Value,
        beside: (&Entries, u64),
        (from, to): (&str, &str),
    ) -> Result<Value> {
        if from == to {
            return Ok(object);
        }
        for (version, word) in [(from, "from"), (to, "to")] {
            if !self.types.contains_key(version) {
                return Err(server_error(format!(
                    "request to convert CR {word} an invalid group/version: {version}"
                )));
            }
        }
        let Some(webhook) = &self.webhook else {
            return Ok(object);
        };
        let mut typed = Stored::owned(Arc::new(object), beside.0.clone(), beside.1).shown();
        typed["apiVersion"] = from.into();
        typed["kind"] = json!(&*self.kind);
        let uid = conversion::uid(&typed, to);
        let call = Call::new(
            webhook,
            &core.store,
            conversion::TIMEOUT,
            conversion::review(&uid, to, &typed),
        );
        let failed = |why: String| {
            server_error(format!(
                "conversion webhook for {from}, Kind={} failed: {why}",
                self.kind
            ))
        };
        let answer = core
            .calls
            .ask(call)
            .ok_or_else(|| failed("is being called".into()))?;
        let answer = answer.map_err(failed)?;
        let mut converted = conversion::converted(&answer, &uid, &typed, to)
            .map_err(|e| server_error(e.about(from, &self.kind)))?;
        if let Some(fields) = converted.as_object_mut() {
            fields.remove("apiVersion");
            fields.remove("kind");
        }
        if let Some(metadata) = converted["metadata"].as_object_mut() {
            metadata.remove("managedFields");
            metadata.remove("resourceVersion");
        }
        Ok(converted)
    }
}

// === impl Version ===

impl Version {
    pub(super) fn new(definition: Arc<Definition>, name: &str) -> Self {
        let versions = definition.value["spec"]["versions"].as_array();
        let version = versions.into_iter().flatten().find(|v| v["name"] == *name);
        let columns = match version.and_then(|v| v["additionalPrinterColumns"].as_array()) {
            Some(columns) if !columns.is_empty() => columns.clone(),
            _ => vec![json!({
                "name": "Age",
                "type": "date",
                "description": crate::encode::CREATED,
                "jsonPath": ".metadata.creationTimestamp",
            })],
        };
        Self {
            key: (format!("{}/{name}", definition.group).into(), definition.since),
            columns,
            selectable: version
                .and_then(|v| v["selectableFields"].as_array())
                .into_iter()
                .flatten()
                .filter_map(|f| f["jsonPath"].as_str())
                .map(|path| path.trim_start_matches('.').to_owned())
                .collect(),
            definition,
        }
    }

    /// What a selector sees in a field of an object; `None` for a field that none may name.
    pub(crate) fn selectable(&self, field: &str, object: &Value) -> Option<String> {
        if !self.is_selectable(field) {
            return None;
        }
        Some(match field.split('.').try_fold(object, |at, step| at.get(step)) {
            Some(Value::String(text)) => text.clone(),
            Some(value @ (Value::Bool(_) | Value::Number(_))) => value.to_string(),
            _ => String::new(),
        })
    }

    /// Whether a selector may name a field.
    pub(crate) fn is_selectable(&self, field: &str) -> bool {
        self.selectable.iter().any(|s| s == field)
    }

    /// All versions of the definition.
    pub(crate) fn definition(&self) -> &Arc<Definition> {
        &self.definition
    }

    /// The revision since which it is served like this.
    pub(crate) fn since(&self) -> u64 {
        self.definition.since
    }

    /// The compiled type; `None` for a version that the definition does not have.
    pub(crate) fn kind(&self) -> Option<&CustomType> {
        self.definition.kind_of(&self.key.0)
    }

    /// The printer columns; the age alone where there are none.
    pub(crate) fn columns(&self) -> &[Value] {
        &self.columns
    }

    /// Whether the definition says of this version what it said before.
    pub(crate) fn is_of(&self, definition: &Value) -> bool {
        let own = &self.definition.value;
        own["metadata"]["uid"] == definition["metadata"]["uid"]
            && own["spec"] == definition["spec"]
            && own["status"]["acceptedNames"] == definition["status"]["acceptedNames"]
    }

    /// A stored object as this version has it.
    ///
    /// # Errors
    /// The object was stored in a version that is no more, or the webhook that converts it failed.
    pub(crate) fn view(&self, core: &Core, stored: &Arc<Stored>) -> Result<Arc<Stored>> {
        let Some(from) = stored.version() else {
            return Ok(stored.clone());
        };
        if let Some(view) = stored.known_view(&self.key) {
            return Ok(view);
        }
        // Most objects are read as they were written.
        if *from == self.key.0 && self.kind().is_some_and(|kind| kind.is_settled(stored.value())) {
            stored.keep_view(self.key.clone(), None);
            return Ok(stored.clone());
        }
        let mut object = (**stored.value()).clone();
        if let Some(kind) = self.definition.kind_of(from) {
            kind.fill(&mut object);
        }
        let beside = (stored.entries(), stored.revision());
        let mut object = self
            .definition
            .convert(core, object, beside, (from, &self.key.0))?;
        if let Some(kind) = self.kind() {
            kind.prune(&mut object);
        }
        let view = (object != **stored.value()).then(|| {
            Arc::new(Stored::written_in(
                Arc::new(object),
                stored.entries().clone(),
                stored.revision(),
                Some(self.key.0.clone()),
            ))
        });
        stored.keep_view(self.key.clone(), view.clone());
        Ok(view.unwrap_or_else(|| stored.clone()))
    }

    /// An object of this version as it is to be stored, and the `apiVersion` of that.
    ///
    /// # Errors
    /// The webhook that converts it failed.
    pub(crate) fn to_storage(
        &self,
        core: &Core,
        object: Map<String, Value>,
        entries: &Entries,
    ) -> Result<(Map<String, Value>, Arc<str>)> {
        let storage = self.definition.storage.clone();
        if storage == self.key.0 {
            return Ok((object, storage));
        }
        let object = Value::Object(object);
        let mut object = self
            .definition
            .convert(core, object, (entries, 0), (&self.key.0, &storage))?;
        if let Some(kind) = self.definition.kind_of(&storage) {
            kind.prune(&mut object);
        }
        match object {
            Value::Object(fields) => Ok((fields, storage)),
            // Conversion gives objects for objects.
            _ => Ok((Map::new(), storage)),
        }
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Version").field(&self.key).finish()
    }
}

// === impl AllVersions ===

impl Versions for AllVersions<'_> {
    fn view<'a>(&'a self, object: &Value, api_version: &str) -> Option<(Value, &'a Schema, NodeId)> {
        let definition = &self.version.definition;
        let (schema, node) = definition.kind_of(api_version)?.schema();
        let mut plain = object.clone();
        let typed = plain
            .as_object_mut()
            .and_then(|o| o.remove("apiVersion"))
            .is_some();
        // A failure shows as such when the object is stored, which converts it too.
        let mut converted = definition
            .convert(
                self.core,
                plain,
                (&Entries::new(), 0),
                (&self.version.key.0, api_version),
            )
            .ok()?;
        if typed {
            converted["apiVersion"] = api_version.into();
            converted["kind"] = json!(&*definition.kind);
        }
        Some((converted, schema, node))
    }
}
