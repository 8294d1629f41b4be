//! One served version of a custom resource: read, filled in, pruned, judged.

use std::sync::Arc;

use serde_json::{Value, json};

use super::definition::{is_true, storage_version, text};
use super::props::Props;
use super::rules::{Judgement, Rules};
use super::scale::Scale;
use super::{compile, embedded, list_type, prune, value};
use crate::discovery::{Catalog, Resource, Subresource, Verb, Verbs};
use crate::schema::decode::{DecodeError, Decoded, decode_untyped};
use crate::schema::{NodeId, Schema};
use crate::status::{FieldError, FieldErrorKind};

/// A version of a custom resource, compiled.
///
/// Making one walks the whole schema; keep it as long as the definition's spec stays the same.
#[derive(Debug)]
pub struct CustomType {
    api_version: String,
    kind: String,
    props: Props,
    schema: Schema,
    root: NodeId,
    has_rules: bool,
    rules: Rules,
    status: bool,
    scale: Option<Scale>,
    deprecated: Option<String>,
}

/// A definition has no such version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the definition has no such version")]
pub struct NoVersion;

/// The discovery table of all established definitions, in the order given.
pub fn catalog<'a>(crds: impl IntoIterator<Item = &'a Value>) -> Catalog {
    let mut catalog = Catalog::new();
    for crd in crds {
        if !is_true(crd, "Established") {
            continue;
        }
        let list_kind = text(&crd["status"]["acceptedNames"]["listKind"]);
        for version in crd["spec"]["versions"].as_array().into_iter().flatten() {
            if version["served"] == true {
                let schema = Arc::new(published_schema(version));
                catalog = catalog.with(resource(crd, version), list_kind, schema);
            }
        }
    }
    catalog
}

