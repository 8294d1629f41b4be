//! Enums in serde's four representations.

use super::*;
use serde::Deserialize;
use serde_json::{Value, json};

/// How loud.
#[derive(Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Level {
    #[default]
    Debug,
    Info,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
enum Described {
    /// First.
    One,
    /// Second.
    Two,
    Three,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Units {
    /// The field's comment.
    level: Level,
    #[serde(default)]
    with_default: Level,
    described: Described,
    #[serde(skip_serializing_if = "Option::is_none")]
    optional: Option<Level>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    optional_described: Option<Described>,
    list: Vec<Level>,
    by_level: std::collections::BTreeMap<String, Option<Described>>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum External {
    /// From a URL.
    Url(String),
    ConfigMap {
        name: String,
        key: Option<String>,
    },
    Number(i32),
    Pair(i32, i32),
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
enum WithUnit {
    Nothing,
    Something { value: i32 },
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase")]
enum Internal {
    /// Plain.
    Plain,
    Http {
        url: String,
        port: Option<u16>,
    },
    File(Path),
    Shared {
        url: String,
        deep: Option<Level>,
    },
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Path {
    path: String,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(tag = "kind", content = "value")]
enum Adjacent {
    None,
    Text(String),
    Object { a: i32 },
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(tag = "kind", content = "value")]
enum AdjacentAlike {
    Left(Path),
    Right { path: String, more: bool },
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
enum Untagged {
    ByName { name: String },
    ByLabel { label: String, value: Option<String> },
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
enum IntOrString {
    Int(i32),
    String(String),
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
enum OrAnything {
    Known { name: String },
    Unknown(Value),
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Holder<T> {
    value: T,
    optional: Option<T>,
    list: Vec<T>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
enum Nested {
    Inner(Internal),
    Level(Level),
    Deep(Box<External>),
}

shapes! {
    units: Units => [
        Units {
            level: Level::Info, with_default: Level::Debug, described: Described::Two, optional: None,
            optional_described: None, list: vec![Level::Info], by_level: [("a".into(), Some(Described::One))].into(),
        },
        Units {
            level: Level::Info, with_default: Level::Info, described: Described::Three, optional: Some(Level::Debug),
            optional_described: Some(Described::One), list: vec![], by_level: Default::default(),
        },
    ];
    external: External => [
        External::Url("u".into()),
        External::ConfigMap { name: "n".into(), key: None },
        External::Number(1),
        External::Pair(1, 2),
    ];
    external_with_unit: Holder<WithUnit> => [
        Holder { value: WithUnit::Nothing, optional: None, list: vec![WithUnit::Something { value: 1 }] },
    ];
    external_optional: Holder<External> => [
        Holder { value: External::Number(1), optional: None, list: vec![External::Url("u".into())] },
        Holder { value: External::Number(1), optional: Some(External::Pair(1, 2)), list: vec![] },
    ];
    internal: Internal => [
        Internal::Plain,
        Internal::Http { url: "u".into(), port: None },
        Internal::File(Path { path: "p".into() }),
        Internal::Shared { url: "u".into(), deep: Some(Level::Info) },
    ];
    internal_optional: Holder<Internal> => [
        Holder { value: Internal::Plain, optional: None, list: vec![Internal::Plain] },
    ];
    adjacent: Adjacent => [Adjacent::None, Adjacent::Text("t".into()), Adjacent::Object { a: 1 }];
    adjacent_alike: AdjacentAlike => [
        AdjacentAlike::Left(Path { path: "p".into() }),
        AdjacentAlike::Right { path: "p".into(), more: true },
    ];
    untagged: Untagged => [
        Untagged::ByName { name: "n".into() },
        Untagged::ByLabel { label: "l".into(), value: Some("v".into()) },
    ];
    untagged_int_or_string: Holder<IntOrString> => [
        Holder { value: IntOrString::Int(1), optional: None, list: vec![IntOrString::String("s".into())] },
    ];
    untagged_one_or_many: Holder<OneOrMany> => [
        Holder { value: OneOrMany::One("a".into()), optional: None, list: vec![OneOrMany::Many(vec!["b".into()])] },
    ];
    untagged_or_anything: Holder<OrAnything> => [
        Holder { value: OrAnything::Known { name: "n".into() }, optional: None, list: vec![OrAnything::Unknown(json!(1))] },
    ];
    nested: Holder<Nested> => [
        Holder { value: Nested::Inner(Internal::Plain), optional: Some(Nested::Level(Level::Info)), list: vec![] },
        Holder { value: Nested::Deep(Box::new(External::Number(1))), optional: None, list: vec![] },
    ];
}

#[test]
fn variants_stay_apart() {
    refused::<External>([
        json!({}),
        json!({"url": "u", "number": 1}),
        json!({"other": 1}),
        json!({"configMap": {}}),
    ]);
    refused::<Internal>([
        json!({}),
        json!({"type": "other"}),
        json!({"type": "http"}),
        json!({"type": "file", "url": "u"}),
    ]);
    refused::<Adjacent>([
        json!({}),
        json!({"kind": "Text"}),
        json!({"kind": "Other", "value": 1}),
    ]);
    refused::<AdjacentAlike>([
        json!({"kind": "Right", "value": {"path": "p"}}),
        json!({"kind": "Left", "value": {}}),
    ]);
    refused::<Untagged>([json!({}), json!({"value": "v"})]);
    refused::<Level>([json!("Info"), json!(1)]);
    refused::<Holder<IntOrString>>([json!({"value": true, "list": []})]);
}
