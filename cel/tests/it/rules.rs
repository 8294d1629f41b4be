//! Rules of schemas: which are refused, which objects they refuse, and in which words.

use seatrial_cel::rules::{BUDGET, Finding, FindingKind, Shown, Verdict, compile, judge};
use serde_json::{Value, json};

fn findings(schema: &Value) -> Vec<(String, String)> {
    compile(schema, "s", &|_| false)
        .findings
        .into_iter()
        .map(|f| (f.path, f.detail))
        .collect()
}

fn verdict(schema: &Value, object: &Value, old: Option<&Value>) -> Verdict {
    let compiled = compile(schema, "s", &|_| false);
    assert_eq!(compiled.findings, [], "the rules are good");
    compiled.rules.validate(object, old, BUDGET)
}

/// Errors as `PATH: MESSAGE`.
fn errors(schema: &Value, object: &Value, old: Option<&Value>) -> Vec<String> {
    verdict(schema, object, old)
        .errors
        .into_iter()
        .map(|v| format!("{}: {}", v.path, v.detail))
        .collect()
}

fn object(properties: Value) -> Value {
    json!({"type": "object", "properties": properties})
}

#[test]
fn rules_hold_or_are_told_with_path_value_and_message() {
    let schema = object(json!({
        "n": {"type": "integer", "x-kubernetes-validations": [{"rule": "self > 0"}]},
        "l": {"type": "array", "maxItems": 5, "items": {"type": "string", "maxLength": 9,
            "x-kubernetes-validations": [{"rule": "self != 'bad'"}]}},
        "m": {"type": "object", "maxProperties": 5, "additionalProperties": {"type": "integer",
            "x-kubernetes-validations": [{"rule": "self >= 0", "message": " below nothing "}]}},
        "o": {"type": "object", "properties": {"x": {"type": "integer"}, "y.z": {"type": "integer"}}, "x-kubernetes-validations": [
            {"rule": "self.x == 1", "messageExpression": "'x is %d'.format([self.x])", "fieldPath": ".x", "reason": "FieldValueForbidden"},
            {"rule": "has(self.y__dot__z)", "fieldPath": "['y.z']"}]}}));
    let bad = json!({"n": 0, "l": ["good", "bad"], "m": {"a": -1, "b": 1}, "o": {"x": 2}});
    assert_eq!(
        errors(&schema, &bad, None),
        [
            "l[1]: failed rule: self != 'bad'",
            "m[a]: below nothing",
            "n: failed rule: self > 0",
            "o.x: x is 2",
            "o.y.z: failed rule: has(self.y__dot__z)",
        ]
    );
    let shown: Vec<Shown> = verdict(&schema, &bad, None)
        .errors
        .into_iter()
        .map(|v| v.shown)
        .collect();
    assert_eq!(
        shown,
        [
            Shown::Value(json!("bad")),
            Shown::Value(json!(-1)),
            Shown::Value(json!(0)),
            Shown::Nothing,
            Shown::Nothing
        ]
    );
    let good = json!({"n": 1, "l": [], "m": {}, "o": {"x": 1, "y.z": 1}});
    assert_eq!(errors(&schema, &good, None), Vec::<String>::new());
}

#[test]
fn failures_are_told_with_the_rule_or_its_message() {
    let schema = object(
        json!({"o": {"type": "object", "properties": {"a": {"type": "integer"}, "i": {"x-kubernetes-int-or-string": true}},
        "x-kubernetes-validations": [{"rule": "self.a == 1"}, {"rule": "self.a == 1", "message": "a must be 1"},
            {"rule": "!has(self.i) || self.i > 1 || false"}]}}),
    );
    assert_eq!(
        errors(&schema, &json!({"o": {"i": "x"}}), None),
        [
            "o: no such key: a evaluating rule: self.a == 1",
            "o: no such key: a evaluating rule: a must be 1",
            "o: 'no such overload': call arguments did not match a supported operator, function or macro signature for rule: \
             !has(self.i) || self.i > 1 || false",
        ]
    );
    let failed = verdict(&schema, &json!({"o": {}}), None);
    assert_eq!(failed.errors[0].shown, Shown::Type("object".into()));
}

