//! Custom resources: defaulting, validation and rules.

use criterion::{BatchSize, Criterion, Throughput};
use http::Method;
use seatrial_fake_apiserver::FakeApiServer;
use seatrial_fake_apiserver::crd::CustomType;
use serde_json::{Map, Value, json};

use crate::support::{count, must, post, request};

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const WIDGETS: &str = "/apis/example.com/v1/namespaces/default/widgets";

/// A custom resource of a hundred fields with ten rules: read, filled in and judged, as the registry does it, and as whole
/// requests. The definition is compiled before.
pub(crate) fn bench(criterion: &mut Criterion) {
    let count = count(200, 4);
    let mut group = criterion.benchmark_group("custom resource of 100 fields with 10 rules");
    let definition = definition();
    let kind = CustomType::new(&definition, "v1").unwrap();
    let new = widget("w", 2, true).to_string();
    let old = kind.decode(widget("w", 1, false).to_string().as_bytes()).unwrap();
    assert!(kind.validate(&old.value, None).errors.is_empty());
    let judged = |old: Option<&Value>| {
        let read = kind.decode(new.as_bytes()).unwrap();
        let judgement = kind.validate(&read.value, old);
        assert!(judgement.errors.is_empty() && read.strict.is_empty());
    };
    group.bench_function("defaulted and validated", |b| b.iter(|| judged(None)));
    group.bench_function("defaulted and validated over an old one", |b| {
        b.iter(|| judged(Some(&old.value)));
    });

    group.throughput(Throughput::Elements(count as u64));
    let mut server = FakeApiServer::new();
    must(&mut server, post(DEFINITIONS, &definition));
    let creates: Vec<_> = (0..count)
        .map(|n| post(WIDGETS, &widget(&format!("w{n}"), 1, true)))
        .collect();
    must(&mut server, post(WIDGETS, &widget("first", 1, true)));
    group.bench_function("create", |b| {
        b.iter_batched(
            || (server.fork(), creates.clone()),
            |(mut server, creates)| {
                creates.into_iter().for_each(|r| must(&mut server, r));
                server
            },
            BatchSize::PerIteration,
        );
    });
    creates.iter().for_each(|r| must(&mut server, r.clone()));
    let updates: Vec<_> = (0..count)
        .map(|n| {
            let name = format!("w{n}");
            let stored = server.get("widgets.example.com", "default", &name).unwrap();
            let mut widget = widget(&name, 2, false);
            widget["metadata"]["resourceVersion"] = stored["metadata"]["resourceVersion"].clone();
            let path = format!("{WIDGETS}/{name}");
            request(Method::PUT, &path, "application/json", widget.to_string())
        })
        .collect();
    group.bench_function("update", |b| {
        b.iter_batched(
            || (server.fork(), updates.clone()),
            |(mut server, updates)| {
                updates.into_iter().for_each(|r| must(&mut server, r));
                server
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// A definition with fields of four types, half of them with defaults, and rules over them.
fn definition() -> Value {
    let mut properties = Map::new();
    for n in 0..96 {
        let property = match n % 4 {
            0 => json!({"type": "string", "default": format!("d{n}"), "maxLength": 64}),
            1 => json!({"type": "integer", "minimum": 0, "maximum": 1_000_000}),
            2 => json!({"type": "boolean", "default": true}),
            _ => {
                json!({"type": "array", "maxItems": 8, "items": {"type": "string", "maxLength": 32}})
            }
        };
        properties.insert(format!("field{n}"), property);
    }
    for name in ["min", "max", "replicas", "size"] {
        properties.insert(name.into(), json!({"type": "integer", "minimum": 0}));
    }
    let rules = [
        "self.min <= self.max",
        "self.replicas >= self.min && self.replicas <= self.max",
        "self.field0.startsWith('v') || self.field0 == 'd0'",
        "self.field3.all(x, x.size() > 0)",
        "!self.field2 || self.field1 < 1000",
        "self.field4.matches('^[a-z0-9]+$')",
        "has(self.size)",
        "self.size == oldSelf.size || self.size > oldSelf.size",
        "self.field8 != self.field12",
        "self.field7.exists(x, x == 'a')",
    ];
    let rules: Vec<Value> = rules.iter().map(|rule| json!({"rule": rule})).collect();
    let schema = json!({"type": "object", "properties": {"spec": {
        "type": "object", "properties": properties, "x-kubernetes-validations": rules,
    }}});
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": "widgets", "kind": "Widget"},
            "versions": [{
                "name": "v1", "served": true, "storage": true, "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": schema},
            }],
        },
    })
}

/// A widget of a size, which leaves the fields with defaults to them or names them.
fn widget(name: &str, size: usize, defaulted: bool) -> Value {
    let mut spec = Map::new();
    for n in 0..96 {
        let value = match n % 4 {
            0 if defaulted => continue,
            2 if defaulted => continue,
            0 => json!(format!("d{n}")),
            1 => json!(n),
            2 => json!(true),
            _ => json!(["a", "b"]),
        };
        spec.insert(format!("field{n}"), value);
    }
    for (field, value) in [("min", 1), ("max", 9), ("replicas", 3), ("size", size)] {
        spec.insert(field.into(), json!(value));
    }
    json!({
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": name},
        "spec": spec,
    })
}
