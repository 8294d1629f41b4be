//! The command line.

use std::path::PathBuf;

/// What was asked for.
#[derive(Debug)]
pub struct Options {
    /// Whether a target that is missed is an error.
    pub check: bool,
    /// How often each side runs.
    pub runs: usize,
    /// Only scenarios whose name contains this.
    pub only: String,
    /// Where the recordings are.
    pub transcripts: PathBuf,
    /// Runs one side alone, once, for a profiler.
    pub profile: Option<Side>,
}

/// A side of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Kube,
    Ours,
}

pub const USAGE: &str = "\
usage: bench [--check] [--runs N] [--only TEXT] [--transcripts DIR] [--profile kube|ours]

  --check            exit with 1 if a target is missed
  --runs N           measure each side's time N times (5)
  --only TEXT        only scenarios whose name contains TEXT
  --transcripts DIR  recorded exchanges to take pods from (the project's own)
  --profile SIDE     run one side once and measure nothing, for a profiler";

impl Options {
    /// Reads the arguments of the process.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    pub fn read(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            check: false,
            runs: 5,
            only: String::new(),
            transcripts: concat!(env!("CARGO_MANIFEST_DIR"), "/../fake-apiserver/tests/transcripts").into(),
            profile: None,
        };
        let mut arguments = arguments.peekable();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--check" => options.check = true,
                "--runs" => {
                    let runs = value()?.parse().ok().filter(|runs| *runs > 0);
                    options.runs = runs.ok_or("--runs needs a number above 0")?;
                }
                "--only" => options.only = value()?,
                "--transcripts" => options.transcripts = value()?.into(),
                "--profile" => {
                    options.profile = Some(match value()?.as_str() {
                        "kube" => Side::Kube,
                        "ours" => Side::Ours,
                        other => return Err(format!("there is no side {other:?}")),
                    });
                }
                other => return Err(format!("unknown argument {other:?}")),
            }
        }
        Ok(options)
    }
}
