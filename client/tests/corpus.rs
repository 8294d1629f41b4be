//! Replays the seeds of the fuzz targets, and what made one fail once.

#[path = "../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "in the fuzz crate these are a library")]
mod targets;

use std::{fs, path::Path};

fn replay(target: &str, run: fn(&[u8])) {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(target);
    let mut files: Vec<_> = fs::read_dir(seeds)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{target} has seeds");
    for file in files {
        println!("{}", file.display());
        run(&fs::read(file).unwrap());
    }
}

#[test]
fn kubeconfig() {
    replay("kubeconfig", targets::kubeconfig::run);
}

#[test]
fn lists() {
    replay("list", targets::list::run);
}

#[test]
fn objects() {
    replay("object", targets::object::run);
}

#[test]
fn watches() {
    replay("watch", targets::watch::run);
}

#[test]
fn selectors() {
    replay("selector", targets::selector::run);
}
