//! A trace in some thirty lines, for the output of a test.

use std::fmt::Write as _;

use super::{
    Trace,
    row::{Row, Topic, rows},
};

/// How many lines a text has at most, and how many of them the difference and the message may take.
const LINES: usize = 30;
const DIFF_LINES: usize = 9;
const MESSAGE_LINES: usize = 3;
const REPLAY_LINES: usize = 2;
/// A line that is longer is cut.
const WIDTH: usize = 120;
/// How many lines around a fault are worth more than others.
const NEAR: usize = 3;

// === impl Trace ===

impl Trace {
    /// The trace in at most thirty lines: what matters most is kept, and it says how much is left out.
    ///
    /// Faults, crashes and the writes that the failure is about come first, marked by `!!` and `>>`, then what users and controllers changed, then refusals; reads come last.
    pub fn text(&self) -> String {
        let mut head = vec![self.title.clone()];
        let mut tail = Vec::new();
        if let Some(failure) = &self.failure {
            let message = format!("{}: {}", failure.kind, failure.message);
            head.extend(capped(&message, MESSAGE_LINES));
            tail.extend(capped(&failure.diff, DIFF_LINES));
            let replay = failure.replay.join("\n");
            tail.extend(capped(&replay, REPLAY_LINES).map(|line| format!("replay: {line}")));
        }
        self.told(&head, &tail)
    }

    /// The same for those who tell by themselves what failed, and how to see it again.
    pub(crate) fn story(&self) -> String {
        let diff = self.failure.as_ref().map_or("", |failure| &failure.diff);
        let diff: Vec<String> = capped(diff, DIFF_LINES).collect();
        self.told(&[], &diff)
    }

    fn told(&self, head: &[String], tail: &[String]) -> String {
        let rows: Vec<Row<'_>> = rows(self).into_iter().filter(|row| !row.is_echo).collect();
        // The heading of the table is a line as well.
        let room = LINES.saturating_sub(head.len() + tail.len() + 1);
        let kept = choose(&rows, room);

        let who = self
            .lanes
            .iter()
            .map(|l| l.name.chars().count())
            .max()
            .unwrap_or(0)
            .clamp(3, 20);
        let mut out = String::new();
        let mut line = |text: &str| {
            let _ = writeln!(out, "{}", cut(text, WIDTH).trim_end());
        };
        head.iter().for_each(|text| line(text));
        if !rows.is_empty() {
            line(&format!("{:>10} {:>6}  {:<who$}  what", "time", "rev", "who"));
        }
        let mut next = 0;
        for &place in &kept {
            left_out(&mut line, place - next);
            let row = &rows[place];
            let revision = row.revision.map(|r| format!("@{r}")).unwrap_or_default();
            let name = cut(self.name(row.lane), who);
            let seconds = row.at.as_secs_f64();
            let mark = match row.topic {
                Topic::Fault => "!! ",
                _ if row.is_blamed => ">> ",
                _ => "",
            };
            line(&format!(
                "{seconds:>9.3}s {revision:>6}  {name:<who$}  {mark}{}",
                row.text
            ));
            next = place + 1;
        }
        left_out(&mut line, rows.len() - next);
        tail.iter().for_each(|text| line(text));
        out
    }
}

fn left_out(line: &mut impl FnMut(&str), count: usize) {
    if count > 0 {
        line(&format!("{:>19} … {count} more", ""));
    }
}

/// The places of the rows that fit into so many lines together with what says how many are left out.
pub(super) fn choose(rows: &[Row<'_>], room: usize) -> Vec<usize> {
    let mut is_near = vec![false; rows.len()];
    for place in (0..rows.len()).filter(|&place| rows[place].topic == Topic::Fault) {
        let last = (place + NEAR).min(rows.len() - 1);
        is_near[place.saturating_sub(NEAR)..=last].fill(true);
    }
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|&place| {
        let weight = rows[place].weight + if is_near[place] { 15 } else { 0 };
        (std::cmp::Reverse(weight), place)
    });
    let mut kept = vec![false; rows.len()];
    // It takes a line to say that all is left out.
    let mut lines = usize::from(!rows.is_empty());
    for place in order {
        let is_gap = |other: Option<usize>| other.and_then(|o| kept.get(o)).is_some_and(|kept| !kept);
        let gaps = usize::from(is_gap(place.checked_sub(1))) + usize::from(is_gap(Some(place + 1)));
        // Its own line, and the gap that it was in: gone, smaller, or two now.
        let with = lines + gaps;
        if with <= room {
            kept[place] = true;
            lines = with;
        }
    }
    (0..rows.len()).filter(|&place| kept[place]).collect()
}

/// The first lines of a text; the last of them says how many are missing.
fn capped(text: &str, max: usize) -> impl Iterator<Item = String> {
    let all: Vec<&str> = text.lines().collect();
    let keep = if all.len() > max { max - 1 } else { all.len() };
    let more = (keep < all.len()).then(|| format!("… {} more lines", all.len() - keep));
    let first: Vec<String> = all[..keep].iter().map(|line| (*line).to_owned()).collect();
    first.into_iter().chain(more)
}

pub(super) fn cut(text: &str, width: usize) -> String {
    // A line break in a message must not cost lines that nobody counted.
    let text = text.replace(['\n', '\r'], " ");
    if text.chars().count() <= width {
        return text;
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::timeline::{Entry, Failure, LaneKind, What};

    fn long(entries: u64) -> Trace {
        let mut trace = Trace::new("long");
        let user = trace.lane(LaneKind::Actor, "user");
        let process = trace.lane(LaneKind::Process, "controller");
        for n in 0..entries {
            let note = What::Note(format!("note {n}"));
            trace.push(Entry::new(Duration::from_millis(n), process, note));
        }
        let at = trace.entries.len() / 2;
        let operation = What::Operation("deletes everything".into());
        trace
            .entries
            .insert(at, Entry::new(Duration::ZERO, user, operation));
        trace
            .entries
            .insert(at, Entry::new(Duration::ZERO, process, What::Crash));
        trace
    }

    #[test]
    fn a_text_is_never_longer_than_thirty_lines() {
        for entries in [0, 1, 20, 28, 29, 30, 31, 500] {
            let mut trace = long(entries);
            assert!(trace.text().lines().count() <= LINES, "{entries}");
            let diff: String = (0..40).map(|n| format!("-line {n}\n")).collect();
            trace.failure = Some(
                Failure::new("Stuck", "one\ntwo\nthree\nfour\nfive")
                    .diff(diff)
                    .replay("a"),
            );
            let text = trace.text();
            assert!(text.lines().count() <= LINES, "{text}");
            assert!(
                text.contains("deletes everything") && text.contains("crashes"),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let text = long(500).text();
        let told = text.lines().filter(|line| line.contains("note ")).count();
        let left: usize = text
            .lines()
            .filter_map(|line| {
                line.trim()
                    .strip_prefix("… ")?
                    .strip_suffix(" more")?
                    .parse::<usize>()
                    .ok()
            })
            .sum();
        assert_eq!(told + left, 500, "{text}");
    }

    #[test]
    fn a_long_run_is_told_at_once() {
        let trace = long(200_000);
        assert!(trace.text().lines().count() <= LINES);
    }

    #[test]
    fn line_breaks_in_messages_do_not_add_lines() {
        let mut trace = Trace::new("title\nof two");
        let user = trace.lane(LaneKind::Actor, "user");
        trace.push(Entry::new(Duration::ZERO, user, What::Note("a\nb".into())));
        assert_eq!(trace.text().lines().count(), 3, "{}", trace.text());
    }
}
