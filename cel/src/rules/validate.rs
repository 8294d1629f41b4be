//! Runs the rules of a schema for an object.

use serde_json::Value as Json;

use super::{Below, Level, Reason, Rule, Rules, has_lines};
use crate::program::RUN_COST_MAX;
use crate::schema::{ListKind, Schema};
use crate::value::{Failure, Value};

/// What all rules together may cost for one object, unless said otherwise.
pub const BUDGET: u64 = 10_000_000;

/// A message that an expression made may have this many bytes.
const MESSAGE_BYTES_MAX: usize = 5 * 1024;

/// What the rules say of an object.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Verdict {
    /// Why the object is refused.
    pub errors: Vec<Violation>,
    /// What does not hold, but did not hold before either: it is warned of, not refused.
    pub ratcheted: Vec<Violation>,
}

/// A rule that does not hold or could not be judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// The path of the value; empty for the whole object.
    pub path: String,
    /// Why it is refused.
    pub reason: Reason,
    /// What is shown of the value.
    pub shown: Shown,
    /// The message.
    pub detail: String,
}

/// What an error shows of the value.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Shown {
    /// Nothing.
    Nothing,
    /// The type that the schema names.
    Type(String),
    /// The value.
    Value(Json),
}

impl Rules {
    /// Judges an object, on updates beside the one that it replaces.
    pub fn validate(&self, object: &Json, old: Option<&Json>, budget: u64) -> Verdict {
        let mut run = Judge {
            verdict: Verdict::default(),
            budget,
        };
        if let Some(level) = &self.root {
            // That the budget ran out is said already.
            let _ = run.level(level, object, old, &Path::Root);
        }
        run.verdict
    }
}

struct Judge {
    verdict: Verdict,
    budget: u64,
}

/// No further rules are run.
struct Stop;

/// A path under construction, written only where it is shown.
enum Path<'p> {
    Root,
    Field(&'p Path<'p>, &'p str),
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl Path<'_> {
    fn write(&self, out: &mut String) {
        match self {
            Self::Root => {}
            Self::Field(parent, name) => {
                parent.write(out);
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(name);
            }
            Self::Key(parent, key) => {
                parent.write(out);
                out.push('[');
                out.push_str(key);
                out.push(']');
            }
            Self::Index(parent, i) => {
                parent.write(out);
                out.push_str(&format!("[{i}]"));
            }
        }
    }

    /// The path with a rule's own field path.
    fn with(&self, field_path: &str) -> String {
        let mut out = String::new();
        self.write(&mut out);
        if out.is_empty() {
            return field_path.trim_start_matches('.').to_owned();
        }
        out.push_str(field_path);
        out
    }
}

