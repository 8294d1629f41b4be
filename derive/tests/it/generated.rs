//! Types made at random, as the schema that schemars would give them and a value that serde would write.

use proptest::{collection, prelude::*, sample};
use schemars::{Schema, transform::Transform};
use seatrial_client::core::schema::{StructuralSchemaRewriter, violations};
use serde_json::{Map, Value, json};

use crate::{
    oracle,
    server::{Served, as_written},
};

/// A Rust type, as far as a schema can tell.
#[derive(Clone, Debug)]
enum Type {
    Bool,
    Int {
        min: i64,
    },
    Float,
    Text {
        min: usize,
    },
    Units(Vec<&'static str>),
    Any,
    List(Box<Type>),
    Map(Box<Type>),
    Tuple(Vec<Type>),
    Struct(Fields),
    External(Vec<Type>),
    Internal(Vec<Fields>),
    Adjacent(Vec<Type>),
    Untagged(Vec<Type>),
    /// A struct and what is flattened into it.
    Flattened(Fields, Box<Type>),
}

/// Fields by name, some of them optional.
type Fields = Vec<(&'static str, Type, bool)>;

const NAMES: [&str; 5] = ["alpha", "beta", "gamma", "delta", "omega"];
const TAGS: [&str; 4] = ["One", "Two", "Three", "Four"];

fn types() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        Just(Type::Bool),
        (-2i64..3).prop_map(|min| Type::Int { min }),
        Just(Type::Float),
        (0usize..3).prop_map(|min| Type::Text { min }),
        sample::subsequence(&TAGS[..], 1..4).prop_map(Type::Units),
        Just(Type::Any),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let variants = || collection::vec(inner.clone(), 1..4);
        prop_oneof![
            inner.clone().prop_map(|item| Type::List(Box::new(item))),
            inner.clone().prop_map(|value| Type::Map(Box::new(value))),
            variants().prop_map(Type::Tuple),
            fields(inner.clone()).prop_map(Type::Struct),
            variants().prop_map(Type::External),
            collection::vec(fields(inner.clone()), 1..4).prop_map(Type::Internal),
            variants().prop_map(Type::Adjacent),
            variants().prop_map(Type::Untagged),
            (fields(inner.clone()), variants()).prop_map(|(fields, variants)| {
                Type::Flattened(fields, Box::new(Type::External(variants)))
            }),
            (
                fields(inner.clone()),
                collection::vec(fields(inner.clone()), 1..3)
            )
                .prop_map(|(fields, variants)| {
                    Type::Flattened(
                        fields,
                        Box::new(Type::Untagged(variants.into_iter().map(Type::Struct).collect())),
                    )
                }),
        ]
    })
}

fn fields(inner: impl Strategy<Value = Type>) -> impl Strategy<Value = Fields> {
    (
        sample::subsequence(&NAMES[..], 0..4),
        collection::vec((inner, any::<bool>()), 4),
    )
        .prop_map(|(names, types)| {
            names
                .into_iter()
                .zip(types)
                .map(|(name, (ty, optional))| (name, ty, optional))
                .collect()
        })
}

/// What schemars emits for the type.
fn schema(ty: &Type) -> Value {
    match ty {
        Type::Bool => json!({"type": "boolean"}),
        Type::Int { min } => json!({"type": "integer", "format": "int64", "minimum": min}),
        Type::Float => json!({"type": "number", "format": "double"}),
        Type::Text { min } => json!({"type": "string", "minLength": min}),
        Type::Units(names) => json!({"type": "string", "enum": names}),
        Type::Any => json!(true),
        Type::List(item) => json!({"type": "array", "items": schema(item)}),
        Type::Map(value) => json!({"type": "object", "additionalProperties": schema(value)}),
        Type::Tuple(items) => json!({
            "type": "array", "prefixItems": items.iter().map(schema).collect::<Vec<_>>(),
            "minItems": items.len(), "maxItems": items.len(),
        }),
        Type::Struct(fields) => object(fields),
        Type::External(variants) => one_of(
            variants,
            |name, variant| json!({"type": "object", "properties": {name: schema(variant)}, "required": [name], "additionalProperties": false}),
        ),
        Type::Internal(variants) => one_of(variants, |name, variant| {
            let mut schema = object(variant);
            schema["properties"]["type"] = json!({"type": "string", "const": name});
            schema["required"]
                .as_array_mut()
                .unwrap()
                .insert(0, "type".into());
            schema
        }),
        Type::Adjacent(variants) => one_of(variants, |name, variant| {
            let tag = json!({"type": "string", "const": name});
            json!({"type": "object", "properties": {"t": tag, "c": schema(variant)}, "required": ["t", "c"]})
        }),
        Type::Untagged(variants) => json!({"anyOf": variants.iter().map(schema).collect::<Vec<_>>()}),
        Type::Flattened(fields, inner) => {
            let mut outer = object(fields);
            match schema(inner) {
                Value::Object(inner) => outer.as_object_mut().unwrap().extend(inner),
                other => panic!("flattened {other}"),
            }
            outer
        }
    }
}

