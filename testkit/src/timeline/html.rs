//! A trace as a page for a browser: one file that needs nothing else and opens from disk.

use std::{collections::BTreeSet, fmt::Write as _, time::Duration};

use super::{
    LaneId, LaneKind, Trace,
    row::{Direction, Row, Tone, Topic, Turn, rows},
    text::choose,
};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page may load nothing, from wherever.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/// A pause in which nothing happens is said when it is at least so long.
const PAUSE: Duration = Duration::from_secs(1);

/// So many of the writes that a failure is about are named in its message.
const BLAMED_MAX: usize = 6;

/// So many lines a page has at most, those that matter most; browsers get slow beyond.
const ROWS_MAX: usize = 3_000;
/// So much of a body is shown, and of all bodies together, in bytes.
const BODY_MAX: usize = 16 << 10;
const BODIES_MAX: usize = 12 << 20;

/// What a lane is doing while rows go by.
#[derive(Clone, Copy, Default)]
struct Standing {
    /// How many reconciles are under way.
    busy: usize,
    is_down: bool,
}

// === impl Standing ===

impl Standing {
    fn turn(&mut self, turn: Option<Turn>) {
        match turn {
            Some(Turn::ReconcileBegin) => self.busy += 1,
            Some(Turn::ReconcileEnd) => self.busy = self.busy.saturating_sub(1),
            Some(Turn::Crash) => {
                *self = Self {
                    busy: 0,
                    is_down: true,
                }
            }
            Some(Turn::Restart) => *self = Self::default(),
            None => {}
        }
    }
}

// === impl Row ===

impl Row<'_> {
    /// By which the message of a failure leads to it.
    fn anchor(&self) -> Option<String> {
        let revision = self.revision.filter(|_| self.is_blamed)?;
        Some(format!("w{revision}"))
    }
}

// === impl Trace ===

impl Trace {
    /// The trace as one page of HTML, with a lane for each who takes part; it loads nothing and opens from disk.
    ///
    /// Bodies show when the pointer or the keyboard is on an entry; a click or Enter keeps them. Entries can be filtered by topic, lane and text.
    /// Without scripts everything shows, but filters do nothing.
    pub fn html(&self) -> String {
        let rows = rows(self);
        let mut out = String::with_capacity(16 * 1024 + rows.len() * 600);
        // Writing to a string cannot fail; the results are put together once here.
        let written = self.page(&mut out, &rows);
        debug_assert!(written.is_ok());
        out
    }

