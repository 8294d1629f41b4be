use seatrial_derive::{CustomResource, KubeSchema};

#[derive(CustomResource)]
#[kube(group = "example.com", version = "v1", kind = "Foo")]
struct FooSpec<T> {
    value: T,
}

#[derive(CustomResource)]
#[kube(group = "example.com", version = "v1", kind = "Bar")]
union BarSpec {
    a: u8,
}

#[derive(KubeSchema)]
#[x_kube(validations = "true")]
struct Rules {
    #[x_kube(validation)]
    a: String,
    #[x_kube(merge_strategy = ListMerge::Set, list_type = "set")]
    b: Vec<String>,
    #[x_kube(list_type = "bag", map_type = "loose", int_or_string = 1)]
    c: Vec<String>,
    #[x_kube(list_map_keys())]
    d: Vec<String>,
    #[x_kube(list_type = "map")]
    e: Vec<String>,
    #[x_kube(list_type = "set", list_map_keys("a"))]
    f: Vec<String>,
}

#[derive(KubeSchema)]
#[x_kube(crates = "somewhere")]
struct Elsewhere {}

#[derive(KubeSchema)]
union Either {
    a: u8,
}

#[derive(CustomResource)]
#[kube(group = "example.com", version = "v1", kind = "ByHand", schema = "manual", cel)]
struct ByHandSpec {}

fn main() {}
