//! The world: processes, the server, the network between them, and what happens next.
//!
//! One loop. A step moves one thing: a request to the server, an answer or an event to a process, a controller of the
//! cluster, the user. Then whoever was reached runs until it is idle. When nothing can move, time goes on to the next timer; while something
//! can, it goes on by what moving takes.
//!
//! Reading order: here (what there is), `course` (a run from its start to its end), `moves` (what moves next), `network` (requests and what
//! comes back), `lives` (processes), `stages` (objects that move on by themselves), `time` (when it goes on, and when all is at rest), `planned` (what is to go wrong), `witness` (what is seen of it).

mod course;
mod lives;
mod moves;
mod network;
mod planned;
mod stages;
mod time;
mod witness;

use std::{
    collections::{BTreeMap, VecDeque},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http::{Response, request::Parts};
use seatrial_fake_apiserver::{Actor, FakeApiServer};
use tower::BoxError;

use super::{
    Automata, Automaton, Crossing, Fate, Injection, Script, Site, Verb,
    call::Call,
    clock::WorldClock,
    held::{Hold, Replica},
    invariant::{Invariant, Watchman},
    link::{LinkBody, Outbox, Pipe, Slot},
    process::{Factory, Process},
    record::{Called, Ending, Leaving, RefusedStep, Run, Sent, Told, Written},
    schedule::{Overtaking, Schedule},
    script::Op,
    stream::{Flag, Source, Stream},
    trace::Event,
};

use self::planned::{Planned, asks_for_changes, travel};
use crate::interceptor::{Interceptor, Interceptors};

pub(crate) use self::witness::class_of;

/// What all runs of a test begin with.
#[derive(Clone)]
pub(crate) struct Setup {
    /// The populated server that each world grows from.
    pub(crate) server: FakeApiServer,
    pub(crate) processes: Vec<(Arc<str>, Factory)>,
    pub(crate) actors: Vec<Actor>,
    /// What moves objects on by itself, if anything does.
    pub(crate) stages: Option<Automata>,
    pub(crate) script: Script,
    /// Hooks on the requests of processes.
    pub(crate) interceptors: Vec<Interceptor>,
    pub(crate) invariants: Arc<[Invariant]>,
    pub(crate) seed: u64,
    pub(crate) limits: Limits,
}

/// When a run is given up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Steps in a run.
    pub(crate) steps: usize,
    /// Virtual time in which things may go on changing.
    pub(crate) time: Duration,
    /// Real time for which a process may keep its thread.
    pub(crate) poll: Duration,
}

/// What is special about a run.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    pub(crate) injections: Vec<Injection>,
    pub(crate) schedule: Schedule,
    pub(crate) is_traced: bool,
}

pub(crate) struct World {
    server: FakeApiServer,
    clock: WorldClock,
    outbox: Outbox,
    interceptors: Option<Interceptors>,
    processes: Vec<Process>,
    requests: VecDeque<Request>,
    /// What the server has not answered yet.
    serving: Vec<Serving>,
    answers: VecDeque<Answer>,
    streams: Vec<Stream>,
    actors: Vec<Actor>,
    /// How often the cluster's controllers were asked to do something.
    actor_steps: u32,
    /// The revision at which the cluster's controllers had nothing to do.
    content_at: Option<u64>,
    stages: Option<Box<dyn Automaton>>,
    stage_steps: u32,
    crossings: Vec<Crossing>,
    /// The objects that went on in another way than the usual one, and whether nothing leads back from it.
    astray: Vec<(String, bool)>,
    /// What the server objected to in stages.
    refused_stages: Vec<String>,
    script: Arc<[Op]>,
    /// The next operation of the user.
    script_at: usize,
    schedule: Schedule,
    injections: Vec<Planned>,
    befell: Vec<Injection>,
    overtakings: Vec<Overtaking>,
    holds: Vec<Hold>,
    outages: Vec<Outage>,
    replica: Replica,
    /// The newest revision each time that everything came to rest at the user's word.
    rests: Vec<u64>,
    /// How often each object changed, where an injection asks.
    changes: Option<BTreeMap<(String, String), u32>>,
    limits: Limits,
    seed: u64,
    /// The next number of a message.
    next: u64,
    steps: usize,
    /// How much time has not passed yet that moves have taken.
    toil: Duration,
    /// The newest revision that was looked at.
    seen: u64,
    effective: usize,
    counts: BTreeMap<(usize, Verb, String, String), u32>,
    /// What generated names are told as.
    classes: BTreeMap<String, String>,
    calls: Vec<Called>,
    written: Vec<Written>,
    /// Panics that did not end a process.
    caught: Vec<(Arc<str>, String)>,
    /// The pieces of streams that processes were told.
    told: Vec<Told>,
    /// The objects that processes were told are being deleted.
    leaving: Vec<Leaving>,
    /// The state in which everything came to rest, and how many changes there had been, unless something was to go wrong after it.
    calm: Option<(FakeApiServer, usize)>,
    watchman: Watchman,
    hash: u64,
    is_traced: bool,
    trace: Vec<Event>,
}

/// Something is not reached for a while.
struct Outage {
    /// By whom; by nobody where no process is named.
    process: Option<usize>,
    /// The system outside of the cluster; the cluster and all that is outside where none is named.
    system: Option<String>,
    until: Duration,
}

/// A request on its way.
struct Request {
    number: u64,
    process: usize,
    call: Call,
    site: Arc<Site>,
    sent: Sent,
    parts: Parts,
    body: Bytes,
    slot: Arc<Slot>,
}

