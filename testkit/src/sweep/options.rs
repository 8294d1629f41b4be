//! What whoever runs a test can say without changing it: in the environment.

use std::{fmt, str::FromStr, time::Duration};

use jiff::SignedDuration;

/// Looks up a variable of the environment.
pub(super) type Lookup = dyn Fn(&str) -> Option<String>;

/// What the environment says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    /// `TESTKIT_SEED`: the seed of everything, instead of the test's.
    pub(super) seed: Option<u64>,
    /// `TESTKIT_CASE`: this run, and no other besides those without faults.
    pub(super) case: Option<Case>,
    /// `TESTKIT_BUDGET`: strategies go on for so long.
    pub(super) budget: Option<Duration>,
    /// `JOB_COMPLETION_INDEX` and `TESTKIT_JOBS`: which part of the runs is made.
    pub(super) shard: Option<(usize, usize)>,
}

/// A run: the strategy that leads to it, and which of the strategy's runs it is, from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) strategy: String,
    pub(super) nth: usize,
}

// === impl Options ===

impl Options {
    /// Reads the environment; what cannot be read is told.
    pub(super) fn read(lookup: &Lookup) -> Result<Self, String> {
        let number = |name| parsed(lookup, name, "a number", |text| text.parse::<usize>().ok());
        let shard = match (number("JOB_COMPLETION_INDEX")?, number("TESTKIT_JOBS")?) {
            (Some(index), Some(total)) if index >= total => {
                return Err(format!(
                    "JOB_COMPLETION_INDEX is {index}, and TESTKIT_JOBS only {total}"
                ));
            }
            (Some(index), Some(total)) => Some((index, total)),
            // The index alone may be a job's that has nothing to do with this.
            _ => None,
        };
        Ok(Self {
            seed: parsed(lookup, "TESTKIT_SEED", "a number, such as 0x2a", seed)?,
            case: parsed(lookup, "TESTKIT_CASE", "a run, such as swarm/12", |text| {
                text.parse().ok()
            })?,
            budget: parsed(lookup, "TESTKIT_BUDGET", "a time, such as 10m", budget)?,
            shard,
        })
    }
}

fn parsed<T>(
    lookup: &Lookup,
    name: &str,
    expected: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, String> {
    let Some(text) = lookup(name) else {
        return Ok(None);
    };
    match parse(text.trim()) {
        Some(value) => Ok(Some(value)),
        None => Err(format!("{name} is `{text}`, and should be {expected}")),
    }
}

fn seed(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

fn budget(text: &str) -> Option<Duration> {
    Duration::try_from(text.parse::<SignedDuration>().ok()?).ok()
}

// === impl Case ===

impl Case {
    pub(super) fn new(strategy: &str, nth: usize) -> Self {
        Self {
            strategy: strategy.to_owned(),
            nth,
        }
    }
}

impl FromStr for Case {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (strategy, nth) = text.rsplit_once('/').ok_or(())?;
        Ok(Self::new(strategy, nth.parse().map_err(drop)?))
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.strategy, self.nth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Options, String> {
        let variables: Vec<(String, String)> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Options::read(&move |name| {
            let found = variables.iter().find(|(other, _)| other == name);
            found.map(|(_, value)| value.clone())
        })
    }

    #[test]
    fn the_environment_is_read() {
        assert_eq!(read(&[]).unwrap(), Options::default());
        let options = read(&[
            ("TESTKIT_SEED", "0x2a"),
            ("TESTKIT_CASE", "swarm/12"),
            ("TESTKIT_BUDGET", "1h 30m"),
            ("TESTKIT_JOBS", "4"),
            ("JOB_COMPLETION_INDEX", "3"),
        ]);
        let expected = Options {
            seed: Some(42),
            case: Some(Case::new("swarm", 12)),
            budget: Some(Duration::from_secs(5400)),
            shard: Some((3, 4)),
        };
        assert_eq!(options.unwrap(), expected);
        assert_eq!(read(&[("JOB_COMPLETION_INDEX", "3")]).unwrap().shard, None);
    }

    #[test]
    fn what_makes_no_sense_is_told() {
        for (name, value, expected) in [
            ("TESTKIT_SEED", "0xz", "a number, such as 0x2a"),
            ("TESTKIT_CASE", "swarm", "a run, such as swarm/12"),
            ("TESTKIT_BUDGET", "ten minutes", "a time, such as 10m"),
            ("TESTKIT_BUDGET", "-10m", "a time, such as 10m"),
            ("TESTKIT_JOBS", "many", "a number"),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert_eq!(error, format!("{name} is `{value}`, and should be {expected}"));
        }
        let error = read(&[("TESTKIT_JOBS", "4"), ("JOB_COMPLETION_INDEX", "4")]);
        assert!(error.unwrap_err().contains("only 4"));
    }
}
