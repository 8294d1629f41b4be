//! The test as a whole: what to replay, what to print, what fails.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use super::floor;
use super::format::{Transcript, files};
use super::replay::Outcome;
use super::report::{Tally, lines};
use super::run::{MakeTarget, recorded, replay_all};

/// What the environment asks for; `../transcripts/README.md` says how.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// Another folder of transcripts, for which there are no floors.
    folder: Option<String>,
    areas: Option<Vec<String>>,
    differences: Option<String>,
    /// Members that are not compared, to see what else there is; no floors then.
    ignored: Vec<String>,
    raise_floor: bool,
}

impl Options {
    pub(crate) fn from_environment() -> Self {
        let read = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            folder: read("TRANSCRIPTS"),
            areas: read("TRANSCRIPT_AREAS").map(|list| names(&list)),
            differences: read("TRANSCRIPT_DIFF"),
            ignored: read("TRANSCRIPT_IGNORE")
                .map(|list| names(&list))
                .unwrap_or_default(),
            raise_floor: read("TRANSCRIPT_FLOOR").is_some_and(|value| value == "raise"),
        }
    }
}

fn names(list: &str) -> Vec<String> {
    list.split(',').map(|name| name.trim().to_owned()).collect()
}

/// Replays, prints, and compares with the floors.
pub(crate) fn pass(options: &Options, make: MakeTarget) -> Result<(), String> {
    let folder = options
        .folder
        .as_ref()
        .map_or_else(recorded, |folder| Path::new(folder).to_owned());
    let results = replay_all(read(&folder, options)?, make, &options.ignored);
    let mut areas: BTreeMap<String, Tally> = BTreeMap::new();
    for (transcript, outcomes) in &results {
        areas
            .entry(transcript.area().to_owned())
            .or_default()
            .add(Tally::of(outcomes));
    }
    let mut out = String::from("\n");
    for (transcript, outcomes) in &results {
        out += &differences(
            transcript,
            outcomes,
            options.differences.as_deref().unwrap_or_default(),
        );
    }
    let mut fallen = Vec::new();
    if options.differences.as_deref() == Some("places") {
        out += &places(&results);
    }
    if options.folder.is_none() && options.ignored.is_empty() {
        let path = recorded().join("floor.toml");
        let floors = floor::read(&path)?;
        let verdict = floor::judge(&floors, &areas);
        if options.raise_floor {
            floor::write(&path, &verdict.raised).map_err(|e| e.to_string())?;
        } else if verdict.raised != floors {
            out += "better than the floor: TRANSCRIPT_FLOOR=raise keeps it\n";
        }
        fallen = verdict.fallen;
    }
    let summary = lines(&areas);
    // Straight to the terminal, so that it is seen without asking for the output of tests that pass.
    let _ = std::io::stdout().lock().write_all((out + &summary).as_bytes());
    if fallen.is_empty() {
        Ok(())
    } else {
        Err(format!("{}\n{summary}", fallen.join("\n")))
    }
}

fn read(folder: &Path, options: &Options) -> Result<Vec<Transcript>, String> {
    let mut transcripts = Vec::new();
    for path in files(folder).map_err(|e| format!("{}: {e}", folder.display()))? {
        let transcript = Transcript::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        if options
            .areas
            .as_ref()
            .is_none_or(|areas| areas.iter().any(|a| a == transcript.area()))
        {
            transcripts.push(transcript);
        }
    }
    Ok(transcripts)
}

/// Every difference of a transcript asked for by name; the first one where many are asked for.
fn differences(transcript: &Arc<Transcript>, outcomes: &[Outcome], asked: &str) -> String {
    let count = match asked {
        name if name == transcript.name => usize::MAX,
        area if area == "all" || area == transcript.area() => 1,
        _ => 0,
    };
    let labels: BTreeMap<_, _> = transcript.compared().collect();
    let mut out = String::new();
    for outcome in outcomes.iter().filter(|o| o.difference.is_some()).take(count) {
        let label = labels.get(&outcome.index).map(String::as_str).unwrap_or_default();
        let difference = outcome.difference.as_deref().unwrap_or_default();
        out += &format!(
            "  {} step {} {label}: {difference}\n",
            transcript.name, outcome.index
        );
    }
    out
}

/// Where answers part, over all transcripts, the most frequent place last.
fn places(results: &[(Arc<Transcript>, Vec<Outcome>)]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for difference in results
        .iter()
        .flat_map(|(_, outcomes)| outcomes)
        .filter_map(|o| o.difference.as_ref())
    {
        let place = difference.split(": ").next().unwrap_or_default();
        let place: Vec<_> = place
            .split('/')
            .map(|part| if part.parse::<usize>().is_ok() { "*" } else { part })
            .collect();
        let what = if difference.contains(": missing") {
            " missing"
        } else {
            ""
        };
        *counts.entry(format!("{}{what}", place.join("/"))).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| *count);
    counts
        .iter()
        .map(|(place, count)| format!("{count:6} {place}\n"))
        .collect()
}
