use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::schema::json::check;

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
    fn nothing_panics(text in "[\\[\\]{}:,\"\\\\un0-9tea .-]{0,24}") {
        let _ = (object(&text), array(&text), string(&text), parse(&text), compact(&text));
    }
}
