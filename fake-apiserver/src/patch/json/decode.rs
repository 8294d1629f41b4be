//! The body of a JSON patch as a list of operations.

use std::borrow::Cow;

use super::super::gojson;
use super::super::lazy::Node;
use super::Error;

/// The fields of an operation as the server knows them.
const FIELDS: [&str; 4] = ["op", "from", "path", "value"];

/// One operation, as far as it is there.
#[derive(Debug, Default)]
pub(super) struct Operation<'a> {
    pub(super) op: Option<Cow<'a, str>>,
    pub(super) path: Option<Cow<'a, str>>,
    pub(super) from: Option<Cow<'a, str>>,
    pub(super) value: Option<Node<'a>>,
}

pub(super) struct Decoded<'a> {
    pub(super) operations: Vec<Operation<'a>>,
    pub(super) findings: Vec<String>,
}

/// Reads a body that is JSON; of fields with one name the last counts.
pub(super) fn decode(text: &str) -> Result<Decoded<'_>, Error> {
    let mut decoded = Decoded {
        operations: Vec::new(),
        findings: Vec::new(),
    };
    if text.trim() == "null" {
        return Ok(decoded);
    }
    let Some(items) = gojson::array(text) else {
        return Err(unexpected(text, "Go value of type []handlers.jsonPatchOp"));
    };
    for (index, item) in items.into_iter().enumerate() {
        let operation = operation(index, item, &mut decoded.findings)?;
        decoded.operations.push(operation);
    }
    Ok(decoded)
}

fn operation<'a>(index: usize, text: &'a str, findings: &mut Vec<String>) -> Result<Operation<'a>, Error> {
    let mut operation = Operation::default();
    if text == "null" {
        return Ok(operation);
    }
    let Some(members) = gojson::object(text) else {
        return Err(unexpected(text, "Go value of type handlers.jsonPatchOp"));
    };
    let mut seen = Vec::new();
    for (key, value) in members {
        let known = FIELDS.contains(&&*key);
        let twice = seen.contains(&key);
        if !known || twice {
            let what = if known { "duplicate" } else { "unknown" };
            let finding = format!("json patch {what} field \"[{index}].{key}\"");
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
        let field = match &*key {
            "op" => &mut operation.op,
            "path" => &mut operation.path,
            "from" => &mut operation.from,
            "value" => {
                let parsed = gojson::parse(value).map_err(|literal| Error::Type(number_error(&literal)))?;
                findings.extend(parsed.duplicates.iter().map(|path| {
                    let dot = if path.starts_with('[') { "" } else { "." };
                    format!("json patch duplicate field \"[{index}].value{dot}{path}\"")
                }));
                operation.value = Some(Node::new(value));
                seen.push(key);
                continue;
            }
            _ => {
                seen.push(key);
                continue;
            }
        };
        *field = match (value, gojson::string(value)) {
            ("null", _) => None,
            (_, Some(text)) => Some(text),
            _ => {
                return Err(unexpected(
                    value,
                    &format!("Go struct field jsonPatchOp.{key} of type string"),
                ));
            }
        };
        seen.push(key);
    }
    Ok(operation)
}

pub(super) fn number_error(literal: &str) -> String {
    format!("json: cannot unmarshal number {literal} into Go value of type float64")
}

fn unexpected(text: &str, into: &str) -> Error {
    Error::Type(format!(
        "json: cannot unmarshal {} into {into}",
        gojson::kind_name(text)
    ))
}
