use seatrial_derive::CustomResource;

#[derive(CustomResource)]
#[kube(group = "example.com", version = "v1", kind = "Foo", hub())]
struct FooSpec {}

#[derive(CustomResource)]
#[kube(group = "example.com", version = "v1", kind = "Bar", hub)]
struct BarSpec {}

#[derive(CustomResource)]
#[kube(group = "example.com", version = "v1", kind = "Baz", hub(1, 2))]
struct BazSpec {}

#[derive(CustomResource)]
#[kube(group = "example.com", version = "v1alpha1", kind = "Qux", hub = 7)]
struct QuxSpec {}

#[derive(CustomResource)]
#[kube(group = "example.com", version = "v1", kind = "Old", hub = "new::Old", round_trip = false)]
struct OldSpec {}

#[derive(CustomResource)]
#[kube(group = "example.com", version = "v1", kind = "Both", hub = "new::Both", hub(old::Both))]
struct BothSpec {}

fn main() {}
