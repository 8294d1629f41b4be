use seatrial_derive::CustomResource;

#[derive(CustomResource)]
#[kube(group = "Example.com", version = "V1", kind = "1Foo", root = "Root", plural = "fooS", shortname = "f o")]
struct Names {}

#[derive(CustomResource)]
#[kube(group = "example", version = "v1", kind = "Foo-Bar", category = "")]
struct MoreNames {}

#[derive(CustomResource)]
#[kube(group = "example.com", version = "v1", kind = "Foo")]
struct Foo {}

fn main() {}
