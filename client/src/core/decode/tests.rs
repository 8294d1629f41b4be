//! What holds for both decoders: the same values for every cut of the bytes, an error for every cut of the body.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use proptest::prelude::*;
use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};
use serde_json::{Value, json};

use super::*;
use crate::core::{DynamicObject, ObjectList, PartialObjectMeta, WatchEvent, response::reason};

/// Feeds the body in pieces of the given lengths (the last one goes on to the end).
fn chunks<'a>(body: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut rest = body;
    let mut chunks = Vec::new();
    for &cut in cuts {
        let (chunk, behind) = rest.split_at(cut.min(rest.len()));
        chunks.push(chunk);
        rest = behind;
    }
    chunks.push(rest);
    chunks
}

fn list<T: DeserializeOwned + Clone>(
    body: &[u8],
    cuts: &[usize],
    options: Decode,
) -> Result<ObjectList<T>, Error> {
    let mut decoder = ListDecoder::new(options);
    let mut items = Vec::new();
    for chunk in chunks(body, cuts) {
        decoder.push(chunk.to_vec().into());
        while let Some(item) = decoder.next_item()? {
            items.push(item);
        }
    }
    Ok(decoder.finish()?.into_list(items))
}

type Events<K> = (Vec<Result<WatchEvent<K>, String>>, Result<(), String>);

fn watch<K: DeserializeOwned>(body: &[u8], cuts: &[usize]) -> Events<K> {
    let mut decoder = WatchDecoder::new(Decode::default());
    let mut events = Vec::new();
    for chunk in chunks(body, cuts) {
        decoder.push(chunk.to_vec().into());
        loop {
            match decoder.next_event() {
                Ok(None) => break,
                Ok(Some(event)) => events.push(Ok(event)),
                Err(error) => events.push(Err(format!("{error:?}"))),
            }
        }
    }
    (events, decoder.finish().map_err(|error| error.to_string()))
}

fn pods() -> Value {
    json!({
        "kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "12", "continue": "tök\"en\\"},
        "items": [
            {"metadata": {"name": "a", "labels": {"brace": "}{][\",\\", "empty": ""}}, "spec": {"containers": []}},
            {"metadata": {"name": "b", "managedFields": [{"manager": "m", "fieldsV1": {"f:a": {}}}], "uid": "u"}},
            {"metadata": {}, "status": {"phase": "Running", "conditions": []}},
        ],
    })
}

#[test]
fn lists_are_decoded_like_the_whole() {
    let body = serde_json::to_vec_pretty(&pods()).unwrap();
    let whole: ObjectList<Pod> = serde_json::from_slice(&body).unwrap();
    assert_eq!(list::<Pod>(&body, &[], Decode::default()).unwrap(), whole);
    for cut in 0..=body.len() {
        assert_eq!(
            list::<Pod>(&body, &[cut], Decode::default()).unwrap(),
            whole,
            "cut at {cut}"
        );
    }
    assert_eq!(
        list::<Pod>(&body, &vec![1; body.len()], Decode::default()).unwrap(),
        whole
    );
}

#[test]
fn keys_come_in_any_order_and_may_be_unknown() {
    for body in [
        r#"{"items":[{"metadata":{"name":"a"}}],"x":[{"items":[1]}],"metadata":{"resourceVersion":"1"},"kind":"L","apiVersion":"v1"}"#,
        r#" { "x" : null , "apiVersion" : "v1" , "items" : [ { "metadata" : { "name" : "a" } } ] , "kind" : "L" , "metadata" : { "resourceVersion" : "1" } } "#,
        r#"{"apiVersion":"v1","kind":"L","y":12,"\u006detadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"a"}}],"z":"}"}"#,
    ] {
        let decoded = list::<ConfigMap>(body.as_bytes(), &[], Decode::default()).unwrap();
        assert_eq!(decoded, serde_json::from_str(body).unwrap());
        assert_eq!(decoded.metadata.resource_version.as_deref(), Some("1"));
        assert_eq!(decoded.items[0].metadata.name.as_deref(), Some("a"));
    }
}

