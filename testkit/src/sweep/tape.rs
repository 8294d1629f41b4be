//! Failures that are kept: what it takes to see one again, as a file.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    Finding, Workload,
    plan::{Plan, PlanError},
};
use crate::{
    oracle::FailureKind,
    sim::{Injection, Overtaking},
};

/// What it takes to see a failure again: faults and decisions, each with the place that it belongs to.
///
/// Places are named by what is asked and not by position, so that a tape outlives unrelated changes of the program. A place that does
/// not come up is passed over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Tape {
    /// How the run failed.
    pub kind: FailureKind,
    /// What it was about.
    pub about: String,
    /// The seed of names, UIDs and jitter.
    pub seed: u64,
    /// The faults.
    pub injections: Vec<Injection>,
    /// Where the order was another than the usual one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overtakings: Vec<Overtaking>,
    /// What there is to do, where that is less than the test says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workload: Option<Workload>,
}

/// A file of a failure that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// It is no tape, though its name says so.
    #[error(transparent)]
    Tape(#[from] TapeError),
    /// It is no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

/// A tape that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TapeError {
    /// The file cannot be read.
    #[error("the tape {path} cannot be read")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is no tape.
    #[error("{path} is no tape")]
    Format {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

// === impl Tape ===

impl Tape {
    pub(super) fn of(finding: &Finding) -> Self {
        Self {
            kind: finding.kind,
            about: finding.about.clone(),
            seed: finding.seed,
            injections: finding.injections.clone(),
            overtakings: finding.overtakings.clone(),
            workload: finding.workload.clone(),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`TapeError`] where it is not there or is no tape.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, TapeError> {
        let path = path.as_ref();
        let text = fs::read(path).map_err(|source| TapeError::Io {
            path: path.to_owned(),
            source,
        })?;
        serde_json::from_slice(&text).map_err(|source| TapeError::Format {
            path: path.to_owned(),
            source,
        })
    }

    /// Writes a file, and the folders that lead to it.
    ///
    /// # Errors
    /// The system's.
    pub fn save(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let path = path.as_ref();
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, format!("{}\n", self.text()))
    }

    /// The tape as text: JSON, indented.
    pub fn text(&self) -> String {
        // Made of strings, numbers and enums, which always serialise.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

/// What a file says, which is a tape or a plan by its name.
pub(super) fn read(path: &Path) -> Result<Plan, ReplayError> {
    if path.extension().is_some_and(|extension| extension == "json") {
        return Ok(Tape::load(path)?.into());
    }
    Ok(Plan::load(path)?)
}

/// How the names of tapes end.
pub(super) const ENDING: &str = ".tape.json";

/// Where the failures of a test are kept: a tape for each, and the plans that people put beside them.
pub(super) fn saved(folder: &Path, name: &str) -> Vec<(PathBuf, Result<Plan, ReplayError>)> {
    let load = |path: PathBuf| {
        let plan = read(&path);
        (path, plan)
    };
    let paths = files(folder, name, &[ENDING, ".plan.yaml"]);
    paths.into_iter().map(load).collect()
}

/// The files of a test, whose names begin with the test's and have one of these endings.
pub(super) fn files(folder: &Path, name: &str, endings: &[&str]) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let prefix = format!("{}.", file_stem(name));
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| {
        let file = path
            .file_name()
            .and_then(|file| file.to_str())
            .unwrap_or_default();
        file.starts_with(&prefix) && endings.iter().any(|end| file.ends_with(end))
    });
    paths.sort();
    paths
}

/// Keeps a failure if there is a folder for it, and tells where.
pub(super) fn kept(folder: Option<&Path>, save: impl FnOnce(&Path) -> io::Result<PathBuf>) -> String {
    let Some(folder) = folder else {
        return String::new();
    };
    match save(folder) {
        Ok(path) => format!("kept in {}, and tried first from now on", path.display()),
        Err(error) => format!("could not be kept in {}: {error}", folder.display()),
    }
}

/// The file of a failure.
pub(super) fn path(folder: &Path, name: &str, kind: FailureKind, about: &str, ending: &str) -> PathBuf {
    // FNV-1a, so that one failure has one file.
    let text = format!("{kind:?} {about}");
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    folder.join(format!("{}.{hash:08x}{ending}", file_stem(name)))
}

/// What a file that belongs to a test is called.
pub(super) fn file_stem(name: &str) -> String {
    let allowed = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
            c
        } else {
            '-'
        }
    };
    name.chars().map(allowed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{ChangeRef, Fate, Trigger};

    #[test]
    fn a_tape_reads_as_it_was_written() {
        let tape = Tape {
            kind: FailureKind::Stuck,
            about: "pods default/web-*".to_owned(),
            seed: 7,
            injections: vec![Injection {
                at: Trigger::Settled(1),
                fate: Fate::TimeTravel {
                    to: ChangeRef {
                        resource: "pods".to_owned(),
                        key: "default/web-*".to_owned(),
                        nth: 2,
                    },
                },
            }],
            overtakings: Vec::new(),
            workload: None,
        };
        let text = tape.text();
        assert_eq!(serde_json::from_str::<Tape>(&text).unwrap(), tape);
        insta::assert_snapshot!(text, @r#"
        {
          "kind": "stuck",
          "about": "pods default/web-*",
          "seed": 7,
          "injections": [
            {
              "at": {
                "settled": 1
              },
              "fate": {
                "timeTravel": {
                  "to": {
                    "resource": "pods",
                    "key": "default/web-*",
                    "nth": 2
                  }
                }
              }
            }
          ]
        }
        "#);
    }

    #[test]
    fn the_file_is_named_after_test_and_failure() {
        let path = path(
            Path::new("d"),
            "module::test one",
            FailureKind::Stuck,
            "a",
            ENDING,
        );
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(
            name.starts_with("module--test-one.") && name.ends_with(".tape.json"),
            "{name}"
        );
        assert!(saved(Path::new("/there/is/no/such/folder"), "a").is_empty());
    }
}
