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

fn main() {}
