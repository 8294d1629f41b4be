use seatrial_derive::{CustomResource, Resource};

#[derive(CustomResource)]
struct FooSpec {}

#[derive(Resource)]
struct View {}

#[derive(Resource)]
#[resource(inherits = "ConfigMap")]
enum NoStruct {}

fn main() {}
