//! Lists, sets, maps, tuples.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use super::*;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
struct Item {
    name: String,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Lists {
    strings: Vec<String>,
    items: VecDeque<Item>,
    nested: Vec<Vec<i32>>,
    options: Vec<Option<i32>>,
    fixed: [u8; 3],
    anything: Vec<Value>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Sets {
    strings: BTreeSet<String>,
    items: BTreeSet<Item>,
    optional: Option<BTreeSet<i32>>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Maps {
    labels: BTreeMap<String, String>,
    items: HashMap<String, Item>,
    optional: Option<BTreeMap<String, i32>>,
    nullable: BTreeMap<String, Option<i32>>,
    anything: BTreeMap<String, Value>,
    lists: BTreeMap<String, Vec<BTreeMap<String, Item>>>,
    numbers: BTreeMap<u32, String>,
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Tuples {
    same: (String, String),
    mixed: (i32, String),
    numbers: (i32, f64),
    objects: (Item, Pair),
    unlike: (bool, Item),
}

#[derive(Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Pair(i32, i32);

shapes! {
    lists: Lists => [Lists {
        strings: vec!["a".into(), "a".into()],
        items: [Item { name: "i".into() }].into(),
        nested: vec![vec![], vec![1]],
        options: vec![None, Some(1)],
        fixed: [1, 2, 3],
        anything: vec![json!(1), json!({"a": 1}), Value::Null],
    }];
    sets: Sets => [Sets {
        strings: ["a".into(), "b".into()].into(),
        items: [Item { name: "i".into() }].into(),
        optional: None,
    }];
    maps: Maps => [Maps {
        labels: [("a".into(), "b".into())].into(),
        items: [("a".into(), Item { name: "i".into() })].into(),
        optional: None,
        nullable: [("a".into(), None)].into(),
        anything: [("a".into(), json!({"b": [1]})), ("c".into(), Value::Null)].into(),
        lists: [("a".into(), vec![[("b".into(), Item { name: "i".into() })].into()])].into(),
        numbers: [(1, "one".into())].into(),
    }];
    tuples: Tuples => [Tuples {
        same: ("a".into(), "b".into()),
        mixed: (1, "a".into()),
        numbers: (1, 0.5),
        objects: (Item { name: "i".into() }, Pair(1, 2)),
        unlike: (true, Item { name: "i".into() }),
    }];
}

#[test]
fn lengths_are_kept() {
    refused::<Lists>([
        json!({"strings": [], "items": [], "nested": [], "options": [], "fixed": [1], "anything": []}),
    ]);
}
