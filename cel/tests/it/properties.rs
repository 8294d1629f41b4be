//! What holds for every expression.

use proptest::prelude::*;
use seatrial_cel::{Program, Variables};
use serde_json::json;

/// A whole number as text, and its value; `None` where it overflows or divides by zero.
fn sums() -> impl Strategy<Value = (String, Option<i64>)> {
    let leaf = (-1000_i64..1000).prop_map(|n| (n.to_string(), Some(n)));
    leaf.prop_recursive(6, 64, 2, |inner| {
        let op = prop_oneof![Just('+'), Just('-'), Just('*'), Just('/'), Just('%')];
        (inner.clone(), op, inner).prop_map(|((a, x), op, (b, y))| {
            let value = x.zip(y).and_then(|(x, y)| match op {
                '+' => x.checked_add(y),
                '-' => x.checked_sub(y),
                '*' => x.checked_mul(y),
                '/' => x.checked_div(y),
                _ => x.checked_rem(y),
            });
            (format!("({a} {op} {b})"), value)
        })
    })
}

/// A truth value as text, and what it is: failures are absorbed where the other side decides.
fn logic() -> impl Strategy<Value = (String, Option<bool>)> {
    let leaf = prop_oneof![
        Just(("true".to_owned(), Some(true))),
        Just(("false".to_owned(), Some(false))),
        Just(("1 / 0 == 1".to_owned(), None)),
    ];
    leaf.prop_recursive(6, 64, 2, |inner| {
        (inner.clone(), any::<bool>(), inner).prop_map(|((a, x), and, (b, y))| {
            let value = match (and, x, y) {
                (true, Some(false), _) | (true, _, Some(false)) => Some(false),
                (false, Some(true), _) | (false, _, Some(true)) => Some(true),
                (_, Some(_), Some(_)) => Some(and),
                _ => None,
            };
            let op = if and { "&&" } else { "||" };
            (format!("({a} {op} {b})"), value)
        })
    })
}

fn run(expression: &str) -> Option<serde_json::Value> {
    let program = Program::compile(expression, &Variables::new().json("x")).expect("an expression");
    let x = json!(null);
    program.run(&[&x]).ok().map(|a| a.to_json())
}

proptest! {
    #[test]
    fn sums_are_right_or_fail((text, value) in sums()) {
        prop_assert_eq!(run(&text), value.map(|v| json!(v)));
    }

    #[test]
    fn logic_is_decided_or_fails((text, value) in logic()) {
        prop_assert_eq!(run(&text), value.map(|v| json!(v)));
    }

    #[test]
    fn texts_mean_what_they_quote(text in ".{0,20}") {
        let quoted: String = text.chars().map(|c| format!("\\U{:08x}", u32::from(c))).collect();
        prop_assert_eq!(run(&format!("'{quoted}'")), Some(json!(text)));
    }

    #[test]
    fn nothing_panics(text in "[-a-z0-9 .,:?!&|<>=+*/%()\\[\\]{}'\"\\\\]{0,40}") {
        match Program::compile(&text, &Variables::new().json("a")) {
            Ok(program) => drop(program.run(&[&json!({"b": [1, "c"]})])),
            Err(issues) => prop_assert!(issues.iter().count() > 0),
        }
    }
}
