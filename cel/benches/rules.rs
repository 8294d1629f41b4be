//! Rules of a schema, for one object.

use criterion::{Criterion, criterion_group, criterion_main};
use seatrial_cel::rules::{BUDGET, compile};
use serde_json::{Map, Value, json};

/// A resource with a hundred fields and ten rules of the usual kinds.
fn resource() -> (Value, Value) {
    let (mut fields, mut values) = (Map::new(), Map::new());
    for i in 0..96 {
        let (schema, value) = match i % 4 {
            0 => (json!({"type": "integer"}), json!(i)),
            1 => (
                json!({"type": "string", "maxLength": 64}),
                json!(format!("value-{i}")),
            ),
            2 => (json!({"type": "boolean"}), json!(i % 8 == 2)),
            _ => (
                json!({"type": "array", "maxItems": 8, "items": {"type": "string", "maxLength": 16}}),
                json!(["a", "b", "c"]),
            ),
        };
        fields.insert(format!("f{i}"), schema);
        values.insert(format!("f{i}"), value);
    }
    let rules = [
        "self.f0 <= self.f4",
        "self.f1.startsWith('value')",
        "!has(self.nosuch) || self.f2",
        "self.f3.all(x, x != 'z')",
        "self.f7.exists(x, x == 'b')",
        "self.f5.matches('^[a-z]+-[0-9]+$')",
        "self.f8 + self.f12 < 1000",
        "self.f9 in ['value-9', 'value-10']",
        "size(self.f11) <= 8",
        "self.f16 >= 0 && (self.f2 || self.f17 != '')",
    ];
    fields.insert("nosuch".into(), json!({"type": "boolean"}));
    let rules: Vec<Value> = rules.iter().map(|r| json!({"rule": r})).collect();
    let spec = json!({"type": "object", "properties": fields, "x-kubernetes-validations": rules});
    (
        json!({"type": "object", "properties": {"spec": spec}}),
        json!({"apiVersion": "e.x/v1", "kind": "E", "metadata": {"name": "a"}, "spec": values}),
    )
}

fn benches(c: &mut Criterion) {
    let (schema, object) = resource();
    let compiled = compile(&schema, "", &|_| false);
    assert!(compiled.findings.is_empty(), "{:?}", compiled.findings);
    let verdict = compiled.rules.validate(&object, Some(&object), BUDGET);
    assert!(
        verdict.errors.is_empty() && verdict.ratcheted.is_empty(),
        "{verdict:?}"
    );
    c.bench_function("ten rules over a hundred fields", |b| {
        b.iter(|| compiled.rules.validate(&object, Some(&object), BUDGET));
    });
    c.bench_function("compile ten rules", |b| {
        b.iter(|| compile(&schema, "", &|_| false));
    });
}

criterion_group!(all, benches);
criterion_main!(all);
