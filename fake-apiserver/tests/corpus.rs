//! Replays the seeds of the fuzz targets, and what made one fail once.

#[path = "../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "in the fuzz crate these are a library")]
mod targets;

use std::path::Path;

fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(target);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{target} has seeds");
    for file in files {
        println!("{}", file.display());
        run(&std::fs::read(&file).unwrap());
    }
}

#[test]
fn requests() {
    replay("request", targets::request::run);
}

#[test]
fn definitions() {
    replay("definition", targets::definition::run);
}

#[test]
fn strategic_merge_patches() {
    replay("strategic", targets::strategic::run);
}

#[test]
fn json_patches() {
    replay("json_patch", targets::json_patch::run);
}

#[test]
fn selectors() {
    replay("selector", targets::selector::run);
}

#[test]
fn field_sets() {
    replay("fields_v1", targets::fields_v1::run);
}

#[test]
fn applies() {
    replay("apply", targets::apply::run);
}
