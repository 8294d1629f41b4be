//! What the type checker refuses, with the types of a schema.

use seatrial_cel::rules::{FindingKind, compile};
use serde_json::{Value, json};

fn schema() -> Value {
    json!({"type": "object", "properties": {
        "i": {"type": "integer"}, "s": {"type": "string"}, "d": {"type": "number"}, "b": {"type": "boolean"},
        "l": {"type": "array", "items": {"type": "string"}},
        "m": {"type": "object", "additionalProperties": {"type": "integer"}},
        "o": {"type": "object", "properties": {"x": {"type": "integer"}}},
        "t": {"type": "string", "format": "date-time"}, "dur": {"type": "string", "format": "duration"},
        "bytes": {"type": "string", "format": "byte"},
        "any": {"x-kubernetes-preserve-unknown-fields": true},
        "ios": {"x-kubernetes-int-or-string": true},
        "a-b": {"type": "integer"}, "a.b": {"type": "integer"}, "a/b": {"type": "integer"}, "a__b": {"type": "integer"},
        "in": {"type": "integer"}, "1a": {"type": "integer"}}})
}

/// What is wrong with a rule at the root of the schema.
fn wrong(rule: &str) -> Option<String> {
    let mut schema = schema();
    schema["x-kubernetes-validations"] = json!([{"rule": rule}]);
    let found = compile(&schema, "s", &|_| false).findings;
    // Costs are another matter.
    let found = found
        .into_iter()
        .find(|f| matches!(f.kind, FindingKind::Invalid(_)))?;
    assert_eq!(found.path, "s.x-kubernetes-validations[0].rule");
    Some(found.detail)
}

fn message(rule: &str) -> Option<String> {
    let detail = wrong(rule)?;
    let line = detail.lines().next().unwrap_or("");
    Some(line.replace("compilation failed: ERROR: <input>:", ""))
}

#[test]
fn mistakes_are_told_in_the_words_of_the_server() {
    for (rule, wanted) in [
        (
            "nosuch",
            "1:1: undeclared reference to 'nosuch' (in container '')",
        ),
        ("self.nosuch", "1:5: undefined field 'nosuch'"),
        ("has(self.nosuch)", "1:4: undefined field 'nosuch'"),
        ("self.any", "1:5: undefined field 'any'"),
        ("self.o.y == 1", "1:7: undefined field 'y'"),
        (
            "self.i + self.s == 1",
            "1:8: found no matching overload for '_+_' applied to '(int, string)'",
        ),
        (
            "self.s == null",
            "1:8: found no matching overload for '_==_' applied to '(string, null)'",
        ),
        (
            "self.s.startsWith(1)",
            "1:18: found no matching overload for 'startsWith' applied to 'string.(int)'",
        ),
        (
            "size(self.i) > 1",
            "1:5: found no matching overload for 'size' applied to '(int)'",
        ),
        (
            "self.s.nosuch()",
            "1:14: undeclared reference to 'nosuch' (in container '')",
        ),
        (
            "nosuch(self.s)",
            "1:7: undeclared reference to 'nosuch' (in container '')",
        ),
        // Libraries of the language that Kubernetes leaves out.
        (
            "self.s.reverse() == ''",
            "1:15: found no matching overload for 'reverse' applied to 'string.()'",
        ),
        (
            "math.greatest(1, 2) == 2",
            "1:1: undeclared reference to 'math' (in container '')",
        ),
        (
            "(1).sortBy(x, x) == []",
            "1:2: sortBy can only be applied to a list, identifier, comprehension, call or select expression",
        ),
        (
            "[1].sortBy(1, 1) == []",
            "1:12: sortBy variable name must be a simple identifier",
        ),
        (
            "self.i.x == 1",
            "1:7: type 'int' does not support field selection",
        ),
        (
            "self.i.all(x, true)",
            "1:5: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)",
        ),
        (
            "self.l.all(x, x)",
            "1:11: found no matching overload for '_&&_' applied to '(bool, string)'",
        ),
        ("[1, 'a'] == []", "1:5: expected type 'int' but found 'string'"),
        (
            "{'a': 1, 'b': 'c'} == {}",
            "1:15: expected type 'int' but found 'string'",
        ),
        (
            "self.l[0] == 1",
            "1:11: found no matching overload for '_==_' applied to '(string, int)'",
        ),
        (
            "self.m['a'] == 'x'",
            "1:13: found no matching overload for '_==_' applied to '(int, string)'",
        ),
        (
            "self.b ? 1 : 'a'",
            "1:8: found no matching overload for '_?_:_' applied to '(bool, int, string)'",
        ),
        (
            "!self.i",
            "1:1: found no matching overload for '!_' applied to '(int)'",
        ),
        (
            "self.t == 'x'",
            "1:8: found no matching overload for '_==_' applied to '(timestamp, string)'",
        ),
        (
            "self.dur == self.t",
            "1:10: found no matching overload for '_==_' applied to '(duration, timestamp)'",
        ),
        (
            "self.bytes == 'x'",
            "1:12: found no matching overload for '_==_' applied to '(bytes, string)'",
        ),
        (
            "self.l == self.m",
            "1:8: found no matching overload for '_==_' applied to '(list(string), map(string, int))'",
        ),
        (
            "self.?i.orValue('x') == 1",
            "1:16: found no matching overload for 'orValue' applied to 'optional_type(int).(string)'",
        ),
        (
            "type(self.i) == string && self.i",
            "1:24: found no matching overload for '_&&_' applied to '(bool, int)'",
        ),
        ("a.b.c", "1:1: undeclared reference to 'a' (in container '')"),
        (
            "Msg{a: 1}",
            "1:4: undeclared reference to 'Msg' (in container '')",
        ),
        ("duration('x') == self.dur", "1:10: invalid duration argument"),
        ("timestamp('x') == self.t", "1:11: invalid timestamp argument"),
        ("self.s.matches('(')", "1:16: invalid matches argument"),
        ("self.i", "cel expression must evaluate to a bool"),
        ("self.ios", "cel expression must evaluate to a bool"),
        ("self.metadata.labels == {}", "1:14: undefined field 'labels'"),
    ] {
        assert_eq!(message(rule).as_deref(), Some(wanted), "{rule}");
    }
}