impl Judge {
    fn level(
        &mut self,
        level: &Level,
        value: &Json,
        old: Option<&Json>,
        path: &Path<'_>,
    ) -> Result<(), Stop> {
        if let Some(schema) = &level.schema {
            for rule in &level.rules {
                self.rule(rule, level, schema, value, old, path)?;
            }
        }
        match (&level.below, value) {
            (Below::Items(below, kind), Json::Array(items)) => {
                let old = old.and_then(Json::as_array);
                for (i, item) in items.iter().enumerate() {
                    let old = match (kind, old) {
                        (ListKind::Map(keys), Some(old)) => {
                            old.iter().find(|o| keys.iter().all(|k| o.get(k) == item.get(k)))
                        }
                        _ => None,
                    };
                    self.level(below, item, old, &Path::Index(path, i))?;
                }
            }
            (Below::Values(below), Json::Object(map)) => {
                for (key, item) in map {
                    let old = old.and_then(|o| o.get(key));
                    self.level(below, item, old, &Path::Key(path, key))?;
                }
            }
            (Below::Fields(fields), Json::Object(map)) => {
                for (name, below) in fields {
                    if let Some(item) = map.get(name) {
                        let old = old.and_then(|o| o.get(name));
                        self.level(below, item, old, &Path::Field(path, name))?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn rule(
        &mut self,
        rule: &Rule,
        level: &Level,
        schema: &Schema,
        value: &Json,
        old: Option<&Json>,
        path: &Path<'_>,
    ) -> Result<(), Stop> {
        if rule.transition && !rule.optional_old && old.is_none() {
            return Ok(());
        }
        let say = |this: &mut Self, path: String, reason: Reason, shown: Shown, detail: String| {
            let violation = Violation {
                path,
                reason,
                shown,
                detail,
            };
            // What was there before may stay, unless the rule is about the change.
            if !rule.transition && old.is_some_and(|old| old == value) {
                this.verdict.ratcheted.push(violation);
            } else {
                this.verdict.errors.push(violation);
            }
        };
        let (outcome, cost) = match inputs(rule, schema, value, old) {
            Ok(inputs) => rule.program.eval(inputs, RUN_COST_MAX),
            Err(failure) => (Err(failure), 0),
        };
        if cost > self.budget {
            let detail = "validation failed due to running out of cost budget, no further validation rules will be run";
            say(
                self,
                path.with(""),
                Reason::Invalid,
                Shown::Nothing,
                detail.to_owned(),
            );
            return Err(Stop);
        }
        self.budget -= cost;
        let named = || Shown::Type(level.kind.clone());
        match outcome {
            Ok(Value::Bool(true)) => Ok(()),
            Ok(_) => {
                let detail = match self.message(rule, schema, value, old) {
                    Ok(Some(message)) => message,
                    Ok(None) => rule.message.clone(),
                    Err(detail) => {
                        say(
                            self,
                            path.with(&rule.field_path),
                            Reason::Invalid,
                            named(),
                            detail,
                        );
                        return Err(Stop);
                    }
                };
                let shown = match level.kind.as_str() {
                    "object" | "array" => Shown::Nothing,
                    _ => Shown::Value(value.clone()),
                };
                say(self, path.with(&rule.field_path), rule.reason, shown, detail);
                Ok(())
            }
            Err(failure) if failure.is_cost_exceeded() => {
                let detail = format!(
                    "'{failure}': no further validation rules will be run due to call cost exceeds limit for rule: {}",
                    rule.shown
                );
                say(self, path.with(""), Reason::Invalid, Shown::Nothing, detail);
                Err(Stop)
            }
            Err(failure) => {
                let detail = if failure.message().starts_with("no such overload") {
                    format!(
                        "'{failure}': call arguments did not match a supported operator, function or macro signature for \
                         rule: {}",
                        rule.shown
                    )
                } else {
                    format!("{failure} evaluating rule: {}", rule.shown)
                };
                say(self, path.with(""), Reason::Invalid, named(), detail);
                Ok(())
            }
        }
    }

    /// The message that the rule's own expression makes, if it makes a usable one.
    ///
    /// # Errors
    /// There is no budget left for it.
    fn message(
        &mut self,
        rule: &Rule,
        schema: &Schema,
        value: &Json,
        old: Option<&Json>,
    ) -> Result<Option<String>, String> {
        let Some(program) = &rule.message_program else {
            return Ok(None);
        };
        let Ok(inputs) = inputs(rule, schema, value, old) else {
            return Ok(None);
        };
        let (outcome, cost) = program.eval(inputs, RUN_COST_MAX);
        if cost > self.budget {
            return Err(
                "messageExpression evaluation failed due to running out of cost budget, no further validation rules will \
                 be run"
                    .to_owned(),
            );
        }
        self.budget -= cost;
        match outcome {
            Err(failure) if failure.is_cost_exceeded() => Err(format!(
                "'{failure}': no further validation rules will be run due to call cost exceeds limit for \
                 messageExpression"
            )),
            Ok(Value::String(s)) => {
                let message = s.trim();
                let usable = !message.is_empty() && message.len() <= MESSAGE_BYTES_MAX && !has_lines(message);
                Ok(usable.then(|| message.to_owned()))
            }
            _ => Ok(None),
        }
    }
}

/// The values of `self` and `oldSelf`.
fn inputs<'a>(
    rule: &Rule,
    schema: &'a Schema,
    value: &'a Json,
    old: Option<&'a Json>,
) -> Result<[Value<'a>; 2], Failure> {
    let now = Value::of(value, schema)?;
    let before = old.map(|old| Value::of(old, schema)).transpose()?;
    let before = match before {
        Some(before) if rule.optional_old => Value::some(before),
        Some(before) => before,
        None if rule.optional_old => Value::Optional(None),
        None => Value::Null,
    };
    Ok([now, before])
}
