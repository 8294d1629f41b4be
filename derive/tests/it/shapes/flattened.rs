//! `#[serde(flatten)]` of structs, maps, enums and options of them.

use std::collections::BTreeMap;

use super::*;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Common {
    owner: String,
    team: Option<String>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Source {
    Git { url: String },
    Inline(String),
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Mode {
    Fast,
    Slow { seconds: u32 },
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(tag = "type")]
enum Tagged {
    A { a: i32 },
    B,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
enum Untagged {
    Name { name: String },
    Id { id: i64 },
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct WithStruct {
    name: String,
    #[serde(flatten)]
    common: Common,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct WithOptionalStruct {
    name: String,
    #[serde(flatten)]
    common: Option<Common>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct WithMap {
    name: String,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct OnlyMap {
    #[serde(flatten)]
    all: BTreeMap<String, i32>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct WithExternal {
    name: String,
    #[serde(flatten)]
    source: Source,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct WithMode {
    name: String,
    #[serde(flatten)]
    mode: Mode,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct WithOptionalExternal {
    name: String,
    #[serde(flatten)]
    source: Option<Source>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct WithTagged {
    name: String,
    #[serde(flatten)]
    tagged: Tagged,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct WithOptionalTagged {
    #[serde(flatten)]
    tagged: Option<Tagged>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct WithUntagged {
    replicas: i32,
    #[serde(flatten)]
    selector: Untagged,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct WithTwo {
    #[serde(flatten)]
    source: Source,
    #[serde(flatten)]
    selector: Untagged,
}

shapes! {
    flattened_struct: WithStruct => [WithStruct { name: "n".into(), common: Common { owner: "o".into(), team: None } }];
    flattened_optional_struct: WithOptionalStruct => [
        WithOptionalStruct { name: "n".into(), common: None },
        WithOptionalStruct { name: "n".into(), common: Some(Common { owner: "o".into(), team: Some("t".into()) }) },
    ];
    flattened_map: WithMap => [WithMap { name: "n".into(), rest: [("a".into(), json!({"b": 1}))].into() }];
    flattened_only_map: OnlyMap => [OnlyMap { all: [("a".into(), 1)].into() }];
    flattened_external: WithExternal => [
        WithExternal { name: "n".into(), source: Source::Git { url: "u".into() } },
        WithExternal { name: "n".into(), source: Source::Inline("i".into()) },
    ];
    flattened_with_unit: WithMode => [WithMode { name: "n".into(), mode: Mode::Slow { seconds: 1 } }];
    flattened_optional_external: WithOptionalExternal => [
        WithOptionalExternal { name: "n".into(), source: None },
        WithOptionalExternal { name: "n".into(), source: Some(Source::Inline("i".into())) },
    ];
    flattened_tagged: WithTagged => [
        WithTagged { name: "n".into(), tagged: Tagged::A { a: 1 } },
        WithTagged { name: "n".into(), tagged: Tagged::B },
    ];
    flattened_optional_tagged: WithOptionalTagged => [
        WithOptionalTagged { tagged: None },
        WithOptionalTagged { tagged: Some(Tagged::B) },
    ];
    flattened_untagged: WithUntagged => [
        WithUntagged { replicas: 1, selector: Untagged::Name { name: "n".into() } },
        WithUntagged { replicas: 1, selector: Untagged::Id { id: 1 } },
    ];
    flattened_two_enums: WithTwo => [
        WithTwo { source: Source::Inline("i".into()), selector: Untagged::Id { id: 1 } },
        WithTwo { source: Source::Git { url: "u".into() }, selector: Untagged::Name { name: "n".into() } },
    ];
}

#[test]
fn flattened_variants_stay_apart() {
    refused::<WithExternal>([
        json!({"name": "n"}),
        json!({"name": "n", "git": {"url": "u"}, "inline": "i"}),
    ]);
    refused::<WithTagged>([
        json!({"name": "n"}),
        json!({"name": "n", "type": "A"}),
        json!({"name": "n", "type": "C"}),
    ]);
    refused::<WithUntagged>([json!({"replicas": 1}), json!({"name": "n"})]);
    refused::<WithTwo>([json!({"inline": "i"}), json!({"id": 1})]);
}