#[test]
fn messages_that_cannot_be_used_fall_back() {
    for (expression, wanted) in [
        ("'  '", "fallback"),
        ("'a\\nb'", "fallback"),
        ("string(1 / self)", "fallback"),
        ("' used '", "used"),
    ] {
        let schema = object(json!({"n": {"type": "integer", "x-kubernetes-validations": [
            {"rule": "self > 0", "message": "fallback", "messageExpression": expression}]}}));
        assert_eq!(
            errors(&schema, &json!({"n": 0}), None),
            [format!("n: {wanted}")],
            "{expression}"
        );
    }
}

#[test]
fn transition_rules_run_where_the_old_value_is_known() {
    let item = json!({"type": "object", "required": ["k"], "properties": {"k": {"type": "string"}, "v": {"type": "integer"}},
        "x-kubernetes-validations": [{"rule": "self.v >= oldSelf.v"}]});
    let schema = object(json!({
        "n": {"type": "integer", "x-kubernetes-validations": [{"rule": "self >= oldSelf"}]},
        "m": {"type": "object", "maxProperties": 9, "additionalProperties": {"type": "integer",
            "x-kubernetes-validations": [{"rule": "self >= oldSelf"}]}},
        "l": {"type": "array", "maxItems": 9, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"], "items": item},
        "opt": {"type": "integer", "x-kubernetes-validations": [
            {"rule": "oldSelf.hasValue() ? self >= oldSelf.value() : self == 1", "optionalOldSelf": true}]}}));
    let old = json!({"n": 5, "m": {"a": 5}, "l": [{"k": "a", "v": 5}, {"k": "b", "v": 5}], "opt": 3});
    let new = json!({"n": 4, "m": {"a": 4, "b": 0}, "l": [{"k": "c", "v": 0}, {"k": "b", "v": 4}, {"k": "a", "v": 5}], "opt": 2});
    assert_eq!(
        errors(&schema, &json!({"n": 4, "opt": 1}), None),
        Vec::<String>::new()
    );
    assert_eq!(
        errors(&schema, &new, Some(&old)),
        [
            "l[1]: failed rule: self.v >= oldSelf.v",
            "m[a]: failed rule: self >= oldSelf",
            "n: failed rule: self >= oldSelf",
            "opt: failed rule: oldSelf.hasValue() ? self >= oldSelf.value() : self == 1",
        ]
    );
    assert_eq!(errors(&schema, &json!({"opt": 2}), Some(&json!({}))).len(), 1);
}

#[test]
fn what_did_not_hold_before_is_warned_of() {
    let schema = object(json!({"n": {"type": "integer", "x-kubernetes-validations": [
        {"rule": "self > 0"}, {"rule": "self > oldSelf"}]}, "o": {"type": "integer"}}));
    let v = verdict(&schema, &json!({"n": 0, "o": 2}), Some(&json!({"n": 0, "o": 1})));
    let told =
        |vs: &[seatrial_cel::rules::Violation]| vs.iter().map(|v| v.detail.clone()).collect::<Vec<_>>();
    assert_eq!(told(&v.errors), ["failed rule: self > oldSelf"]);
    assert_eq!(told(&v.ratcheted), ["failed rule: self > 0"]);
}

#[test]
fn lists_compare_by_their_kind() {
    let schema = object(json!({
        "set": {"type": "array", "maxItems": 9, "x-kubernetes-list-type": "set", "items": {"type": "string", "maxLength": 5}},
        "map": {"type": "array", "maxItems": 9, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"], "items":
            {"type": "object", "required": ["k"], "properties": {"k": {"type": "string", "maxLength": 5}, "v": {"type": "integer"}}}},
        "atomic": {"type": "array", "maxItems": 9, "items": {"type": "string", "maxLength": 5}}}));
    let with = |rule: &str| {
        let mut s = schema.clone();
        s["x-kubernetes-validations"] = json!([{"rule": rule}]);
        s
    };
    let old = json!({"set": ["a", "b"], "map": [{"k": "a", "v": 1}, {"k": "b"}], "atomic": ["a", "b"]});
    let new = json!({"set": ["b", "a"], "map": [{"k": "b"}, {"k": "a", "v": 1}], "atomic": ["b", "a"]});
    for (rule, holds) in [
        ("self.set == oldSelf.set", true),
        ("self.map == oldSelf.map", true),
        ("self.atomic == oldSelf.atomic", false),
        ("(self.set + ['a', 'c']).size() == 3", true),
        ("(self.atomic + ['a']).size() == 3", true),
        ("(self.map + oldSelf.map).size() == 2", true),
    ] {
        assert_eq!(errors(&with(rule), &new, Some(&old)).is_empty(), holds, "{rule}");
    }
}

#[test]
fn whole_objects_have_their_type_and_names() {
    let mut schema = object(
        json!({"spec": {"type": "object", "properties": {"e": {"type": "object", "x-kubernetes-embedded-resource": true,
        "x-kubernetes-preserve-unknown-fields": true, "x-kubernetes-validations": [{"rule": "self.kind == 'Pod'"}]}}}}),
    );
    schema["x-kubernetes-validations"] =
        json!([{"rule": "self.metadata.name == 'a'", "message": "no a", "fieldPath": ".spec"}]);
    let object =
        json!({"kind": "K", "apiVersion": "v1", "metadata": {"name": "b"}, "spec": {"e": {"kind": "Job"}}});
    assert_eq!(
        errors(&schema, &object, None),
        ["spec: no a", "spec.e: failed rule: self.kind == 'Pod'"]
    );
}

#[test]
fn budgets_end_the_judgement() {
    let schema = object(
        json!({"l": {"type": "array", "items": {"type": "integer"}, "maxItems": 200, "x-kubernetes-validations": [
        {"rule": "self.all(a, a >= 0)"}, {"rule": "self.all(a, a >= 1)"}]}}),
    );
    let object = json!({"l": vec![0; 200]});
    let compiled = compile(&schema, "s", &|_| false);
    let v = compiled.rules.validate(&object, None, 100);
    assert_eq!(v.errors.len(), 1);
    assert_eq!(
        v.errors[0].detail,
        "validation failed due to running out of cost budget, no further validation rules will be run"
    );
}

#[test]
fn attributes_are_judged_before_expressions() {
    let schema = object(
        json!({"a": {"type": "object", "properties": {"b": {"type": "integer"}}, "x-kubernetes-validations": [
        {"rule": " "}, {"rule": "true", "message": " "}, {"rule": "true", "message": "a\nb"}, {"rule": "true ||\nfalse"},
        {"rule": "true", "messageExpression": " "}, {"rule": "true", "reason": "Gone"}, {"rule": "true", "fieldPath": " "},
        {"rule": "true", "fieldPath": ".c"}, {"rule": "true", "fieldPath": ".b"}]}}),
    );
    let found = judge(&schema, "s");
    let told: Vec<(String, &str)> = found
        .iter()
        .map(|f: &Finding| {
            (
                f.path.replace("s.properties[a].x-kubernetes-validations", ""),
                &*f.detail,
            )
        })
        .collect();
    let wanted = [
        ("[0].rule", "rule is not specified"),
        ("[1].message", "message must be non-empty if specified"),
        ("[2].message", "message must not contain line breaks"),
        (
            "[3].message",
            "message must be specified if rule contains line breaks",
        ),
        (
            "[4].messageExpression",
            "messageExpression must be non-empty if specified",
        ),
        ("[5].reason", ""),
        ("[6].fieldPath", "fieldPath must be non-empty if specified"),
        ("[6].fieldPath", "fieldPath must be a valid path"),
        ("[7].fieldPath", "fieldPath must be a valid path"),
    ];
    assert_eq!(told, wanted.map(|(p, d)| (p.to_owned(), d)));
    assert_eq!(found[2].kind, FindingKind::Invalid("\"a\\nb\"".into()));
}

#[test]
fn costs_are_those_that_the_server_estimates() {
    let with = |schema: Value, rule: &str| {
        let mut schema = schema;
        schema["x-kubernetes-validations"] = json!([{"rule": rule}]);
        object(json!({"v": schema}))
    };
    let list = |item: Value| json!({"type": "array", "items": item});
    // The factor tells the cost: all items of a list, times three for a loop without a body.
    for (schema, rule, factor) in [
        (
            list(json!({"type": "integer"})),
            "self.all(x, self.all(y, true))",
            Some("more than 100x"),
        ),
        (list(json!({"type": "integer"})), "self.all(x, true)", None),
        (
            json!({"type": "string"}),
            "self.contains(self)",
            Some("more than 100x"),
        ),
        (
            json!({"type": "string", "maxLength": 2600}),
            "self.contains(self)",
            None,
        ),
        (json!({"type": "string"}), "self.matches('^a+$')", None),
        (
            list(json!({"type": "string"})),
            "self.all(x, x.startsWith('a'))",
            None,
        ),
        (
            list(json!({"type": "string"})),
            "self.all(x, x == 'abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz')",
            Some("1.153433x"),
        ),
    ] {
        let found = findings(&with(schema, rule));
        match factor {
            None => assert_eq!(found, [], "{rule}"),
            Some(factor) => {
                let detail = &found.first().expect(rule).1;
                let start = format!("estimated rule cost exceeds budget by factor of {factor}");
                assert!(detail.starts_with(&start), "{rule}: {detail}");
            }
        }
    }
}

#[test]
fn costs_count_once_for_each_value() {
    let schema = object(
        json!({"l": {"type": "array", "items": {"type": "object", "properties": {"s": {"type": "string", "maxLength": 100,
        "x-kubernetes-validations": [{"rule": "self.matches('^a+$')"}]}}}}}),
    );
    let found = findings(&schema);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        found[0].0,
        "s.properties[l].items.properties[s].x-kubernetes-validations[0].rule"
    );
    assert!(
        found[0]
            .1
            .starts_with("estimated rule cost exceeds budget by factor of 4.4x "),
        "{found:?}"
    );
    // Each rule is within its budget, all together are not.
    let many: Vec<Value> = (0..12).map(|_| json!({"rule": "self.matches('^a+$')"})).collect();
    let schema = object(
        json!({"l": {"type": "array", "maxItems": 200_000, "items": {"type": "string", "maxLength": 100,
        "x-kubernetes-validations": many}}}),
    );
    let found = findings(&schema);
    assert_eq!(found.len(), 5, "{found:?}");
    assert!(
        found[0]
            .1
            .starts_with("contributed to estimated rule & messageExpression cost total"),
        "{found:?}"
    );
    assert_eq!(found[4].0, "s");
    assert!(
        found[4].1.starts_with(
            "estimated rule & messageExpression cost total for entire OpenAPIv3 schema exceeds budget by factor of 1.008000x"
        ),
        "{found:?}"
    );
}

