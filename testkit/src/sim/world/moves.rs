//! What moves next, and what it takes.

use std::time::Duration;

use crate::sim::{
    ScriptError,
    held::{Hold, Until},
    record::{Ending, Writer},
    schedule::{Move, Overtaking},
    stream::Stream,
    trace::Happening,
};

use super::World;

/// What a move takes of virtual time. Whoever works without a pause works for a while all the same, in which timers get their turn: those of
/// others, and those by which he would have found out that he works in vain.
const MOVE: Duration = Duration::from_millis(1);
/// It passes once so much of it has come together: what is done in a usual burst is done at one instant.
const BURST: Duration = Duration::from_millis(100);

/// What can move, by its place.
#[derive(Clone, Copy)]
enum Candidate {
    Request(usize),
    Answer(usize),
    Event(usize),
    Actors,
    Stage,
    User,
}

impl World {
    /// Moves what can move; time goes on only by what that takes. With the user, until the next operation is done.
    pub(super) fn drain(&mut self, with_user: bool) -> Result<Option<Ending>, ScriptError> {
        self.start_processes();
        loop {
            if self.steps >= self.limits.steps {
                return Ok(Some(Ending::OutOfSteps));
            }
            if self.toil >= BURST {
                self.advance(self.clock.elapsed() + self.toil);
                self.start_processes();
            }
            self.watch_stages();
            let Some(candidate) = self.candidate(with_user) else {
                return Ok(None);
            };
            self.steps += 1;
            self.toil += MOVE;
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
                Candidate::Stage => self.move_stage(),
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
        if self.has_due_stage() {
            all.push(((2, 1), Candidate::Stage, Move::Stage(self.stage_steps)));
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
        if self.has_due_stage() {
            return Some(Candidate::Stage);
        }
        with_user.then_some(Candidate::User)
    }

    pub(super) fn is_paused(&self, process: usize) -> bool {
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
}