    fn page(&self, out: &mut String, rows: &[Row<'_>]) -> std::fmt::Result {
        let title = escape(&self.title);
        write!(
            out,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n"
        )?;
        self.verdict(out, rows)?;
        out.push_str("</header>\n<main>\n");
        self.tools(out, rows)?;
        out.push_str("<div class=\"frame\">\n");
        self.timeline(out, rows)?;
        out.push_str(
            "<aside><h2>Details</h2><p>Point at an entry, or move through them with the arrow keys, to see its bodies. \
             A click or Enter keeps them in view.</p><p>Solid arrows are writes, dashed ones reads and watch events. A thick bar is a reconcile \
             under way, a dotted line a process that is down.</p></aside>\n",
        );
        write!(
            out,
            "</div>\n</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n"
        )
    }

    fn verdict(&self, out: &mut String, rows: &[Row<'_>]) -> std::fmt::Result {
        let Some(failure) = &self.failure else {
            out.push_str("<div class=\"verdict\"><span class=\"kind\">No failure</span></div>\n");
            return Ok(());
        };
        write!(
            out,
            "<div class=\"verdict failed\" role=\"alert\"><span class=\"kind\">{}</span><p>{}</p>",
            escape(&failure.kind),
            escape(&failure.message)
        )?;
        let mut blamed = rows.iter().filter(|row| row.is_blamed).peekable();
        if blamed.peek().is_some() {
            out.push_str("<p class=\"legend\">Who wrote what, by which it failed</p><ul class=\"blame\">");
            for row in blamed.take(BLAMED_MAX) {
                let (name, text) = (escape(self.name(row.lane)), escape(&row.text));
                let (id, revision) = (row.anchor().unwrap_or_default(), row.revision.unwrap_or_default());
                write!(
                    out,
                    "<li><a href=\"#{id}\">@{revision} <b>{name}</b> {text}</a></li>"
                )?;
            }
            out.push_str("</ul>");
        }
        for command in &failure.replay {
            write!(out, "<code class=\"replay\">{}</code>", escape(command))?;
        }
        if !failure.diff.is_empty() {
            out.push_str(
                "<p class=\"legend\">Difference at the failure: − expected, + found</p><pre class=\"diff\" tabindex=\"0\" aria-label=\"Difference at the failure\">",
            );
            for line in failure.diff.lines() {
                let element = match line.as_bytes().first() {
                    Some(b'+') => "ins",
                    Some(b'-') => "del",
                    _ => "span",
                };
                write!(out, "<{element}>{}</{element}>", escape(line))?;
            }
            out.push_str("</pre>");
        }
        out.push_str("</div>\n");
        Ok(())
    }

    fn tools(&self, out: &mut String, rows: &[Row<'_>]) -> std::fmt::Result {
        out.push_str(
            "<form class=\"tools\" role=\"search\" aria-label=\"Filters\" onsubmit=\"return false\">\n",
        );
        for topic in Topic::ALL {
            if rows.iter().any(|row| row.topic == topic) {
                let (id, label) = (topic.id(), topic.label());
                writeln!(
                    out,
                    "<label><input type=\"checkbox\" checked autocomplete=\"off\" data-topic-filter=\"{id}\">{label}</label>"
                )?;
            }
        }
        out.push_str("<span class=\"gap\"></span>\n");
        let speakers: BTreeSet<LaneId> = rows.iter().map(|row| row.lane).collect();
        for lane in speakers {
            let (index, name) = (lane.index(), escape(self.name(lane)));
            writeln!(
                out,
                "<label><input type=\"checkbox\" checked autocomplete=\"off\" data-lane-filter=\"{index}\">{name}</label>"
            )?;
        }
        out.push_str(
            "<input type=\"search\" id=\"search\" placeholder=\"Find in texts and bodies\" aria-label=\"Find in texts and bodies\" autocomplete=\"off\">\n\
             <output id=\"count\"></output>\n</form>\n",
        );
        Ok(())
    }

    fn timeline(&self, out: &mut String, rows: &[Row<'_>]) -> std::fmt::Result {
        let count = self.lanes.len();
        writeln!(
            out,
            "<section class=\"timeline\" aria-label=\"Timeline\" style=\"--lanes:{count}\">"
        )?;
        out.push_str("<div class=\"lanes\"><span class=\"time\">Time</span><span class=\"rev\">Rev.</span>");
        for lane in &self.lanes {
            let (class, name) = (class(lane.kind), escape(&lane.name));
            write!(
                out,
                "<span class=\"lane {class}\" data-lane=\"{name}\">{name}<small>{class}</small></span>"
            )?;
        }
        out.push_str("<span>What happened</span></div>\n<ol>\n");
        let mut standing = vec![Standing::default(); count];
        let mut last = rows.first().map_or(Duration::ZERO, |row| row.at);
        let mut room = BODIES_MAX;
        let mut next = 0;
        for place in choose(rows, ROWS_MAX).into_iter().chain([rows.len()]) {
            let left_out = &rows[next..place];
            for row in left_out {
                if let Some(now) = standing.get_mut(row.lane.index()) {
                    now.turn(row.turn);
                }
            }
            if !left_out.is_empty() {
                let count = left_out.len();
                writeln!(
                    out,
                    "<li class=\"pause\"><span>{count} entries left out</span></li>"
                )?;
            }
            let Some(row) = rows.get(place) else { break };
            next = place + 1;
            let pause = row.at.saturating_sub(last);
            if pause >= PAUSE {
                let seconds = pause.as_secs_f64();
                writeln!(out, "<li class=\"pause\"><span>{seconds:.3} s pass</span></li>")?;
            }
            last = row.at;
            self.row(out, row, &mut standing, &mut room)?;
        }
        out.push_str("</ol>\n</section>\n");
        Ok(())
    }

    fn row(
        &self,
        out: &mut String,
        row: &Row<'_>,
        standing: &mut [Standing],
        room: &mut usize,
    ) -> std::fmt::Result {
        let topic = row.topic.id();
        let bad = if row.tone == Tone::Bad { " bad" } else { "" };
        let blamed = if row.is_blamed { " blamed" } else { "" };
        let id = row.anchor().map(|id| format!(" id=\"{id}\"")).unwrap_or_default();
        let body = if row.bodies.is_empty() { "" } else { " has-body" };
        let has_detail = !row.bodies.is_empty() || !row.line.is_empty();
        let lane = row.lane.index();
        let (seconds, name, text) = (
            row.at.as_secs_f64(),
            escape(self.name(row.lane)),
            escape(&row.text),
        );
        let revision = row.revision.map(|r| format!("@{r}")).unwrap_or_default();
        writeln!(
            out,
            "<li class=\"row {topic}{bad}{blamed}{body}\"{id} tabindex=\"0\" data-topic=\"{topic}\" data-lane=\"{lane}\" \
             aria-label=\"{seconds:.3} s, {name}: {text}\">\
             <span class=\"time\">{seconds:.3} s</span><span class=\"rev\">{revision}</span>"
        )?;
        for (index, (kind, now)) in self
            .lanes
            .iter()
            .map(|l| l.kind)
            .zip(standing.iter_mut())
            .enumerate()
        {
            let turn = row.turn.filter(|_| index == lane);
            cell(out, row, kind, now, turn, index == lane, index + 3)?;
        }
        if let Some((other, direction)) = row.other {
            arrow(out, row.lane, other, direction)?;
        }
        let place = self.lanes.len() + 3;
        write!(
            out,
            "<span class=\"what\" style=\"grid-column:{place};grid-row:1\">{text}</span>"
        )?;
        if has_detail {
            write!(out, "<div class=\"detail\"><h3>{text}</h3>")?;
            if !row.line.is_empty() {
                write!(out, "<h4>Request</h4><pre>{}</pre>", escape(&row.line))?;
            }
            for (heading, body) in &row.bodies {
                write!(out, "<h4>{heading}</h4><pre>{}</pre>", shown(body, room))?;
            }
            out.push_str("</div>");
        }
        out.push_str("</li>\n");
        Ok(())
    }
}

/// One lane's part of a row: its line, what begins and ends on it, and a mark if the row is about it.
fn cell(
    out: &mut String,
    row: &Row<'_>,
    kind: LaneKind,
    now: &mut Standing,
    turn: Option<Turn>,
    is_here: bool,
    column: usize,
) -> std::fmt::Result {
    let was_busy = now.busy > 0;
    now.turn(turn);
    let is_busy = now.busy > 0;
    let state = match (now.is_down, was_busy, is_busy) {
        (true, ..) => " down",
        (_, false, true) => " busy begin",
        (_, true, false) => " busy end",
        (_, true, true) => " busy",
        (_, false, false) => "",
    };
    write!(
        out,
        "<span class=\"cell {}{state}\" style=\"grid-column:{column};grid-row:1\">",
        class(kind)
    )?;
    let mark = match turn {
        Some(Turn::Crash) => "<i class=\"dot mark\" aria-hidden=\"true\">×</i>",
        Some(Turn::Restart) => "<i class=\"dot mark up\" aria-hidden=\"true\">↻</i>",
        _ if is_here && row.topic == Topic::Fault => "<i class=\"dot mark\" aria-hidden=\"true\">!</i>",
        _ if is_here => "<i class=\"dot\" aria-hidden=\"true\"></i>",
        _ => "",
    };
    out.push_str(mark);
    out.push_str("</span>");
    Ok(())
}

/// The message between two lanes.
fn arrow(out: &mut String, lane: LaneId, other: LaneId, direction: Direction) -> std::fmt::Result {
    let (a, b) = (lane.index(), other.index());
    if a == b {
        return Ok(());
    }
    let (left, right) = (a.min(b), a.max(b));
    let points = match (direction, a < b) {
        (Direction::To, true) | (Direction::From, false) => "right",
        (Direction::To, false) | (Direction::From, true) => "left",
    };
    write!(
        out,
        "<i class=\"arrow {points}\" aria-hidden=\"true\" style=\"--span:{};grid-column:{}/{}\"></i>",
        right - left + 1,
        left + 3,
        right + 4
    )
}

fn class(kind: LaneKind) -> &'static str {
    match kind {
        LaneKind::Actor => "actor",
        LaneKind::Process => "process",
        LaneKind::Apiserver => "apiserver",
    }
}

/// JSON with line breaks; anything else as it is.
fn pretty(body: &str) -> String {
    serde_json::from_str::<serde_json::Value>(body)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| body.to_owned())
}

/// As much of a body as there is room for, as markup; the end says how much is missing.
fn shown(body: &str, room: &mut usize) -> String {
    // What is cut anyway is not laid out first.
    let mut body = if body.len() <= BODY_MAX {
        pretty(body)
    } else {
        body.to_owned()
    };
    let whole = body.len();
    let mut end = whole.min(if *room == 0 { 0 } else { BODY_MAX });
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    body.truncate(end);
    let mut shown = escape(&body);
    *room = room.saturating_sub(shown.len());
    if end < whole {
        shown.push_str(&format!("\n… {} more bytes", whole - end));
    }
    shown
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // What no page may hold.
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::{Entry, Failure, What};

    #[test]
    fn nothing_in_a_trace_becomes_markup() {
        let evil = "</script><script>alert('x')</script>\"&\u{0}";
        let mut trace = Trace::new(evil);
        let lane = trace.lane(LaneKind::Actor, evil);
        trace.push(Entry::new(Duration::ZERO, lane, What::Note(evil.into())).body(evil));
        trace.failure = Some(Failure::new(evil, evil).diff(evil).replay(evil));
        let page = trace.html();
        assert_eq!(page.matches("<script>").count(), 1);
        assert!(!page.contains('\u{0}'));
        assert!(page.contains("&lt;/script&gt;&lt;script&gt;alert(&#39;x&#39;)"));
    }

    #[test]
    fn a_page_does_not_grow_without_bounds() {
        let mut trace = Trace::new("long");
        let process = trace.lane(LaneKind::Process, "controller");
        let server = trace.lane(LaneKind::Apiserver, "apiserver");
        let body = format!("[{}1]", "\"ä\",".repeat(4_000));
        for n in 0..4_000 {
            let request = What::Request {
                exchange: crate::timeline::Exchange(n),
                to: server,
                method: "GET".into(),
                path: "/api/v1/pods".into(),
            };
            trace.push(Entry::new(Duration::from_millis(n), process, request).body(&*body));
        }
        trace.push(Entry::new(Duration::from_millis(4_000), process, What::Crash));
        let page = trace.html();
        assert!(page.len() < 16 << 20, "{}", page.len());
        assert!(page.matches("<li class=\"row").count() <= ROWS_MAX);
        assert!(page.contains("crashes") && page.contains("entries left out") && page.contains("more bytes"));
    }

    #[test]
    fn the_page_names_nothing_to_load() {
        let page = Trace::new("t").html();
        for word in ["http://", "https://", "src=", "href=", "@import", "url("] {
            assert!(!page.contains(word), "{word}");
        }
    }

    #[test]
    fn the_writes_that_a_failure_is_about_stand_out() {
        let mut trace = Trace::new("t");
        let process = trace.lane(LaneKind::Process, "controller");
        let server = trace.lane(LaneKind::Apiserver, "apiserver");
        for n in 1..100 {
            let (exchange, to, method) = (crate::timeline::Exchange(n), server, "DELETE".into());
            let path = format!("/api/v1/namespaces/default/pods/p{n}");
            let request = What::Request {
                exchange,
                to,
                method,
                path,
            };
            trace.push(Entry::new(Duration::from_millis(n), process, request).revision(n));
            let response = What::Response {
                exchange,
                from: server,
                code: 200,
            };
            trace.push(Entry::new(Duration::from_millis(n), process, response));
        }
        trace.failure = Some(Failure::new("DeletedTooOften", "pods p77").writes([77]));
        let page = trace.html();
        assert_eq!(page.matches(" blamed").count(), 1);
        assert!(page.contains("id=\"w77\""));
        let link = "<a href=\"#w77\">@77 <b>controller</b> DELETE pods default/p77 → 200</a>";
        assert!(page.contains(link), "{page}");
        let text = trace.text();
        assert!(text.contains(">> DELETE pods default/p77 → 200"), "{text}");
        assert_eq!(text.matches(">>").count(), 1, "{text}");
    }
}
