//! One expression, compiled once and run often.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::check::{Checked, check};
use crate::library::{Access, Attributes, Authorizer, Opaque, Subject, Topic};
use crate::names;
use crate::plan::{Node, plan};
use crate::run::{Later, Machine, Slot};
use crate::schema::Schema;
use crate::source::{Issues, Source};
use crate::syntax::parse;
use crate::types::{ObjectType, Type};
use crate::value::{Failure, Value};

/// What one run may cost, unless said otherwise.
pub(crate) const RUN_COST_MAX: u64 = 1_000_000;

/// The variables that an expression may use, in the order in which runs give them.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    all: Vec<Variable>,
}

#[derive(Debug, Clone)]
struct Variable {
    name: String,
    ty: Type,
    /// How its JSON is read; `None` for any.
    schema: Option<Arc<Schema>>,
}

/// The object whose fields are the variables that are expressions.
const COMPOSED: &str = "variables";

/// The value of a variable.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Input<'a> {
    /// A value of a variable that was declared by [`Variables::json`].
    Json(&'a Json),
    /// Who answers questions of access; declared by [`Variables::authorizer`].
    Authorizer(Arc<dyn Authorizer>),
    /// A question of access to a resource that only lacks its verb; declared by [`Variables::resource_check`].
    ResourceCheck(Arc<dyn Authorizer>, Box<Attributes>),
}

/// A compiled expression.
#[derive(Debug)]
pub struct Program {
    node: Node,
    checked: Checked,
    schemas: Vec<Option<Arc<Schema>>>,
}

/// The values of variables, for one program after the other; some of the variables may be expressions.
///
/// ```
/// use seatrial_cel::{Activation, Input, Program, Variables};
/// use serde_json::json;
///
/// let vars = Variables::new().json("object");
/// let double = Program::compile("object.n * 2", &vars)?;
/// let vars = vars.expression("double", &double);
/// let check = Program::compile("variables.double > 5", &vars)?;
/// let object = json!({"n": 3});
/// let mut values = Activation::new(&vars, &[Input::Json(&object)], 1_000_000)?;
/// values.define("double", &double);
/// assert_eq!(values.run(&check)?.as_bool(), Some(true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Activation<'a> {
    slots: Vec<Slot<'a>>,
    left: u64,
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
        self.push(name, Type::Dyn, None);
        self
    }

    /// A variable that holds JSON of a type of that name, which an OpenAPI schema describes. Its fields are called what
    /// they are called, also where the language has a use for the name.
    #[must_use]
    pub fn object(mut self, name: &str, type_name: &str, schema: &Json) -> Self {
        let schema = Schema::read(schema, type_name, false);
        let ty = schema.ty.as_ref().map_or(Type::Dyn, with_plain_names);
        self.push(name, ty, Some(Arc::new(schema)));
        self
    }

    /// A variable that is an expression, which was compiled with the variables so far: `variables.NAME`.
    #[must_use]
    pub fn expression(mut self, name: &str, program: &Program) -> Self {
        self = self.composing();
        let prefix = format!("{COMPOSED}.");
        let fields = self
            .all
            .iter()
            .filter_map(|v| Some((v.name.strip_prefix(&prefix)?, &v.ty)));
        let mut fields: BTreeMap<String, Type> = fields.map(|(n, t)| (n.to_owned(), t.clone())).collect();
        fields.insert(name.to_owned(), program.output().clone());
        if let Some(composed) = self.all.iter_mut().find(|v| v.name == COMPOSED) {
            composed.ty = composed_type(fields);
        }
        self.push(&format!("{prefix}{name}"), program.output().clone(), None);
        self
    }

    /// Lets expressions be variables, even if there are none yet.
    #[must_use]
    pub fn composing(mut self) -> Self {
        if !self.all.iter().any(|v| v.name == COMPOSED) {
            self.push(COMPOSED, composed_type(BTreeMap::new()), None);
        }
        self
    }

    /// A variable that answers questions of access.
    #[must_use]
    pub fn authorizer(self, name: &str) -> Self {
        self.typed(name, Type::Opaque("kubernetes.authorization.Authorizer"))
    }

    /// A variable that is a question of access to a resource.
    #[must_use]
    pub fn resource_check(self, name: &str) -> Self {
        self.typed(name, Type::Opaque("kubernetes.authorization.ResourceCheck"))
    }

    pub(crate) fn typed(mut self, name: &str, t: Type) -> Self {
        self.push(name, t, None);
        self
    }

    fn push(&mut self, name: &str, ty: Type, schema: Option<Arc<Schema>>) {
        self.all.push(Variable {
            name: name.to_owned(),
            ty,
            schema,
        });
    }
}

