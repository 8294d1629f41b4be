//! Expressions, alone and as the rules of a schema.
//!
//! The input is an expression in one line, a JSON value in the next, and a JSON schema in the rest.

use seatrial_cel::rules::{BUDGET, compile, judge};
use seatrial_cel::{Program, Variables};
use serde_json::{Value, json};

/// Compiles the expression and runs it for the value; both come to the same each time, within what a run may cost.
pub fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let mut lines = text.splitn(3, '\n');
    let expression = lines.next().unwrap_or("");
    let value: Value = lines
        .next()
        .and_then(|l| serde_json::from_str(l).ok())
        .unwrap_or_default();
    let schema: Value = lines
        .next()
        .and_then(|l| serde_json::from_str(l).ok())
        .unwrap_or_default();
    alone(expression, &value);
    ruled(expression, &value, schema);
}

fn alone(expression: &str, value: &Value) {
    const COST_MAX: u64 = 1_000_000;
    let vars = Variables::new().json("self");
    let length = expression.chars().count();
    match Program::compile(expression, &vars) {
        Ok(program) => {
            let once = program.run(&[value]).map(|a| (a.to_json(), a.cost()));
            let again = program.run(&[value]).map(|a| (a.to_json(), a.cost()));
            assert_eq!(once, again, "runs come to the same");
            assert!(
                once.is_err() || once.is_ok_and(|(_, cost)| cost <= COST_MAX),
                "costs are bounded"
            );
        }
        Err(issues) => {
            assert!(issues.iter().count() > 0, "what is refused has a reason");
            for issue in issues.iter() {
                let (line, column) = issue.place();
                assert!(line >= 1 && column >= 1 && column <= length + 1, "{issue}");
            }
            assert!(!issues.to_string().is_empty());
        }
    }
}

fn ruled(expression: &str, value: &Value, mut schema: Value) {
    if !schema.is_object() {
        schema =
            json!({"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}}}});
    }
    let rule = json!({"rule": expression, "messageExpression": expression, "optionalOldSelf": expression.len().is_multiple_of(2)});
    schema["x-kubernetes-validations"] = json!([rule]);
    let _ = judge(&schema, "schema");
    let compiled = compile(&schema, "schema", &|_| false);
    let fresh = compiled.rules.validate(value, None, BUDGET);
    assert!(fresh.ratcheted.is_empty(), "what is new was not wrong before");
    let _ = compiled.rules.validate(value, Some(value), BUDGET);
}
