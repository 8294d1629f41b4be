//! From the rules of a schema to programs, with what is wrong with them and what they may cost.

use serde_json::{Value as Json, json};

use super::{Below, Finding, FindingKind, Level, Reason, Rule, Rules, children, field_path, rules_of, text};
use crate::cost::estimate::estimate;
use crate::program::{Program, Variables};
use crate::schema::{ListKind, Schema};
use crate::types::Type;

/// What one rule may cost by estimation, over all values that it may be run for.
const RULE_COST_MAX: u64 = 10_000_000;
/// What all rules of a schema may cost by estimation.
const SCHEMA_COST_MAX: u64 = 100_000_000;
/// So many of the most expensive rules are named where all together cost too much.
const NAMED_MAX: usize = 4;

/// The rules of a schema, compiled as far as they can be.
#[derive(Debug)]
pub struct Compiled {
    /// The rules that can be run.
    pub rules: Rules,
    /// What is wrong with rules, in the order of the server.
    pub findings: Vec<Finding>,
}

/// Compiles the rules of a resource's schema. `path` is the schema's; rules of schemas at paths that are `blocked`, since
/// something else is wrong there or below, are left out.
pub fn compile(schema: &Json, path: &str, blocked: &dyn Fn(&str) -> bool) -> Compiled {
    let mut compiler = Compiler {
        blocked,
        findings: Vec::new(),
        total: 0,
        costs: Vec::new(),
    };
    let place = Place {
        path: path.to_owned(),
        root: true,
        count: Some(1),
        uncorrelatable: None,
    };
    let root = compiler.level(schema, &place);
    compiler.judge_total(path);
    Compiled {
        rules: Rules { root },
        findings: compiler.findings,
    }
}

struct Compiler<'b> {
    blocked: &'b dyn Fn(&str) -> bool,
    findings: Vec<Finding>,
    total: u64,
    /// What each expression costs, by path.
    costs: Vec<(String, u64)>,
}

/// Where a schema stands.
struct Place {
    path: String,
    /// Whether its values are whole objects.
    root: bool,
    /// How many values of it an object may have; `None` without a bound.
    count: Option<u64>,
    /// The list whose items cannot be told apart, so that nothing below has an old value.
    uncorrelatable: Option<String>,
}