fn one_of<T>(variants: &[T], schema: impl Fn(&str, &T) -> Value) -> Value {
    json!({"oneOf": TAGS.iter().zip(variants).map(|(name, variant)| schema(name, variant)).collect::<Vec<_>>()})
}

fn object(fields: &Fields) -> Value {
    let properties: Map<String, Value> = fields
        .iter()
        .map(|(name, ty, optional)| {
            let schema = schema(ty);
            let schema = if *optional {
                json!({"anyOf": [schema, {"type": "null"}]})
            } else {
                schema
            };
            ((*name).to_owned(), schema)
        })
        .collect();
    let required: Vec<&str> = fields
        .iter()
        .filter(|(_, _, optional)| !optional)
        .map(|(name, _, _)| *name)
        .collect();
    json!({"type": "object", "properties": properties, "required": required})
}

/// A value of the type.
fn value(ty: &Type) -> BoxedStrategy<Value> {
    match ty {
        Type::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Type::Int { min } => (*min..10).prop_map(Value::from).boxed(),
        Type::Float => (-100i32..100)
            .prop_map(|number| json!(f64::from(number) / 4.0))
            .boxed(),
        Type::Text { min } => (*min..6)
            .prop_map(|length| Value::from("x".repeat(length)))
            .boxed(),
        Type::Units(names) => sample::select(names.clone()).prop_map(Value::from).boxed(),
        Type::Any => sample::select(vec![
            Value::Null,
            json!(1),
            json!("x"),
            json!({"a": [null, {}]}),
            json!([]),
        ])
        .boxed(),
        Type::List(item) => collection::vec(value(item), 0..3).prop_map(Value::from).boxed(),
        Type::Map(item) => collection::vec(value(item), 0..3)
            .prop_map(|values| {
                NAMES
                    .iter()
                    .map(|name| (*name).to_owned())
                    .zip(values)
                    .collect::<Map<_, _>>()
            })
            .prop_map(Value::from)
            .boxed(),
        Type::Tuple(items) => items
            .iter()
            .map(value)
            .collect::<Vec<_>>()
            .prop_map(Value::from)
            .boxed(),
        Type::Struct(fields) => struct_value(fields),
        Type::External(variants) => any_of(variants, value, |name, inner| json!({name: inner})),
        Type::Internal(variants) => any_of(variants, struct_value, |name, mut inner| {
            inner["type"] = name.into();
            inner
        }),
        Type::Adjacent(variants) => any_of(variants, value, |name, inner| json!({"t": name, "c": inner})),
        Type::Untagged(variants) => any_of(variants, value, |_, inner| inner),
        Type::Flattened(fields, inner) => (struct_value(fields), value(inner))
            .prop_map(|(mut outer, inner)| {
                if let (Value::Object(outer), Value::Object(inner)) = (&mut outer, inner) {
                    // serde reads the outer field first.
                    for (name, field) in inner {
                        outer.entry(name).or_insert(field);
                    }
                }
                outer
            })
            .boxed(),
    }
}

fn any_of<T>(
    variants: &[T],
    value: impl Fn(&T) -> BoxedStrategy<Value>,
    tagged: fn(&str, Value) -> Value,
) -> BoxedStrategy<Value> {
    let made = TAGS
        .iter()
        .zip(variants)
        .map(|(name, variant)| value(variant).prop_map(move |inner| tagged(name, inner)).boxed());
    proptest::strategy::Union::new(made.collect::<Vec<_>>()).boxed()
}

fn struct_value(fields: &Fields) -> BoxedStrategy<Value> {
    let fields: Vec<BoxedStrategy<Option<(String, Value)>>> = fields
        .iter()
        .map(|(name, ty, optional)| {
            let name = (*name).to_owned();
            let present = value(ty).prop_map(move |value| Some((name.clone(), value)));
            // Left out and not null: an enum refuses null, nullable or not.
            if *optional {
                prop_oneof![present, Just(None)].boxed()
            } else {
                present.boxed()
            }
        })
        .collect();
    fields
        .prop_map(|fields| Value::Object(fields.into_iter().flatten().collect()))
        .boxed()
}

