//! Printer columns and the scale subresource: JSON in a string, as kube's users write it, or keys and values.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{Map, Value as Json};
use syn::LitStr;

use crate::attrs::{Errors, Item, Value};

const TYPES: [&str; 5] = ["integer", "number", "string", "boolean", "date"];

/// One printer column.
#[derive(Default)]
pub(crate) struct Column {
    name: String,
    json_path: String,
    type_: String,
    format: Option<String>,
    description: Option<String>,
    priority: Option<i32>,
}

impl Column {
    const KNOWN: [&str; 6] = ["name", "type", "json_path", "format", "description", "priority"];

    /// `printcolumn = r#"{...}"#` or `printcolumn(...)`.
    pub(crate) fn read(item: &Item, errors: &mut Errors) -> Option<Self> {
        let mut column = Self::default();
        match &item.value {
            Value::List(_) => {
                for field in errors.take(item.items())? {
                    let name = field.name();
                    match name.trim_end_matches('_') {
                        "name" => column.name = errors.take(field.nonempty())?.value(),
                        "type" => column.type_ = errors.take(field.nonempty())?.value(),
                        "json_path" | "jsonPath" => column.json_path = errors.take(field.nonempty())?.value(),
                        "format" => column.format = Some(errors.take(field.string())?.value()),
                        "description" => column.description = Some(errors.take(field.string())?.value()),
                        "priority" => column.priority = Some(errors.take(field.integer())?),
                        _ => errors.unknown(&field, &Self::KNOWN),
                    }
                }
            }
            _ => {
                let text = errors.take(item.string())?;
                for (key, value) in errors.take(object(&text))? {
                    let string = || value.as_str().map(String::from);
                    let read = match key.as_str() {
                        "name" => string().map(|value| column.name = value),
                        "type" => string().map(|value| column.type_ = value),
                        "jsonPath" => string().map(|value| column.json_path = value),
                        "format" => string().map(|value| column.format = Some(value)),
                        "description" => string().map(|value| column.description = Some(value)),
                        "priority" => value
                            .as_i64()
                            .and_then(|value| i32::try_from(value).ok())
                            .map(|value| column.priority = Some(value)),
                        _ => {
                            errors.at(text.span(), format_args!("a printer column has no field `{key}`"));
                            continue;
                        }
                    };
                    if read.is_none() {
                        errors.at(
                            text.span(),
                            format_args!("`{key}` of a printer column cannot be {value}"),
                        );
                    }
                }
            }
        }
        for (field, value) in [
            ("name", &column.name),
            ("type", &column.type_),
            ("jsonPath", &column.json_path),
        ] {
            if value.is_empty() {
                errors.at(item.span(), format_args!("a printer column needs `{field}`"));
            }
        }
        if !column.type_.is_empty() && !TYPES.contains(&column.type_.as_str()) {
            errors.at(
                item.span(),
                format_args!(
                    "the type of a printer column is one of `{}`, not `{}`",
                    TYPES.join("`, `"),
                    column.type_
                ),
            );
        }
        Some(column)
    }

    /// The column as a constant.
    pub(crate) fn tokens(&self, derive: &TokenStream) -> TokenStream {
        let Self {
            name,
            json_path,
            type_,
            ..
        } = self;
        let format = option(&self.format);
        let description = option(&self.description);
        let priority = option(&self.priority);
        quote! {
            #derive::Column {
                name: #name,
                json_path: #json_path,
                type_: #type_,
                format: #format,
                description: #description,
                priority: #priority,
            }
        }
    }
}

/// The scale subresource.
#[derive(Default)]
pub(crate) struct Scale {
    spec_replicas_path: String,
    status_replicas_path: String,
    label_selector_path: Option<String>,
}

impl Scale {
    const KNOWN: [&str; 3] = [
        "spec_replicas_path",
        "status_replicas_path",
        "label_selector_path",
    ];

    /// `scale = r#"{...}"#` or `scale(...)`.
    pub(crate) fn read(item: &Item, errors: &mut Errors) -> Option<Self> {
        let mut scale = Self::default();
        match &item.value {
            Value::List(_) => {
                for field in errors.take(item.items())? {
                    let value = errors.take(field.nonempty())?.value();
                    match field.name().as_str() {
                        "spec_replicas_path" | "specReplicasPath" => scale.spec_replicas_path = value,
                        "status_replicas_path" | "statusReplicasPath" => scale.status_replicas_path = value,
                        "label_selector_path" | "labelSelectorPath" => {
                            scale.label_selector_path = Some(value)
                        }
                        _ => errors.unknown(&field, &Self::KNOWN),
                    }
                }
            }
            _ => {
                let text = errors.take(item.string())?;
                for (key, value) in errors.take(object(&text))? {
                    let Some(path) = value.as_str().map(String::from) else {
                        errors.at(text.span(), format_args!("`{key}` of scale cannot be {value}"));
                        continue;
                    };
                    match key.as_str() {
                        "specReplicasPath" => scale.spec_replicas_path = path,
                        "statusReplicasPath" => scale.status_replicas_path = path,
                        "labelSelectorPath" => scale.label_selector_path = Some(path),
                        _ => errors.at(text.span(), format_args!("scale has no field `{key}`")),
                    }
                }
            }
        }
        let paths = [
            ("specReplicasPath", ".spec.", Some(&scale.spec_replicas_path)),
            (
                "statusReplicasPath",
                ".status.",
                Some(&scale.status_replicas_path),
            ),
            ("labelSelectorPath", ".", scale.label_selector_path.as_ref()),
        ];
        for (field, start, path) in paths {
            match path {
                Some(path) if path.is_empty() => {
                    errors.at(item.span(), format_args!("scale needs `{field}`"))
                }
                Some(path) if !path.starts_with(start) => {
                    errors.at(
                        item.span(),
                        format_args!("`{field}` is a path under `{start}`, not `{path}`"),
                    );
                }
                _ => {}
            }
        }
        Some(scale)
    }

    /// The subresource as a constant.
    pub(crate) fn tokens(&self, derive: &TokenStream) -> TokenStream {
        let Self {
            spec_replicas_path,
            status_replicas_path,
            ..
        } = self;
        let label_selector_path = option(&self.label_selector_path);
        quote! {
            #derive::Scale {
                spec_replicas_path: #spec_replicas_path,
                status_replicas_path: #status_replicas_path,
                label_selector_path: #label_selector_path,
            }
        }
    }
}

/// A JSON object in a string.
fn object(text: &LitStr) -> syn::Result<Map<String, Json>> {
    serde_json::from_str(&text.value())
        .map_err(|error| syn::Error::new(text.span(), format_args!("this is no JSON object: {error}")))
}

/// An option as tokens, with a path that no import can shadow.
pub(crate) fn option<T: quote::ToTokens>(value: &Option<T>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}
