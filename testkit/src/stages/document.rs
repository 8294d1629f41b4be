//! Stages as they are written, and how they become stages.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::{
    Delay, Effects, Event, Expression, FAILURE, HEARTBEAT, Patch, Requirement, Stage, StageError,
    StageProblem, Template, Test,
};
use crate::fixture::{self, FixtureError};

const API_VERSION: &str = "kwok.x-k8s.io/v1alpha1";

/// Reads the documents of a YAML stream.
pub(super) fn read(yaml: &str) -> Result<Vec<Stage>, StageError> {
    let mut names = BTreeSet::new();
    let mut stages = Vec::new();
    for (document, object) in fixture::numbered(yaml) {
        let mut place = Place {
            document,
            stage: None,
        };
        let object = object.map_err(|error| match error {
            FixtureError::Yaml { message, .. } => place.wrong("", StageProblem::Yaml(message)),
            other => place.wrong("", StageProblem::Yaml(other.to_string())),
        })?;
        if object.is_null() {
            continue;
        }
        let name = object.pointer("/metadata/name").and_then(Value::as_str);
        place.stage = name.map(str::to_owned);
        let stage = stage(&place, object)?;
        if !names.insert(stage.name.clone()) {
            return Err(place.wrong("metadata.name", StageProblem::Duplicate));
        }
        stages.push(stage);
    }
    Ok(stages)
}

/// Where something is wrong.
struct Place {
    document: usize,
    stage: Option<String>,
}

impl Place {
    fn wrong(&self, field: &str, problem: StageProblem) -> StageError {
        StageError {
            document: self.document,
            stage: self.stage.clone(),
            field: if field.is_empty() { "." } else { field }.to_owned(),
            problem,
        }
    }

    fn expression(&self, field: &str, code: &str) -> Result<Expression, StageError> {
        Expression::parse(code).map_err(|why| self.wrong(field, StageProblem::Expression(why)))
    }

    fn template(&self, field: &str, text: &str) -> Result<Template, StageError> {
        Template::parse(text).map_err(|why| self.wrong(field, StageProblem::Template(why)))
    }

    fn from(&self, field: &str, from: Option<ExpressionFrom>) -> Result<Option<Expression>, StageError> {
        let field = format!("{field}.expressionFrom");
        from.map(|from| self.expression(&field, &from.expression_from))
            .transpose()
    }
}

// === As it is written ===

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    #[serde(rename = "apiVersion")]
    _api_version: String,
    #[serde(rename = "kind")]
    _kind: String,
    metadata: Metadata,
    spec: Spec,
    #[serde(rename = "status", default)]
    _status: Value,
}

