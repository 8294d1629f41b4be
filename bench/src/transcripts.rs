//! The pods of recorded exchanges with a real server.

use std::{collections::BTreeSet, fs, io, path::Path};

use serde_json::Value;

/// What stands in a recording for every time, and a time.
const TIME: (&str, &str) = ("\"<time>\"", "\"2026-01-01T00:00:00Z\"");

/// The JSON of each pod that the recordings under `folder` show as a server has stored it; each text once.
///
/// # Errors
///
/// If the folder cannot be read, or a file in it is not JSON.
pub fn pods(folder: &Path) -> io::Result<BTreeSet<String>> {
    let mut pods = BTreeSet::new();
    for area in fs::read_dir(folder)? {
        let area = area?.path();
        if !area.is_dir() {
            continue;
        }
        for file in fs::read_dir(area)? {
            let file = file?.path();
            if file.extension().is_some_and(|extension| extension == "json") {
                walk(&serde_json::from_slice(&fs::read(file)?)?, &mut pods);
            }
        }
    }
    Ok(pods)
}

fn walk(value: &Value, pods: &mut BTreeSet<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| walk(value, pods)),
        Value::Object(members) => {
            let is_pod = value["kind"] == "Pod" && value["apiVersion"] == "v1";
            if is_pod && value["metadata"]["uid"].is_string() {
                pods.insert(value.to_string().replace(TIME.0, TIME.1));
            }
            members.values().for_each(|value| walk(value, pods));
        }
        _ => {}
    }
}
