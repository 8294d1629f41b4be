use proptest::prelude::*;
use serde_json::json;

use super::*;

fn map(labels: &[(&str, &str)]) -> BTreeMap<String, String> {
    labels
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect()
}

#[track_caller]
fn check(text: &str, printed: &str) {
    let selector: Selector = text.parse().unwrap();
    assert_eq!(selector.to_string(), printed);
}

#[test]
fn text_is_read_as_the_server_reads_it() {
    check("", "");
    check("  ", "");
    check("a=b", "a=b");
    check("a==b", "a=b");
    check(" a = b , c != d ", "a=b,c!=d");
    check("a", "a");
    check("!a", "!a");
    check("! a,b", "!a,b");
    check("a=", "a=");
    check("a=,b", "a=,b");
    check("a in (x)", "a in (x)");
    check("a in (y,x, y)", "a in (x,y)");
    check("a notin (x,)", "a notin (,x)");
    check("a in (,)", "a in (,)");
    check(
        "app.kubernetes.io/name=web,in in (in,notin)",
        "app.kubernetes.io/name=web,in in (in,notin)",
    );
}

#[test]
fn text_that_is_no_selector_is_refused() {
    for text in [
        ",",
        "a,",
        "=b",
        "a=b c",
        "a b",
        "a in x",
        "a in ()",
        "a in (",
        "a in (x",
        "a in (x y)",
        "!",
        "!a=b",
        "a>1",
        "a<1",
        "a=b=c",
        "-a",
        "a/b/c",
        "/a",
        "a/",
        "A.io/x",
        "a=-b",
        "a!b",
        "ä",
        "a=ä",
        "(",
        &"x".repeat(64),
    ] {
        assert!(text.parse::<Selector>().is_err(), "{text}");
    }
    assert!("a,b".parse::<Expression>().is_err());
}

#[test]
fn matching() {
    for (text, labels, expect) in [
        ("", &[][..], true),
        ("a=b", &[("a", "b")], true),
        ("a=b", &[("a", "c")], false),
        ("a=b", &[], false),
        ("a!=b", &[("a", "c")], true),
        ("a!=b", &[("a", "b")], false),
        ("a!=b", &[], true),
        ("a in (b,c)", &[("a", "c")], true),
        ("a in (b,c)", &[], false),
        ("a notin (b,c)", &[("a", "c")], false),
        ("a notin (b,c)", &[], true),
        ("a", &[("a", "")], true),
        ("!a", &[("a", "")], false),
        ("a,!b", &[("a", "x")], true),
        ("a,!b", &[("a", "x"), ("b", "y")], false),
    ] {
        assert_eq!(
            text.parse::<Selector>().unwrap().matches(&map(labels)),
            expect,
            "{text} on {labels:?}"
        );
    }
}

#[test]
fn label_selectors_convert() {
    let wire: LabelSelector = serde_json::from_value(json!({
        "matchLabels": {"a": "b"},
        "matchExpressions": [
            {"key": "c", "operator": "In", "values": ["x", "y"]},
            {"key": "d", "operator": "NotIn", "values": ["x"]},
            {"key": "e", "operator": "Exists"},
            {"key": "f", "operator": "DoesNotExist", "values": []},
        ],
    }))
    .unwrap();
    let selector = Selector::try_from(wire).unwrap();
    assert_eq!(selector.to_string(), "a=b,c in (x,y),d notin (x),e,!f");
    let back = LabelSelector::from(selector.clone());
    assert_eq!(Selector::try_from(back).unwrap(), selector);
    assert_eq!(LabelSelector::from(Selector::default()), LabelSelector::default());

    for (operator, values) in [("In", json!([])), ("NotIn", json!(null)), ("Gt", json!(["1"]))] {
        let requirement = serde_json::from_value::<LabelSelectorRequirement>(
            json!({"key": "a", "operator": operator, "values": values}),
        );
        assert!(Expression::try_from(requirement.unwrap()).is_err(), "{operator}");
    }
}

#[test]
fn contradictions_survive_the_conversion() {
    let selector: Selector = "a=1,a=2".parse().unwrap();
    let back = Selector::try_from(LabelSelector::from(selector)).unwrap();
    assert!(!back.matches(&map(&[("a", "1")])));
    assert!(!back.matches(&map(&[("a", "2")])));
}

#[test]
fn selectors_collect() {
    let pairs: Selector = [("a", "b"), ("c", "d")].into_iter().collect();
    assert_eq!(pairs.to_string(), "a=b,c=d");
    let mut selector = Selector::from(Expression::Exists("a".into()));
    assert!(!selector.selects_all() && Selector::default().selects_all());
    selector
        .extend(Expression::DoesNotExist("b".into()))
        .extend(pairs);
    assert_eq!(selector.to_string(), "a,!b,a=b,c=d");
}

fn key() -> impl Strategy<Value = String> {
    "([a-z0-9]([a-z0-9-]{0,5}[a-z0-9])?(\\.[a-z]{1,3})?/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,8}[A-Za-z0-9])?"
}

fn value() -> impl Strategy<Value = String> {
    "([A-Za-z0-9]([A-Za-z0-9_.-]{0,8}[A-Za-z0-9])?)?"
}

fn any_expression() -> impl Strategy<Value = Expression> {
    let set = || prop::collection::btree_set(value(), 1..4);
    prop_oneof![
        (key(), set()).prop_map(|(k, v)| Expression::In(k, v)),
        (key(), set()).prop_map(|(k, v)| Expression::NotIn(k, v)),
        (key(), value()).prop_map(|(k, v)| Expression::Equal(k, v)),
        (key(), value()).prop_map(|(k, v)| Expression::NotEqual(k, v)),
        key().prop_map(Expression::Exists),
        key().prop_map(Expression::DoesNotExist),
    ]
}

proptest! {
    #[test]
    fn selectors_parse_what_they_print(exprs in prop::collection::vec(any_expression(), 0..5)) {
        let selector: Selector = exprs.into_iter().collect();
        prop_assert_eq!(selector.to_string().parse::<Selector>().unwrap(), selector);
    }

    #[test]
    fn no_text_panics_and_what_parses_prints_stably(text in "[a-c!=,() <>in/.-]{0,20}|.{0,12}") {
        if let Ok(selector) = text.parse::<Selector>() {
            let printed = selector.to_string();
            prop_assert_eq!(printed.parse::<Selector>().unwrap(), selector);
        }
    }

    #[test]
    fn conversion_keeps_the_meaning(
        exprs in prop::collection::vec(any_expression(), 0..4),
        labels in prop::collection::btree_map(key(), value(), 0..4),
    ) {
        let mut labels = labels;
        // Labels that have a chance to match.
        for expr in &exprs {
            if let Expression::Equal(k, v) = expr { labels.insert(k.clone(), v.clone()); }
        }
        let selector: Selector = exprs.into_iter().collect();
        let back = Selector::try_from(LabelSelector::from(selector.clone())).unwrap();
        prop_assert_eq!(back.matches(&labels), selector.matches(&labels));
    }
}
