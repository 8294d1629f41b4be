use proptest::prelude::*;
use serde_json::json;

use super::*;

#[track_caller]
fn check(text: &str, expected: Value) {
    assert_eq!(read(text.as_bytes()).map(|d| d.value), Ok(expected), "{text}");
}

#[track_caller]
fn fails(text: &str, why: &str) {
    assert_eq!(read(text.as_bytes()).unwrap_err(), why, "{text}");
}

#[test]
fn only_the_first_document_is_read() {
    check("a: 1\n---\nb: 2\n", json!({"a": 1}));
    check("---\na: 1\n", json!({"a": 1}));
    check("a: 1\n---\nb: [\n", json!({"a": 1}));
    check("# only a comment\n", Value::Null);
    check("", Value::Null);
}

#[test]
fn plain_words_are_those_of_yaml_1_1() {
    for (text, value) in [
        ("yes", json!(true)),
        ("y", json!(true)),
        ("Off", json!(false)),
        ("~", Value::Null),
        ("", Value::Null),
        ("'yes'", json!("yes")),
        ("!!str 5", json!("5")),
        ("!!binary aGk=", json!("hi")),
        ("!custom x", json!("x")),
        ("0x1F", json!(31)),
        ("0o17", json!(15)),
        ("017", json!(15)),
        ("0b11", json!(3)),
        ("08", json!(8)),
        ("1_000", json!(1000)),
        ("-5", json!(-5)),
        ("+5", json!(5)),
        ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
        ("1.50", json!(1.5)),
        ("1.0", json!(1)),
        ("1e3", json!(1000)),
        (".5", json!(0.5)),
        ("1.2.3", json!("1.2.3")),
        ("12:30", json!("12:30")),
        ("2026-01-01", json!("2026-01-01")),
        ("-", json!([null])),
        ("1e", json!("1e")),
        ("+x", json!("+x")),
    ] {
        check(text, value);
    }
    check(
        "{1: a, yes: b, 1.5: c}",
        json!({"1": "a", "true": "b", "1.5": "c"}),
    );
    fails("k: .inf", "json: unsupported value: +Inf");
    fails("k: !!int x", "yaml: cannot decode !!str `x` as a !!int");
}

#[test]
fn the_last_of_two_equal_keys_counts_and_each_is_told() {
    let document = read(b"a:\n  k: 1\n  k:\n    x: 2\nb: {l: 1, l: 2}\n").unwrap();
    assert_eq!(document.value, json!({"a": {"k": {"x": 2}}, "b": {"l": 2}}));
    assert_eq!(
        document.strict_error().unwrap(),
        "yaml: unmarshal errors:\n  line 4: key \"k\" already set in map\n  line 5: key \"l\" already set in map"
    );
    assert_eq!(read(b"a: 1").unwrap().strict_error(), None);
}

#[test]
fn aliases_stand_for_what_their_anchors_name() {
    check("a: &x {k: 1}\nb: *x\n", json!({"a": {"k": 1}, "b": {"k": 1}}));
    check(
        "base: &b {k: 1, l: 1}\nmore:\n  <<: *b\n  l: 2\n",
        json!({"base": {"k": 1, "l": 1}, "more": {"k": 1, "l": 2}}),
    );
    check(
        "a: &a {k: 1}\nb: &b {k: 2, l: 2}\nc: {<<: [*a, *b]}\n",
        json!({"a": {"k": 1}, "b": {"k": 2, "l": 2}, "c": {"k": 1, "l": 2}}),
    );
    fails("a: *x\n", "yaml: unknown anchor 'x' referenced");
    fails("a: &x [*x]\n", "yaml: anchor contains itself");
    fails(
        "a: {<<: 1}\n",
        "yaml: map merge requires map or sequence of maps as the value",
    );
    let mut laughs = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n".to_owned();
    for i in 1..9 {
        let aliases = vec![format!("*a{}", i - 1); 10].join(",");
        laughs += &format!("a{i}: &a{i} [{aliases}]\n");
    }
    fails(&laughs, "yaml: document contains excessive aliasing");
}

#[test]
fn syntax_errors_have_the_words_and_the_line_of_the_library() {
    fails(
        "apiVersion: v1\n kind: bad indent\n",
        "yaml: line 2: mapping values are not allowed in this context",
    );
    fails("a: [", "yaml: line 1: did not find expected node content");
    fails("a: [b", "yaml: line 1: did not find expected ',' or ']'");
    fails("a: {b: 1", "yaml: line 1: did not find expected ',' or '}'");
    fails("a: b: c", "yaml: mapping values are not allowed in this context");
    fails("a: 1\nb: \"x\n", "yaml: line 3: found unexpected end of stream");
    fails(
        "a: 1\nb: @x\n",
        "yaml: line 2: found character that cannot start any token",
    );
    fails("a: 1\n- b\n", "yaml: line 1: did not find expected key");
    fails("a: \u{1}", "yaml: control characters are not allowed");
    assert_eq!(read(b"a: \xff").unwrap_err(), "yaml: invalid leading UTF-8 octet");
    assert_eq!(
        read(b"a: \xc3(").unwrap_err(),
        "yaml: invalid trailing UTF-8 octet"
    );
    assert_eq!(
        read(b"a: \xc3").unwrap_err(),
        "yaml: incomplete UTF-8 octet sequence"
    );
}

/// What could be JSON: its signs, and a few words and characters on which YAML has views.
fn almost_json() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        proptest::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\"",
            " ",
            "\n",
            "\t",
            "\\",
            "<<",
            "#",
            "- ",
            "---",
            "\u{85}",
            "\u{7f}",
            "é",
            "null",
            "true",
            "yes",
            "~",
            "0",
            "-0",
            "012",
            "1.0",
            "1e3",
            "9223372036854775808",
            "\"a\"",
            "\"a\":",
            "\"<<\":",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,4}",
    ];
    proptest::collection::vec(part, 0..12).prop_map(|parts| format!("{{{}}}", parts.concat()))
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "([a-c]: |[-\\[\\]{},&*a!<\n \t'\"0.#|>])*") {
        let _ = read(text.as_bytes());
    }

    #[test]
    fn json_is_yaml(value in crate::apply::testing::json_values()) {
        prop_assert_eq!(read(value.to_string().as_bytes()).map(|d| d.value), Ok(value));
    }

    #[test]
    fn what_is_read_as_json_is_what_yaml_says(text in almost_json()) {
        if let Some(value) = plain::read(text.as_bytes()) {
            prop_assert_eq!(parse(&text), Ok(Document { value, duplicates: Vec::new() }));
        }
    }

    #[test]
    fn json_is_read_as_yaml_reads_it(value in crate::apply::testing::json_values()) {
        let object = json!({"a": value, "b": [1, "x y", {"c": null}]});
        for text in [object.to_string(), serde_json::to_string_pretty(&object).unwrap()] {
            if let Some(value) = plain::read(text.as_bytes()) {
                prop_assert_eq!(parse(&text), Ok(Document { value, duplicates: Vec::new() }));
            }
        }
    }
}
