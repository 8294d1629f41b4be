//! Reads the documents.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

/// What a type of the server says beyond its published schema.
#[derive(Default)]
pub(crate) struct Override {
    pub(crate) pointers: Vec<String>,
    pub(crate) null: Vec<String>,
    pub(crate) zero: Vec<String>,
    pub(crate) omit: Vec<String>,
    /// Field to embedded type.
    pub(crate) embedded: BTreeMap<String, String>,
    /// Field to the name of its type.
    pub(crate) names: BTreeMap<String, String>,
}

/// A gzipped JSON document.
pub(crate) fn json(path: &Path) -> Value {
    let file = std::fs::File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(file)
        .read_to_end(&mut text)
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// All definitions of all group versions; where a definition differs it is by the kinds it stands for, which add up.
pub(crate) fn definitions(folder: &Path) -> BTreeMap<String, Value> {
    const KINDS: &str = "x-kubernetes-group-version-kind";
    let mut all: BTreeMap<String, Value> = BTreeMap::new();
    for path in files(folder) {
        let mut document = json(&path);
        let Some(schemas) = document
            .pointer_mut("/components/schemas")
            .and_then(Value::as_object_mut)
        else {
            continue;
        };
        for (name, schema) in std::mem::take(schemas) {
            let Some(known) = all.get_mut(&name) else {
                all.insert(name, schema);
                continue;
            };
            let (Some(known), Some(more)) = (
                known.get_mut(KINDS).and_then(Value::as_array_mut),
                schema.get(KINDS).and_then(Value::as_array),
            ) else {
                continue;
            };
            for kind in more {
                if !known.contains(kind) {
                    known.push(kind.clone());
                }
            }
        }
    }
    all
}

/// The table of `go-types.txt`, by the end of a definition's name.
pub(crate) fn overrides(path: &Path) -> BTreeMap<String, Override> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut all = BTreeMap::new();
    for line in text
        .lines()
        .filter(|l| !l.starts_with('#') && !l.trim().is_empty())
    {
        let mut words = line.split_whitespace();
        let name = words.next().expect("the line is not empty");
        let mut entry = Override::default();
        let mut section = "";
        for word in words {
            match (word, section) {
                ("ptr" | "null" | "zero" | "omit" | "in" | "as", _) => section = word,
                (_, "ptr") => entry.pointers.push(word.into()),
                (_, "null") => entry.null.push(word.into()),
                (_, "zero") => entry.zero.push(word.into()),
                (_, "omit") => entry.omit.push(word.into()),
                (_, "in") => {
                    let (embedded, fields) = word.split_once('=').expect("in: Type=field,field");
                    for field in fields.split(',') {
                        entry.embedded.insert(field.into(), embedded.into());
                    }
                }
                (_, "as") => {
                    let (field, go) = word.split_once('=').expect("as: field=type");
                    entry.names.insert(field.into(), go.into());
                }
                _ => panic!("{line}: no section for {word}"),
            }
        }
        assert!(
            all.insert(name.to_owned(), entry).is_none(),
            "{name} stands twice"
        );
    }
    all
}

/// A table of the OpenAPI v3 documents as Rust source: path below `/openapi/v3/`, gzipped bytes.
pub(crate) fn index(folder: &Path) -> String {
    let mut out = String::from("&[\n");
    for path in files(folder) {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        let name = name.trim_end_matches(".json.gz");
        if name == "index" {
            continue;
        }
        let key = name.replace("__", "/");
        writeln!(out, "    ({key:?}, include_bytes!({:?})),", path.display())
            .expect("a String takes everything");
    }
    out.push(']');
    out
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut all: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|e| e.expect("a readable folder").path())
        .filter(|p| p.to_string_lossy().ends_with(".json.gz"))
        .collect();
    all.sort();
    all
}