/// An object's type with the names of its fields as they are.
fn with_plain_names(ty: &Type) -> Type {
    match ty {
        Type::Object(object) => {
            let fields = object.fields.iter();
            let fields = fields.map(|(name, ty)| (names::unescape(name).into_owned(), with_plain_names(ty)));
            Type::Object(Arc::new(ObjectType {
                name: object.name.clone(),
                fields: fields.collect(),
            }))
        }
        other => other.clone(),
    }
}

fn composed_type(fields: BTreeMap<String, Type>) -> Type {
    Type::Object(Arc::new(ObjectType {
        name: "kubernetes.variables".into(),
        fields,
    }))
}

// === impl Input ===

impl<'a> Input<'a> {
    fn value(&self, schema: &'a Schema) -> Result<Value<'a>, Failure> {
        match self {
            Self::Json(json) => Value::of(json, schema),
            Self::Authorizer(host) => {
                let access = Access::Authorizer(host.clone(), Subject::Requester);
                Ok(Value::Opaque(Rc::new(Opaque::Access(access))))
            }
            Self::ResourceCheck(host, attributes) => {
                let access = Access::Question(
                    host.clone(),
                    Subject::Requester,
                    attributes.clone(),
                    Topic::Resource,
                );
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
        let types: Vec<(&str, Type)> = vars.all.iter().map(|v| (&*v.name, v.ty.clone())).collect();
        let checked = check(&source, parsed, &types).map_err(Issues::new)?;
        let names: Vec<&str> = types.iter().map(|(n, _)| *n).collect();
        Ok(Self {
            node: plan(&checked, &names),
            checked,
            schemas: vars.all.iter().map(|v| v.schema.clone()).collect(),
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
        if inputs.len() != self.schemas.len() {
            return Err(RunError::Inputs {
                wanted: self.schemas.len(),
                given: inputs.len(),
            });
        }
        let schema = |schema: &'a Option<Arc<Schema>>| schema.as_deref().unwrap_or(Schema::any());
        let both = inputs.iter().zip(&self.schemas);
        let values = both
            .map(|(input, own)| input.value(schema(own)))
            .collect::<Result<Vec<_>, _>>()?;
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

// === impl Activation ===

impl<'a> Activation<'a> {
    /// The values of those variables that are no expressions, in their order; all runs together may cost `cost_max`.
    ///
    /// # Errors
    /// A value has not the type of its variable.
    pub fn new(vars: &'a Variables, inputs: &[Input<'a>], cost_max: u64) -> Result<Self, RunError> {
        let mut given = inputs.iter();
        let mut slots = Vec::with_capacity(vars.all.len());
        for var in &vars.all {
            if var.name == COMPOSED {
                slots.push(Slot::Ready(Value::Null));
            } else if !is_composed(&var.name) {
                let input = given.next().ok_or(RunError::Inputs {
                    wanted: slots.len() + 1,
                    given: inputs.len(),
                })?;
                let schema = var.schema.as_deref().unwrap_or(Schema::any());
                slots.push(Slot::Ready(input.value(schema)?));
            }
        }
        Ok(Self {
            slots,
            left: cost_max,
        })
    }

    /// The next variable that is an expression.
    pub fn define(&mut self, name: &'a str, program: &'a Program) {
        self.slots.push(Slot::Later(Rc::new(Later {
            name,
            node: &program.node,
            before: self.slots.clone(),
            value: RefCell::default(),
        })));
    }

    /// Runs a program that was compiled with the variables that have values by now, or with the first of them.
    ///
    /// # Errors
    /// There are too few values, or the expression fails.
    pub fn run(&mut self, program: &'a Program) -> Result<Answer<'a>, RunError> {
        let wanted = program.schemas.len();
        let Some(slots) = self.slots.get(..wanted) else {
            return Err(RunError::Inputs {
                wanted,
                given: self.slots.len(),
            });
        };
        let mut machine = Machine::with_slots(slots, self.left.min(RUN_COST_MAX));
        let value = machine.run(&program.node);
        let cost = machine.cost();
        self.left = self.left.saturating_sub(cost);
        Ok(Answer { value: value?, cost })
    }
}

fn is_composed(name: &str) -> bool {
    name.strip_prefix(COMPOSED)
        .is_some_and(|rest| rest.starts_with('.'))
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
