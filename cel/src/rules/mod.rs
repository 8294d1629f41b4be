//! The validation rules of a structural schema (`x-kubernetes-validations`).
//!
//! Writing a schema: [`judge`] says what is wrong with the rules' attributes, [`compile`] what is wrong with their
//! expressions and costs, in the words of the server. Writing an object: [`Rules::validate`] runs the compiled rules.
//!
//! Paths are printed as the API machinery prints field paths: `spec.list[0].name`, `spec.map[key]`.
//!
//! # Source
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules>,
//! [KEP-2876](https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/2876-crd-validation-expression-language),
//! [KEP-4008](https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4008-crd-ratcheting)

mod attributes;
mod compile;
mod field_path;
mod validate;

use serde_json::Value as Json;

use crate::program::Program;
use crate::schema::{ListKind, Schema};

pub use attributes::judge;
pub use compile::{Compiled, compile};
pub use validate::{BUDGET, Shown, Verdict, Violation};

/// What is wrong with a rule of a schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The path of the attribute.
    pub path: String,
    /// What sort of error it is.
    pub kind: FindingKind,
    /// What is wrong, in the server's words.
    pub detail: String,
}

/// The sorts of [`Finding`], which are those of the API machinery's field errors.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum FindingKind {
    /// Something is missing.
    Required,
    /// Something is wrong; the value as the server prints it.
    Invalid(String),
    /// A value is none of those supported.
    NotSupported {
        /// The value.
        value: String,
        /// The supported ones.
        supported: &'static [&'static str],
    },
    /// Something may not be.
    Forbidden,
}

/// The compiled rules of a schema.
#[derive(Debug, Default)]
pub struct Rules {
    root: Option<Level>,
}

/// The rules of one schema and of those below it; schemas without rules are left out.
#[derive(Debug, Default)]
struct Level {
    rules: Vec<Rule>,
    /// How rules see the value; there where rules are.
    schema: Option<Schema>,
    /// The type that the schema names.
    kind: String,
    below: Below,
}

#[derive(Debug, Default)]
enum Below {
    #[default]
    Nothing,
    Items(Box<Level>, ListKind),
    Values(Box<Level>),
    /// By name, sorted.
    Fields(Vec<(String, Level)>),
}

#[derive(Debug)]
struct Rule {
    program: Program,
    /// The rule or its message, by which errors name it.
    shown: String,
    /// What is said where the rule does not hold.
    message: String,
    message_program: Option<Program>,
    reason: Reason,
    /// What is added to the path of errors.
    field_path: String,
    transition: bool,
    optional_old: bool,
}

/// Why a value is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Reason {
    /// It is wrong.
    #[default]
    Invalid,
    /// It may not be given.
    Forbidden,
    /// It is missing.
    Required,
    /// It is there already.
    Duplicate,
}

impl Rules {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.root.is_none()
    }
}

/// Whether a schema or any below it has rules.
pub fn has_rules(schema: &Json) -> bool {
    !rules_of(schema).is_empty() || children(schema).any(|(_, child)| has_rules(child))
}

fn rules_of(schema: &Json) -> &[Json] {
    schema["x-kubernetes-validations"]
        .as_array()
        .map_or(&[], Vec::as_slice)
}

/// The schemas below a schema that values go through, with their paths from it.
fn children(schema: &Json) -> impl Iterator<Item = (String, &Json)> {
    let additional = &schema["additionalProperties"];
    let items = &schema["items"];
    let properties = schema["properties"].as_object().into_iter().flatten();
    additional
        .is_object()
        .then(|| (".additionalProperties".to_owned(), additional))
        .into_iter()
        .chain(properties.map(|(name, child)| (format!(".properties[{name}]"), child)))
        .chain(items.is_object().then(|| (".items".to_owned(), items)))
}

fn text<'j>(rule: &'j Json, attribute: &str) -> &'j str {
    rule[attribute].as_str().unwrap_or("")
}

fn has_lines(s: &str) -> bool {
    s.contains(['\n', '\r'])
}
