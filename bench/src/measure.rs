//! Time and heap of two programs side by side, and what their ratio has to be.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::heap::{self, Use};

/// What one side is: it prepares, hands the part that counts to the meter, and drops what that returned.
pub type Program<'a> = dyn FnMut(&mut Meter) + 'a;

/// Measures the part of a program that counts: its time or its heap, never both at once.
#[derive(Debug)]
pub struct Meter {
    counts_heap: bool,
    time: Duration,
    heap: Use,
}

/// What one side took.
#[derive(Clone, Debug)]
pub struct Cost {
    /// One per run, in order.
    pub times: Vec<Duration>,
    /// The same in every run.
    pub heap: Use,
}

/// At most so much of the peer's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Targets {
    pub time: Option<Target>,
    pub peak: Option<Target>,
    pub held: Option<Target>,
}

/// What is asked of a ratio.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// At most this.
    pub wanted: f64,
    /// It is known to be missed, but by no more than this.
    pub known: Option<f64>,
}

impl From<f64> for Target {
    fn from(wanted: f64) -> Self {
        Self { wanted, known: None }
    }
}

impl Target {
    /// A target that is known to be missed, and what is held instead.
    pub fn missed(wanted: f64, known: f64) -> Self {
        Self {
            wanted,
            known: Some(known),
        }
    }
}

/// A ratio of times: of the best runs, and of runs that followed each other.
#[derive(Clone, Copy, Debug)]
pub struct Ratio {
    pub best: f64,
    pub median: f64,
    pub worst: f64,
}

// === impl Meter ===

impl Meter {
    /// Runs what counts. What it returns is dropped by the caller, and not measured.
    pub fn measure<T>(&mut self, work: impl FnOnce() -> T) -> T {
        if self.counts_heap {
            heap::start();
            let result = work();
            self.heap = heap::stop();
            return result;
        }
        heap::release();
        let before = cpu_time();
        let result = work();
        self.time += cpu_time() - before;
        result
    }

    /// Runs a program and measures nothing.
    pub fn skip(program: &mut Program<'_>) {
        program(&mut Self::new(false));
    }

    fn time(program: &mut Program<'_>) -> Duration {
        let mut meter = Self::new(false);
        program(&mut meter);
        meter.time
    }

    fn heap(program: &mut Program<'_>) -> Use {
        let mut meter = Self::new(true);
        program(&mut meter);
        meter.heap
    }

    fn new(counts_heap: bool) -> Self {
        Self {
            counts_heap,
            time: Duration::ZERO,
            heap: Use::default(),
        }
    }
}

/// What this thread has worked: what other processes take does not count.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Measures both sides, in turn, so that what slows the machine for a while slows both.
pub fn both(runs: usize, peer: &mut Program<'_>, ours: &mut Program<'_>) -> [Cost; 2] {
    // The first pass warms up, too.
    let heaps = [Meter::heap(peer), Meter::heap(ours)];
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..runs {
        times[0].push(Meter::time(peer));
        times[1].push(Meter::time(ours));
    }
    let [peer, ours] = times;
    [
        Cost {
            times: peer,
            heap: heaps[0],
        },
        Cost {
            times: ours,
            heap: heaps[1],
        },
    ]
}

/// The shortest time of a program.
pub fn shortest(runs: usize, program: &mut Program<'_>) -> Duration {
    let times = (0..runs).map(|_| Meter::time(program));
    times.min().unwrap_or_default()
}

// === impl Cost ===

impl Cost {
    /// The shortest time.
    pub fn best(&self) -> Duration {
        self.times.iter().copied().min().unwrap_or_default()
    }

    /// The same without what no side can save.
    pub fn less(mut self, bare: Duration) -> Self {
        for time in &mut self.times {
            *time = time.saturating_sub(bare);
        }
        self
    }
}

// === impl Ratio ===

impl Ratio {
    /// How long ours took beside the peer's.
    pub fn of(peer: &Cost, ours: &Cost) -> Self {
        let pairs = peer.times.iter().zip(&ours.times);
        let mut ratios: Vec<_> = pairs.map(|(peer, ours)| ours.div_duration_f64(*peer)).collect();
        ratios.sort_by(f64::total_cmp);
        Self {
            best: ours.best().div_duration_f64(peer.best()),
            median: ratios.get(ratios.len() / 2).copied().unwrap_or(f64::NAN),
            worst: ratios.last().copied().unwrap_or(f64::NAN),
        }
    }
}
