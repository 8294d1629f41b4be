//! The reader beside `serde_json`: what one takes and makes of a text, the other does.

use std::{collections::BTreeMap, fmt::Debug};

use k8s_openapi::{
    ByteString,
    api::core::v1::{ConfigMap, Pod, Secret},
    apimachinery::pkg::util::intstr::IntOrString,
};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;
use crate::core::{DynamicObject, PartialObjectMeta};

fn keep<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    read(text, ManagedFields::Keep)
}

fn lean<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    read(text, ManagedFields::Skip)
}

/// Both take the text and make the same of it, or both refuse it.
#[track_caller]
fn same<T: DeserializeOwned + PartialEq + Debug>(text: &str) {
    let (ours, peer) = (keep::<T>(text), serde_json::from_str::<T>(text));
    assert_eq!(
        ours.as_ref().ok(),
        peer.as_ref().ok(),
        "{text}: {ours:?} {peer:?}"
    );
}

/// Both refuse the text and say the same of it.
#[track_caller]
fn same_error<T: DeserializeOwned + PartialEq + Debug>(text: &str) {
    let (ours, peer) = (keep::<T>(text), serde_json::from_str::<T>(text));
    assert_eq!(
        ours.unwrap_err().to_string(),
        peer.unwrap_err().to_string(),
        "{text}"
    );
}

