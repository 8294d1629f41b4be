//! One expression, compiled once and run often.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::check::{Checked, check};
use crate::library::{Access, Authorizer, Opaque, Subject};
use crate::plan::{Node, plan};
use crate::run::Machine;
use crate::schema::Schema;
use crate::source::{Issues, Source};
use crate::syntax::parse;
use crate::types::Type;
use crate::value::{Failure, Value};

/// What one run may cost, unless said otherwise.
pub(crate) const RUN_COST_MAX: u64 = 1_000_000;

/// The variables that an expression may use, in the order in which runs give them.
#[derive(Debug, Default)]
pub struct Variables {
    all: Vec<(String, Type)>,
}

/// The value of a variable.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Input<'a> {
    /// A value of a variable that was declared by [`Variables::json`].
    Json(&'a Json),
    /// Who answers questions of access; declared by [`Variables::authorizer`].
    Authorizer(Arc<dyn Authorizer>),
}

/// A compiled expression.
#[derive(Debug)]
pub struct Program {
    node: Node,
    checked: Checked,
    inputs: usize,
}

/// The value of an expression.
#[derive(Debug, Clone)]
pub struct Answer<'a> {
    value: Value<'a>,
    cost: u64,
}

/// Why a run has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunError {
    /// The run was given another number of values than the program has variables.
    Inputs {
        /// How many variables there are.
        wanted: usize,
        /// How many values were given.
        given: usize,
    },
    /// The expression failed.
    Failed(Failure),
}

// === impl Variables ===

impl Variables {
    /// No variables.
    pub fn new() -> Self {
        Self::default()
    }

    /// A variable that holds any JSON, whose types are known at run time only.
    #[must_use]
    pub fn json(mut self, name: &str) -> Self {
        self.all.push((name.to_owned(), Type::Dyn));
        self
    }

    /// A variable that answers questions of access.
    #[must_use]
    pub fn authorizer(self, name: &str) -> Self {
        self.typed(name, Type::Opaque("kubernetes.authorization.Authorizer"))
    }

    pub(crate) fn typed(mut self, name: &str, t: Type) -> Self {
        self.all.push((name.to_owned(), t));
        self
    }
}

// === impl Input ===

impl<'a> Input<'a> {
    fn value(&self) -> Result<Value<'a>, Failure> {
        match self {
            Self::Json(json) => Value::of(json, Schema::any()),
            Self::Authorizer(host) => {
                let access = Access::Authorizer(host.clone(), Subject::Requester);
                Ok(Value::Opaque(Rc::new(Opaque::Access(access))))
            }
        }
    }
}

// === impl Program ===

impl Program {
    /// Compiles an expression.
    ///
    /// # Errors
    /// What is wrong with the expression, as a server prints it.
    pub fn compile(expression: &str, vars: &Variables) -> Result<Self, Issues> {
        let source = Source::new(expression);
        let parsed = parse(&source).map_err(Issues::new)?;
        let types: Vec<(&str, Type)> = vars.all.iter().map(|(n, t)| (n.as_str(), t.clone())).collect();
        let checked = check(&source, parsed, &types).map_err(Issues::new)?;
        let names: Vec<&str> = types.iter().map(|(n, _)| *n).collect();
        Ok(Self {
            node: plan(&checked, &names),
            checked,
            inputs: names.len(),
        })
    }

    /// The type of the expression's values, as messages call it: `bool`, `list(string)`, `dyn`.
    pub fn result_type(&self) -> String {
        self.output().to_string()
    }

    pub(crate) fn output(&self) -> &Type {
        self.checked.type_of(self.checked.root.id)
    }

    pub(crate) fn checked(&self) -> &Checked {
        &self.checked
    }

    /// Whether the expression uses a variable.
    pub fn uses(&self, variable: &str) -> bool {
        self.checked.root.uses(variable)
    }

    /// Computes the expression for one value per variable, in their order; it may cost what a server allows one expression.
    ///
    /// # Errors
    /// The number of values is wrong, or the expression fails.
    pub fn run<'a>(&'a self, values: &[&'a Json]) -> Result<Answer<'a>, RunError> {
        let inputs: Vec<Input<'a>> = values.iter().map(|json| Input::Json(json)).collect();
        self.run_within(&inputs, RUN_COST_MAX)
    }

    /// As [`run`](Self::run), with values of any kind and another limit of cost.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_within<'a>(&'a self, inputs: &[Input<'a>], cost_max: u64) -> Result<Answer<'a>, RunError> {
        if inputs.len() != self.inputs {
            return Err(RunError::Inputs {
                wanted: self.inputs,
                given: inputs.len(),
            });
        }
        let values = inputs.iter().map(Input::value).collect::<Result<Vec<_>, _>>()?;
        let (value, cost) = self.eval(values, cost_max);
        Ok(Answer { value: value?, cost })
    }

    /// Computes the expression, and says what that cost.
    pub(crate) fn eval<'a>(
        &'a self,
        values: impl IntoIterator<Item = Value<'a>>,
        cost_max: u64,
    ) -> (Result<Value<'a>, Failure>, u64) {
        let mut machine = Machine::new(values, cost_max);
        let value = machine.run(&self.node);
        (value, machine.cost())
    }
}

// === impl Answer ===

impl Answer<'_> {
    /// The value, if it is a truth value.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(b) => Some(b),
            _ => None,
        }
    }

    /// The value, if it is a text.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(s) => Some(s),
            _ => None,
        }
    }

    /// The value as JSON, as far as JSON has it: optionals are what is in them or null, types and values of libraries are
    /// their names.
    pub fn to_json(&self) -> Json {
        json(&self.value)
    }

    /// What the run cost.
    pub fn cost(&self) -> u64 {
        self.cost
    }
}

fn json(value: &Value<'_>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Int(i) => (*i).into(),
        Value::Uint(u) => (*u).into(),
        Value::Double(d) => serde_json::Number::from_f64(*d).map_or(Json::Null, Json::Number),
        Value::Bytes(b) => {
            use base64::Engine as _;
            Json::String(base64::engine::general_purpose::STANDARD.encode(b))
        }
        Value::List(list) => list.iter().map(|v| v.map_or(Json::Null, |v| json(&v))).collect(),
        Value::Map(map) => map
            .keys()
            .iter()
            .filter_map(|k| Some((k.shown(), json(&map.get(k)?.ok()?))))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Optional(o) => o.as_ref().map_or(Json::Null, |v| json(v)),
        other => Json::String(other.shown()),
    }
}

// === impl RunError ===

impl From<Failure> for RunError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inputs { wanted, given } => {
                write!(
                    f,
                    "the program has {wanted} variables, but {given} values were given"
                )
            }
            Self::Failed(failure) => failure.fmt(f),
        }
    }
}

impl std::error::Error for RunError {}