#[test]
fn several_mistakes_are_told_in_the_order_of_the_text() {
    assert_eq!(
        wrong("x == 1 || y == 2").as_deref(),
        Some(
            "compilation failed: ERROR: <input>:1:1: undeclared reference to 'x' (in container '')\n | x == 1 || y == 2\n | \
             ^\nERROR: <input>:1:11: undeclared reference to 'y' (in container '')\n | x == 1 || y == 2\n | ..........^"
        )
    );
}

#[test]
fn what_fits_is_accepted() {
    for rule in [
        "self.i == 1",
        "self.i < 1.5",
        "self.d == 1.0",
        "self.ios == 'x' || self.ios == 1",
        "self.a__dash__b == 1",
        "self.a__dot__b == self.a__slash__b",
        "self.a__underscores__b == 1",
        "self.__in__ == 1",
        "self.kind == 'X'",
        "self.metadata.name == 'x'",
        "has(self.metadata.generateName)",
        "self.t < timestamp('2020-01-01T00:00:00Z')",
        "self.t.getFullYear() > 2000",
        "self.dur > duration('1h')",
        "type(self.ios) == int",
        "self.l.exists(x, x == 'a')",
        "self.m.all(k, self.m[k] > 0)",
        "self.m.all(k, v, v > 0)",
        "'a' in self.m",
        "self.l.map(x, size(x)).sum() > 3",
        "self.l.isSorted()",
        "self.?o.?x.orValue(1) == 1",
        "[] == self.l",
        "self.o == self.o",
        "self.s.split(',').size() == 1",
        "sets.contains(self.l, ['a'])",
        "ip(self.s).family() == 4",
        "format.dns1123Label().validate(self.s).hasValue()",
        "optional.of(1).hasValue()",
        "self.l.transformList(i, v, v).size() == 1",
        "dyn(self.i) == 'x'",
        "oldSelf == self",
    ] {
        assert_eq!(wrong(rule), None, "{rule}");
    }
}
