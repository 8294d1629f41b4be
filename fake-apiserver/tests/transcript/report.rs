//! Counts of how steps came out, and the lines that say so.

use std::collections::BTreeMap;
use std::fmt;

use super::replay::Outcome;

/// The counts of an area.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    pub(crate) steps: usize,
    pub(crate) same: usize,
    pub(crate) status: usize,
    pub(crate) transcripts: usize,
    pub(crate) whole: usize,
}

impl Tally {
    /// The counts of one transcript.
    pub(crate) fn of(outcomes: &[Outcome]) -> Self {
        let same = outcomes.iter().filter(|o| o.difference.is_none()).count();
        Self {
            steps: outcomes.len(),
            same,
            status: outcomes.iter().filter(|o| o.status_same).count(),
            transcripts: 1,
            whole: usize::from(same == outcomes.len()),
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.steps += other.steps;
        self.same += other.same;
        self.status += other.status;
        self.transcripts += other.transcripts;
        self.whole += other.whole;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            steps,
            same,
            status,
            transcripts,
            whole,
        } = self;
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let percent = 100.0 * *same as f64 / (*steps).max(1) as f64;
        write!(
            f,
            "same {same}/{steps} {percent:.1}% status {status}/{steps} whole {whole}/{transcripts}"
        )
    }
}

/// A line for each area, and one for all together.
pub(crate) fn lines(areas: &BTreeMap<String, Tally>) -> String {
    let mut total = Tally::default();
    let mut out = String::new();
    for (area, tally) in areas {
        total.add(*tally);
        out += &format!("{area} {tally}\n");
    }
    out + &format!("total {total}\n")
}

#[test]
fn lines_have_the_form_others_read() {
    let areas = BTreeMap::from([
        (
            "a".to_owned(),
            Tally {
                steps: 3,
                same: 2,
                status: 3,
                transcripts: 2,
                whole: 1,
            },
        ),
        (
            "b".to_owned(),
            Tally {
                steps: 1,
                same: 1,
                status: 1,
                transcripts: 1,
                whole: 1,
            },
        ),
    ]);
    let expected = "a same 2/3 66.7% status 3/3 whole 1/2\n\
                    b same 1/1 100.0% status 1/1 whole 1/1\n\
                    total same 3/4 75.0% status 4/4 whole 2/3\n";
    assert_eq!(lines(&areas), expected);
}
