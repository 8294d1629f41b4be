//! Numbers, strings, options, defaults, units.

use super::*;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Numbers {
    a: u8,
    b: i16,
    c: u32,
    d: i64,
    e: u64,
    f: f32,
    g: usize,
    h: std::num::NonZeroU16,
    i: i128,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Options {
    /// Whether it may be absent.
    may_be_absent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<u8>,
    nested: Option<Option<bool>>,
    inner: Option<Inner>,
}

/// Comments of the type, where the field has none.
#[derive(Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Inner {
    /// How large.
    size: i32,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Defaults {
    #[serde(default)]
    number: i32,
    #[serde(default = "text")]
    text: String,
    #[serde(default)]
    option: Option<String>,
    #[serde(default)]
    inner: Inner,
    #[serde(default)]
    list: Vec<String>,
    #[serde(default)]
    free: Value,
}

fn text() -> String {
    "default".into()
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Restricted {
    #[schemars(length(min = 1, max = 3), regex(pattern = "^[a-z]+$"))]
    name: String,
    #[schemars(range(min = 1, max = 10))]
    number: Option<i32>,
    #[schemars(length(max = 2))]
    list: Vec<u8>,
    #[schemars(extend("x-kubernetes-list-type" = "atomic", "x-mine" = true))]
    atomic: Vec<u8>,
    #[schemars(schema_with = "int_or_string")]
    port: Value,
    #[schemars(with = "String")]
    pretends: Box<str>,
}

fn int_or_string(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": true})
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Odd {
    char: char,
    anything: Value,
    object: serde_json::Map<String, Value>,
    duration: std::time::Duration,
    path: std::path::PathBuf,
    address: std::net::IpAddr,
    v4: std::net::Ipv4Addr,
    boxed: Box<Newtype>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Newtype(u16);

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Empty {}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Generic<T> {
    value: T,
    other: Option<T>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Generics {
    text: Generic<String>,
    inner: Generic<Inner>,
    nested: Generic<Generic<i32>>,
}

shapes! {
    numbers: Numbers => [Numbers {
        a: 255, b: -3, c: u32::MAX, d: i64::MIN, e: 9_007_199_254_740_993, f: 0.5, g: 1, h: 1.try_into().unwrap(), i: 3,
    }];
    options: Options => [
        Options { may_be_absent: None, left_out: None, nested: None, inner: None },
        Options { may_be_absent: Some("x".into()), left_out: Some(1), nested: Some(Some(true)), inner: Some(Inner { size: 1 }) },
    ];
    defaults: Defaults => [Defaults {
        number: 1, text: "t".into(), option: None, inner: Inner { size: 3 }, list: vec![], free: json!({"a": [1]}),
    }];
    restricted: Restricted => [Restricted {
        name: "abc".into(), number: Some(10), list: vec![], atomic: vec![1, 1], port: json!("http"), pretends: "p".into(),
    }];
    odd: Odd => [Odd {
        char: 'x',
        anything: Value::Null,
        object: serde_json::Map::from_iter([("a".into(), json!([null]))]),
        duration: std::time::Duration::new(1, 5),
        path: "/a".into(),
        address: [0, 0, 0, 0, 0, 0, 0, 1].into(),
        v4: [127, 0, 0, 1].into(),
        boxed: Box::new(Newtype(80)),
    }];
    empty: Empty => [Empty {}];
    generics: Generics => [Generics {
        text: Generic { value: "t".into(), other: None },
        inner: Generic { value: Inner { size: 1 }, other: Some(Inner { size: 2 }) },
        nested: Generic { value: Generic { value: 1, other: Some(2) }, other: None },
    }];
}

#[test]
fn restrictions_restrict() {
    let with = |name: &str, number: i32| json!({"name": name, "number": number, "list": [], "atomic": [], "port": 1, "pretends": ""});
    refused::<Restricted>([
        with("", 1),
        with("abcd", 1),
        with("a", 0),
        json!({}),
        json!({"name": 1}),
    ]);
}