/// Go writes an empty slice and a missing struct as null.
#[test]
fn nulls_are_empty() {
    for body in [
        r#"{"items":null,"metadata":null,"kind":null,"apiVersion":null}"#,
        r#"{"items":null}"#,
        r#"{"items":[]}"#,
    ] {
        assert_eq!(
            list::<Pod>(body.as_bytes(), &[], Decode::default()).unwrap(),
            ObjectList::default()
        );
    }
}

#[test]
fn items_keep_what_the_wire_has() {
    let body = br#"{"kind":"PodList","apiVersion":"v1","items":[{"metadata":{}},{"kind":"Pod","apiVersion":"v1","metadata":{}}]}"#;
    let decoded = list::<DynamicObject>(body, &[], Decode::default()).unwrap();
    assert_eq!(decoded.items[0].types, None);
    assert_eq!(decoded.items[1].types.as_ref().unwrap().kind, "Pod");
}

#[track_caller]
fn check_list_error(body: &str, expect: &str) {
    let error = list::<ConfigMap>(body.as_bytes(), &[], Decode::default()).unwrap_err();
    assert_eq!(error.to_string(), expect, "{body}");
    // The same byte by byte.
    let error = list::<ConfigMap>(body.as_bytes(), &vec![1; body.len()], Decode::default()).unwrap_err();
    assert_eq!(error.to_string(), expect, "{body}");
}

#[test]
fn what_is_no_list_is_refused() {
    check_list_error("", "body ended in the middle of a value after 0 bytes");
    check_list_error(
        "{\"items\":[{\"metadata\":{}}",
        "body ended in the middle of a value after 25 bytes",
    );
    check_list_error("[]", "unexpected data at byte 0: expected an object");
    check_list_error("nope", "unexpected data at byte 0: expected an object");
    check_list_error(
        "{\"items\":{}}",
        "unexpected data at byte 9: expected a list of items",
    );
    check_list_error(
        "{\"items\":\"\"}",
        "unexpected data at byte 9: expected a list of items",
    );
    check_list_error("{}", "unexpected data at byte 2: expected `items` before this");
    check_list_error(
        "{\"kind\":\"Pod\",\"metadata\":{}}",
        "unexpected data at byte 28: expected `items` before this",
    );
    check_list_error("{\"items\":nil}", "failed to decode items of the list");
    check_list_error("{\"items\":[}", "unexpected data at byte 10: expected a value");
    check_list_error("{\"items\":[{\"a\":}]}", "failed to decode item 0 of the list");
    check_list_error("{\"kind\":,}", "unexpected data at byte 8: expected a value");
    check_list_error(
        "{\"items\":[{}{}]}",
        "unexpected data at byte 12: expected ',' or ']'",
    );
    check_list_error(
        "{\"items\":[{},]}",
        "unexpected data at byte 13: expected a value",
    );
    check_list_error("{\"items\":[],}", "unexpected data at byte 12: expected a key");
    check_list_error(
        "{\"items\":[] \"kind\":\"\"}",
        "unexpected data at byte 12: expected ',' or '}'",
    );
    check_list_error("{\"items\" []}", "unexpected data at byte 9: expected ':'");
    check_list_error(
        "{\"items\":[],\"items\":[]}",
        "unexpected data at byte 19: a key of the list is there twice",
    );
    check_list_error("{\"kind\":7}", "failed to decode kind of the list");
    check_list_error("{\"metadata\":[]}", "failed to decode metadata of the list");
    check_list_error("{\"x\":{]}", "failed to decode an unknown field of the list");
    check_list_error("{} x", "unexpected data at byte 3: expected the end");
    check_list_error("{x:1}", "unexpected data at byte 1: expected a key");
}

/// How deep is too deep is the parser's to say, and nothing that is left out counts.
#[test]
fn deep_items_are_bad_items_wherever_they_are_cut() {
    let deep = "[".repeat(200) + &"]".repeat(200);
    for key in ["unknown", "data"] {
        let body = format!("{{\"items\":[{{\"{key}\":{deep}}},{{}}]}}");
        for cuts in [vec![], vec![300], vec![1; body.len()]] {
            let maps = list::<ConfigMap>(body.as_bytes(), &cuts, Decode::default());
            assert_eq!(maps.is_ok(), key == "unknown");
            let values = list::<Value>(body.as_bytes(), &cuts, Decode::default());
            assert!(values.is_err_and(|error| error.is_recoverable()));
        }
    }
}

