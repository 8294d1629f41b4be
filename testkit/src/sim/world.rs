//! The world: processes, the server, the network between them, and what happens next.
//!
//! One loop. A step moves one thing: a request to the server, an answer or an event to a process, a controller of the
//! cluster, the user. Then whoever was reached runs until it is idle. Only when nothing can move does time go on.
//!
//! Reading order: here (what there is, and what moves next), `network`, `time`, `witness`.

mod network;
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
    ChangeRef, Fate, Injection, Script, ScriptError, Site, Trigger, Verb,
    call::Call,
    clock::WorldClock,
    held::{Hold, Replica, Until},
    invariant::{Invariant, Watchman},
    link::{LinkBody, Outbox, Slot},
    process::{Birth, Factory, Process},
    record::{Called, Ending, Run, Writer, Written},
    schedule::{Move, Overtaking, Schedule},
    script::Op,
    stream::{Flag, Source, Stream},
    trace::{Event, Happening},
};

pub(crate) use self::witness::class_of;

/// What all runs of a test begin with.
#[derive(Clone)]
pub(crate) struct Setup {
    /// The populated server that each world grows from.
    pub(crate) server: FakeApiServer,
    pub(crate) processes: Vec<(Arc<str>, Factory)>,
    pub(crate) actors: Vec<Actor>,
    pub(crate) script: Script,
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
    script: Arc<[Op]>,
    /// The next operation of the user.
    script_at: usize,
    schedule: Schedule,
    injections: Vec<Planned>,
    befell: Vec<Injection>,
    overtakings: Vec<Overtaking>,
    holds: Vec<Hold>,
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
    /// The newest revision that was looked at.
    seen: u64,
    effective: usize,
    counts: BTreeMap<(usize, Verb, String, String), u32>,
    /// What generated names are told as.
    classes: BTreeMap<String, String>,
    calls: Vec<Called>,
    written: Vec<Written>,
    watchman: Watchman,
    hash: u64,
    is_traced: bool,
    trace: Vec<Event>,
}

/// A request on its way.
struct Request {
    number: u64,
    process: usize,
    call: Call,
    site: Arc<Site>,
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
    slot: Arc<Slot>,
    line: String,
    body: Bytes,
    before: u64,
    fate: Option<Fate>,
}

/// An answer on its way.
struct Answer {
    number: u64,
    process: usize,
    site: Arc<Site>,
    slot: Arc<Slot>,
    told: Result<Response<LinkBody>, BoxError>,
    stream: Option<(Box<Stream>, Arc<super::link::Pipe>)>,
}

/// What can move, by its place.
#[derive(Clone, Copy)]
enum Candidate {
    Request(usize),
    Answer(usize),
    Event(usize),
    Actors,
    User,
}

/// Timers set for longer are those of watches and of resyncs: they fire once, at the end.
const LONG: Duration = Duration::from_secs(240);
/// How far time goes on where nobody is known to wait for anything.
const SILENCE: Duration = Duration::from_secs(60);
/// How far it goes on in the end where a program waits by timers that its environment knows nothing of: longer than the requeues that are usual.
const HIDDEN: Duration = Duration::from_secs(1800);
/// All timers fire so often without a change before a run counts as settled.
const ROUNDS: usize = 2;
/// The farthest a timer is waited for.
const FAR: Duration = Duration::from_secs(3600);

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: 10_000,
            time: Duration::from_secs(3600),
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