/// A flattened field that meets one of the same name is not a type that serde can read.
fn is_readable(ty: &Type) -> bool {
    let names = |fields: &Fields| fields.iter().map(|(name, _, _)| *name).collect::<Vec<_>>();
    let fields_readable = |fields: &Fields| fields.iter().all(|(_, ty, _)| is_readable(ty));
    match ty {
        Type::List(inner) | Type::Map(inner) => is_readable(inner),
        Type::Tuple(all) | Type::External(all) | Type::Adjacent(all) | Type::Untagged(all) => {
            all.iter().all(is_readable)
        }
        Type::Struct(fields) => fields_readable(fields),
        Type::Internal(variants) => variants.iter().all(fields_readable),
        Type::Flattened(fields, inner) => {
            let clash = match inner.as_ref() {
                Type::Untagged(variants) => variants.iter().any(|variant| match variant {
                    Type::Struct(inner) => names(inner).iter().any(|name| names(fields).contains(name)),
                    _ => true,
                }),
                _ => false,
            };
            !clash && fields_readable(fields) && is_readable(inner)
        }
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_value_of_a_type_is_one_of_its_schema(
        (ty, value) in types().prop_filter("serde could not read it", is_readable).prop_flat_map(|ty| {
            let value = value(&ty);
            (Just(ty), value)
        })
    ) {
        let original = schema(&ty);
        let mut rewritten = Schema::try_from(original.clone()).unwrap();
        StructuralSchemaRewriter.transform(&mut rewritten);
        let rewritten = rewritten.to_value();
        prop_assert_eq!(violations(&rewritten), Vec::<String>::new(), "{:#}", rewritten);
        prop_assert_eq!(
            oracle::complaints(&value, &rewritten), Vec::<String>::new(), "from {:#}\nto {:#}", original, rewritten
        );
        let kept = Served::of_spec(&rewritten).spec(&value);
        prop_assert_eq!(kept, Ok(as_written(&value)), "from {:#}\nto {:#}", original, rewritten);
    }

    #[test]
    fn any_json_becomes_a_structural_schema(schema in junk()) {
        let mut schema = schema;
        schema["title"] = "made up".into();
        let mut rewritten = Schema::try_from(schema).unwrap();
        StructuralSchemaRewriter.transform(&mut rewritten);
        prop_assert_eq!(violations(rewritten.as_value()), Vec::<String>::new(), "{:#}", rewritten.as_value());
        let mut twice = rewritten.clone();
        StructuralSchemaRewriter.transform(&mut twice);
        prop_assert_eq!(violations(twice.as_value()), Vec::<String>::new());
    }
}

/// Objects of schema keywords with values that may or may not fit them.
fn junk() -> impl Strategy<Value = Value> {
    let leaf = sample::select(vec![
        json!(null),
        json!(true),
        json!(false),
        json!(3),
        json!(-1.5),
        json!("string"),
        json!("object"),
        json!("array"),
        json!("integer"),
        json!("null"),
        json!([]),
        json!({}),
        json!(["a", "b"]),
        json!([null]),
        json!(["string", "null"]),
        json!("#"),
        json!("#/properties/a"),
        json!(u64::MAX),
    ]);
    let keys = sample::select(vec![
        "type",
        "properties",
        "items",
        "prefixItems",
        "additionalProperties",
        "patternProperties",
        "required",
        "enum",
        "const",
        "anyOf",
        "oneOf",
        "allOf",
        "not",
        "$ref",
        "default",
        "nullable",
        "minimum",
        "exclusiveMinimum",
        "maxLength",
        "pattern",
        "uniqueItems",
        "x-kubernetes-int-or-string",
        "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-embedded-resource",
        "x-kubernetes-map-type",
        "if",
        "a",
        "b",
    ]);
    let object = move |inner: BoxedStrategy<Value>| {
        collection::btree_map(keys.clone().prop_map(String::from), inner, 0..5)
            .prop_map(|entries| Value::Object(entries.into_iter().collect()))
    };
    let nested = leaf.prop_recursive(5, 60, 5, {
        let object = object.clone();
        move |inner| prop_oneof![3 => object(inner.clone().boxed()), 1 => collection::vec(inner, 0..4).prop_map(Value::from)]
    });
    object(nested.boxed())
}
