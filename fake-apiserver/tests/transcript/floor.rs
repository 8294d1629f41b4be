//! What each area reached before: falling below it is a regression.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::report::Tally;

/// The least that must come out the same.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Floor {
    pub(crate) same: usize,
    pub(crate) status: usize,
    pub(crate) whole: usize,
}

pub(crate) type Floors = BTreeMap<String, Floor>;

/// Reads the floors; without a file there are none.
pub(crate) fn read(path: &Path) -> Result<Floors, String> {
    match std::fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text).map_err(|e| e.to_string()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Floors::new()),
        Err(e) => Err(e.to_string()),
    }
}

pub(crate) fn write(path: &Path, floors: &Floors) -> std::io::Result<()> {
    let mut text = "# The least that must come out the same; raised by TRANSCRIPT_FLOOR=raise.\n".to_owned();
    for (area, Floor { same, status, whole }) in floors {
        text += &format!("\n[{area}]\nsame = {same}\nstatus = {status}\nwhole = {whole}\n");
    }
    std::fs::write(path, text)
}

/// How results stand to the floors.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    /// What fell, a sentence each.
    pub(crate) fallen: Vec<String>,
    /// The floors as they could be.
    pub(crate) raised: Floors,
}

/// Compares; areas that were not replayed keep their floors.
pub(crate) fn judge(floors: &Floors, areas: &BTreeMap<String, Tally>) -> Verdict {
    let mut verdict = Verdict {
        raised: floors.clone(),
        ..Verdict::default()
    };
    for (area, tally) in areas {
        let floor = verdict.raised.entry(area.clone()).or_default();
        for (what, least, got) in [
            ("same", &mut floor.same, tally.same),
            ("status", &mut floor.status, tally.status),
            ("whole", &mut floor.whole, tally.whole),
        ] {
            if got < *least {
                verdict
                    .fallen
                    .push(format!("{area}: {what} fell from {least} to {got}"));
            }
            *least = got.max(*least);
        }
    }
    verdict
}

#[test]
fn floors_rise_and_are_defended() {
    let floors = Floors::from([
        (
            "a".to_owned(),
            Floor {
                same: 5,
                status: 6,
                whole: 1,
            },
        ),
        (
            "b".to_owned(),
            Floor {
                same: 1,
                status: 1,
                whole: 0,
            },
        ),
    ]);
    let tally = Tally {
        steps: 9,
        same: 7,
        status: 4,
        transcripts: 2,
        whole: 1,
    };
    let verdict = judge(
        &floors,
        &BTreeMap::from([("a".to_owned(), tally), ("c".to_owned(), tally)]),
    );
    assert_eq!(verdict.fallen, ["a: status fell from 6 to 4"]);
    assert_eq!(
        verdict.raised["a"],
        Floor {
            same: 7,
            status: 6,
            whole: 1
        }
    );
    assert_eq!(verdict.raised["b"], floors["b"]);
    assert_eq!(
        verdict.raised["c"],
        Floor {
            same: 7,
            status: 4,
            whole: 1
        }
    );
}