/// A version's schema with the fields that selectors may name.
fn published_schema(version: &Value) -> Value {
    let mut schema = version["schema"]["openAPIV3Schema"].clone();
    let fields = version["selectableFields"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    if let Some(schema) = schema.as_object_mut()
        && !fields.is_empty()
    {
        let path = |field: &Value| text(&field["jsonPath"]).trim_start_matches('.').to_owned();
        let fields = fields.iter().map(|field| json!({"fieldPath": path(field)}));
        schema.insert("x-kubernetes-selectable-fields".into(), fields.collect());
    }
    schema
}

/// A version's entry in discovery, by the accepted names.
fn resource(crd: &Value, version: &Value) -> Resource {
    let group = text(&crd["spec"]["group"]);
    let names = &crd["status"]["acceptedNames"];
    let name = text(&version["name"]);
    let kind = text(&names["kind"]);
    let list = |field: &str| {
        let all = names[field].as_array();
        all.into_iter().flatten().map(|s| text(s).into()).collect()
    };
    let mut verbs = Verbs::ALL;
    if is_true(crd, "Terminating") {
        verbs = verbs
            .without(Verb::Create)
            .without(Verb::Update)
            .without(Verb::Patch);
    }
    let sub_verbs: Verbs = [Verb::Get, Verb::Patch, Verb::Update].into_iter().collect();
    let mut subresources = Vec::new();
    if version["subresources"]["status"].is_object() {
        subresources.push(Subresource {
            name: "status".into(),
            group: group.into(),
            version: name.into(),
            kind: kind.into(),
            verbs: sub_verbs,
        });
    }
    if version["subresources"]["scale"].is_object() {
        subresources.push(Subresource {
            name: "scale".into(),
            group: "autoscaling".into(),
            version: "v1".into(),
            kind: "Scale".into(),
            verbs: sub_verbs,
        });
    }
    let storage = storage_version(crd).unwrap_or_default();
    Resource {
        group: group.into(),
        version: name.into(),
        plural: text(&names["plural"]).into(),
        singular: text(&names["singular"]).into(),
        kind: kind.into(),
        namespaced: crd["spec"]["scope"] == "Namespaced",
        verbs,
        short_names: list("shortNames"),
        categories: list("categories"),
        storage_version_hash: crate::discovery::storage_version_hash(group, &storage, kind).into(),
        subresources,
        custom: true,
    }
}

impl CustomType {
    /// Compiles a version of a definition.
    ///
    /// # Errors
    /// The definition does not have the version.
    pub fn new(crd: &Value, version: &str) -> Result<Self, NoVersion> {
        let versions = crd["spec"]["versions"].as_array();
        let found = versions.into_iter().flatten().find(|v| v["name"] == version);
        let found = found.ok_or(NoVersion)?;
        let group = text(&crd["spec"]["group"]);
        let kind = text(&crd["spec"]["names"]["kind"]);
        let props = Props::parse(&found["schema"]["openAPIV3Schema"]);
        let (schema, root) = compile::compile(&props);
        let scale = &found["subresources"]["scale"];
        let path = |field: &str| text(&scale[field]).to_owned();
        let warning = || match found["deprecationWarning"].as_str() {
            Some(warning) => warning.to_owned(),
            None => format!("{group}/{version} {kind} is deprecated"),
        };
        Ok(Self {
            api_version: format!("{group}/{version}"),
            kind: kind.to_owned(),
            has_rules: props.any_rules(),
            rules: Rules::new(&found["schema"]["openAPIV3Schema"]),
            schema,
            root,
            props,
            status: found["subresources"]["status"].is_object(),
            scale: scale.is_object().then(|| Scale {
                spec_replicas: path("specReplicasPath"),
                status_replicas: path("statusReplicasPath"),
                label_selector: path("labelSelectorPath"),
            }),
            deprecated: (found["deprecated"] == true).then(warning),
        })
    }

    /// The type as patches and applies walk it; the root has `apiVersion`, `kind` and `metadata` too.
    pub fn schema(&self) -> (&Schema, NodeId) {
        (&self.schema, self.root)
    }

    /// Whether the status is a subresource.
    pub fn has_status(&self) -> bool {
        self.status
    }

    /// Where the scale subresource reads and writes.
    pub fn scale(&self) -> Option<&Scale> {
        self.scale.as_ref()
    }

    /// The warning that every answer of this version carries.
    pub fn deprecation(&self) -> Option<&str> {
        self.deprecated.as_deref()
    }

    /// Whether the schema has validation rules.
    pub fn has_rules(&self) -> bool {
        self.has_rules
    }

    /// Reads a body: duplicate fields are noted, metadata is typed, defaults are filled in, unknown fields pruned.
    ///
    /// # Errors
    /// The text is not JSON, or the metadata of the object or of one embedded in it has the wrong form.
    pub fn decode(&self, text: &[u8]) -> Result<Decoded, DecodeError> {
        let mut decoded = decode_untyped(text)?;
        let more = self.normalise(&mut decoded.value)?;
        decoded.strict.extend(more);
        Ok(decoded)
    }

    /// Does to an object that was read already what [`Self::decode`] does to a body; returns what field validation
    /// complains of.
    ///
    /// # Errors
    /// The metadata of the object or of one embedded in it has the wrong form.
    pub fn normalise(&self, object: &mut Value) -> Result<Vec<String>, DecodeError> {
        let mut strict = Vec::new();
        if let Some(metadata) = object.get_mut("metadata") {
            let (typed, complaints) = embedded::typed(metadata)?;
            *metadata = match typed {
                Value::Null => Value::Object(serde_json::Map::new()),
                typed => typed,
            };
            strict.extend(complaints.iter().map(|c| c.replacen('"', "\"metadata.", 1)));
        }
        self.fill(object);
        let unknown = prune::unknown(object, &self.props);
        strict.extend(
            unknown
                .iter()
                .map(|path| format!("unknown field {}", crate::status::go_quote(path))),
        );
        prune::nulls(object, &self.props);
        let complaints = embedded::coerce(object, &self.props, "").map_err(DecodeError::Value)?;
        strict.extend(complaints);
        Ok(strict)
    }

    /// Drops what the version does not know, as converting an object to it does.
    pub fn prune(&self, object: &mut Value) {
        prune::unknown(object, &self.props);
    }

    /// Whether an object that is stored in this version is read in it as it is.
    pub(crate) fn is_settled(&self, object: &Value) -> bool {
        prune::is_settled(object, &self.props)
    }

    /// Fills in defaults, as reading an object that was stored in this version does.
    pub fn fill(&self, object: &mut Value) {
        prune::nulls(object, &self.props);
        prune::defaults(object, &self.props);
    }

    /// What is wrong with an object, besides its metadata: the schema, the scale, embedded objects, lists, and, where none
    /// of that is in the way, its rules.
    ///
    /// A wrong kind or version is the only error told, as on the real server. Values that are what they were in `old`, in
    /// the place of which the object is written, are not judged again, nor are lists where one held an item twice before.
    pub fn validate(&self, object: &Value, old: Option<&Value>) -> Judgement {
        let mut errors = Vec::new();
        if object["kind"] != *self.kind {
            let why = format!("must be {}", self.kind);
            errors.push(FieldError::invalid("kind", object["kind"].clone(), why));
        }
        if object["apiVersion"] != *self.api_version {
            let why = format!("must be {}", self.api_version);
            errors.push(FieldError::invalid(
                "apiVersion",
                object["apiVersion"].clone(),
                why,
            ));
        }
        if !errors.is_empty() {
            return Judgement {
                errors,
                ..Judgement::default()
            };
        }
        errors.extend(value::validate(object, old, &self.props, ""));
        if let Some(scale) = &self.scale {
            errors.extend(scale.validate_spec(object));
            errors.extend(scale.validate_status(object));
        }
        errors.extend(embedded::validate(object, &self.props, ""));
        let unique = |object| list_type::validate(object, &self.props, "");
        if old.is_none_or(|old| unique(old).is_empty()) {
            errors.extend(unique(object));
        }
        self.judge(object, old, errors)
    }

    /// What is wrong with the status of an object that is written through the status subresource, over `old`; rules are
    /// those of the whole object.
    pub fn validate_status(&self, object: &Value, old: &Value) -> Judgement {
        let mut errors = Vec::new();
        if let (Some(status), Some(schema)) = (object.get("status"), self.props.properties.get("status")) {
            let old = old.get("status");
            errors.extend(value::validate(status, old, schema, "status"));
            errors.extend(embedded::validate(status, schema, "status"));
            let unique = |status| list_type::validate(status, schema, "status");
            if old.is_none_or(|old| unique(old).is_empty()) {
                errors.extend(unique(status));
            }
        }
        if let Some(scale) = &self.scale {
            errors.extend(scale.validate_status(object));
        }
        self.judge(object, Some(old), errors)
    }

    /// Adds what the rules say; or that they were not looked at, since the object is wrong without them.
    fn judge(&self, object: &Value, old: Option<&Value>, mut errors: Vec<FieldError>) -> Judgement {
        const SKIPPED: &str = "some validation rules were not checked because the object was invalid; correct the \
            existing errors to complete validation";
        let blocking = errors.iter().any(|e| {
            matches!(
                e.kind,
                FieldErrorKind::NotSupported
                    | FieldErrorKind::Required
                    | FieldErrorKind::TooLong
                    | FieldErrorKind::TooMany
                    | FieldErrorKind::TypeInvalid
            )
        });
        if !self.has_rules || !blocking {
            let more = self.rules.judge(object, old);
            errors.extend(more.errors);
            return Judgement {
                errors,
                warnings: more.warnings,
            };
        }
        errors.push(FieldError::of(
            FieldErrorKind::Invalid,
            "<nil>",
            Some("null".into()),
            SKIPPED,
        ));
        Judgement {
            errors,
            ..Judgement::default()
        }
    }
}

#[cfg(test)]
mod tests;