impl Compiler<'_> {
    fn level(&mut self, schema: &Json, place: &Place) -> Option<Level> {
        let below = self.below(schema, place);
        let mut level = Level {
            rules: Vec::new(),
            schema: None,
            kind: text(schema, "type").to_owned(),
            below,
        };
        let rules = rules_of(schema);
        if !rules.is_empty() && !(self.blocked)(&place.path) {
            let seen = Schema::read(schema, "selfType", place.root);
            if let Some(ty) = seen.ty.clone() {
                for (i, rule) in rules.iter().enumerate() {
                    let path = format!("{}.x-kubernetes-validations[{i}]", place.path);
                    level
                        .rules
                        .extend(self.rule(schema, rule, &path, place, (&seen, &ty)));
                }
                level.schema = Some(seen);
            }
        }
        let empty = level.rules.is_empty() && matches!(level.below, Below::Nothing);
        (!empty).then_some(level)
    }

    fn below(&mut self, schema: &Json, place: &Place) -> Below {
        let bound = |keyword: &str| {
            let n = schema.get(keyword).and_then(Json::as_i64);
            n.map(|n| u64::try_from(n).unwrap_or(0))
        };
        let mut fields = Vec::new();
        let mut out = Below::Nothing;
        for (step, child) in children(schema) {
            let mut at = Place {
                path: format!("{}{step}", place.path),
                root: child["x-kubernetes-embedded-resource"] == true,
                count: place.count,
                uncorrelatable: place.uncorrelatable.clone(),
            };
            let times = |max: Option<u64>| Some(place.count?.saturating_mul(max?));
            match &*step {
                ".items" => {
                    let kind = match text(schema, "x-kubernetes-list-type") {
                        "map" => {
                            let keys = schema["x-kubernetes-list-map-keys"].as_array();
                            let name = |k: &Json| k.as_str().map(String::from);
                            ListKind::Map(keys.into_iter().flatten().filter_map(name).collect())
                        }
                        "set" => ListKind::Set,
                        _ => ListKind::Atomic,
                    };
                    if !matches!(kind, ListKind::Map(_)) {
                        at.uncorrelatable.get_or_insert_with(|| place.path.clone());
                    }
                    at.count = times(bound("maxItems"));
                    if let Some(level) = self.level(child, &at) {
                        out = Below::Items(Box::new(level), kind);
                    }
                }
                ".additionalProperties" => {
                    at.count = times(bound("maxProperties"));
                    if let Some(level) = self.level(child, &at) {
                        out = Below::Values(Box::new(level));
                    }
                }
                property => {
                    let name = property
                        .strip_prefix(".properties[")
                        .and_then(|p| p.strip_suffix(']'))
                        .unwrap_or(property);
                    if let Some(level) = self.level(child, &at) {
                        fields.push((name.to_owned(), level));
                    }
                }
            }
        }
        if fields.is_empty() {
            out
        } else {
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            Below::Fields(fields)
        }
    }

    fn rule(
        &mut self,
        schema: &Json,
        rule: &Json,
        path: &str,
        place: &Place,
        (seen, ty): (&Schema, &Type),
    ) -> Option<Rule> {
        let expression = text(rule, "rule");
        let optional_old = rule["optionalOldSelf"] == true;
        let old = if optional_old {
            Type::optional(ty.clone())
        } else {
            ty.clone()
        };
        let vars = Variables::new().typed("self", ty.clone()).typed("oldSelf", old);
        let program = compile_as(expression, &vars, &Type::Bool)
            .map_err(|wrong| match wrong {
                Wrong::Compilation(issues) => format!("compilation failed: {issues}"),
                Wrong::Type => "cel expression must evaluate to a bool".to_owned(),
            })
            .map_err(|detail| self.invalid(path, "rule", shown(rule), detail))
            .ok();
        if let Some(program) = &program {
            let cost = estimate(program.checked(), seen).max;
            let times = place.count.unwrap_or_else(|| seen.count_max());
            self.observe(format!("{path}.rule"), "rule", cost.saturating_mul(times));
        }
        let source = text(rule, "messageExpression");
        let message_program = if source.is_empty() {
            None
        } else {
            let compiled = compile_as(source, &vars, &Type::String).map_err(|wrong| match wrong {
                Wrong::Compilation(issues) => format!("messageExpression compilation failed: {issues}"),
                Wrong::Type => "messageExpression must evaluate to a string".to_owned(),
            });
            match compiled {
                Ok(message) => {
                    let cost = estimate(message.checked(), seen).max;
                    self.observe(format!("{path}.messageExpression"), "messageExpression", cost);
                    Some(message)
                }
                Err(detail) => {
                    self.invalid(path, "messageExpression", shown(rule), detail);
                    None
                }
            }
        };
        let program = program?;
        let transition =
            program.uses("oldSelf") || message_program.as_ref().is_some_and(|p| p.uses("oldSelf"));
        if transition && let Some(list) = &place.uncorrelatable {
            let detail =
                format!("oldSelf cannot be used on the uncorrelatable portion of the schema within {list}");
            self.invalid(path, "rule", go_json(&Json::from(expression)), detail);
        }
        let message = text(rule, "message").trim();
        let shown = if message.is_empty() {
            expression.trim()
        } else {
            message
        };
        Some(Rule {
            program,
            shown: shown.to_owned(),
            message: if message.is_empty() {
                format!("failed rule: {shown}")
            } else {
                message.to_owned()
            },
            message_program,
            reason: match rule["reason"].as_str() {
                Some("FieldValueForbidden") => Reason::Forbidden,
                Some("FieldValueRequired") => Reason::Required,
                Some("FieldValueDuplicate") => Reason::Duplicate,
                _ => Reason::Invalid,
            },
            field_path: field_path::resolve(text(rule, "fieldPath"), schema).unwrap_or_default(),
            transition,
            optional_old,
        })
    }

    fn invalid(&mut self, path: &str, attribute: &str, value: String, detail: String) {
        self.findings.push(Finding {
            path: format!("{path}.{attribute}"),
            kind: FindingKind::Invalid(value),
            detail,
        });
    }

    /// Takes note of what an expression may cost.
    fn observe(&mut self, path: String, what: &str, cost: u64) {
        if cost > RULE_COST_MAX {
            let name = format!("estimated {what} cost");
            self.forbidden(&path, &exceeds(&name, cost, RULE_COST_MAX));
        }
        self.total = self.total.saturating_add(cost);
        self.costs.push((path, cost));
    }

    fn judge_total(&mut self, path: &str) {
        if self.total <= SCHEMA_COST_MAX {
            return;
        }
        let mut costs = std::mem::take(&mut self.costs);
        costs.sort_by_key(|(_, cost)| std::cmp::Reverse(*cost));
        for (path, _) in costs.iter().take(NAMED_MAX) {
            self.forbidden(
                path,
                "contributed to estimated rule & messageExpression cost total exceeding cost limit for entire OpenAPIv3 \
                 schema",
            );
        }
        let name = "estimated rule & messageExpression cost total for entire OpenAPIv3 schema";
        self.forbidden(path, &exceeds(name, self.total, SCHEMA_COST_MAX));
    }

    fn forbidden(&mut self, path: &str, detail: &str) {
        self.findings.push(Finding {
            path: path.to_owned(),
            kind: FindingKind::Forbidden,
            detail: detail.to_owned(),
        });
    }
}

enum Wrong {
    Compilation(crate::source::Issues),
    Type,
}

fn compile_as(expression: &str, vars: &Variables, wanted: &Type) -> Result<Program, Wrong> {
    let program = Program::compile(expression, vars).map_err(Wrong::Compilation)?;
    if program.output() == wanted {
        Ok(program)
    } else {
        Err(Wrong::Type)
    }
}

fn exceeds(name: &str, cost: u64, max: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "the factor is printed with few digits")]
    let factor = cost as f64 / max as f64;
    let factor = if factor > 100.0 {
        "more than 100x".to_owned()
    } else if factor < 1.5 {
        format!("{factor:.6}x")
    } else {
        format!("{factor:.1}x")
    };
    format!(
        "{name} exceeds budget by factor of {factor} (try simplifying the rule, or adding maxItems, maxProperties, and \
         maxLength where arrays, maps, and strings are declared)"
    )
}

/// A rule as the server prints it: its internal type as JSON.
fn shown(rule: &Json) -> String {
    // Fields stand in the order of the type, which a map of JSON would not keep.
    let field = |name: &str| go_json(&json!(text(rule, name)));
    format!(
        r#"{{"Rule":{},"Message":{},"MessageExpression":{},"Reason":{},"FieldPath":{},"OptionalOldSelf":{}}}"#,
        field("rule"),
        field("message"),
        field("messageExpression"),
        go_json(&rule["reason"]),
        field("fieldPath"),
        go_json(&rule["optionalOldSelf"]),
    )
}

/// JSON as Go prints it: what HTML reserves is escaped.
pub(super) fn go_json(value: &Json) -> String {
    value
        .to_string()
        .replace('&', "\\u0026")
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}