/// Plays the script in a world of its own.
pub(crate) fn play(setup: &Setup, course: Course) -> Result<Run, ScriptError> {
    let mut world = World::new(setup, course);
    let ending = world.play()?;
    Ok(world.end(ending))
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
            processes: processes
                .map(|(name, factory)| Process::new(name.clone(), factory.clone()))
                .collect(),
            requests: VecDeque::new(),
            serving: Vec::new(),
            answers: VecDeque::new(),
            streams: Vec::new(),
            actors: setup.actors.clone(),
            actor_steps: 0,
            content_at: None,
            script: setup.script.ops().unwrap_or_default().into(),
            script_at: 0,
            schedule: course.schedule,
            holds: Vec::new(),
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
            effective: 0,
            counts: BTreeMap::new(),
            classes: BTreeMap::new(),
            calls: Vec::new(),
            written: Vec::new(),
            watchman: Watchman::new(setup.invariants.clone()),
            hash: 0xcbf2_9ce4_8422_2325,
            is_traced: course.is_traced,
            trace: Vec::new(),
        }
    }

    /// Plays the user's script to its end, and lets everything settle.
    fn play(&mut self) -> Result<Ending, ScriptError> {
        if let Some(ending) = self.play_script()? {
            return Ok(ending);
        }
        Ok(self.rest_point(true))
    }

    /// Plays the script; how it ended, if it did not come to its end.
    fn play_script(&mut self) -> Result<Option<Ending>, ScriptError> {
        while let Some(op) = self.script.get(self.script_at) {
            match op {
                Op::Settle => {
                    self.script_at += 1;
                    let ending = self.rest_point(false);
                    if ending != Ending::Settled {
                        return Ok(Some(ending));
                    }
                }
                Op::Wait(time) => {
                    let until = self.clock.elapsed() + *time;
                    self.script_at += 1;
                    if let Some(ending) = self.pass(until) {
                        return Ok(Some(ending));
                    }
                }
                _ => {
                    if let Some(ending) = self.drain(true)? {
                        return Ok(Some(ending));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Lets things settle, and does what is to be done then.
    fn rest_point(&mut self, is_last: bool) -> Ending {
        let ending = self.settle(is_last);
        self.rests.push(self.server.revision());
        if ending != Ending::Settled {
            return ending;
        }
        let point = u32::try_from(self.rests.len()).unwrap_or(u32::MAX);
        let Some(fate) = self.take(&Trigger::Settled(point)) else {
            return ending;
        };
        if matches!(fate, Fate::TimeTravel { .. })
            && let Replica::Stopped(server) = std::mem::take(&mut self.replica)
        {
            self.replica = Replica::Serving(server);
        }
        for process in 0..self.processes.len() {
            self.crash(process);
        }
        let ending = self.settle(false);
        if ending != Ending::Settled {
            return ending;
        }
        self.catch_up();
        self.settle(is_last)
    }

    /// The replica that was behind is not any more: whoever used it connects anew.
    fn catch_up(&mut self) {
        if let Replica::Serving(_) = self.replica {
            self.replica = Replica::Absent;
            for stream in &mut self.streams {
                stream.end(None, &mut self.next);
            }
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

    /// The place of a process.
    pub(crate) fn process(&self, name: &str) -> Option<usize> {
        self.processes.iter().position(|process| *process.name == *name)
    }

    /// Lets a process stand still.
    pub(crate) fn pause(&mut self, index: usize, time: Duration) {
        let until = self.clock.elapsed() + time;
        self.processes[index].pause(until);
    }

    /// Does what a script says, at once.
    pub(crate) fn perform(&mut self, script: &Script) -> Result<(), ScriptError> {
        let ops = script.ops().map_err(|message| ScriptError {
            step: "read the script".to_owned(),
            message,
        })?;
        self.script = ops.into();
        self.script_at = 0;
        self.play_script().map(drop)
    }

    /// What the run leaves behind.
    pub(crate) fn end(mut self, ending: Ending) -> Run {
        let panics = self.processes.iter_mut().flat_map(|process| {
            let name = process.name.clone();
            let panics = std::mem::take(&mut process.panics);
            panics.into_iter().map(move |panic| (name.clone(), panic))
        });
        let panics = panics.collect();
        let (broken, seen) = self.watchman.end(&self.server);
        Run {
            panics,
            broken,
            seen,
            processes: self.processes.len(),
            rests: self.rests,
            held: self.server.held(),
            calls: self.calls,
            written: self.written,
            ending,
            befell: self.befell,
            overtakings: self.overtakings,
            trace: self.trace,
            elapsed: self.clock.elapsed(),
        }
    }

    // --- steps ---

    /// Moves what can move. With the user, until the next operation is done.
    fn drain(&mut self, with_user: bool) -> Result<Option<Ending>, ScriptError> {
        self.start_processes();
        loop {
            if self.steps >= self.limits.steps {
                return Ok(Some(Ending::OutOfSteps));
            }
            let Some(candidate) = self.candidate(with_user) else {
                return Ok(None);
            };
            self.steps += 1;
            match candidate {
                Candidate::Request(at) => {
                    if let Some(request) = self.requests.remove(at) {
                        self.serve(request);
                    }
                }
                Candidate::Answer(at) => {
                    if let Some(answer) = self.answers.remove(at) {
                        self.deliver(answer);
                    }
                }
                Candidate::Event(at) => self.tell(at),
                Candidate::Actors => self.move_actors(),
                Candidate::User => {
                    self.move_user()?;
                    return Ok(None);
                }
            }
        }
    }

    /// What moves next.
    fn candidate(&mut self, with_user: bool) -> Option<Candidate> {
        if self.schedule.is_usual() {
            return self.usual(with_user);
        }
        let mut all = Vec::new();
        let requests = self
            .requests
            .iter()
            .enumerate()
            .filter(|(_, r)| !self.is_paused(r.process));
        all.extend(requests.map(|(i, r)| {
            (
                (0, r.number),
                Candidate::Request(i),
                Move::Request(r.site.clone()),
            )
        }));
        let answers = self
            .answers
            .iter()
            .enumerate()
            .filter(|(_, a)| !self.is_paused(a.process));
        all.extend(answers.map(|(i, a)| ((0, a.number), Candidate::Answer(i), Move::Answer(a.site.clone()))));
        for (i, stream) in self.streams.iter().enumerate() {
            if let Some(front) = stream.front().filter(|_| self.hears(stream)) {
                let place = (u8::from(front.is_late), front.number);
                let event = Move::Event(stream.site.clone(), stream.told);
                all.push((place, Candidate::Event(i), event));
            }
        }
        if self.content_at != Some(self.server.revision()) && !self.actors.is_empty() {
            all.push(((2, 0), Candidate::Actors, Move::Actor(self.actor_steps)));
        }
        if with_user {
            let step = u32::try_from(self.script_at).unwrap_or(u32::MAX);
            all.push(((3, 0), Candidate::User, Move::User(step)));
        }
        all.sort_by_key(|(place, _, _)| *place);
        let moves: Vec<Move> = all.iter().map(|(_, _, m)| m.clone()).collect();
        let chosen = self.schedule.choose(&moves);
        if chosen > 0 {
            self.overtakings.push(Overtaking {
                usual: moves[0].clone(),
                chosen: moves[chosen].clone(),
            });
        }
        all.get(chosen).map(|(_, candidate, _)| *candidate)
    }

    /// What moves next in the usual order.
    fn usual(&self, with_user: bool) -> Option<Candidate> {
        let request = self.requests.iter().position(|r| !self.is_paused(r.process));
        let request = request.map(|i| ((0, self.requests[i].number), Candidate::Request(i)));
        let answer = self.answers.iter().position(|a| !self.is_paused(a.process));
        let answer = answer.map(|i| ((0, self.answers[i].number), Candidate::Answer(i)));
        let events = self.streams.iter().enumerate().filter_map(|(i, stream)| {
            let front = stream.front().filter(|_| self.hears(stream))?;
            Some(((u8::from(front.is_late), front.number), Candidate::Event(i)))
        });
        let first = events
            .chain(request)
            .chain(answer)
            .min_by_key(|(place, _)| *place);
        if let Some((_, candidate)) = first {
            return Some(candidate);
        }
        if self.content_at != Some(self.server.revision()) && !self.actors.is_empty() {
            return Some(Candidate::Actors);
        }
        with_user.then_some(Candidate::User)
    }

    fn is_paused(&self, process: usize) -> bool {
        self.processes[process].paused_until().is_some()
    }

    /// Whether what is in a stream reaches its process now.
    fn hears(&self, stream: &Stream) -> bool {
        let now = self.clock.elapsed();
        let is_held = |hold: &Hold| {
            hold.resource == stream.site.resource
                && hold.process.is_none_or(|process| process == stream.process)
                && !matches!(hold.until, Until::Time(at) if at <= now)
        };
        !self.is_paused(stream.process) && !self.holds.iter().any(is_held)
    }

    fn move_actors(&mut self) {
        self.actor_steps += 1;
        let before = self.server.revision();
        let moved = self.server.step(&self.actors);
        self.observe(Writer::Cluster, false);
        // One that is refused for ever changes nothing, either.
        if !moved || self.server.revision() == before {
            self.content_at = Some(self.server.revision());
        }
    }

    fn move_user(&mut self) -> Result<(), ScriptError> {
        let script = self.script.clone();
        let op = &script[self.script_at];
        self.script_at += 1;
        self.note(|| Happening::User(op.to_string()));
        op.perform(&self.server)?;
        self.observe(Writer::User, false);
        Ok(())
    }

    // --- processes ---

    /// Starts the processes that are down and due, and lets those go on that stood still.
    fn start_processes(&mut self) {
        let now = self.clock.elapsed();
        for index in 0..self.processes.len() {
            if self.processes[index].resume(now) {
                self.after_run(index);
            }
            let due = self.processes[index].restart_at();
            if due.is_some_and(|at| at <= now) && !self.processes[index].is_alive() {
                self.start(index);
            }
        }
    }

    fn start(&mut self, index: usize) {
        let birth = Birth {
            index,
            seed: self.seed,
            epoch: self.clock.epoch(),
            now: self.clock.elapsed(),
            outbox: &self.outbox,
        };
        self.processes[index].start(&birth);
        let (name, starts) = (self.processes[index].name.clone(), self.processes[index].starts);
        self.note(|| Happening::Started(name, starts));
        self.run(index);
    }

    /// Kills a process, which starts anew at once. What it had sent is lost, unless the server has it.
    pub(crate) fn crash(&mut self, index: usize) {
        let name = self.processes[index].name.clone();
        self.note(|| Happening::Crashed(name));
        self.processes[index].kill();
        self.forget(index);
        self.start(index);
    }

    /// Takes away what is on its way from and to a process that is dead.
    fn forget(&mut self, index: usize) {
        self.collect();
        self.requests.retain(|request| request.process != index);
        self.answers.retain(|answer| answer.process != index);
        self.streams.retain(|stream| stream.process != index);
    }

    /// Lets a process run until it is idle.
    fn run(&mut self, index: usize) {
        let now = self.clock.elapsed();
        self.processes[index].run(now);
        self.after_run(index);
    }

    fn after_run(&mut self, index: usize) {
        self.collect();
        if !self.processes[index].is_alive() {
            let name = self.processes[index].name.clone();
            let panic = self.processes[index].panics.last().cloned();
            self.note(|| Happening::Ended(name, panic));
            self.forget(index);
        }
        self.streams.retain(|stream| !stream.is_over());
    }

    // --- what is written down ---

    /// What becomes of a request; each injection happens once.
    fn fate(&mut self, site: &Site) -> Option<Fate> {
        let mut at = None;
        for (place, planned) in self.injections.iter_mut().enumerate() {
            if planned.meets(site) && at.is_none() {
                at = Some(place);
            }
        }
        Some(self.befalls(at?))
    }

    /// What happens at a moment that is no request.
    fn take(&mut self, trigger: &Trigger) -> Option<Fate> {
        let at = self
            .injections
            .iter()
            .position(|planned| planned.injection.at == *trigger)?;
        Some(self.befalls(at))
    }

    fn befalls(&mut self, at: usize) -> Fate {
        let injection = self.injections.remove(at).injection;
        self.note(|| Happening::Fault(injection.to_string()));
        self.befell.push(injection.clone());
        injection.fate
    }
}

/// Something that is still to happen.
struct Planned {
    injection: Injection,
    /// How many requests of its pattern there were, and the last of them: one that waits comes twice.
    met: u32,
    last: Option<Site>,
}

impl From<Injection> for Planned {
    fn from(injection: Injection) -> Self {
        Self {
            injection,
            met: 0,
            last: None,
        }
    }
}

impl Planned {
    /// Whether it happens at this request; requests are counted.
    fn meets(&mut self, site: &Site) -> bool {
        match &self.injection.at {
            Trigger::Request(at) => at == site,
            Trigger::Matching(pattern) if pattern.covers(site) => {
                if self.last.as_ref() != Some(site) {
                    self.met += 1;
                    self.last = Some(site.clone());
                }
                self.met == pattern.nth
            }
            _ => false,
        }
    }
}

/// The change at which a replica stops, if an injection needs one.
fn travel(injection: &Injection) -> Option<ChangeRef> {
    match &injection.fate {
        Fate::TimeTravel { to } => Some(to.clone()),
        _ => None,
    }
}

fn asks_for_changes(injection: &Injection) -> bool {
    matches!(injection.at, Trigger::Change(_)) || travel(injection).is_some()
}
