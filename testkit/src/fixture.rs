//! What a cluster starts with: objects given as values or as YAML, made in an order that works.

use http::{Method, StatusCode};
use seatrial_fake_apiserver::{FakeApiServer, discovery::Resource};
use serde_json::{Value, json};

use crate::raw;

/// A fixture that cannot be read, or that the server refuses.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FixtureError {
    /// The text is not YAML.
    #[error("document {document} of the YAML fixture cannot be read: {message}")]
    Yaml {
        /// Which document, from 1.
        document: usize,
        /// What the parser says, with line and column.
        message: String,
    },
    /// The object lacks `apiVersion`, `kind` or `metadata.name`.
    #[error("a fixture lacks {field}: {object}")]
    Incomplete {
        /// What is missing.
        field: &'static str,
        /// The object's beginning.
        object: String,
    },
    /// No resource of that kind is served; a custom resource needs its definition first (`FakeClusterBuilder::crd`).
    #[error("{api_version} {kind} is not served; add its definition with `crd::<{kind}>()`")]
    NotServed {
        /// The object's `apiVersion`.
        api_version: String,
        /// The object's `kind`.
        kind: String,
    },
    /// The server refused the object.
    #[error("the server refused {kind} {name}: {message}")]
    Refused {
        /// The object's `kind`.
        kind: String,
        /// The object's name.
        name: String,
        /// The server's message.
        message: String,
    },
}

/// Reads the documents of a YAML stream; empty ones are passed over.
pub(crate) fn parse(yaml: &str) -> Result<Vec<Value>, FixtureError> {
    numbered(yaml)
        .map(|(_, object)| object)
        .filter(|doc| !matches!(doc, Ok(Value::Null)))
        .collect()
}

/// The documents of a YAML stream with their numbers, from 1.
pub(crate) fn numbered(yaml: &str) -> impl Iterator<Item = (usize, Result<Value, FixtureError>)> + '_ {
    (1..).zip(documents(yaml)).map(|(document, text)| {
        // As kubectl reads it: `defaultMode: 0644` is 420.
        let options = serde_saphyr::options! { legacy_octal_numbers: true };
        let object =
            serde_saphyr::from_str_with_options::<Value>(&text, options).map_err(|e| FixtureError::Yaml {
                document,
                message: e.to_string(),
            });
        (document, object)
    })
}

/// Cuts a stream at lines that are `---`.
fn documents(yaml: &str) -> impl Iterator<Item = String> + '_ {
    let mut lines = yaml.lines().peekable();
    std::iter::from_fn(move || {
        lines.peek()?;
        let mut text = String::new();
        for line in lines.by_ref() {
            if line.trim_end() == "---" {
                break;
            }
            text.push_str(line);
            text.push('\n');
        }
        Some(text)
    })
}

/// Makes an object as the cluster would have it: its namespace exists, and a status in the fixture is kept.
pub(crate) fn create(server: &FakeApiServer, object: &Value) -> Result<(), FixtureError> {
    let text = |pointer: &str, field: &'static str| {
        object
            .pointer(pointer)
            .and_then(Value::as_str)
            .filter(|s| !s.is_empty())
            .ok_or_else(|| FixtureError::Incomplete {
                field,
                object: object.to_string().chars().take(120).collect(),
            })
    };
    let (api_version, kind) = (text("/apiVersion", "apiVersion")?, text("/kind", "kind")?);
    let name = text("/metadata/name", "metadata.name")?;
    let served = serving(server, api_version, kind)?;

    let mut object = object.clone();
    let namespace = served.namespaced.then(|| {
        let given = object.pointer("/metadata/namespace").and_then(Value::as_str);
        given.unwrap_or("default").to_owned()
    });
    if let Some(namespace) = &namespace {
        ensure_namespace(server, namespace)?;
        object["metadata"]["namespace"] = json!(namespace);
    }
    let collection = raw::collection(&served, namespace.as_deref());
    let made = accepted(
        raw::send(server, Method::POST, &collection, Some(&object)),
        kind,
        name,
    )?;
    restore_status(server, &format!("{collection}/{name}"), &object, made).map_err(|message| {
        FixtureError::Refused {
            kind: kind.into(),
            name: name.into(),
            message,
        }
    })
}

/// A create drops the status of kinds that have a status subresource; a fixture that states one means it.
fn restore_status(server: &FakeApiServer, path: &str, wanted: &Value, mut made: Value) -> Result<(), String> {
    let Some(status) = wanted.get("status").filter(|s| !s.is_null()) else {
        return Ok(());
    };
    if made.get("status") == Some(status) {
        return Ok(());
    }
    made["status"] = status.clone();
    match raw::send(server, Method::PUT, &format!("{path}/status"), Some(&made)) {
        (code, _) if code.is_success() => Ok(()),
        (_, answer) => Err(message(&answer)),
    }
}

fn serving(server: &FakeApiServer, api_version: &str, kind: &str) -> Result<Resource, FixtureError> {
    raw::served(server, api_version, kind).ok_or_else(|| FixtureError::NotServed {
        api_version: api_version.into(),
        kind: kind.into(),
    })
}

fn ensure_namespace(server: &FakeApiServer, name: &str) -> Result<(), FixtureError> {
    let (code, _) = raw::send(server, Method::GET, &format!("/api/v1/namespaces/{name}"), None);
    if code != StatusCode::NOT_FOUND {
        return Ok(());
    }
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
    accepted(
        raw::send(server, Method::POST, "/api/v1/namespaces", Some(&namespace)),
        "Namespace",
        name,
    )
    .map(drop)
}

fn accepted(answer: (StatusCode, Value), kind: &str, name: &str) -> Result<Value, FixtureError> {
    match answer {
        (code, body) if code.is_success() => Ok(body),
        (_, body) => Err(FixtureError::Refused {
            kind: kind.into(),
            name: name.into(),
            message: message(&body),
        }),
    }
}

fn message(status: &Value) -> String {
    status["message"].as_str().unwrap_or("no message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_octal() {
        let parsed = parse("{mode: 0644, text: '0644', plain: 10}").unwrap();
        assert_eq!(parsed, [json!({"mode": 420, "text": "0644", "plain": 10})]);
    }
}
