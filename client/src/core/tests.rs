//! What holds for the whole of the core.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

/// The core does no I/O and knows nothing of the rest of the crate: its sources name none of it.
#[test]
fn the_core_knows_nothing_of_the_rest() {
    let mut files = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/core"),
        &mut files,
    );
    assert!(files.len() > 20, "{files:?}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for (i, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
        {
            let foreign = line
                .split("crate::")
                .skip(1)
                .any(|path| !path.starts_with("core"));
            let ambient = [
                "tokio",
                "hyper",
                "std::fs",
                "std::env",
                "std::net",
                "std::thread",
                "SystemTime",
                "Instant",
                "::now(",
            ]
            .iter()
            .find(|word| line.contains(*word));
            assert!(
                !foreign && ambient.is_none(),
                "{}:{}: {line}",
                file.display(),
                i + 1
            );
        }
    }
}