#[test]
fn a_bad_item_is_no_object_and_the_next_can_be_read() {
    let mut decoder = ListDecoder::<ConfigMap>::new(Decode::default());
    decoder.push(br#"{"items":[{"data":1},{"metadata":{"name":"b"}}]}"#.as_slice().into());
    let error = decoder.next_item().unwrap_err();
    assert!(error.is_recoverable() && matches!(error, Error::Item { index: 0, .. }));
    assert_eq!(
        decoder.next_item().unwrap().unwrap().metadata.name.as_deref(),
        Some("b")
    );
    assert!(decoder.next_item().unwrap().is_none());
    assert!(decoder.finish().is_ok());
}

#[test]
fn nothing_comes_after_malformed_bytes() {
    let mut decoder = ListDecoder::<ConfigMap>::new(Decode::default());
    decoder.push(br#"{"items":[{} {}"#.as_slice().into());
    assert!(decoder.next_item().unwrap().is_some());
    assert!(!decoder.next_item().unwrap_err().is_recoverable());
    decoder.push(br#"{"items":[{}]}"#.as_slice().into());
    assert!(decoder.next_item().unwrap().is_none());
    assert!(matches!(decoder.finish(), Err(Error::Truncated { .. })));
}

#[test]
fn a_list_that_was_not_read_to_its_end_has_not_ended() {
    let mut decoder = ListDecoder::<ConfigMap>::new(Decode::default());
    decoder.push(br#"{"items":[{},"#.as_slice().into());
    decoder.push(br#"{}]}"#.as_slice().into());
    assert!(decoder.next_item().unwrap().is_some());
    assert!(matches!(decoder.finish(), Err(Error::Truncated { .. })));
}

#[test]
fn managed_fields_are_passed_over() {
    let body = serde_json::to_vec(&pods()).unwrap();
    let mut expect: ObjectList<Pod> = serde_json::from_slice(&body).unwrap();
    for pod in &mut expect {
        pod.metadata.managed_fields = None;
    }
    for cut in [0, 100, 300, body.len()] {
        assert_eq!(
            list::<Pod>(&body, &[cut], Decode::default().skip_managed_fields()).unwrap(),
            expect
        );
    }
    assert!(
        list::<Pod>(
            b"{\"items\":[{\"metadata\":{\"managedFields\":[}}]}",
            &[],
            Decode::default().skip_managed_fields()
        )
        .is_err()
    );
}

fn events() -> String {
    [
        json!({"type": "ADDED", "object": {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a", "resourceVersion": "1"}}}),
        json!({"object": {"metadata": {"name": "b", "labels": {"x": "}\n\"\\"}}}, "type": "MODIFIED"}),
        json!({"type": "BOOKMARK", "object": {"kind": "Pod", "metadata": {"resourceVersion": "7", "creationTimestamp": null}, "spec": {"containers": null}}}),
        json!({"type": "DELETED", "object": {"metadata": {"name": "a"}}, "unknown": [1]}),
        json!({"type": "ERROR", "object": {"kind": "Status", "apiVersion": "v1", "code": 410, "reason": "Expired", "message": "too old"}}),
    ]
    .map(|event| event.to_string() + "\n")
    .concat()
}

#[test]
fn watches_are_decoded_for_every_cut() {
    let body = events();
    let (whole, end) = watch::<Pod>(body.as_bytes(), &[]);
    assert_eq!(end, Ok(()));
    let names: Vec<_> = whole
        .iter()
        .map(|event| match event.as_ref().unwrap() {
            WatchEvent::Added(pod) | WatchEvent::Modified(pod) | WatchEvent::Deleted(pod) => {
                pod.metadata.name.clone().unwrap()
            }
            WatchEvent::Bookmark(bookmark) => bookmark.metadata.resource_version.clone(),
            WatchEvent::Error(status) => status.to_string(),
        })
        .collect();
    assert_eq!(names, ["a", "b", "7", "a", "too old: Expired (410)"]);
    for cut in 0..=body.len() {
        assert_eq!(watch::<Pod>(body.as_bytes(), &[cut]).0, whole, "cut at {cut}");
    }
    assert_eq!(watch::<Pod>(body.as_bytes(), &vec![1; body.len()]).0, whole);
    // No line breaks, many line breaks, and line breaks inside of events.
    assert_eq!(watch::<Pod>(body.replace('\n', "").as_bytes(), &[]).0, whole);
    assert_eq!(
        watch::<Pod>(body.replace('\n', "\n\r\n ").as_bytes(), &[]).0,
        whole
    );
    assert_eq!(
        watch::<Pod>(body.replace(":{", ":\n{\n").as_bytes(), &[]).0,
        whole
    );
}

/// What the cut event would have said is not known: it is dropped, and the end says so.
#[test]
fn an_event_that_the_end_cuts_is_dropped() {
    let body = events();
    let first = body.find('\n').unwrap();
    for cut in 1..first {
        let (events, end) = watch::<Pod>(&body.as_bytes()[..cut], &[]);
        assert!(events.is_empty(), "{cut}");
        assert_eq!(
            end.unwrap_err(),
            format!("body ended in the middle of a value after {cut} bytes")
        );
    }
    assert_eq!(watch::<Pod>(&body.as_bytes()[..first], &[]).1, Ok(()));
}

#[track_caller]
fn check_event(frame: &Value, expect: &str) {
    let (events, end) = watch::<Pod>(frame.to_string().as_bytes(), &[]);
    assert_eq!((events.len(), end), (1, Ok(())));
    match &events[0] {
        Ok(event) => assert_eq!(format!("{event:?}"), expect),
        Err(error) => assert!(error.contains(expect), "{error}"),
    }
}

#[test]
fn error_events_always_are_events() {
    check_event(
        &json!({"type": "ERROR", "object": {"code": 500, "message": "x"}}),
        "Error event: x (500)",
    );
    check_event(
        &json!({"type": "ERROR", "object": {"kind": "Pod", "metadata": {}}}),
        "Error event: the watch failed with no Status but {\"kind\":\"Pod\",\"metadata\":{}} (500)",
    );
    check_event(
        &json!({"type": "ERROR", "object": "boom"}),
        "Error event: the watch failed with no Status but \"boom\" (500)",
    );
    check_event(
        &json!({"type": "ERROR", "object": null}),
        "Error event: the watch failed with no Status but null (500)",
    );
    check_event(
        &json!({"type": "ERROR", "object": {}}),
        "Error event: the watch failed with no Status but {} (500)",
    );
    let (events, _) = watch::<Pod>(
        json!({"type": "ERROR", "object": "x".repeat(1 << 20)})
            .to_string()
            .as_bytes(),
        &[],
    );
    match &events[0] {
        Ok(WatchEvent::Error(status)) => {
            assert!(status.message.len() < 500 && status.reason == reason::UNKNOWN)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn events_that_are_none_are_errors_and_the_next_can_be_read() {
    check_event(&json!({}), "missing field `type`");
    check_event(&json!({"type": "ADDED"}), "missing field `object`");
    check_event(&json!({"type": "MOVED", "object": {}}), "unknown type");
    check_event(&json!({"type": 1, "object": {}}), "invalid type");
    check_event(&json!({"type": "ADDED", "object": {"spec": 1}}), "invalid type");
    check_event(
        &json!({"type": "BOOKMARK", "object": {"metadata": {}}}),
        "missing field `resourceVersion`",
    );
    check_event(
        &json!({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": ""}}}),
        "missing field `resourceVersion`",
    );
    let (events, end) = watch::<Pod>(b"{\"a\":tru}\n{\"type\":\"ADDED\",\"object\":{}}x", &[]);
    assert!(
        events[0].is_err() && events[1].is_ok() && events[2].as_ref().unwrap_err().starts_with("Malformed")
    );
    assert_eq!(events.len(), 3);
    assert!(end.is_err());
}

#[test]
fn metadata_is_enough() {
    let (events, _) = watch::<PartialObjectMeta<Pod>>(events().as_bytes(), &[7, 7, 7]);
    assert!(events.iter().all(Result::is_ok));
}

fn any_json(depth: u32) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        "[\\\\\"{}\\[\\],:]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(depth, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z\"\\\\{}]{0,4}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_list_and_any_cuts(
        items in prop::collection::vec(any_json(3), 0..5),
        unknown in any_json(2),
        cuts in prop::collection::vec(0usize..40, 0..30),
        pretty in any::<bool>(),
    ) {
        let body = json!({"aaa": unknown, "items": items, "kind": "X", "apiVersion": "v1", "zzz": unknown});
        let text = if pretty { serde_json::to_string_pretty(&body) } else { serde_json::to_string(&body) }.unwrap();
        let decoded = list::<Value>(text.as_bytes(), &cuts, Decode::default()).unwrap();
        prop_assert_eq!(decoded.items, items);
        prop_assert_eq!(decoded.types.kind, "X");
    }

    #[test]
    fn any_prefix_of_a_list_is_an_error(items in prop::collection::vec(any_json(2), 0..4), end in any::<prop::sample::Index>()) {
        let text = json!({"items": items}).to_string();
        let prefix = &text.as_bytes()[..end.index(text.len())];
        prop_assert!(list::<Value>(prefix, &[], Decode::default()).is_err());
    }

    #[test]
    fn any_bytes_give_the_same_for_any_cuts(
        bytes in "[\\[\\]{}\":,a1 \\\\]{0,40}",
        prefix in prop::sample::select(vec!["", "{", "{\"items\":", "{\"items\":[", "{\"type\":\"ADDED\",\"object\":"]),
        cuts in prop::collection::vec(0usize..9, 0..20),
    ) {
        let body = prefix.to_owned() + &bytes;
        let body = body.as_bytes();
        let outcome = |cuts: &[usize]| list::<Value>(body, cuts, Decode::default()).map_err(|error| error.to_string());
        prop_assert_eq!(outcome(&cuts), outcome(&[]));
        prop_assert_eq!(watch::<Value>(body, &cuts), watch::<Value>(body, &[]));
        // What passes is what the parser would have passed.
        if let Ok(decoded) = outcome(&cuts) {
            let whole = serde_json::from_slice::<ObjectList<Value>>(body).map(|list| list.items);
            prop_assert_eq!(Some(decoded.items), whole.ok());
        }
    }

    #[test]
    fn skipping_managed_fields_is_decoding_and_dropping_them(
        mut metadata in prop::collection::btree_map("[a-z]{1,5}|managedFields", any_json(2), 0..4),
        other in any_json(2),
        pretty in any::<bool>(),
    ) {
        let object = json!({"aaa": other, "metadata": metadata, "spec": other});
        let text = if pretty { serde_json::to_vec_pretty(&object) } else { serde_json::to_vec(&object) }.unwrap();
        let decoded: Value = Decode::default().skip_managed_fields().object(&text).unwrap();
        metadata.remove("managedFields");
        prop_assert_eq!(decoded, json!({"aaa": other, "metadata": metadata, "spec": other}));
    }
}

/// Takes the number of elements that is foretold for certain, as types of a fixed length do.
#[derive(Clone, Debug, PartialEq)]
struct Exact(Vec<Value>);

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Certain;

        impl<'de> Visitor<'de> for Certain {
            type Value = Exact;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Exact, A::Error> {
                let foretold = elements.size_hint();
                let mut values = Vec::new();
                while foretold != Some(values.len())
                    && let Some(value) = elements.next_element()?
                {
                    values.push(value);
                }
                if foretold.is_some_and(|len| len > values.len()) {
                    return Err(A::Error::invalid_length(values.len(), &self));
                }
                Ok(Exact(values))
            }
        }

        deserializer.deserialize_seq(Certain)
    }
}

#[test]
fn a_wrong_guess_of_a_length_changes_nothing() {
    let lengths = [3, 3, 1, 0, 7, 8, 9, 100, 2, 2];
    let items: Vec<Value> = lengths
        .iter()
        .map(|length| json!({"list": vec![json!([1, "a"]); *length], "other": [1]}))
        .collect();
    let body = json!({"metadata": {}, "items": items}).to_string();
    let found: ObjectList<BTreeMap<String, Exact>> = list(body.as_bytes(), &[], Decode::default()).unwrap();
    let found: Vec<_> = found.items.iter().map(|item| item["list"].0.len()).collect();
    assert_eq!(found, lengths);

    // Where guesses are right there is no room to spare.
    let found: ObjectList<BTreeMap<String, Vec<Value>>> =
        list(body.as_bytes(), &[], Decode::default()).unwrap();
    let spare = found.items[1]["list"].capacity() - found.items[1]["list"].len();
    assert_eq!((found.items[1]["list"].len(), spare), (3, 0));
}