/// A request that the server works on.
struct Serving {
    asked: Asked,
    work: Work,
    dirty: Arc<Flag>,
}

type Served = Result<Response<Source>, BoxError>;
type Work = Pin<Box<dyn Future<Output = Served> + Send>>;

/// What is left of a request once it is at the server.
struct Asked {
    process: usize,
    site: Arc<Site>,
    sent: Sent,
    slot: Arc<Slot>,
    line: String,
    body: Bytes,
    before: u64,
    any_age: bool,
    fate: Option<Fate>,
    /// The objects that the answer says are being deleted.
    leaving: Vec<String>,
}

/// An answer on its way.
struct Answer {
    number: u64,
    process: usize,
    site: Arc<Site>,
    slot: Arc<Slot>,
    told: Result<Response<LinkBody>, BoxError>,
    leaving: Vec<String>,
    stream: Option<(Box<Stream>, Arc<Pipe>)>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: 10_000,
            time: Duration::from_secs(3600),
            poll: Duration::from_secs(60),
        }
    }
}

impl Default for Course {
    fn default() -> Self {
        Self {
            injections: Vec::new(),
            schedule: Schedule::Usual,
            is_traced: false,
        }
    }
}

// === A whole run ===

/// Plays the script in a world of its own; where the server refuses an operation of the user's, up to there.
pub(crate) fn play(setup: &Setup, course: Course) -> Run {
    let mut world = World::new(setup, course);
    match world.play() {
        Ok(ending) => world.end(ending, None),
        Err(error) => {
            let refused = world.refused(error);
            world.end(Ending::Refused, Some(refused))
        }
    }
}

// === impl World ===

impl World {
    pub(crate) fn new(setup: &Setup, course: Course) -> Self {
        let clock = WorldClock::new();
        let server = setup.server.fork_with_clock(clock.clone());
        let processes = setup.processes.iter();
        Self {
            seen: server.revision(),
            server,
            clock,
            outbox: Outbox::default(),
            interceptors: Interceptors::of(&setup.interceptors),
            processes: processes
                .map(|(name, factory)| Process::new(name.clone(), factory.clone(), setup.limits.poll))
                .collect(),
            requests: VecDeque::new(),
            serving: Vec::new(),
            answers: VecDeque::new(),
            streams: Vec::new(),
            actors: setup.actors.clone(),
            actor_steps: 0,
            content_at: None,
            stages: setup.stages.as_ref().map(|make| make()),
            stage_steps: 0,
            crossings: Vec::new(),
            astray: Vec::new(),
            refused_stages: Vec::new(),
            script: setup.script.ops().unwrap_or_default().into(),
            script_at: 0,
            schedule: course.schedule,
            holds: Vec::new(),
            outages: Vec::new(),
            replica: course
                .injections
                .iter()
                .find_map(travel)
                .map_or(Replica::Absent, Replica::Stopping),
            rests: Vec::new(),
            changes: course.injections.iter().any(asks_for_changes).then(BTreeMap::new),
            injections: course.injections.into_iter().map(Planned::from).collect(),
            befell: Vec::new(),
            overtakings: Vec::new(),
            limits: setup.limits,
            seed: setup.seed,
            next: 0,
            steps: 0,
            toil: Duration::ZERO,
            effective: 0,
            counts: BTreeMap::new(),
            classes: BTreeMap::new(),
            calls: Vec::new(),
            written: Vec::new(),
            caught: Vec::new(),
            told: Vec::new(),
            leaving: Vec::new(),
            calm: None,
            watchman: Watchman::new(setup.invariants.clone()),
            hash: 0xcbf2_9ce4_8422_2325,
            is_traced: course.is_traced,
            trace: Vec::new(),
        }
    }

    pub(crate) fn server(&self) -> &FakeApiServer {
        &self.server
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    pub(crate) fn digest_so_far(&self) -> u64 {
        self.hash
    }

    pub(crate) fn requests_so_far(&self) -> usize {
        self.calls.len()
    }

    pub(crate) fn trace(&self) -> &[Event] {
        &self.trace
    }

    /// What the run leaves behind.
    fn end(mut self, ending: Ending, refused: Option<RefusedStep>) -> Run {
        let panics = self.processes.iter_mut().flat_map(|process| {
            let name = process.name.clone();
            let panics = std::mem::take(&mut process.panics);
            panics.into_iter().map(move |panic| (name.clone(), panic))
        });
        let mut panics: Vec<_> = panics.collect();
        let caught = self.caught.into_iter();
        panics.extend(caught.map(|(name, panic)| (name, format!("{panic} (and something caught it)"))));
        panics.extend(self.refused_stages.into_iter().map(|why| ("stages".into(), why)));
        let (broken, seen) = self.watchman.end(&self.server, refused.is_none());
        let tasks = self.processes.iter().map(|p| (p.name.clone(), p.tasks()));
        let calm = self.calm.filter(|(_, effective)| *effective < self.effective);
        Run {
            tasks: tasks.collect(),
            calm: calm.map(|(server, _)| server.held()),
            told: self.told,
            leaving: self.leaving,
            panics,
            broken,
            seen,
            processes: self
                .processes
                .iter()
                .map(|process| process.name.clone())
                .collect(),
            rests: self.rests,
            held: self.server.held(),
            calls: self.calls,
            written: self.written,
            ending,
            refused,
            befell: self.befell,
            crossings: self.crossings,
            astray: self.astray,
            overtakings: self.overtakings,
            trace: self.trace,
            elapsed: self.clock.elapsed(),
        }
    }
}
