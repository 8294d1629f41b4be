//! Why a strategic merge patch is refused.

use std::fmt;

use serde_json::Value;

use crate::patch::gojson;
use crate::schema::json::SyntaxError;
use crate::status::{Details, StatusError, go_quote};

/// Why a strategic merge patch was refused; `Display` is the server's message.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The body is no JSON.
    Syntax(SyntaxError),
    /// The body is JSON, but no object; in Go's words.
    Type(String),
    /// A directive says something that there is not.
    UnknownDirective {
        /// What it says.
        directive: Value,
        /// The map that it stands in.
        map: Value,
    },
    /// A list cannot be told to merge.
    MergeDirective,
    /// `$retainKeys` is no list, or does not name a field of the patch.
    RetainKeys,
    /// The name of a list to delete from is missing.
    DeleteFromList,
    /// The name of a list to order, or the order, is missing.
    SetElementOrder,
    /// The items of a patch stand in another order than `$setElementOrder` says, or are not named there.
    Order {
        /// The items.
        patch: Value,
        /// The order.
        order: Value,
    },
    /// An item has no merge key.
    NoMergeKey {
        /// The item.
        item: Value,
        /// The key.
        key: String,
    },
    /// A list of objects is to be merged for which the type knows no key.
    NoKeyInType,
    /// A value is of another kind than the directive asks for.
    Kind {
        /// Asked for, in Go's words.
        expected: &'static str,
        /// Found.
        actual: Value,
    },
    /// An item among objects is none.
    NotAMap(usize),
    /// The items of the list and of the patch are of different kinds.
    MixedItems(Value),
    /// A list of lists.
    ListOfLists,
    /// The lists have no item whose kind would tell how to order them.
    NoItems,
    /// The type has no such field.
    NoSuchField {
        /// The type.
        structure: String,
        /// The field.
        field: String,
    },
    /// An object or a list inside a map of values cannot be merged.
    NotAStruct(&'static str),
}

impl Error {
    /// What the client is told.
    pub fn status(&self) -> StatusError {
        match self {
            Self::Syntax(_)
            | Self::Type(_)
            | Self::RetainKeys
            | Self::DeleteFromList
            | Self::SetElementOrder => StatusError::bad_request(self.to_string()),
            Self::ListOfLists => StatusError::new(
                422,
                "Invalid",
                "the server rejected our request due to an error in our request",
            )
            .details(Details::default()),
            _ => StatusError::new(500, "", self.to_string()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(error) => error.fmt(f),
            Self::Type(message) => f.write_str(message),
            Self::UnknownDirective { directive, map } => {
                write!(
                    f,
                    "unknown patch type: {} in map: {}",
                    as_text(directive),
                    gojson::format(map)
                )
            }
            Self::MergeDirective => f.write_str("merging lists cannot yet be specified in the patch"),
            Self::RetainKeys => f.write_str("invalid patch format of retainKeys"),
            Self::DeleteFromList => f.write_str("invalid patch format of primitive list"),
            Self::SetElementOrder => f.write_str("invalid patch format of setElementOrder list"),
            Self::Order { patch, order } => write!(
                f,
                "The order in patch list:\n{}\n doesn't match $setElementOrder list:\n{}\n",
                gojson::format(patch),
                gojson::format(order)
            ),
            Self::NoMergeKey { item, key } => {
                write!(
                    f,
                    "map: {} does not contain declared merge key: {key}",
                    gojson::format(item)
                )
            }
            Self::NoKeyInType => f.write_str("cannot merge lists without merge key for struct"),
            Self::Kind { expected, actual } => {
                write!(f, "expected a {expected}, but received a {}", go_type(actual))
            }
            Self::NotAMap(index) => write!(f, "value for key {index} is not a map"),
            Self::MixedItems(lists) => write!(
                f,
                "list element types are not identical: {}",
                gojson::format(lists)
            ),
            Self::ListOfLists => f.write_str("lists of lists are not supported"),
            Self::NoItems => f.write_str("no elements in any of the given slices"),
            Self::NoSuchField { structure, field } => {
                write!(
                    f,
                    "unable to find api field in struct {structure} for the json field {}",
                    go_quote(field)
                )
            }
            Self::NotAStruct(kind) => {
                write!(
                    f,
                    "merging an object in json but data type is not struct, instead is: {kind}"
                )
            }
        }
    }
}

impl std::error::Error for Error {}

/// The type of a value as Go prints it.
pub(super) fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "%!s(<nil>)",
        Value::Bool(_) => "bool",
        Value::Number(n) if n.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

/// A value as Go prints it where text is asked for.
fn as_text(value: &Value) -> String {
    match value {
        Value::Null => "%!s(<nil>)".to_owned(),
        Value::Bool(_) | Value::Number(_) => format!("%!s({}={})", go_type(value), gojson::format(value)),
        Value::String(_) | Value::Array(_) | Value::Object(_) => gojson::format(value),
    }
}
