//! Replays the seeds of the fuzz target, and what made it fail once.

#[path = "../../fuzz/src/expression.rs"]
#[expect(unreachable_pub, reason = "in the fuzz crate this is a library")]
mod expression;

use std::path::Path;

#[test]
fn expressions() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/expression");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "there are seeds");
    for file in files {
        println!("{}", file.display());
        expression::run(&std::fs::read(&file).unwrap());
    }
}
