//! Each shape is snapshotted as a schema, found structural, taken by a server, and accepts its own values without changing them.

use std::fmt::Debug;

use schemars::JsonSchema;
use seatrial_client::core::schema::{structural_schema_for, violations};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    oracle,
    server::{Served, as_written},
};

mod collections;
mod enums;
mod flattened;
mod kubernetes;
mod scalars;

/// The schema of `T` as text, once its rules and the values given have been checked against it.
#[track_caller]
fn shape<T: JsonSchema + Serialize + DeserializeOwned + PartialEq + Debug>(values: Vec<T>) -> String {
    let mut schema = structural_schema_for::<T>().to_value();
    assert_eq!(violations(&schema), Vec::<String>::new(), "{schema:#}");
    let served = Served::of_spec(&schema);
    for value in values {
        let written = serde_json::to_value(&value).unwrap();
        assert_eq!(
            oracle::complaints(&written, &schema),
            Vec::<String>::new(),
            "{schema:#}"
        );
        assert_eq!(served.spec(&written), Ok(as_written(&written)), "{schema:#}");
        assert_eq!(serde_json::from_value::<T>(written).unwrap(), value);
    }
    schema.as_object_mut().unwrap().remove("title");
    let mut text = String::new();
    yaml(&schema, 0, &mut text);
    text
}

/// The schema must refuse each of these, for the combinators to be worth their place.
#[track_caller]
fn refused<T: JsonSchema>(values: impl IntoIterator<Item = serde_json::Value>) {
    let schema = structural_schema_for::<T>().to_value();
    for value in values {
        assert_ne!(
            oracle::complaints(&value, &schema),
            Vec::<String>::new(),
            "{value} is accepted by {schema:#}"
        );
    }
}

/// Indented lines, with whatever has no structure of its own on one line.
fn yaml(value: &serde_json::Value, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        serde_json::Value::Object(fields) => {
            for (key, field) in fields {
                if field.is_object() {
                    text.push_str(&format!("{indent}{key}:\n"));
                    yaml(field, depth + 1, text);
                } else if matches!(key.as_str(), "oneOf" | "anyOf" | "allOf") {
                    text.push_str(&format!("{indent}{key}:\n"));
                    for one in field.as_array().into_iter().flatten() {
                        text.push_str(&format!("{indent}- {one}\n"));
                    }
                } else {
                    text.push_str(&format!("{indent}{key}: {field}\n"));
                }
            }
        }
        other => text.push_str(&format!("{indent}{other}\n")),
    }
}

macro_rules! shapes {
    ($($(#[$doc:meta])* $name:ident: $type:ty => [$($value:expr),* $(,)?];)*) => {
        $(
            $(#[$doc])*
            #[test]
            fn $name() {
                insta::assert_snapshot!(stringify!($name), super::shape::<$type>(vec![$($value),*]));
            }
        )*
    };
}
use shapes;
