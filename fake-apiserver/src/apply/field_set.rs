//! Sets of field paths, as an ordered tree.
//!
//! A set answers two questions of every path: is the field itself in the set, and is anything below it. Children are
//! sorted, so that two sets are combined in one pass and printing needs no sort.
//!
//! # Source
//! <https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/555-server-side-apply>

use std::cmp::Ordering;
use std::fmt;

use serde_json::Value;

use crate::status::go_quote;

/// One step of a path.
#[derive(Debug, Clone)]
pub enum PathElement {
    /// A field of an object (`f:name`).
    Field(Box<str>),
    /// The item of a keyed list that has these key fields, sorted by name (`k:{"name":"a"}`).
    Key(Box<[(Box<str>, Value)]>),
    /// The item of a set that has this value (`v:"a"`).
    Value(Box<Value>),
    /// The item at a position (`i:0`).
    Index(i64),
}

/// A path from the root of an object.
pub type Path = Vec<PathElement>;

/// A set of field paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldSet {
    nodes: Vec<Node>,
}

/// A path element of a [`FieldSet`]: whether it is a member, and what is below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The step that leads here.
    pub element: PathElement,
    /// Whether the field itself is in the set.
    pub member: bool,
    /// The paths below.
    pub children: FieldSet,
}

// === impl FieldSet ===

impl FieldSet {
    /// The empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// The set of these dotted paths; `metadata.name` is two fields.
    pub fn of_fields(paths: &[&str]) -> Self {
        let mut set = Self::new();
        for path in paths {
            let path: Path = path.split('.').map(PathElement::field).collect();
            set.insert(&path);
        }
        set
    }

    /// Whether no path is in the set.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The first level, sorted.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The node of a path element of the first level.
    pub fn node(&self, element: &PathElement) -> Option<&Node> {
        self.find(element).ok().map(|i| &self.nodes[i])
    }

    /// The node of a field of the first level.
    pub fn field(&self, name: &str) -> Option<&Node> {
        self.nodes
            .binary_search_by(|n| match &n.element {
                PathElement::Field(f) => (**f).cmp(name),
                _ => Ordering::Greater,
            })
            .ok()
            .map(|i| &self.nodes[i])
    }

    /// Whether a path is in the set.
    pub fn has(&self, path: &[PathElement]) -> bool {
        match path {
            [] => false,
            [last] => self.node(last).is_some_and(|n| n.member),
            [first, rest @ ..] => self.node(first).is_some_and(|n| n.children.has(rest)),
        }
    }

    /// Adds a path.
    pub fn insert(&mut self, path: &[PathElement]) {
        let Some((first, rest)) = path.split_first() else {
            return;
        };
        let at = match self.find(first) {
            Ok(i) => i,
            Err(i) => {
                self.nodes.insert(i, Node::new(first.clone()));
                i
            }
        };
        if rest.is_empty() {
            self.nodes[at].member = true;
        } else {
            self.nodes[at].children.insert(rest);
        }
    }

    /// Adds a node of the first level; it is merged with one that is there, and left out where it says nothing.
    pub fn push(&mut self, element: PathElement, member: bool, children: FieldSet) {
        if !member && children.is_empty() {
            return;
        }
        let node = Node {
            element,
            member,
            children,
        };
        // Walks go through sorted maps, so that appending is the common case.
        if self.nodes.last().is_none_or(|last| last.element < node.element) {
            self.nodes.push(node);
            return;
        }
        match self.find(&node.element) {
            Ok(i) => {
                let there = &mut self.nodes[i];
                there.member |= node.member;
                if there.children.is_empty() {
                    there.children = node.children;
                } else {
                    there.children = there.children.union(&node.children);
                }
            }
            Err(i) => self.nodes.insert(i, node),
        }
    }

    /// The paths in either set.
    pub fn union(&self, other: &Self) -> Self {
        if self.is_empty() {
            return other.clone();
        }
        if other.is_empty() {
            return self.clone();
        }
        let mut out = Vec::with_capacity(self.nodes.len().max(other.nodes.len()));
        self.zip(other, |pair| {
            out.push(match pair {
                Pair::Left(n) | Pair::Right(n) => n.clone(),
                Pair::Both(a, b) => Node {
                    element: a.element.clone(),
                    member: a.member || b.member,
                    children: a.children.union(&b.children),
                },
            });
        });
        Self { nodes: out }
    }

    /// The paths in both sets.
    pub fn intersection(&self, other: &Self) -> Self {
        let mut out = Self::new();
        if self.is_empty() || other.is_empty() {
            return out;
        }
        self.zip(other, |pair| {
            if let Pair::Both(a, b) = pair {
                out.push_if(a, a.member && b.member, || a.children.intersection(&b.children));
            }
        });
        out
    }

    /// Whether some path is in both sets.
    pub fn intersects(&self, other: &Self) -> bool {
        let mut found = false;
        if !self.is_empty() && !other.is_empty() {
            self.zip(other, |pair| {
                if let Pair::Both(a, b) = pair {
                    found = found || (a.member && b.member) || a.children.intersects(&b.children);
                }
            });
        }
        found
    }

