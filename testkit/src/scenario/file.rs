//! Scenarios as files.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    str::FromStr,
};

use super::Scenario;
use crate::Unsettled;

/// A scenario that cannot be read, written or played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// The file cannot be read or written.
    #[error("cannot use {path} as a file of a scenario", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The text is not that of a scenario.
    #[error("not a scenario: {0}")]
    Syntax(String),
    /// The server refused a change.
    #[error("the scenario's step {step} was refused: {message}; see that the subject is valid")]
    Refused {
        /// Which step, from 1.
        step: usize,
        /// The server's message.
        message: String,
    },
    /// An object that is being deleted stays.
    #[error("{object} was still being deleted after {waited:?}, before the scenario's step {step}")]
    Undead {
        /// Which object.
        object: String,
        /// Before which step, from 1.
        step: usize,
        /// For how long it was waited for.
        waited: std::time::Duration,
    },
    /// Somebody asks again without a pause.
    #[error("the scenario was given up in its step {step}: {source}")]
    Busy {
        /// In which step, from 1.
        step: usize,
        /// What was asked.
        #[source]
        source: Unsettled,
    },
}

// === impl Scenario ===

impl Scenario {
    /// Reads a file that [`save`](Self::save) wrote, or somebody by hand.
    ///
    /// # Errors
    /// Where there is no such file, or it is not a scenario.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ScenarioError> {
        let path = path.as_ref();
        fs::read_to_string(path)
            .map_err(|source| file_error(path, source))?
            .parse()
    }

    /// Writes it to a file, whose folder is made if need be.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), ScenarioError> {
        let path = path.as_ref();
        let written = path
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(path, self.to_string()));
        written.map_err(|source| file_error(path, source))
    }
}

fn file_error(path: &Path, source: io::Error) -> ScenarioError {
    ScenarioError::File {
        path: path.to_owned(),
        source,
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What a file cannot say is a fault with a server of its own; it is named all the same.
        match serde_saphyr::to_string(self) {
            Ok(text) => f.write_str(&text),
            Err(_) => f.debug_list().entries(&self.steps).finish(),
        }
    }
}

/// As the text, so that a failing property prints what can be saved.
impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scenario:\n{self}")
    }
}

impl FromStr for Scenario {
    type Err = ScenarioError;

    fn from_str(text: &str) -> Result<Self, ScenarioError> {
        serde_saphyr::from_str(text).map_err(|e| ScenarioError::Syntax(e.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{Reads, Step};
    use super::*;
    use crate::fault::{FlowFault, ReadFault, TransportFault, WatchFault};

    #[test]
    fn scenarios_are_files_that_people_can_read() {
        let fault = |what, times| Step::Fault { what, times };
        let scenario = Scenario::new([
            Step::Create(0),
            fault(WatchFault::Expired { after: 2 }.into(), 1),
            fault(ReadFault::ContinueExpired { with_token: true }.into(), 3),
            fault(
                TransportFault::Slow {
                    bytes: 7,
                    every: Duration::from_millis(500),
                }
                .into(),
                1,
            ),
            fault(FlowFault::ShuttingDown.into(), 2),
            Step::Compact,
            Step::Stuck {
                reads: Reads::Watches,
                times: 2,
            },
            Step::Wait(Duration::from_secs(90)),
            Step::Replace(0),
        ]);
        let text = scenario.to_string();
        insta::assert_snapshot!(text, @r"
        - create: 0
        - fault:
            what:
              watch:
                expired:
                  after: 2
            times: 1
        - fault:
            what:
              read:
                continueExpired:
                  withToken: true
            times: 3
        - fault:
            what:
              transport:
                slow:
                  bytes: 7
                  every: 500ms
            times: 1
        - fault:
            what:
              flow: shuttingDown
            times: 2
        - compact
        - stuck:
            reads: watches
            times: 2
        - wait: 1m30s
        - replace: 0
        ");
        assert_eq!(text.parse::<Scenario>().unwrap().to_string(), text);
    }

    #[test]
    fn what_is_no_scenario_is_told_so() {
        for text in [
            "- fly: 1",
            "- wait: -3s",
            "- create: 300",
            "{}",
            "- fault: {what: {write: gone}, times: 1}",
        ] {
            let error = text.parse::<Scenario>().unwrap_err();
            assert!(matches!(error, ScenarioError::Syntax(_)), "{text}: {error}");
        }
        let error = Scenario::load("/nowhere/at/all.yaml").unwrap_err();
        assert!(error.to_string().contains("/nowhere/at/all.yaml"), "{error}");
    }
}
