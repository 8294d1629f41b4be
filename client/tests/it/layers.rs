//! Which part of the crate may know which: the sources say so in what they name of the crate.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The parts, each with those below it that it may know; what a part offers to its own tests does not count.
const PARTS: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("env", &[]),
    ("config", &["core"]),
    ("transport", &["core", "env", "config"]),
    ("error", &["core", "env", "config", "transport"]),
    ("client", &["core", "env", "config", "transport", "error"]),
];

fn sources(part: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = vec![root.join(format!("{part}.rs"))];
    let mut folders = vec![root.join(part)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
                found.push(path);
            }
        }
    }
    found.retain(|path| path.is_file());
    found
}

/// What a source names directly below `crate::`, in code before its tests.
fn named(source: &str) -> BTreeSet<String> {
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n");
    let mut names = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        if let Some(group) = rest.strip_prefix('{') {
            // The first word of each item of a group.
            let (mut depth, mut item) = (0, String::new());
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        names.insert(first_word(&item));
                        item.clear();
                        continue;
                    }
                    _ => {}
                }
                item.push(c);
            }
            names.insert(first_word(&item));
        } else {
            names.insert(first_word(rest));
        }
    }
    names.remove("");
    names
}

fn first_word(text: &str) -> String {
    let text = text.trim_start().chars();
    text.take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn no_part_knows_those_above_it() {
    let mut wrong = Vec::new();
    for (part, below) in PARTS {
        let sources = sources(part);
        assert!(!sources.is_empty(), "{part} is gone");
        for path in sources {
            for name in named(&fs::read_to_string(&path).unwrap()) {
                // What the crate lifts to its root belongs to its part all the same.
                let home = match &*name {
                    "Error" | "Result" => "error",
                    "Config" => "config",
                    "Client" => "client",
                    "Env" => "env",
                    "Resource" | "ResourceExt" | "CustomResourceExt" => "core",
                    other => other,
                };
                if home != *part && !below.contains(&home) {
                    wrong.push(format!("{} names {name}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_names_of_a_source_are_found() {
    let source = "use crate::{\n    Config, Error,\n    config::{Host, pem},\n};\n/// See crate::client.\nfn f() { crate::env::x() }\n\
                  #[cfg(test)]\nmod tests {\n    use crate::api;\n}\n";
    assert_eq!(
        named(source).into_iter().collect::<Vec<_>>(),
        ["Config", "Error", "config", "env"]
    );
}
