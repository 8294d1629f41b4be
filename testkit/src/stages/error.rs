//! What is wrong with a stage as it is written.

/// A document of stages that cannot be used, and where it is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("document {document}{}, {field}: {problem}", named(.stage.as_deref()))]
#[non_exhaustive]
pub struct StageError {
    /// Which document, from 1.
    pub document: usize,
    /// The stage's name, if it could be read.
    pub stage: Option<String>,
    /// Where: `spec.selector.matchExpressions[0].key`.
    pub field: String,
    /// What.
    pub problem: StageProblem,
}

/// What is wrong with a field of a stage.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StageProblem {
    /// The document is not YAML.
    #[error("not YAML: {0}")]
    Yaml(String),
    /// A field is missing, unknown, or of another type.
    #[error("{0}")]
    Shape(String),
    /// The document is something else.
    #[error("`{0}` is no Stage of kwok.x-k8s.io/v1alpha1; leave it out")]
    NotAStage(String),
    /// Another stage of these documents has the name.
    #[error("there is another stage of this name")]
    Duplicate,
    /// The expression is not jq.
    #[error("not jq: {0}")]
    Expression(String),
    /// The template is not one of Go's.
    #[error("not a Go template: {0}")]
    Template(String),
    /// The value makes no sense here.
    #[error("{0}")]
    Value(&'static str),
}

fn named(stage: Option<&str>) -> String {
    stage.map(|name| format!(" (Stage `{name}`)")).unwrap_or_default()
}
