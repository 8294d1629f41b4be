//! jq expressions over objects.
//!
//! **Invariant:** an expression sees the object and nothing else: no clock, no environment, no input.

use std::sync::LazyLock;

use jaq_core::{
    Compiler, Ctx, Error, Exn, Native, Vars,
    box_iter::box_once,
    compile,
    data::JustLut,
    load::{self, Arena, File, Loader, parse::Def},
    unwrap_valr,
};
use jaq_json::Val;
use serde_json::Value;

/// An expression that can be evaluated.
pub(super) struct Expression(compile::Filter<Native<JustLut<Val>>>);

/// An object as expressions see it.
pub(super) struct Input(Val);

/// Longer ones are not read: the parser recurses.
const LENGTH_MAX: usize = 2_000;
const DEPTH_MAX: usize = 64;
/// So many values of an expression are looked at.
const VALUES_MAX: usize = 1_000;

// === impl Input ===

impl Input {
    pub(super) fn of(object: &Value) -> Self {
        // What serde_json prints is JSON.
        let text = object.to_string();
        Self(jaq_json::read::parse_single(text.as_bytes()).unwrap_or_default())
    }
}

// === impl Expression ===

impl Expression {
    pub(super) fn parse(code: &str) -> Result<Self, String> {
        if code.trim().is_empty() {
            return Err("it is empty".to_owned());
        }
        if code.len() > LENGTH_MAX || depth(code) > DEPTH_MAX {
            return Err(format!(
                "it is longer than {LENGTH_MAX} bytes or nested deeper than {DEPTH_MAX}"
            ));
        }
        static DEFINITIONS: LazyLock<Vec<Def>> = LazyLock::new(|| {
            let all = jaq_core::defs().chain(jaq_std::defs());
            all.chain(jaq_json::defs()).collect()
        });
        let definitions = DEFINITIONS.iter().cloned();
        let functions = jaq_core::funs()
            .chain(jaq_std::funs())
            .chain(jaq_json::funs())
            .map(|(name, arity, run)| (name, arity, without_surroundings(name).unwrap_or(run)));
        let arena = Arena::default();
        let modules = Loader::new(definitions)
            .load(&arena, File { code, path: () })
            .map_err(|errors| {
                errors
                    .into_iter()
                    .map(|(_, error)| syntax(&error))
                    .collect::<Vec<_>>()
                    .join("; ")
            })?;
        let compiled = Compiler::default().with_funs(functions).compile(modules);
        compiled.map(Self).map_err(|errors| {
            let all = errors.into_iter().flat_map(|(_, errors)| errors);
            let all = all
                .map(|(name, what): compile::Error<&str>| format!("there is no {} `{name}`", what.as_str()));
            all.collect::<Vec<_>>().join("; ")
        })
    }

    /// The values, as texts. Nulls are none, and an error ends them: what cannot be looked up is not there.
    pub(super) fn texts(&self, input: &Input) -> Vec<String> {
        let context = Ctx::<JustLut<Val>>::new(&self.0.lut, Vars::new([]));
        let values = self.0.id.run((context, input.0.clone())).map(unwrap_valr);
        values
            .take(VALUES_MAX)
            .map_while(Result::ok)
            .filter(|value| !matches!(value, Val::Null))
            .map(|value| match value {
                Val::TStr(text) => String::from_utf8_lossy(&text).into_owned(),
                other => other.to_string(),
            })
            .collect()
    }
}

/// What stands for a function that looks at more than the object: one that fails, or says nothing to anybody.
fn without_surroundings(name: &str) -> Option<Native<JustLut<Val>>> {
    match name {
        "debug_empty" | "stderr_empty" => Some(Native::new(|_| Box::new(std::iter::empty()))),
        "env" | "halt" | "input" | "inputs" | "localtime" | "now" | "strflocaltime" => {
            Some(Native::new(|_| {
                box_once(Err(Exn::from(Error::str("nothing but the object is seen here"))))
            }))
        }
        _ => None,
    }
}

fn syntax(error: &load::Error<&str>) -> String {
    let at = |rest: &str| match rest.chars().take(20).collect::<String>() {
        rest if rest.is_empty() => "at the end".to_owned(),
        rest => format!("at `{rest}`"),
    };
    match error {
        load::Error::Io(_) => "modules are not read here".to_owned(),
        load::Error::Lex(errors) => match errors.first() {
            Some((expected, rest)) => format!("a {} is missing {}", expected.as_str(), at(rest)),
            None => "it cannot be read".to_owned(),
        },
        load::Error::Parse(errors) => match errors.first() {
            Some((expected, rest)) => format!("a {} is missing {}", expected.as_str(), at(rest)),
            None => "it cannot be read".to_owned(),
        },
    }
}

/// How deep brackets are nested.
fn depth(code: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for c in code.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(code: &str, expected: &[&str]) {
        let pod = json!({
            "metadata": {"labels": {"app.kubernetes.io/name": "a"}, "ownerReferences": [{"kind": "Job"}]},
            "spec": {"replicas": 3, "paused": false},
            "status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Initialized", "status": "False"}]},
        });
        let expression = Expression::parse(code).unwrap();
        assert_eq!(expression.texts(&Input::of(&pod)), expected, "{code}");
    }

    #[test]
    fn keys_are_found_as_jq_finds_them() {
        check(".metadata.labels[\"app.kubernetes.io/name\"]", &["a"]);
        check(".metadata.ownerReferences.[].kind", &["Job"]);
        check(".metadata.finalizers.[]", &[]);
        check(".metadata.deletionTimestamp", &[]);
        check(
            ".status.conditions.[] | select(.type == \"Ready\") | .status",
            &["True"],
        );
        check(".status.conditions | length", &["2"]);
        check(".spec.replicas, .spec.paused", &["3", "false"]);
        check(".status.phase // \"Pending\"", &["Pending"]);
        check(".spec.replicas.what.else", &[]);
        check(".status.conditions | map(.type | test(\"^Re\")) | any", &["true"]);
    }

    #[test]
    fn an_expression_sees_nothing_but_the_object() {
        for code in [
            "now",
            "env",
            "$ENV",
            "input",
            "inputs",
            "halt",
            "halt_error",
            "0 | localtime",
        ] {
            if let Ok(expression) = Expression::parse(code) {
                assert_eq!(
                    expression.texts(&Input::of(&json!({}))),
                    [] as [&str; 0],
                    "{code}"
                );
            }
        }
        check(".spec.replicas | debug", &["3"]);
    }

    #[test]
    fn what_is_no_jq_is_told() {
        for (code, expected) in [
            ("", "it is empty"),
            (".a | nope", "there is no filter `nope`"),
            ("$nobody", "there is no variable `$nobody`"),
            (".a[", "a closing bracket is missing"),
            (".a |", "a term is missing at the end"),
        ] {
            let error = Expression::parse(code).err().unwrap();
            assert!(error.contains(expected), "{code}: {error}");
        }
        let deep = format!("{}1{}", "(".repeat(65), ")".repeat(65));
        assert!(Expression::parse(&deep).err().unwrap().contains("deeper"));
    }
}
