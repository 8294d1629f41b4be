//! Bytes of a kubeconfig → data.

use std::{borrow::Cow, path::PathBuf};

use serde_saphyr::{DuplicateKeyPolicy, Error as YamlError, Options};

use super::{Kubeconfig, KubeconfigError, ParseError};

/// The kubeconfigs of a stream of YAML documents; empty documents are left out.
pub(super) fn documents(file: Option<PathBuf>, bytes: &[u8]) -> Result<Vec<Kubeconfig>, KubeconfigError> {
    let unreadable = || problem(file.clone(), "it is neither UTF-8 nor UTF-16");
    let text = decode(bytes).ok_or_else(|| KubeconfigError::Parse(Box::new(unreadable())))?;
    // `Option`, because an empty document is one that holds null.
    let documents: Result<Vec<Option<Kubeconfig>>, _> =
        serde_saphyr::from_multiple_with_options(&text, options());
    match documents {
        Ok(documents) => Ok(documents.into_iter().flatten().collect()),
        Err(error) => Err(KubeconfigError::Parse(Box::new(explain(
            file,
            field_of_first_error(&text),
            &error,
        )))),
    }
}

/// One YAML or JSON document of any type, with errors that quote nothing of it.
#[cfg(feature = "exec")]
pub(crate) fn document<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, ParseError> {
    let text = decode(bytes).ok_or_else(|| problem(None, "it is neither UTF-8 nor UTF-16"))?;
    let mut field = None;
    serde_saphyr::with_deserializer_from_str_with_options(&text, options(), |deserializer| {
        serde_path_to_error::deserialize(deserializer).map_err(|error| {
            field = path(&error);
            error.into_inner()
        })
    })
    .map_err(|error| explain(None, field, &error))
}

/// The documents of a stream of manifests, with errors that quote nothing of it.
///
/// A number with a leading zero is octal, as for kubectl, whose YAML is of version 1.1: modes of files are written so.
#[cfg(feature = "client")]
pub(crate) fn manifests(text: &str) -> Result<Vec<serde_json::Value>, ParseError> {
    let options = serde_saphyr::options! {
        with_snippet: false,
        duplicate_keys: DuplicateKeyPolicy::Error,
        legacy_octal_numbers: true,
    };
    serde_saphyr::from_multiple_with_options(text, options).map_err(|error| explain(None, None, &error))
}

fn problem(file: Option<PathBuf>, problem: &str) -> ParseError {
    ParseError {
        file,
        line: None,
        column: None,
        field: None,
        problem: problem.to_owned(),
    }
}

fn options() -> Options {
    serde_saphyr::options! {
        // What stands in the text stays in the text.
        with_snippet: false,
        duplicate_keys: DuplicateKeyPolicy::Error,
    }
}

/// The text of a file, by the byte order mark or, without one, by where its first zeros are: the rule of YAML 1.2.2,
/// section 5.2.
fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let text = String::from_utf16(&pairs.iter().copied().map(unit).collect::<Vec<_>>()).ok()?;
        rest.is_empty().then_some(Cow::Owned(text))
    };
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => Some(Cow::Borrowed(str::from_utf8(rest).ok()?)),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0, low, ..] if *low != 0 => utf16(bytes, u16::from_be_bytes),
        [low, 0, ..] if *low != 0 => utf16(bytes, u16::from_le_bytes),
        _ => Some(Cow::Borrowed(str::from_utf8(bytes).ok()?)),
    }
}

/// Says where and what was expected, in words that quote nothing of the text.
fn explain(file: Option<PathBuf>, field: Option<String>, error: &YamlError) -> ParseError {
    let location = error.location();
    let error = error.without_snippet();
    // Of what does not fit a field, the field is known. Elsewhere a key can be anything.
    let field = field.filter(|_| is_about_a_field(error));
    let problem = match error {
        YamlError::SerdeInvalidType { expected, .. }
        | YamlError::SerdeInvalidValue { expected, .. }
        | YamlError::SerdeInvalidLength { expected, .. } => format!("expected {expected}"),
        YamlError::SerdeUnknownVariant { expected, .. } => {
            format!("expected one of {}", expected.join(", "))
        }
        YamlError::Unexpected { expected, .. } => format!("expected {}", plain(expected)),
        YamlError::InvalidScalar { ty, .. } => format!("expected {ty}"),
        YamlError::InvalidBooleanStrict { .. } => "expected true or false".to_owned(),
        YamlError::DuplicateMappingKey { .. } => "this key stands twice in its map".to_owned(),
        YamlError::UnknownAnchor { .. } => "this alias has no anchor".to_owned(),
        YamlError::Eof { .. } => "the text ends too early".to_owned(),
        YamlError::Budget { .. } => "it is too large or too deeply nested".to_owned(),
        _ => "this is not YAML, or not what belongs here".to_owned(),
    };
    ParseError {
        file,
        line: location.map(|location| location.line()),
        column: location.map(|location| location.column()),
        field,
        problem,
    }
}

fn is_about_a_field(error: &YamlError) -> bool {
    matches!(
        error,
        YamlError::SerdeInvalidType { .. }
            | YamlError::SerdeInvalidValue { .. }
            | YamlError::SerdeInvalidLength { .. }
            | YamlError::SerdeUnknownVariant { .. }
            | YamlError::Unexpected { .. }
            | YamlError::InvalidScalar { .. }
            | YamlError::InvalidBooleanStrict { .. }
            | YamlError::NullIntoString { .. }
    )
}

/// What the parser's words for YAML mean to whoever writes it.
fn plain(expected: &str) -> &str {
    match expected {
        "sequence start" => "a list",
        "mapping start" => "a map",
        "string scalar" => "a string",
        other => other,
    }
}

/// The path of an error, as far as it is known.
fn path<E>(error: &serde_path_to_error::Error<E>) -> Option<String> {
    let path = error.path().to_string();
    // A question mark stands for a key that could not be read, a dot for the document.
    let known = path.trim_end_matches('?').trim_end_matches('.');
    (!known.is_empty()).then(|| known.to_owned())
}

/// The path to the value that does not fit, if that is what is wrong.
fn field_of_first_error(text: &str) -> Option<String> {
    split_documents(text).into_iter().find_map(|document| {
        let mut field = None;
        let parsed =
            serde_saphyr::with_deserializer_from_str_with_options(document, options(), |deserializer| {
                serde_path_to_error::deserialize::<_, Option<Kubeconfig>>(deserializer).map_err(|error| {
                    field = path(&error);
                    error.into_inner()
                })
            });
        parsed.err().and(field)
    })
}

/// The documents of a stream. No scalar can hold a line that begins with such a marker (YAML 1.2.2, rule `c-forbidden`).
fn split_documents(text: &str) -> Vec<&str> {
    let mut documents = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        let marker = ["---", "..."].into_iter().any(|marker| {
            line.strip_prefix(marker)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
        });
        if marker {
            documents.push(&text[start..at]);
            start = at + 3;
        }
        at += line.len();
    }
    documents.push(&text[start..]);
    documents
}