/// Metadata of objects has more fields than these, and they do not matter here.
#[derive(Deserialize)]
struct Metadata {
    name: String,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Spec {
    resource_ref: ResourceRef,
    selector: Option<Selector>,
    #[serde(default)]
    weight: i64,
    weight_from: Option<ExpressionFrom>,
    #[serde(default)]
    delay: DelaySpec,
    next: Next,
    #[serde(default)]
    immediate_next_stage: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ResourceRef {
    #[serde(default)]
    api_group: String,
    kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Selector {
    #[serde(default)]
    match_labels: BTreeMap<String, String>,
    #[serde(default)]
    match_annotations: BTreeMap<String, String>,
    #[serde(default)]
    match_expressions: Vec<MatchExpression>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MatchExpression {
    key: String,
    operator: Operator,
    #[serde(default)]
    values: Vec<String>,
}

#[derive(Deserialize)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DelaySpec {
    #[serde(default)]
    duration_milliseconds: i64,
    duration_from: Option<ExpressionFrom>,
    jitter_duration_milliseconds: Option<i64>,
    jitter_duration_from: Option<ExpressionFrom>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ExpressionFrom {
    expression_from: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Next {
    event: Option<EventSpec>,
    #[serde(default)]
    finalizers: Finalizers,
    #[serde(default)]
    delete: bool,
    #[serde(default)]
    patches: Vec<PatchSpec>,
    #[serde(default)]
    status_template: String,
    status_subresource: Option<String>,
    status_patch_as: Option<Impersonation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EventSpec {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    message: String,
}

/// What becomes of finalizers: they are emptied, then taken away, then added.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Finalizers {
    #[serde(default)]
    pub(super) add: Vec<FinalizerItem>,
    #[serde(default)]
    pub(super) remove: Vec<FinalizerItem>,
    #[serde(default)]
    pub(super) empty: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FinalizerItem {
    pub(super) value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PatchSpec {
    subresource: Option<String>,
    root: Option<String>,
    template: String,
    #[serde(rename = "type")]
    kind: Option<PatchType>,
    impersonation: Option<Impersonation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Impersonation {
    username: String,
}

/// How a patch is to be read.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum PatchType {
    /// RFC 6902.
    Json,
    /// RFC 7386.
    Merge,
    /// With lists merged by their keys; for kinds that do not know how, as [`PatchType::Merge`].
    Strategic,
}

// === How it becomes a stage ===

fn stage(place: &Place, object: Value) -> Result<Stage, StageError> {
    let text = |field: &str| object[field].as_str().unwrap_or_default().to_owned();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    if (api_version.as_str(), kind.as_str()) != (API_VERSION, "Stage") {
        let what = format!("{api_version} {kind}").trim().to_owned();
        let field = if kind == "Stage" { "apiVersion" } else { "kind" };
        return Err(place.wrong(field, StageProblem::NotAStage(what)));
    }
    let document: Document = serde_path_to_error::deserialize(object).map_err(|error| {
        let field = error.path().to_string();
        place.wrong(&field, StageProblem::Shape(error.into_inner().to_string()))
    })?;
    let spec = document.spec;
    let failure = document.metadata.annotations.get(FAILURE);
    let is_heartbeat = document
        .metadata
        .annotations
        .get(HEARTBEAT)
        .is_some_and(|told| told == "true");
    let is_lasting = match failure.map(String::as_str) {
        None | Some("transient") => false,
        Some("lasting") => true,
        Some(_) => {
            let field = format!("metadata.annotations.{FAILURE}");
            return Err(place.wrong(&field, StageProblem::Value("write `transient` or `lasting`")));
        }
    };
    if document.metadata.name.is_empty() {
        return Err(place.wrong("metadata.name", StageProblem::Value("a stage needs a name")));
    }
    if spec.resource_ref.kind.is_empty() {
        return Err(place.wrong("spec.resourceRef.kind", StageProblem::Value("name a kind")));
    }
    let weight = u32::try_from(spec.weight)
        .map_err(|_| place.wrong("spec.weight", StageProblem::Value("a weight is at least 0")))?;
    Ok(Stage {
        name: document.metadata.name,
        api_version: match &*spec.resource_ref.api_group {
            "" => "v1".to_owned(),
            group => group.to_owned(),
        },
        kind: spec.resource_ref.kind,
        selector: spec
            .selector
            .map(|selector| requirements(place, selector))
            .transpose()?,
        weight,
        weight_from: place.from("spec.weightFrom", spec.weight_from)?,
        delay: delay(place, spec.delay)?,
        effects: effects(place, spec.next)?,
        is_immediate: spec.immediate_next_stage,
        is_failure: failure.is_some(),
        is_lasting,
        is_heartbeat,
    })
}

fn requirements(place: &Place, selector: Selector) -> Result<Vec<Requirement>, StageError> {
    let mut requirements = Vec::new();
    for (field, map, wanted) in [
        ("matchLabels", "labels", selector.match_labels),
        ("matchAnnotations", "annotations", selector.match_annotations),
    ] {
        for (key, value) in wanted {
            // The key is a JSON string, which is one of jq's.
            let code = format!(".metadata.{map}[{}]", Value::from(&*key));
            requirements.push(Requirement {
                key: place.expression(&format!("spec.selector.{field}.{key}"), &code)?,
                test: Test::In(vec![value]),
            });
        }
    }
    for (nth, expression) in selector.match_expressions.into_iter().enumerate() {
        let field = format!("spec.selector.matchExpressions[{nth}]");
        let has_values = !expression.values.is_empty();
        let test = match (expression.operator, has_values) {
            (Operator::In, true) => Test::In(expression.values),
            (Operator::NotIn, true) => Test::NotIn(expression.values),
            (Operator::Exists, false) => Test::Exists,
            (Operator::DoesNotExist, false) => Test::DoesNotExist,
            (Operator::In | Operator::NotIn, false) => {
                let problem = StageProblem::Value("`In` and `NotIn` need values");
                return Err(place.wrong(&format!("{field}.values"), problem));
            }
            (Operator::Exists | Operator::DoesNotExist, true) => {
                let problem = StageProblem::Value("`Exists` and `DoesNotExist` have no values");
                return Err(place.wrong(&format!("{field}.values"), problem));
            }
        };
        requirements.push(Requirement {
            key: place.expression(&format!("{field}.key"), &expression.key)?,
            test,
        });
    }
    Ok(requirements)
}

fn delay(place: &Place, spec: DelaySpec) -> Result<Delay, StageError> {
    for (field, milliseconds) in [
        ("durationMilliseconds", Some(spec.duration_milliseconds)),
        ("jitterDurationMilliseconds", spec.jitter_duration_milliseconds),
    ] {
        if milliseconds.is_some_and(|m| m < 0) {
            let field = format!("spec.delay.{field}");
            return Err(place.wrong(&field, StageProblem::Value("a time is at least 0")));
        }
    }
    Ok(Delay {
        at_least: spec.duration_milliseconds,
        at_least_from: place.from("spec.delay.durationFrom", spec.duration_from)?,
        at_most: spec.jitter_duration_milliseconds,
        at_most_from: place.from("spec.delay.jitterDurationFrom", spec.jitter_duration_from)?,
    })
}

fn effects(place: &Place, next: Next) -> Result<Effects, StageError> {
    let mut patches = Vec::new();
    if !next.status_template.is_empty() {
        patches.push(Patch {
            subresource: Some(next.status_subresource.unwrap_or_else(|| "status".to_owned())),
            root: Some("status".to_owned()),
            template: place.template("spec.next.statusTemplate", &next.status_template)?,
            kind: PatchType::Strategic,
            user: next.status_patch_as.map(|user| user.username),
        });
    }
    for (nth, spec) in next.patches.into_iter().enumerate() {
        let field = format!("spec.next.patches[{nth}]");
        let kind = spec.kind.unwrap_or(PatchType::Strategic);
        let root = spec.root.filter(|root| !root.is_empty());
        if kind == PatchType::Json && root.is_some() {
            let problem = StageProblem::Value("a JSON patch has no root");
            return Err(place.wrong(&format!("{field}.root"), problem));
        }
        patches.push(Patch {
            subresource: spec.subresource.filter(|part| !part.is_empty()),
            root,
            template: place.template(&format!("{field}.template"), &spec.template)?,
            kind,
            user: spec.impersonation.map(|user| user.username),
        });
    }
    Ok(Effects {
        event: next.event.map(|event| Event {
            kind: event.kind,
            reason: event.reason,
            message: event.message,
        }),
        finalizers: next.finalizers,
        patches,
        delete: next.delete,
    })
}
