//! Sequences that are kept in files, and tried first from then on.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::FuzzFinding;
use crate::{oracle::FailureKind, sweep::tape};

/// How the names of the files end.
const ENDING: &str = ".specs.json";

/// A sequence that failed once.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Sequence {
    pub(super) kind: FailureKind,
    pub(super) about: String,
    pub(super) seed: u64,
    pub(super) specs: Vec<Value>,
}

/// Writes the file of a failure, and tells which it is.
pub(super) fn save(folder: &Path, name: &str, finding: &FuzzFinding) -> io::Result<PathBuf> {
    let sequence = Sequence {
        kind: finding.kind,
        about: finding.about.clone(),
        seed: finding.seed,
        specs: finding.specs.clone(),
    };
    let path = tape::path(folder, name, finding.kind, &finding.about, ENDING);
    let text = serde_json::to_string_pretty(&sequence)?;
    fs::create_dir_all(folder)?;
    fs::write(&path, text + "\n")?;
    Ok(path)
}

/// The sequences of a test.
pub(super) fn saved(folder: &Path, name: &str) -> Vec<(PathBuf, Result<Sequence, io::Error>)> {
    let read = |path: PathBuf| {
        let sequence =
            fs::read(&path).and_then(|text| serde_json::from_slice(&text).map_err(io::Error::from));
        (path, sequence)
    };
    tape::files(folder, name, &[ENDING])
        .into_iter()
        .map(read)
        .collect()
}
