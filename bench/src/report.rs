//! The table, and the targets.

use std::time::Duration;

use crate::{
    measure::{self, Cost, Meter, Program, Ratio, Target, Targets},
    options::{Options, Side},
};

/// Runs scenarios and prints a line for each.
pub struct Report {
    options: Options,
    rows: usize,
    met: usize,
    missed: Vec<Miss>,
}

/// A target that was missed.
struct Miss {
    line: String,
    /// It was missed before, by no less.
    is_known: bool,
}

/// What a scenario is called, how many things it does, and what is asked of it.
#[derive(Clone, Copy, Debug)]
pub struct Scenario<'a> {
    pub name: &'a str,
    pub count: usize,
    pub targets: Targets,
    /// What no side can save, of the time for all.
    pub bare: Duration,
}

impl<'a> Scenario<'a> {
    /// A scenario that nothing is asked of.
    pub fn new(name: &'a str, count: usize) -> Self {
        Self {
            name,
            count,
            targets: Targets::default(),
            bare: Duration::ZERO,
        }
    }

    /// Asks for at most so much of the peer's time.
    pub fn time(mut self, target: impl Into<Target>) -> Self {
        self.targets.time = Some(target.into());
        self
    }

    /// Asks for at most so much of the peer's peak of the heap.
    pub fn peak(mut self, target: impl Into<Target>) -> Self {
        self.targets.peak = Some(target.into());
        self
    }

    /// Asks for at most so much of what the peer holds at the end.
    pub fn held(mut self, target: impl Into<Target>) -> Self {
        self.targets.held = Some(target.into());
        self
    }

    /// Takes what no side can save off both times.
    pub fn less(mut self, bare: Duration) -> Self {
        self.bare = bare;
        self
    }
}

impl Report {
    pub fn new(options: Options) -> Self {
        Self {
            options,
            rows: 0,
            met: 0,
            missed: Vec::new(),
        }
    }

    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Whether a scenario was asked for.
    pub fn wants(&self, name: &str) -> bool {
        name.contains(&self.options.only)
    }

    /// Runs a scenario, if it was asked for.
    pub fn run(&mut self, scenario: Scenario<'_>, peer: &mut Program<'_>, ours: &mut Program<'_>) {
        if !self.wants(scenario.name) {
            return;
        }
        if let Some(side) = self.options.profile {
            return Meter::skip(if side == Side::Kube { peer } else { ours });
        }
        let [peer, ours] = measure::both(self.options.runs, peer, ours);
        self.add(scenario, peer, ours);
    }

    fn add(&mut self, scenario: Scenario<'_>, peer: Cost, ours: Cost) {
        let Scenario {
            name,
            count,
            targets,
            bare,
        } = scenario;
        if self.rows == 0 {
            println!(
                "| scenario | kube 5.0.0 | seatrial | time: best | median | worst | allocations | peak heap | held heap |"
            );
            println!("|---|---|---|---|---|---|---|---|---|");
        }
        self.rows += 1;
        let (peer, ours) = (peer.less(bare), ours.less(bare));
        let time = Ratio::of(&peer, &ours);
        let part = |ours: usize, peer: usize| (peer > 0).then(|| ours as f64 / peer as f64);
        let peak = part(ours.heap.peak_bytes, peer.heap.peak_bytes);
        let held = part(ours.heap.held_bytes, peer.heap.held_bytes).filter(|_| ours.heap.held_bytes > 4096);
        let cells = [
            each(peer.best(), count),
            each(ours.best(), count),
            self.judge(name, "time", Some(time.best), targets.time),
            format!("{:.2}", time.median),
            format!("{:.2}", time.worst),
            format!(
                "{} ({:.1} → {:.1} each)",
                show(part(ours.heap.allocations, peer.heap.allocations)),
                peer.heap.allocations as f64 / count as f64,
                ours.heap.allocations as f64 / count as f64,
            ),
            format!(
                "{} ({} → {})",
                self.judge(name, "peak heap", peak, targets.peak),
                size(peer.heap.peak_bytes),
                size(ours.heap.peak_bytes),
            ),
            match held {
                None => String::new(),
                held => format!(
                    "{} ({} → {} each)",
                    self.judge(name, "held heap", held, targets.held),
                    size(peer.heap.held_bytes / count),
                    size(ours.heap.held_bytes / count),
                ),
            },
        ];
        println!("| {name} | {} |", cells.join(" | "));
    }

    /// Shows a ratio and what is asked of it, and remembers a miss.
    pub fn judge(&mut self, name: &str, what: &str, ratio: Option<f64>, target: Option<Target>) -> String {
        let shown = show(ratio);
        let (Some(ratio), Some(Target { wanted, known })) = (ratio, target) else {
            return shown;
        };
        if ratio <= wanted {
            self.met += 1;
            return format!("**{shown}** ≤ {wanted}");
        }
        let is_known = known.is_some_and(|known| ratio <= known);
        self.missed.push(Miss {
            line: format!("{name}: {what} is {ratio:.3} of kube's, more than {wanted}"),
            is_known,
        });
        format!("**{shown}** > {wanted} ✗")
    }

    /// Ends the table; a further line begins another.
    pub fn interrupt(&mut self) {
        self.rows = 0;
    }

    /// Prints which targets were missed and says whether that is an error: a miss that is known is told, and no error.
    pub fn finish(self) -> bool {
        if self.options.profile.is_some() {
            return true;
        }
        println!();
        let known = self.missed.iter().filter(|miss| miss.is_known).count();
        let new = self.missed.len() - known;
        println!(
            "{} targets are met and {} missed, of which {known} are known to be.",
            self.met,
            self.missed.len()
        );
        for Miss { line, is_known } in &self.missed {
            println!("{} {line}", if *is_known { "KNOWN MISS" } else { "MISSED" });
        }
        new == 0 || !self.options.check
    }
}

fn show(ratio: Option<f64>) -> String {
    ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"))
}

fn each(time: Duration, count: usize) -> String {
    let each = time.as_secs_f64() * 1e6 / count as f64;
    format!("{each:.2} µs")
}

fn size(bytes: usize) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => format!("{} KB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}