    /// The paths that the other set does not have; what is below a path that it has stays.
    pub fn difference(&self, other: &Self) -> Self {
        let mut out = self.clone();
        out.subtract(other);
        out
    }

    /// Takes out the paths of the other set; what is below them stays.
    pub fn subtract(&mut self, other: &Self) {
        self.take_out(other, false);
    }

    /// Takes out the paths of the other set and all that is below them.
    pub fn subtract_recursively(&mut self, other: &Self) {
        self.take_out(other, true);
    }

    /// Whether every path of this set is in the other one.
    pub fn is_subset(&self, other: &Self) -> bool {
        let mut all = true;
        self.zip(other, |pair| {
            all = all
                && match pair {
                    Pair::Left(_) => false,
                    Pair::Right(_) => true,
                    Pair::Both(a, b) => (b.member || !a.member) && a.children.is_subset(&b.children),
                };
        });
        all
    }

    /// The paths with none below them.
    pub fn leaves(&self) -> Self {
        let nodes = self.nodes.iter().map(|n| Node {
            element: n.element.clone(),
            member: n.member && n.children.is_empty(),
            children: n.children.leaves(),
        });
        Self {
            nodes: nodes.collect(),
        }
    }

    /// Calls `f` for every path: at each level the members first, then what is below, each in order.
    pub fn each(&self, f: &mut impl FnMut(&[PathElement])) {
        self.each_below(&mut Vec::new(), f);
    }

    fn each_below(&self, at: &mut Path, f: &mut impl FnMut(&[PathElement])) {
        for node in self.nodes.iter().filter(|n| n.member) {
            at.push(node.element.clone());
            f(at);
            at.pop();
        }
        for node in self.nodes.iter().filter(|n| !n.children.is_empty()) {
            at.push(node.element.clone());
            node.children.each_below(at, f);
            at.pop();
        }
    }

    fn take_out(&mut self, other: &Self, recursive: bool) {
        if other.is_empty() {
            return;
        }
        self.nodes.retain_mut(|node| {
            if let Some(there) = other.node(&node.element) {
                if there.member && recursive {
                    return false;
                }
                node.member &= !there.member;
                node.children.take_out(&there.children, recursive);
            }
            node.member || !node.children.is_empty()
        });
    }

    fn find(&self, element: &PathElement) -> Result<usize, usize> {
        self.nodes.binary_search_by(|n| n.element.cmp(element))
    }

    fn push_if(&mut self, like: &Node, member: bool, children: impl FnOnce() -> FieldSet) {
        let children = children();
        if member || !children.is_empty() {
            self.nodes.push(Node {
                element: like.element.clone(),
                member,
                children,
            });
        }
    }

    fn zip<'a>(&'a self, other: &'a Self, mut f: impl FnMut(Pair<'a>)) {
        let (mut a, mut b) = (self.nodes.iter().peekable(), other.nodes.iter().peekable());
        loop {
            let order = match (a.peek(), b.peek()) {
                (None, None) => return,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(x), Some(y)) => x.element.cmp(&y.element),
            };
            let (left, right) = match order {
                Ordering::Less => (a.next(), None),
                Ordering::Greater => (None, b.next()),
                Ordering::Equal => (a.next(), b.next()),
            };
            match (left, right) {
                (Some(x), Some(y)) => f(Pair::Both(x, y)),
                (Some(x), None) => f(Pair::Left(x)),
                (None, Some(y)) => f(Pair::Right(y)),
                (None, None) => return,
            }
        }
    }
}

/// A path element of one set or of both.
enum Pair<'a> {
    Left(&'a Node),
    Right(&'a Node),
    Both(&'a Node, &'a Node),
}

// === impl Node ===

impl Node {
    fn new(element: PathElement) -> Self {
        Self {
            element,
            member: false,
            children: FieldSet::new(),
        }
    }
}

// === impl PathElement ===

impl PathElement {
    /// A field.
    pub fn field(name: &str) -> Self {
        Self::Field(name.into())
    }

    /// The key of an item; the fields may come in any order.
    pub fn key(mut fields: Vec<(Box<str>, Value)>) -> Self {
        fields.sort_by(|a, b| a.0.cmp(&b.0));
        Self::Key(fields.into())
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Field(_) => 0,
            Self::Key(_) => 1,
            Self::Value(_) => 2,
            Self::Index(_) => 3,
        }
    }
}