#[derive(Debug, Deserialize, PartialEq)]
enum Choice {
    Unit,
    One(i32),
    Two(i32, String),
    #[serde(rename = "th\"ree")]
    Three {
        a: Option<bool>,
    },
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(untagged)]
enum Either {
    Number(i64),
    Text(String),
    Map(BTreeMap<String, Either>),
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(tag = "kind")]
enum Tagged {
    A { x: u8 },
    B { y: Vec<f32> },
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
struct Everything {
    unit: (),
    flag: bool,
    small: i8,
    large: u64,
    huge: i128,
    float: f64,
    short: f32,
    char: char,
    text: String,
    bytes: ByteString,
    tuple: (u8, String),
    list: Vec<Option<u16>>,
    numbered: BTreeMap<i32, String>,
    flags: BTreeMap<bool, u8>,
    choice: Option<Choice>,
    choices: BTreeMap<String, Choice>,
    either: Option<Either>,
    tagged: Option<Tagged>,
    port: Option<IntOrString>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[test]
fn every_kind_of_value_is_read() {
    for text in [
        r#"{"unit":null,"flag":true,"small":-128,"large":18446744073709551615,"huge":-170141183460469231731687303715884105728}"#,
        r#"{"float":1,"short":0.1}"#,
        r#"{"float":-1.5e-300,"short":3.4028235e38,"char":"\u00e9"}"#,
        r#"{"char":"ab"}"#,
        r#"{"bytes":"YWJj"}"#,
        r#"{"tuple":[1,"a"],"list":[1,null,65535]}"#,
        r#"{"tuple":[1]}"#,
        r#"{"tuple":[1,"a",2]}"#,
        r#"{"list":[65536]}"#,
        r#"{"numbered":{"1":"a","-2":"b"},"flags":{"true":1,"false":0}}"#,
        r#"{"numbered":{" 1":"a"}}"#,
        r#"{"numbered":{"1x":"a"}}"#,
        r#"{"numbered":{"\u0031":"a"}}"#,
        r#"{"flags":{"yes":1}}"#,
        r#"{"choice":"Unit"}"#,
        r#"{"choice":"Un\u0069t"}"#,
        r#"{"choice":{"Unit":null}}"#,
        r#"{"choice":"One"}"#,
        r#"{"choice":{"One":1}}"#,
        r#"{"choice": { "Two" : [ 1 , "x" ] } , "choices" : {"a":{"th\"ree":{"a":true}},"b":{"One":2}}}"#,
        r#"{"choice":{"One":1,"Unit":null}}"#,
        r#"{"choice":null,"either":12}"#,
        r#"{"either":{"a":1,"b":"x\ny","c":{"d":-3}}}"#,
        r#"{"tagged":{"kind":"B","y":[1,2.5]}}"#,
        r#"{"tagged":{"x":1,"kind":"A"}}"#,
        r#"{"port":80}"#,
        r#"{"port":"http"}"#,
        r#"{"port":true}"#,
        r#"{"other":{"deep":[1,2,{"a":[]}]},"more":1.0}"#,
        r#"{"flag":1}"#,
        r#"{"flag":true,"flag":false}"#,
        "[]",
        "[null,true]",
        "7",
        "",
    ] {
        same::<Everything>(text);
        same::<Value>(text);
    }
}

#[test]
fn numbers_are_what_they_are_for_the_parser() {
    let numbers = [
        "0",
        "-0",
        "00",
        "01",
        "-",
        "-1",
        "1.",
        "1.5",
        ".5",
        "1e3",
        "1E+3",
        "1e-3",
        "1e",
        "1e+",
        "-01",
        "+1",
        "0x1",
        "999999999999999999",
        "-999999999999999999",
        "1000000000000000000",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551615",
        "18446744073709551616",
        "0.1",
        "0.30000000000000004",
        "123456789.123456789e10",
        "1e400",
        "-1e400",
        "1e-400",
        "127",
        "128",
        "2147483648",
        " 1 ",
        "1 2",
        "1,",
    ];
    for number in numbers {
        same::<Value>(number);
        same::<i8>(number);
        same::<i32>(number);
        same::<u32>(number);
        same::<i64>(number);
        same::<u64>(number);
        same::<i128>(number);
        same::<f64>(number);
        same::<f32>(number);
        same::<Option<i64>>(number);
        same::<Vec<Value>>(&format!("[{number}]"));
        same::<IgnoredAnyIsRead>(number);
    }
}

#[derive(Debug, PartialEq)]
struct IgnoredAnyIsRead;

impl<'de> Deserialize<'de> for IgnoredAnyIsRead {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

#[test]
fn strings_are_what_they_are_for_the_parser() {
    for text in [
        r#""""#,
        r#""plain""#,
        r#""\"\\\/\b\f\n\r\t""#,
        r#""\u0041\u00e9\u20ac\ud83d\ude00 and more behind it""#,
        r#""\ud800""#,
        r#""\udc00""#,
        r#""\ud800\u0041""#,
        r#""\ud800x""#,
        r#""\x""#,
        r#""\u12"#,
        r#""\u12g4""#,
        r#""\"#,
        r#"""#,
        r#""open"#,
        "\"tab\tin it\"",
        "\"line\nin it\"",
        "\"\u{7f}\u{80}é€😀\"",
        "\"é€😀 \\u00e9 é€😀 \\n é€😀\"",
        "\"\u{0}\"",
    ] {
        same::<String>(text);
        same::<Value>(text);
        same::<IgnoredAnyIsRead>(text);
        same::<BTreeMap<String, u8>>(&format!("{{{text}:1}}"));
        // Wherever in its eight bytes it begins.
        for pad in 1..9 {
            same::<(String, String)>(&format!("[\"{}\",{text}]", "x".repeat(pad)));
        }
    }
}

#[test]
fn structure_is_what_it_is_for_the_parser() {
    for text in [
        "{}",
        "[]",
        "{",
        "[",
        "}",
        "]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1}",
        "{\"a\":1]",
        "{\"a\":1,}",
        "{,}",
        "{\"a\"}",
        "{\"a\" 1}",
        "{\"a\":}",
        "{a:1}",
        "{1:1}",
        "[[[]]]",
        "{\"a\":{\"b\":[{}]}} ",
        "\t\n\r {} ",
        "{} x",
        "[] []",
        "nul",
        "nulll",
        "null",
        "true",
        "tru",
        "falsey",
        "false",
        "\u{feff}{}",
        "[\"a\":1]",
        "{\"a\":1 \"b\":2}",
        "[1,,2]",
    ] {
        same::<Value>(text);
        same::<IgnoredAnyIsRead>(text);
        same::<Option<BTreeMap<String, Value>>>(text);
        same::<Vec<Vec<Value>>>(text);
    }
    for depth in [126, 127, 128, 129, 5000] {
        let text = "[".repeat(depth) + &"]".repeat(depth);
        same::<Value>(&text);
        same::<IgnoredAnyIsRead>(&text);
    }
}

#[test]
fn errors_say_what_the_parser_says() {
    for text in [
        "{\"data\":1}",
        "{\"data\":{\"a\":\n 1.5}}",
        "{\"data\":{\"a\":null}}",
        "{\"data\":{\"a\":true}}",
        "{\"metadata\":{\"name\":-1}}",
        "{\"data\":{\"a\":\"b\"",
        "{\"data\":{\"a\":\"b\"}",
        "{\"data\"",
        "{} {}",
        "",
        "nope",
    ] {
        assert!(keep::<ConfigMap>(text).is_err());
        same_error::<ConfigMap>(text);
    }
    let error = keep::<ConfigMap>("{\n\"data\":{\"a\":7}}").unwrap_err();
    assert_eq!((error.line(), error.is_data()), (2, true));
    assert!(keep::<ConfigMap>("{\"data\":{").unwrap_err().is_eof());
    assert!(keep::<ConfigMap>("{\"data\":}").unwrap_err().is_syntax());
    // What another parser was asked for has no place of its own.
    let error = keep::<Vec<Choice>>("[\"Unit\",{\"One\":\"x\"}]")
        .unwrap_err()
        .to_string();
    assert_eq!(error.matches("column").count(), 1, "{error}");
}

#[test]
fn objects_are_read() {
    let pod = include_str!("../../../../../bench/pod.json");
    let whole: Pod = keep(pod).unwrap();
    assert_eq!(whole, serde_json::from_str(pod).unwrap());
    let mut expect = whole;
    assert!(expect.metadata.managed_fields.take().is_some());
    assert_eq!(lean::<Pod>(pod).unwrap(), expect);
    assert_eq!(lean::<Box<Option<Pod>>>(pod).unwrap().unwrap(), expect);
    assert_eq!(lean::<DynamicObject>(pod).unwrap().metadata, expect.metadata);
    assert_eq!(
        lean::<PartialObjectMeta<Pod>>(pod).unwrap().metadata,
        expect.metadata
    );
    same::<Secret>(r#"{"metadata":{"name":"s"},"data":{"a":"YQ==","b":"","c":"%"}}"#);
    same::<Secret>(r#"{"metadata":{"name":"s"},"data":{"a":"YQ==","b":""}}"#);
}

#[track_caller]
fn check_lean(text: &str, expect: &str) {
    let expect: Value = serde_json::from_str(expect).unwrap();
    assert_eq!(lean::<Value>(text).unwrap(), expect);
}

#[test]
fn managed_fields_of_the_metadata_are_passed_over() {
    check_lean(
        r#"{"metadata":{"managedFields":[{"a":","}]}}"#,
        r#"{"metadata":{}}"#,
    );
    check_lean(
        r#"{"kind":"X","metadata":{"name":"a","managedFields":[],"uid":"u"},"spec":{"managedFields":1}}"#,
        r#"{"kind":"X","metadata":{"name":"a","uid":"u"},"spec":{"managedFields":1}}"#,
    );
    check_lean(
        r#"{"metadata":{ "managedFields":[] , "name":"a"}}"#,
        r#"{"metadata":{"name":"a"}}"#,
    );
    check_lean(
        r#"{"metadat\u0061":{"managed\u0046ields":null,"n\u0061me":"\u0061"}}"#,
        r#"{"metadata":{"name":"a"}}"#,
    );
}

#[test]
fn other_managed_fields_stay() {
    for text in [
        r#"{"metadata":{"name":"a"}}"#,
        r#"{"managedFields":[],"other":{"metadata":{"managedFields":[]}}}"#,
        r#"{"metadata":null,"spec":{"managedFields":1}}"#,
        r#"{"metadata":"x","spec":{"managedFields":1}}"#,
        r#"{"metadata":[{"managedFields":1}]}"#,
        r#"{"metadata":{"labels":{"managedFields":"1"}}}"#,
        r#"[{"metadata":{"managedFields":1}}]"#,
        "12",
        "null",
        "\"metadata\"",
    ] {
        check_lean(text, text);
    }
}

#[test]
fn what_is_no_json_is_an_error_wherever_it_stands() {
    for text in [
        r#"{"metadata":{"managedFields":[tru]}}"#,
        r#"{"metadata":{"managedFields":[}}"#,
        r#"{"metadata":{"managedFields":["\x"]}}"#,
        r#"{"metadata":{"managedFields"}}"#,
        r#"{"metadata":{"managedFields":[],}}"#,
        "{\"metadata\":{",
        "",
    ] {
        assert!(
            lean::<Value>(text).is_err() && lean::<ConfigMap>(text).is_err(),
            "{text}"
        );
    }
}

/// The text of a value.
#[derive(Debug, PartialEq)]
struct Raw(String);

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
        Ok(Self(raw.get().to_owned()))
    }
}

#[test]
fn a_raw_value_is_left_to_the_parser() {
    for text in [
        r#"{"a":[1,{"b":"x\n\u00e9"}],"c":null}"#,
        r#" "text" "#,
        "-1.50e2",
        "null",
        r#"{"a":1"#,
        r#"{"a":tru}"#,
        r#""\x""#,
        "1 2",
        "",
    ] {
        same::<Raw>(text);
        same::<Vec<Raw>>(&format!("[ {text} , {text} ]"));
        same::<BTreeMap<String, Option<Raw>>>(&format!(r#"{{"a":{text},"b": {text} }}"#));
        same::<(Raw, u8)>(&format!("[{text},7]"));
        same::<(Raw, u8)>(&format!("[{text},-7]"));
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        "[\\\\\"{}\\[\\],:\\x00-\\x20a-c]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("metadata|managedFields|\\PC{0,4}", inner, 0..5)
                .prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_value_is_read(value in any_json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        same::<Value>(&text);
        same::<IgnoredAnyIsRead>(&text);
        same::<DynamicObject>(&text);
        same::<Everything>(&text);
    }

    /// Text that is nearly JSON: one piece of it is gone, or another is in its place.
    #[test]
    fn any_damage_is_the_same(
        value in any_json(),
        at in any::<prop::sample::Index>(),
        gone in 0usize..4,
        put in "[\\[\\]{}\":,a1 \\\\.eE+-]{0,3}",
    ) {
        let text = value.to_string();
        let chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len());
        let end = (at + gone).min(chars.len());
        let damaged: String = chars[..at].iter().copied().chain(put.chars()).chain(chars[end..].iter().copied()).collect();
        same::<Value>(&damaged);
        same::<IgnoredAnyIsRead>(&damaged);
    }

    #[test]
    fn any_text_is_the_same(text in "[\\[\\]{}\":,a1 \\\\.eE+-]{0,30}") {
        same::<Value>(&text);
        same::<IgnoredAnyIsRead>(&text);
    }
}
