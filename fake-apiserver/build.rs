//! Compiles the published documents of Kubernetes into the small table that the crate decodes at first use.
//!
//! The OpenAPI documents are six megabytes of JSON; parsing them in a starting process would cost more than everything
//! else that a first request does. What the crate needs of them fits into about a hundred kilobytes.

#[path = "build/documents.rs"]
mod documents;
#[path = "build/resources.rs"]
mod resources;
#[path = "build/types.rs"]
mod types;
#[path = "build/writer.rs"]
mod writer;

use std::path::PathBuf;

const DATA: &str = "data/v1.36";

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script its folders by the environment"
)]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=data");

    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join(DATA);
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));

    let mut writer = writer::Writer::default();
    let definitions = documents::definitions(&root.join("openapi-v3"));
    let overrides = documents::overrides(&root.join("go-types.txt"));
    types::write(&mut writer, &definitions, &overrides);
    let groups = documents::json(&root.join("discovery-apis.json.gz"));
    let core = documents::json(&root.join("discovery-api.json.gz"));
    let legacy = documents::json(&root.join("discovery-legacy.json.gz"));
    resources::write(&mut writer, &core, &groups, &legacy);
    std::fs::write(out.join("builtin.bin"), writer.finish()).expect("OUT_DIR is writable");

    let index = documents::index(&root.join("openapi-v3"));
    std::fs::write(out.join("openapi_v3.rs"), index).expect("OUT_DIR is writable");
}
