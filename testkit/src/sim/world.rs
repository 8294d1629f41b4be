//! The world: processes, the server, the network between them, and what happens next.
//!
//! One loop. A step moves one thing: a request to the server, an answer or an event to a process, a controller of the
//! cluster, the user. Then whoever was reached runs until it is idle. Only when nothing can move does time go on.

use std::{
    collections::{BTreeMap, VecDeque},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use http::{Response, request::Parts};
use http_body_util::Full;
use seatrial_client::client::Body;
use seatrial_fake_apiserver::{Actor, FakeApiServer};
use tower::{BoxError, Layer as _, Service as _};

use crate::fault::{Faults, Rule};

use super::{
    ChangeRef, Fate, Injection, Script, ScriptError, Site, Trigger, Verb,
    call::Call,
    clock::WorldClock,
    fate::Told,
    held::{Hold, Replica, Until, may_be_stale},
    invariant::{Invariant, Watchman},
    link::{LinkBody, Outbox, Slot, lock},
    process::{Birth, Factory, Process},
    record::{Called, Ending, Run, Writer, Written, is_effective},
    schedule::{Move, Overtaking, Schedule},
    script::{self, Op},
    stream::{Flag, Read, Source, Stream},
    trace::{Change, Event, Exchange, Happening},
};

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
    /// The revision at which the cluster's controllers had nothing to do.
    content_at: Option<u64>,
    script: Arc<[Op]>,
    /// The next operation of the user.
    script_at: usize,
    schedule: Schedule,
    injections: Vec<Injection>,
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
            injections: course.injections,
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
        self.heal();
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

    /// Takes away what is still in the way: nothing is to go wrong from here on.
    fn heal(&mut self) {
        for hold in std::mem::take(&mut self.holds) {
            if let Until::NextOf(_) = hold.until {
                self.expire(&hold.resource);
            }
        }
    }

    /// Ends the watches of a resource because their version is too old.
    fn expire(&mut self, resource: &str) {
        for stream in self
            .streams
            .iter_mut()
            .filter(|stream| stream.site.resource == resource)
        {
            stream.end(
                Some(&crate::fault::wire::status(
                    410,
                    "Expired",
                    "too old resource version: 1 (2)",
                )),
                &mut self.next,
            );
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

    // --- until nothing happens any more ---

    /// Lets things settle: until nothing changes though timers fire; a thorough one waits for the long timers, too.
    pub(crate) fn settle(&mut self, is_thorough: bool) -> Ending {
        let start = self.clock.elapsed();
        let (mut rounds, mut seen) = (0, self.effective);
        loop {
            if let Some(ending) = self.rest() {
                return ending;
            }
            if self.effective != seen {
                (rounds, seen) = (0, self.effective);
            }
            let now = self.clock.elapsed();
            if now.saturating_sub(start) > self.limits.time {
                return Ending::OutOfTime;
            }
            let until = if rounds < ROUNDS {
                self.short_round()
            } else if rounds == ROUNDS && is_thorough {
                self.long_round()
            } else {
                return Ending::Settled;
            };
            rounds += 1;
            while self.clock.elapsed() < until && self.effective == seen {
                self.advance(until);
                if let Some(ending) = self.rest() {
                    return ending;
                }
            }
        }
    }

    /// Lets everything happen that can without time going on; the user does nothing.
    fn rest(&mut self) -> Option<Ending> {
        // Only the user's operations are refused, and there are none.
        self.drain(false).unwrap_or_default()
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, until: Duration) -> Option<Ending> {
        loop {
            if let Some(ending) = self.rest() {
                return Some(ending);
            }
            if self.clock.elapsed() >= until {
                return None;
            }
            self.advance(until);
        }
    }

    /// When all short timers that are pending will have fired.
    fn short_round(&self) -> Duration {
        let now = self.clock.elapsed();
        let timers = self.processes.iter().filter_map(|process| process.last_due(LONG));
        let restarts = self.processes.iter().filter_map(Process::restart_at);
        let serving = (!self.serving.is_empty()).then_some(now + Duration::from_secs(10));
        let last = timers
            .chain(restarts)
            .chain(serving)
            .chain(self.held_until())
            .max();
        last.filter(|due| *due > now)
            .unwrap_or(now + SILENCE)
            .min(now + FAR)
    }

    /// When what is held for a time is free again.
    fn held_until(&self) -> impl Iterator<Item = Duration> + '_ {
        let holds = self.holds.iter().filter_map(|hold| match hold.until {
            Until::Time(at) => Some(at),
            Until::NextOf(_) => None,
        });
        holds.chain(self.processes.iter().filter_map(|process| process.paused_until()))
    }

    /// When all timers will have.
    fn long_round(&self) -> Duration {
        let now = self.clock.elapsed();
        let timers = self
            .processes
            .iter()
            .filter_map(|process| process.last_due(Duration::MAX));
        let last = timers.chain(self.clock.last_due()).max();
        last.unwrap_or(now).min(now + FAR)
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
            all.push(((2, 0), Candidate::Actors, Move::Actor(0)));
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

    // --- requests ---

    /// Lets the server deal with a request, unless something else becomes of it.
    fn serve(&mut self, request: Request) {
        let fate = self.fate(&request.site);
        let asked = Asked {
            process: request.process,
            site: request.site,
            slot: request.slot,
            line: if self.is_traced {
                format!("{} {}", request.parts.method, request.parts.uri)
            } else {
                String::new()
            },
            body: request.body.clone(),
            before: self.server.revision(),
            fate,
        };
        self.digest(&request.parts, &request.body);
        match &asked.fate {
            Some(Fate::CrashBefore) => {
                let process = asked.process;
                self.called(&asked, None, "");
                self.crash(process);
                return;
            }
            Some(Fate::Lost(loss)) => {
                let told = loss.told();
                return self.refuse(asked, told);
            }
            Some(Fate::Refused(refusal)) => {
                let told = refusal.told();
                return self.refuse(asked, told);
            }
            Some(Fate::Raced(rival)) => {
                let path = request.parts.uri.path();
                let path = match request.call.subresource.as_str() {
                    "" => path,
                    part => path.trim_end_matches(part).trim_end_matches('/'),
                };
                script::rival(&self.server, path, *rival);
                self.observe(Writer::Rival, false);
            }
            Some(Fate::Paused { time }) => {
                let until = self.clock.elapsed() + *time;
                self.processes[asked.process].pause(until);
                self.requests.push_front(Request {
                    number: 0,
                    process: asked.process,
                    call: request.call,
                    site: asked.site,
                    parts: request.parts,
                    body: request.body,
                    slot: asked.slot,
                });
                return;
            }
            Some(Fate::Lags { resource, time }) => self.holds.push(Hold {
                process: Some(asked.process),
                resource: resource.clone(),
                until: Until::Time(self.clock.elapsed() + *time),
            }),
            _ => {}
        }
        let asked = Asked {
            before: self.server.revision(),
            ..asked
        };
        let work = self.ask(&asked, request.parts, request.body);
        self.work(Serving {
            asked,
            work,
            dirty: Flag::raised(),
        });
    }

    /// Puts a request to the server, or to the replica that answers for it.
    fn ask(&self, asked: &Asked, parts: Parts, body: Bytes) -> Work {
        let mut server = match &self.replica {
            Replica::Serving(replica) if !asked.site.verb.is_write() => {
                let is_stale = may_be_stale(&parts.uri, asked.site.verb == Verb::Watch);
                if is_stale { replica } else { &self.server }
            }
            _ => &self.server,
        }
        .clone();
        if let Some(Fate::Mishap(mishap)) = asked.fate {
            let faults = Faults::new();
            faults.inject(Rule::new(mishap).times(1));
            let request = http::Request::from_parts(parts, Body::from(body));
            let answer = faults.layer().layer(server).call(request);
            return Box::pin(async move { Ok(answer.await?.map(Source::Changed)) });
        }
        let answer = server.call(http::Request::from_parts(parts, Full::new(body)));
        Box::pin(async move {
            match answer.await {
                Ok(response) => Ok(response.map(Source::Server)),
                Err(never) => match never {},
            }
        })
    }

    /// Lets the server go on with a request.
    fn work(&mut self, mut serving: Serving) {
        serving.dirty.take();
        let waker = Waker::from(serving.dirty.clone());
        match serving.work.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => self.serving.push(serving),
            Poll::Ready(served) => self.served(serving.asked, served),
        }
    }

    /// Sends off what the server answered.
    fn served(&mut self, asked: Asked, served: Served) {
        let process = asked.process;
        self.observe(Writer::Process(process), true);
        match &asked.fate {
            Some(Fate::CrashAfter) => {
                self.called(&asked, None, "");
                return self.crash(process);
            }
            Some(Fate::OutcomeUnknown(loss)) => {
                let told = loss.told();
                return self.refuse(asked, told);
            }
            _ => {}
        }
        let (told, stream, answer) = match served {
            Err(error) => (Err(error), None, String::new()),
            Ok(response) => {
                let (head, source) = response.into_parts();
                let is_watch = asked.site.verb == Verb::Watch && head.status.is_success();
                let read = if is_watch {
                    Read::Open(Vec::new(), source)
                } else {
                    source.read()
                };
                match read {
                    Read::Whole(pieces) => {
                        let answer = match pieces.first() {
                            Some(Ok(bytes)) if self.is_traced => String::from_utf8_lossy(bytes).into_owned(),
                            _ => String::new(),
                        };
                        (
                            Ok(Response::from_parts(head, LinkBody::whole(pieces))),
                            None,
                            answer,
                        )
                    }
                    Read::Open(pieces, source) => {
                        let (body, pipe) = LinkBody::new();
                        let mut stream = Stream::new(process, asked.site.clone(), source);
                        stream.preload(pieces, &mut self.next);
                        let stream = Some((Box::new(stream), pipe));
                        (Ok(Response::from_parts(head, body)), stream, String::new())
                    }
                }
            }
        };
        let code = told.as_ref().ok().map(|response| response.status().as_u16());
        self.called(&asked, code, &answer);
        self.send(asked, told, stream);
    }

    /// Sends off an answer that is not the server's.
    fn refuse(&mut self, asked: Asked, told: Told) {
        let told = told.map(|response| response.map(|body| LinkBody::whole([Ok(body)])));
        let code = told.as_ref().ok().map(|response| response.status().as_u16());
        self.called(&asked, code, "");
        self.send(asked, told, None);
    }

    fn send(
        &mut self,
        asked: Asked,
        told: Result<Response<LinkBody>, BoxError>,
        stream: Option<(Box<Stream>, Arc<super::link::Pipe>)>,
    ) {
        let number = self.number();
        self.answers.push_back(Answer {
            number,
            process: asked.process,
            site: asked.site,
            slot: asked.slot,
            told,
            stream,
        });
    }

    fn deliver(&mut self, answer: Answer) {
        if answer.slot.is_given_up() {
            return;
        }
        if let Some((mut stream, pipe)) = answer.stream {
            stream.connect(pipe);
            stream.pull(&mut self.next, false);
            self.streams.push(*stream);
        }
        answer.slot.fill(answer.told);
        self.run(answer.process);
    }

    /// Tells a process the next piece of a stream.
    fn tell(&mut self, at: usize) {
        let stream = &mut self.streams[at];
        let told = stream.deliver();
        let (process, site) = (stream.process, stream.site.clone());
        if stream.is_over() {
            self.streams.remove(at);
        }
        self.note(|| {
            let line = told.map_or_else(String::new, |b| String::from_utf8_lossy(&b).into_owned());
            Happening::Told(site, line)
        });
        self.run(process);
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

    /// Takes over what processes have sent.
    fn collect(&mut self) {
        loop {
            let Some(sent) = lock(&self.outbox).pop_front() else {
                return;
            };
            let call = Call::of(&sent.parts.method, &sent.parts.uri, &sent.body);
            let site = self.site(sent.process, &call);
            let number = self.number();
            self.requests.push_back(Request {
                number,
                process: sent.process,
                call,
                site,
                parts: sent.parts,
                body: sent.body,
                slot: sent.slot,
            });
        }
    }

    fn site(&mut self, process: usize, call: &Call) -> Arc<Site> {
        let (resource, key) = (call.full_resource(), call.key());
        let key = self
            .classes
            .get(&format!("{}/{key}", call.resource))
            .cloned()
            .unwrap_or(key);
        let count = self
            .counts
            .entry((process, call.verb, resource.clone(), key.clone()));
        let nth = count.or_default();
        *nth += 1;
        Arc::new(Site {
            process: self.processes[process].name.to_string(),
            verb: call.verb,
            resource,
            key,
            nth: *nth,
        })
    }

    // --- time ---

    /// Lets time go on to the next timer of anybody's, at most to `limit`.
    fn advance(&mut self, limit: Duration) {
        let now = self.clock.elapsed();
        let processes = self.processes.iter();
        let dues = processes.flat_map(|p| match p.paused_until() {
            Some(until) => [Some(until), None],
            None => [p.next_due(), p.restart_at()],
        });
        let dues = dues.flatten().chain(self.held_until().filter(|at| *at > now));
        let next = dues.chain(self.clock.next_due()).fold(limit, Duration::min);
        // Runtimes keep time in whole milliseconds.
        let next = round_up(next.max(now));
        let next = if next > now {
            next
        } else {
            now + Duration::from_millis(1)
        };
        let mut reached = next;
        for index in 0..self.processes.len() {
            if self.is_paused(index) {
                continue;
            }
            while !self.processes[index].step(next) {
                if !lock(&self.outbox).is_empty() {
                    break;
                }
            }
            if !lock(&self.outbox).is_empty() {
                // Whoever asks something waits for the answer: the rest of its time comes later.
                reached = reached.min(self.processes[index].now().unwrap_or(next));
            }
            self.after_run_if_known(index);
        }
        self.clock.move_to(reached.max(now));
        for stream in &mut self.streams {
            stream.pull(&mut self.next, false);
        }
        let (ready, waiting) = std::mem::take(&mut self.serving)
            .into_iter()
            .partition(|s: &Serving| s.dirty.take());
        self.serving = waiting;
        let ready: Vec<Serving> = ready;
        for serving in ready {
            self.work(serving);
        }
    }

    fn after_run_if_known(&mut self, index: usize) {
        let was_started = self.processes[index].starts > 0;
        if was_started && !self.processes[index].is_alive() && self.processes[index].restart_at().is_none() {
            return;
        }
        self.collect();
        self.streams.retain(|stream| !stream.is_over());
    }

    // --- what is written down ---

    /// Looks at what changed, and takes the events of it.
    fn observe(&mut self, writer: Writer, is_own: bool) {
        let revision = self.server.revision();
        if revision == self.seen {
            return;
        }
        let mut expired = Vec::new();
        for change in self.server.changes_since(self.seen) {
            if change.old.is_none() {
                self.classify(&change);
            }
            expired.extend(self.count(&change));
            let is_effective = is_effective(&change);
            self.effective += usize::from(is_effective);
            if !matches!(writer, Writer::Process(_)) {
                let (object, how) = (
                    format!("{} {}", change.resource, change.key),
                    match (&change.old, change.removed) {
                        (_, true) => "deleted",
                        (None, _) => "created",
                        _ => "changed",
                    },
                );
                self.note(|| {
                    Happening::Changed(Change {
                        writer: writer.label(),
                        object,
                        how,
                    })
                });
            }
            self.written.push(Written {
                change,
                writer,
                is_effective,
            });
        }
        self.seen = revision;
        if !self.watchman.is_idle() {
            self.watchman.look(&self.server);
        }
        for stream in &mut self.streams {
            let is_late = is_own && writer == Writer::Process(stream.process);
            stream.pull(&mut self.next, is_late);
        }
        for resource in expired {
            self.expire(&resource);
        }
        let (ready, waiting) = std::mem::take(&mut self.serving)
            .into_iter()
            .partition(|s: &Serving| s.dirty.take());
        self.serving = waiting;
        let ready: Vec<Serving> = ready;
        for serving in ready {
            self.work(serving);
        }
    }

    /// Counts the changes of an object, and does what is to be done at one; the resource whose watches end, if any do.
    fn count(&mut self, change: &seatrial_fake_apiserver::Change) -> Option<String> {
        let resource = change.resource.to_string();
        let key = class_of(&change.key, &change.new).unwrap_or_else(|| change.key.to_string());
        let count = self
            .changes
            .as_mut()?
            .entry((resource.clone(), key.clone()))
            .or_default();
        *count += 1;
        let change = ChangeRef {
            resource,
            key,
            nth: *count,
        };
        let over = self.holds.iter().position(|hold| match &hold.until {
            Until::NextOf(first) => first.resource == change.resource && first.key == change.key,
            Until::Time(_) => false,
        });
        let over = over.map(|at| self.holds.remove(at).resource);
        if matches!(&self.replica, Replica::Stopping(last) if *last == change) {
            self.replica = Replica::Stopped(self.server.fork());
        }
        if let Some(Fate::Unobserved) = self.take(&Trigger::Change(change.clone())) {
            self.holds.push(Hold {
                process: None,
                resource: change.resource.clone(),
                until: Until::NextOf(change),
            });
        }
        over
    }

    /// Tells a generated name by what it was generated from.
    fn classify(&mut self, change: &seatrial_fake_apiserver::Change) {
        if let Some(class) = class_of(&change.key, &change.new) {
            self.classes
                .insert(format!("{}/{}", change.resource, change.key), class);
        }
    }

    fn called(&mut self, asked: &Asked, code: Option<u16>, answer: &str) {
        let after = self.server.revision();
        let before = asked.before;
        let by_it = self
            .written
            .iter()
            .rev()
            .take_while(|w| w.change.revision > before);
        let is_effective = by_it
            .filter(|w| w.writer == Writer::Process(asked.process))
            .any(|w| w.is_effective);
        self.mix(&after.to_le_bytes());
        self.mix(&code.unwrap_or_default().to_le_bytes());
        self.calls.push(Called {
            site: asked.site.clone(),
            at: self.clock.elapsed(),
            before,
            code,
            is_effective,
            fate: asked.fate.clone(),
            hash: self.hash,
        });
        let wrote = (after > before).then_some(after);
        self.note(|| {
            Happening::Request(Exchange {
                site: asked.site.clone(),
                request: asked.line.clone(),
                body: String::from_utf8_lossy(&asked.body).into_owned(),
                code,
                answer: answer.to_owned(),
                wrote,
            })
        });
    }

    /// What becomes of a request; each injection happens once.
    fn fate(&mut self, site: &Site) -> Option<Fate> {
        let matches = |injection: &Injection| matches!(&injection.at, Trigger::Request(at) if at == site);
        let at = self.injections.iter().position(matches)?;
        Some(self.befalls(at))
    }

    /// What happens at a moment that is no request.
    fn take(&mut self, trigger: &Trigger) -> Option<Fate> {
        let at = self
            .injections
            .iter()
            .position(|injection| injection.at == *trigger)?;
        Some(self.befalls(at))
    }

    fn befalls(&mut self, at: usize) -> Fate {
        let injection = self.injections.remove(at);
        self.note(|| Happening::Fault(injection.to_string()));
        self.befell.push(injection.clone());
        injection.fate
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn note(&mut self, what: impl FnOnce() -> Happening) {
        if self.is_traced {
            self.trace.push(Event {
                at: self.clock.elapsed(),
                revision: self.server.revision(),
                what: what(),
            });
        }
    }

    /// Takes a request into account, for comparing runs.
    fn digest(&mut self, parts: &Parts, body: &Bytes) {
        let now = self.clock.elapsed().as_nanos();
        self.mix(parts.method.as_str().as_bytes());
        self.mix(parts.uri.path().as_bytes());
        self.mix(parts.uri.query().unwrap_or_default().as_bytes());
        self.mix(body);
        self.mix(&now.to_le_bytes());
    }

    /// FNV-1a.
    fn mix(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
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

/// The class of an object's key, if the server made up its name: the prefix with a star.
pub(crate) fn class_of(key: &str, object: &serde_json::Value) -> Option<String> {
    let prefix = object.pointer("/metadata/generateName")?.as_str()?;
    let (namespace, name) = key.rsplit_once('/').unwrap_or(("", key));
    if prefix.is_empty() || !name.starts_with(prefix) {
        return None;
    }
    Some(if namespace.is_empty() {
        format!("{prefix}*")
    } else {
        format!("{namespace}/{prefix}*")
    })
}

fn round_up(time: Duration) -> Duration {
    let millis = time.as_nanos().div_ceil(1_000_000);
    Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}
