//! Label selectors, with the parser's messages of `apimachinery/pkg/labels`.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>

use serde_json::{Map, Value};

use crate::registry::names;
use crate::status::go_quote;

/// Requirements that all must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LabelSelector(Vec<Requirement>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

// === impl LabelSelector ===

impl LabelSelector {
    /// Reads a selector; the error is the server's message.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser {
            tokens: tokens(text),
            at: 0,
        };
        let mut requirements = parser.requirements()?;
        requirements.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(Self(requirements))
    }

    /// The selector that an object holds: its `matchLabels` and `matchExpressions`, which have been validated. An operator
    /// that there is not selects nothing.
    pub(crate) fn of(selector: &Value) -> Self {
        let texts = |value: &Value| -> Vec<String> {
            let items = value.as_array().into_iter().flatten();
            items.filter_map(|v| v.as_str().map(str::to_owned)).collect()
        };
        let labels = selector["matchLabels"].as_object().into_iter().flatten();
        let equal = labels.map(|(key, value)| Requirement {
            key: key.clone(),
            operator: Operator::In,
            values: value.as_str().map(str::to_owned).into_iter().collect(),
        });
        let expressions = selector["matchExpressions"].as_array().into_iter().flatten();
        let others = expressions.map(|expression| Requirement {
            key: expression["key"].as_str().unwrap_or("").to_owned(),
            operator: match expression["operator"].as_str() {
                Some("NotIn") => Operator::NotIn,
                Some("Exists") => Operator::Exists,
                Some("DoesNotExist") => Operator::DoesNotExist,
                // Among no values there is none.
                _ => Operator::In,
            },
            values: match expression["operator"].as_str() {
                Some("In" | "NotIn") => texts(&expression["values"]),
                _ => Vec::new(),
            },
        });
        Self(equal.chain(others).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn matches(&self, metadata: Option<&Map<String, Value>>) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let labels = metadata.and_then(|m| m.get("labels")).and_then(Value::as_object);
        self.0
            .iter()
            .all(|r| r.matches(labels.and_then(|l| l.get(&r.key)).and_then(Value::as_str)))
    }
}

// === impl Requirement ===

impl Requirement {
    fn new(key: &str, operator: Operator, values: Vec<String>) -> Result<Self, String> {
        let mut errors: Vec<String> = names::qualified_name(key)
            .iter()
            .map(|why| format!("key: Invalid value: {}: {why}", go_quote(key)))
            .collect();
        if matches!(operator, Operator::GreaterThan | Operator::LessThan) {
            for (i, value) in values.iter().enumerate() {
                if value.parse::<i64>().is_err() {
                    errors.push(format!(
                        "values[{i}]: Invalid value: {}: for 'Gt', 'Lt' operators, the value must be an integer",
                        go_quote(value)
                    ));
                }
            }
        }
        for (i, value) in values.iter().enumerate() {
            for why in names::label_value(value) {
                errors.push(format!(
                    "values[{i}][{key}]: Invalid value: {}: {why}",
                    go_quote(value)
                ));
            }
        }
        match errors.as_slice() {
            [] => {
                let mut values = values;
                values.sort();
                values.dedup();
                Ok(Self {
                    key: key.to_owned(),
                    operator,
                    values,
                })
            }
            [one] => Err(one.clone()),
            many => Err(format!("[{}]", many.join(", "))),
        }
    }

