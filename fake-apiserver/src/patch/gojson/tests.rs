use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn message(text: &str) -> String {
    check(text.as_bytes()).expect_err(text).to_string()
}

#[test]
fn syntax_errors_read_as_gos() {
    for (text, expected) in [
        ("", "unexpected end of JSON input"),
        ("{\"data\":{\"k\":\"1\"", "unexpected end of JSON input"),
        ("- op: add", "invalid character ' ' in numeric literal"),
        ("data:\n", "invalid character 'd' looking for beginning of value"),
        (
            "not json",
            "invalid character 'o' in literal null (expecting 'u')",
        ),
        ("{} {", "invalid character '{' after top-level value"),
        (
            "{\"a\":1,}",
            "invalid character '}' looking for beginning of object key string",
        ),
        ("{\"a\":01}", "invalid character '1' after object key:value pair"),
        ("[1 2]", "invalid character '2' after array element"),
        ("{\"a\" 1}", "invalid character '1' after object key"),
        ("\"\u{1}\"", "invalid character '\\x01' in string literal"),
        ("\"\\q\"", "invalid character 'q' in string escape code"),
        (
            "\"\\u12x\"",
            "invalid character 'x' in \\u hexadecimal character escape",
        ),
        (
            "1.x",
            "invalid character 'x' after decimal point in numeric literal",
        ),
        ("1e}", "invalid character '}' in exponent of numeric literal"),
        ("'", "invalid character '\\'' looking for beginning of value"),
    ] {
        assert_eq!(message(text), expected, "{text}");
    }
    assert_eq!(
        check(&[0x9e]).expect_err("no JSON").to_string(),
        "invalid character '\\u009e' looking for beginning of value"
    );
}

#[test]
fn depth_is_bounded() {
    let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    assert_eq!(check(nested(1_000).as_bytes()), Ok(()));
    assert_eq!(check(nested(1_001).as_bytes()), Err(SyntaxError::TooDeep));
}

#[test]
fn duplicates_are_found_where_they_are() {
    let parsed = parse(r#"{"a":{"b":1,"b":2,"b":3},"c":[{"d":1,"d":null}]}"#).expect("small numbers");
    assert_eq!(parsed.value, json!({"a": {"b": 3}, "c": [{"d": null}]}));
    assert_eq!(parsed.duplicates, ["a.b", "c[0].d"]);
}

#[test]
fn numbers_are_spelt_as_go_spells_them() {
    for (text, expected) in [
        ("1.0", "1"),
        ("-0", "0"),
        ("1e3", "1000"),
        ("1.5e-7", "1.5e-7"),
        ("1e21", "1e+21"),
        ("123456789012345678901234567890", "1.2345678901234568e+29"),
        ("9223372036854775808", "9223372036854776000"),
        ("0.000001", "0.000001"),
    ] {
        assert_eq!(write(&parse(text).expect("a number").value), expected);
    }
    assert_eq!(parse("[1e400]"), Err("1e400".to_owned()));
}

#[test]
fn values_are_printed_as_fmt_prints_them() {
    let value = json!({"b": [1, "x", null, true, 1.5, 1e21], "a": {}});
    assert_eq!(format(&value), "map[a:map[] b:[1 x <nil> true 1.5 1e+21]]");
}

#[test]
fn text_is_compacted_and_nothing_else() {
    assert_eq!(
        compact("{ \"a b\\\" c\" : [ 1.0, \"<\" ] }"),
        r#"{"a b\" c":[1.0,"\u003c"]}"#
    );
}

#[test]
fn halves_of_pairs_are_replaced() {
    assert_eq!(
        string(r#""\ud83d\ude00\ud83dx\u00e9\/""#).as_deref(),
        Some("😀\u{fffd}xé/")
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_the_same(value in any_json()) {
        let text = write(&value);
        prop_assert_eq!(check(text.as_bytes()), Ok(()));
        prop_assert_eq!(compact(&text), text.clone());
        prop_assert_eq!(parse(&text).map(|p| p.value), Ok(value));
    }

    #[test]
    fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..40), text in "[\\[\\]{}:,\"\\\\un0-9tea .-]{0,24}") {
        let _ = check(&bytes);
        let valid = check(text.as_bytes()).is_ok();
        // Integers beyond 64 bits aside, both agree on what is JSON.
        prop_assert_eq!(valid, serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok() || text.contains("\\u") && valid);
        let _ = (object(&text), array(&text), string(&text), parse(&text), compact(&text));
    }
}
