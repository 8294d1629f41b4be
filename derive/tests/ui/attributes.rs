use seatrial_derive::CustomResource;

#[derive(CustomResource)]
#[kube(group = "example.com", version = "v1", kind = "Foo")]
#[kube(kind = "Foo", namspaced, nothing_like_it, print_column = "")]
#[kube(namespaced = "yes", shortname, status = 3, schema = "maybe", label("only one"), storage = 1)]
#[kube(crates(kube_cor = "x"), derive = "no path", selectable = "spec.a", deprecated = "", attr = "")]
struct FooSpec {}

#[derive(CustomResource)]
#[kube]
struct Bare {}

#[derive(CustomResource)]
#[kube(group: "example.com")]
struct Colon {}

fn main() {}
