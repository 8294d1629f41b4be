//! Structural schemas: what a CustomResourceDefinition may say about its objects.
//!
//! Kubernetes accepts a part of JSON Schema only. A value's shape (types, fields, items) is stated once, outside of
//! combinators; `anyOf`, `oneOf`, `allOf` and `not` may then restrict values, and references do not exist.
//! [`StructuralSchemaRewriter`] turns every schema that schemars emits into that form.
//!
//! | Rust, as schemars sees it | structural schema |
//! |---|---|
//! | `Option<T>` | `T`'s schema, `nullable` |
//! | enum of unit variants | `enum` |
//! | externally tagged enum | one field a variant, `oneOf` of `required` |
//! | internally or adjacently tagged enum | the variants' fields, the tag an `enum`, `oneOf` of tag and `required` |
//! | untagged enum of structs | the variants' fields, `anyOf` of `required` |
//! | untagged enum of integer and string | `x-kubernetes-int-or-string` |
//! | map | `additionalProperties` |
//! | set of scalars | list with `x-kubernetes-list-type: set` |
//! | tuple | list with the number of items, of a schema that fits each position |
//! | flattened struct or enum | its fields beside the others |
//!
//! What cannot be said becomes `x-kubernetes-preserve-unknown-fields: true`, which keeps the value and leaves it
//! unchecked: values of several types (an enum with unit and struct variants; `serde_json::Value`), a field that two
//! variants type differently, fields beside a flattened map, and the inside of a type that contains itself. Dropped
//! without replacement: `additionalProperties: false` (the apiserver prunes unknown fields anyway), patterns of map keys,
//! `if`/`then`/`else`, formats that Kubernetes does not know (an unsigned format keeps its range), defaults that are
//! no value of their schema, and CEL rules of a single variant.
//!
//! An optional enum is `{"enum": […], "nullable": true}`. The apiserver holds `null` against the enum nevertheless, so
//! such a field needs `#[serde(skip_serializing_if = "Option::is_none")]`.
//!
//! # Source
//!
//! [Specifying a structural schema](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema).
//!
//! Reading order: `keywords` (one keyword), `combine` (several schemas), `rewrite` (the walk), `defaults`, `optional`;
//! `violations` is the counter-check, `sample` makes values of a schema.

mod combine;
mod defaults;
mod keywords;
mod optional;
mod rewrite;
mod sample;
mod violations;

use schemars::{JsonSchema, Schema, generate::SchemaSettings, transform::Transform};

pub use optional::{OptionalEnum, OptionalIntOrString};
pub use sample::sample;
pub use violations::violations;

/// Rewrites a root schema, definitions included, to a structural schema.
///
/// `#[derive(CustomResource)]` applies it by itself. By hand it belongs at the end of a generator's transforms:
///
/// ```
/// use schemars::{JsonSchema, generate::SchemaSettings};
/// use seatrial_client::core::schema::StructuralSchemaRewriter;
///
/// #[derive(JsonSchema)]
/// #[allow(dead_code)]
/// enum Source { Url(String), Inline { body: String } }
///
/// let generator = SchemaSettings::default().with_transform(StructuralSchemaRewriter).into_generator();
/// let schema = generator.into_root_schema_for::<Source>();
/// assert_eq!(schema.get("oneOf").unwrap()[0]["required"][0], "Url");
/// ```
///
/// It never panics and always ends: a type that contains itself is left open where it repeats.
#[derive(Clone, Copy, Debug, Default)]
pub struct StructuralSchemaRewriter;

impl Transform for StructuralSchemaRewriter {
    fn transform(&mut self, schema: &mut Schema) {
        *schema = Schema::from(rewrite::structural(schema.as_value()));
    }
}

/// The structural schema of a type, as a root schema.
pub fn structural_schema_for<T: JsonSchema + ?Sized>() -> Schema {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.meta_schema = None);
    settings
        .with_transform(StructuralSchemaRewriter)
        .into_generator()
        .into_root_schema_for::<T>()
}

#[cfg(test)]
mod tests;
