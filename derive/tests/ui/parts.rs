use seatrial_derive::CustomResource;

#[derive(CustomResource)]
#[kube(group = "example.com", version = "v1", kind = "Foo")]
#[kube(printcolumn = "not json")]
#[kube(printcolumn = r#"{"name": "A", "type": "text", "json_path": ".a"}"#)]
#[kube(printcolumn = r#"{"name": 1, "type": "string", "jsonPath": ".a", "priority": "high"}"#)]
#[kube(printcolumn(name = "A", type = "date", priority = 1.5))]
#[kube(printcolumn(titel = "A"))]
#[kube(scale = r#"{"specReplicasPath": ".status.a", "statusReplicasPath": ".status.b", "more": ""}"#)]
struct FooSpec {}

#[derive(CustomResource)]
#[kube(group = "example.com", version = "v1", kind = "Bar")]
#[kube(scale(spec_replicas_path = ".spec.a", labels_path = ".a"))]
struct BarSpec {}

#[derive(CustomResource)]
#[kube(group = "example.com", version = "v1", kind = "Baz")]
#[kube(scale = r#"{"specReplicasPath": 1, "statusReplicasPath": ".status.b"}"#)]
#[kube(scale(spec_replicas_path = ".spec.a", status_replicas_path = ".status.b"))]
struct BazSpec {}

#[derive(CustomResource)]
#[kube(group = "example.com", version = "v1", kind = "Qux")]
#[kube(scale(spec_replicas_path = ".spec.a", status_replicas_path = ".status.b"))]
#[kube(scale(spec_replicas_path = ".spec.c", status_replicas_path = ".status.d"))]
struct QuxSpec {}

fn main() {}