    fn matches(&self, value: Option<&str>) -> bool {
        let among = |v: &str| self.values.iter().any(|x| x == v);
        let compare = |v: &str| Some((v.parse::<i64>().ok()?, self.values.first()?.parse::<i64>().ok()?));
        match (self.operator, value) {
            (Operator::In, Some(v)) => among(v),
            (Operator::NotIn, Some(v)) => !among(v),
            (Operator::NotIn | Operator::DoesNotExist, None) | (Operator::Exists, Some(_)) => true,
            (Operator::GreaterThan, Some(v)) => compare(v).is_some_and(|(a, b)| a > b),
            (Operator::LessThan, Some(v)) => compare(v).is_some_and(|(a, b)| a < b),
            _ => false,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// An identifier or a keyword.
    Word(String),
    /// `(`, `,`, `=`, `!=` and so on.
    Sign(&'static str),
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

const SIGNS: [&str; 9] = ["==", "!=", "=", "!", "(", ")", ",", ">", "<"];

/// What may stand between tokens. Any other space is part of a word, and no word may have one.
const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut rest = text.trim_start_matches(SPACES);
    while !rest.is_empty() {
        if let Some(sign) = SIGNS.iter().find(|s| rest.starts_with(**s)) {
            out.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else {
            let end = rest
                .find(|c: char| SPACES.contains(&c) || "=!(),><".contains(c))
                .unwrap_or(rest.len());
            out.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        rest = rest.trim_start_matches(SPACES);
    }
    out
}

// === impl Parser ===

impl Parser {
    fn requirements(&mut self) -> Result<Vec<Requirement>, String> {
        let mut out = Vec::new();
        loop {
            match self.peek() {
                Some(Token::Word(_) | Token::Sign("!")) => {
                    out.push(self.requirement()?);
                    match self.next() {
                        None => return Ok(out),
                        Some(Token::Sign(",")) => {
                            if !matches!(self.peek(), Some(Token::Word(_) | Token::Sign("!"))) {
                                return Err(format!(
                                    "found '{}', expected: identifier after ','",
                                    self.literal()
                                ));
                            }
                        }
                        Some(other) => {
                            return Err(format!(
                                "found '{}', expected: ',' or 'end of string'",
                                text(&other)
                            ));
                        }
                    }
                }
                None => return Ok(out),
                Some(other) => {
                    return Err(format!(
                        "found '{}', expected: !, identifier, or 'end of string'",
                        text(other)
                    ));
                }
            }
        }
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let wrap = |why: String| format!("unable to parse requirement: {why}");
        let negated = self.peek() == Some(&Token::Sign("!"));
        if negated {
            self.at += 1;
        }
        let key = match self.next() {
            Some(Token::Word(word)) => word,
            other => {
                let found = other.as_ref().map_or(String::new(), text);
                return Err(wrap(format!("found '{found}', expected: identifier")));
            }
        };
        if let Some(why) = first_bad_key(&key) {
            return Err(wrap(why));
        }
        if negated || matches!(self.peek(), None | Some(Token::Sign(","))) {
            let operator = if negated {
                Operator::DoesNotExist
            } else {
                Operator::Exists
            };
            return Requirement::new(&key, operator, Vec::new()).map_err(wrap);
        }
        let (operator, many) = match self.next() {
            Some(Token::Sign("=" | "==")) => (Operator::In, false),
            Some(Token::Sign("!=")) => (Operator::NotIn, false),
            Some(Token::Sign(">")) => (Operator::GreaterThan, false),
            Some(Token::Sign("<")) => (Operator::LessThan, false),
            Some(Token::Word(word)) if word == "in" => (Operator::In, true),
            Some(Token::Word(word)) if word == "notin" => (Operator::NotIn, true),
            other => {
                let found = other.as_ref().map_or(String::new(), text);
                return Err(wrap(format!(
                    "found '{found}', expected: in, notin, =, ==, !=, gt, lt"
                )));
            }
        };
        let values = if many { self.values() } else { self.value() }.map_err(wrap)?;
        Requirement::new(&key, operator, values).map_err(wrap)
    }

    /// One value; nothing at all is the empty one.
    fn value(&mut self) -> Result<Vec<String>, String> {
        match self.peek() {
            None | Some(Token::Sign(",")) => Ok(vec![String::new()]),
            Some(Token::Word(word)) => {
                let value = word.clone();
                self.at += 1;
                Ok(vec![value])
            }
            Some(other) => Err(format!("found '{}', expected: identifier", text(other))),
        }
    }

    /// `(a, b)`.
    fn values(&mut self) -> Result<Vec<String>, String> {
        match self.next() {
            Some(Token::Sign("(")) => {}
            other => {
                let found = other.as_ref().map_or(String::new(), text);
                return Err(format!("found '{found}' expected: '('"));
            }
        }
        let mut out = Vec::new();
        let mut after_comma = true;
        loop {
            match self.next() {
                Some(Token::Word(word)) => {
                    out.push(word);
                    after_comma = false;
                }
                Some(Token::Sign(",")) => {
                    if after_comma {
                        out.push(String::new());
                    }
                    after_comma = true;
                }
                Some(Token::Sign(")")) => {
                    if after_comma {
                        out.push(String::new());
                    }
                    return Ok(out);
                }
                other => {
                    let found = other.as_ref().map_or(String::new(), text);
                    return Err(format!("found '{found}', expected: ',', ')' or identifier"));
                }
            }
        }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn literal(&self) -> String {
        self.peek().map_or(String::new(), text)
    }
}

fn text(token: &Token) -> String {
    match token {
        Token::Word(word) => word.clone(),
        Token::Sign(sign) => (*sign).to_owned(),
    }
}

fn first_bad_key(key: &str) -> Option<String> {
    let errors = names::qualified_name(key);
    match errors.as_slice() {
        [] => None,
        [one] => Some(format!("key: Invalid value: {}: {one}", go_quote(key))),
        many => Some(format!(
            "key: Invalid value: {}: {}",
            go_quote(key),
            many.join("; ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(selector: &str, labels: Value, expect: bool) {
        let selector = LabelSelector::parse(selector).unwrap();
        let meta = json!({ "labels": labels });
        assert_eq!(selector.matches(meta.as_object()), expect, "{selector:?}");
    }

    #[test]
    fn requirements_match() {
        check("", json!({}), true);
        check("a=b", json!({"a": "b"}), true);
        check("a==b,c!=d", json!({"a": "b"}), true);
        check("a!=b", json!({}), true);
        check("a in (b, c)", json!({"a": "c"}), true);
        check("a notin (b,c)", json!({"a": "c"}), false);
        check("a", json!({"a": ""}), true);
        check("!a", json!({"a": ""}), false);
        check("a>5", json!({"a": "6"}), true);
        check("a<5", json!({"a": "x"}), false);
        check("a=", json!({"a": ""}), true);
        check("a in (,b)", json!({"a": ""}), true);
        check("in=x", json!({"in": "x"}), true);
    }

    #[test]
    fn selectors_in_objects_select_alike() {
        let selects = |selector: Value, labels: Value| {
            LabelSelector::of(&selector).matches(json!({ "labels": labels }).as_object())
        };
        let expression = |operator: &str, values: Value| json!({"matchExpressions": [{"key": "a", "operator": operator, "values": values}]});
        for (selector, one, other, none) in [
            (json!({}), true, true, true),
            (json!({"matchLabels": {"a": "1"}}), true, false, false),
            (expression("In", json!(["1", "3"])), true, false, false),
            (expression("NotIn", json!(["1", "3"])), false, true, true),
            (expression("Exists", json!([])), true, true, false),
            (expression("DoesNotExist", Value::Null), false, false, true),
            (expression("Near", json!(["1"])), false, false, false),
        ] {
            let found =
                [json!({"a": "1"}), json!({"a": "2"}), json!({})].map(|l| selects(selector.clone(), l));
            assert_eq!(found, [one, other, none], "{selector}");
        }
    }

    #[test]
    fn what_is_no_selector_is_refused_in_the_servers_words() {
        let message = |text| LabelSelector::parse(text).unwrap_err();
        assert_eq!(
            message("(("),
            "found '(', expected: !, identifier, or 'end of string'"
        );
        assert_eq!(
            message("!!"),
            "unable to parse requirement: found '!', expected: identifier"
        );
        assert_eq!(message("a,"), "found '', expected: identifier after ','");
        assert_eq!(
            message("a b"),
            "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"
        );
    }
}