#[test]
fn old_values_need_lists_that_tell_their_items_apart() {
    let schema = object(
        json!({"l": {"type": "array", "maxItems": 5, "x-kubernetes-list-type": "set", "items": {"type": "integer",
        "x-kubernetes-validations": [{"rule": "self == oldSelf"}]}}}),
    );
    assert_eq!(
        findings(&schema),
        [(
            "s.properties[l].items.x-kubernetes-validations[0].rule".to_owned(),
            "oldSelf cannot be used on the uncorrelatable portion of the schema within s.properties[l]"
                .to_owned()
        )]
    );
}

#[test]
fn what_is_wrong_with_a_rule_shows_the_rule_as_the_server_prints_it() {
    let mut schema = object(json!({}));
    schema["x-kubernetes-validations"] = json!([{"rule": "1 > 'a'", "reason": "FieldValueInvalid"}, {"rule": "true", "messageExpression": "1"}]);
    let found = compile(&schema, "s", &|_| false).findings;
    let kind = |rule: &str, rest: &str| {
        FindingKind::Invalid(format!("{{\"Rule\":\"{rule}\",\"Message\":\"\",{rest}"))
    };
    assert_eq!(
        found[0].kind,
        kind(
            "1 \\u003e 'a'",
            "\"MessageExpression\":\"\",\"Reason\":\"FieldValueInvalid\",\"FieldPath\":\"\",\"OptionalOldSelf\":null}"
        )
    );
    assert_eq!(found[1].path, "s.x-kubernetes-validations[1].messageExpression");
    assert_eq!(found[1].detail, "messageExpression must evaluate to a string");
}