impl Ord for PathElement {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Field(a), Self::Field(b)) => a.cmp(b),
            (Self::Key(a), Self::Key(b)) => compare_keys(a, b),
            (Self::Value(a), Self::Value(b)) => compare_values(a, b),
            (Self::Index(a), Self::Index(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for PathElement {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for PathElement {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for PathElement {}

impl fmt::Display for PathElement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(f, ".{name}"),
            Self::Key(fields) => {
                f.write_str("[")?;
                for (i, (name, value)) in fields.iter().enumerate() {
                    let comma = if i > 0 { "," } else { "" };
                    write!(f, "{comma}{name}={}", print_value(value))?;
                }
                f.write_str("]")
            }
            Self::Value(value) => write!(f, "[={}]", print_value(value)),
            Self::Index(i) => write!(f, "[{i}]"),
        }
    }
}

/// A path as it stands in messages: `.spec.containers[name="a"].image`.
pub fn print_path(path: &[PathElement]) -> String {
    path.iter().map(ToString::to_string).collect()
}

/// The order of JSON values: numbers, strings, booleans, lists, objects, null.
pub fn compare_values(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => compare_numbers(x, y),
        (Value::String(x), Value::String(y)) => x.cmp(y),
        (Value::Bool(x), Value::Bool(y)) => x.cmp(y),
        (Value::Array(x), Value::Array(y)) => {
            for (p, q) in x.iter().zip(y) {
                let order = compare_values(p, q);
                if order != Ordering::Equal {
                    return order;
                }
            }
            x.len().cmp(&y.len())
        }
        (Value::Object(x), Value::Object(y)) => {
            for ((k, p), (l, q)) in x.iter().zip(y) {
                let order = k.cmp(l).then_with(|| compare_values(p, q));
                if order != Ordering::Equal {
                    return order;
                }
            }
            x.len().cmp(&y.len())
        }
        _ => rank(a).cmp(&rank(b)),
    }
}

fn compare_numbers(a: &serde_json::Number, b: &serde_json::Number) -> Ordering {
    match (a.as_i64(), b.as_i64(), a.as_u64(), b.as_u64()) {
        (Some(x), Some(y), _, _) => x.cmp(&y),
        (_, _, Some(x), Some(y)) => x.cmp(&y),
        _ => {
            let (x, y) = (a.as_f64().unwrap_or_default(), b.as_f64().unwrap_or_default());
            x.total_cmp(&y)
        }
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Number(_) => 0,
        Value::String(_) => 1,
        Value::Bool(_) => 2,
        Value::Array(_) => 3,
        Value::Object(_) => 4,
        Value::Null => 5,
    }
}

fn compare_keys(a: &[(Box<str>, Value)], b: &[(Box<str>, Value)]) -> Ordering {
    for ((k, p), (l, q)) in a.iter().zip(b) {
        let order = k.cmp(l).then_with(|| compare_values(p, q));
        if order != Ordering::Equal {
            return order;
        }
    }
    a.len().cmp(&b.len())
}

fn print_value(value: &Value) -> String {
    match value {
        Value::String(s) => go_quote(s),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(paths: &[&str]) -> FieldSet {
        FieldSet::of_fields(paths)
    }

    #[test]
    fn difference_keeps_what_is_below_and_the_recursive_one_does_not() {
        let all = set(&["a", "a.b", "a.c", "d"]);
        assert_eq!(all.difference(&set(&["a"])), set(&["a.b", "a.c", "d"]));
        let mut rest = all.clone();
        rest.subtract_recursively(&set(&["a"]));
        assert_eq!(rest, set(&["d"]));
    }

    #[test]
    fn combining_sets_never_leaves_empty_nodes() {
        let a = set(&["a.b.c", "x"]);
        assert!(a.difference(&set(&["a.b.c", "x"])).is_empty());
        assert_eq!(a.intersection(&set(&["a.b.d", "x"])), set(&["x"]));
        assert_eq!(a.union(&set(&["a.b.d"])), set(&["a.b.c", "a.b.d", "x"]));
        assert!(a.intersects(&set(&["a.b.c"])) && !a.intersects(&set(&["a.b"])));
    }

    #[test]
    fn members_of_a_level_come_before_what_is_deeper() {
        let mut seen = Vec::new();
        set(&["a.b", "c", "a"]).each(&mut |p| seen.push(print_path(p)));
        assert_eq!(seen, [".a", ".c", ".a.b"]);
    }

    #[test]
    fn leaves_drop_the_members_that_have_members_below() {
        assert_eq!(set(&["a", "a.b", "c"]).leaves(), set(&["a.b", "c"]));
    }

    #[test]
    fn a_path_prints_keys_values_and_positions_in_brackets() {
        let path = [
            PathElement::field("spec"),
            PathElement::key(vec![
                ("protocol".into(), "TCP".into()),
                ("port".into(), 80.into()),
            ]),
            PathElement::Value(Box::new("x".into())),
            PathElement::Index(3),
        ];
        assert_eq!(print_path(&path), r#".spec[port=80,protocol="TCP"][="x"][3]"#);
    }

    proptest::proptest! {
        #[test]
        fn a_subset_leaves_nothing_behind(
            a in crate::apply::testing::field_sets(),
            b in crate::apply::testing::field_sets(),
        ) {
            proptest::prop_assert_eq!(a.is_subset(&b), a.difference(&b).is_empty());
            proptest::prop_assert!(a.is_subset(&a.union(&b)) && a.intersection(&b).is_subset(&b));
        }
    }
}
