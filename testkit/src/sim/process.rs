//! A program under test: made by a factory, killed whole, started anew.

use std::{pin::Pin, sync::Arc, time::Duration};

use http_body_util::BodyExt;
use jiff::Timestamp;
use seatrial_client::{Client, Env, client::ClientBuilder};
use tower::ServiceExt as _;

use super::{
    Site,
    ambient::{Life, ProcessAmbient},
    executor::{Driven, Executor},
    fate::BACKOFF,
    link::{Link, Outbox},
    watchdog::{self, Driven as Watched},
};
use crate::interceptor::Interceptors;

/// What makes a process: a function from a client to what runs until the process is killed.
pub(crate) type Factory = Arc<dyn Fn(Client) -> Pin<Box<dyn Future<Output = ()>>>>;

/// One process of a world.
pub(super) struct Process {
    pub(super) name: Arc<str>,
    factory: Factory,
    /// Absent while it is down.
    alive: Option<Alive>,
    /// How often it was started.
    pub(super) starts: u32,
    /// When it starts again, if it is down by itself.
    restart_at: Option<Duration>,
    /// How long it stays down the next time.
    backoff: Duration,
    /// Until when it stands still.
    paused_until: Option<Duration>,
    /// What it panicked with, each time.
    pub(super) panics: Vec<String>,
    /// What it heard of last.
    pub(super) heard: Option<Arc<Site>>,
    /// How long it may keep its thread, in real time.
    poll_max: Duration,
    /// What it panicked with and caught, or its runtime did for it, and nobody has asked about yet.
    caught: Vec<String>,
}

struct Alive {
    executor: Executor,
    life: Arc<Life>,
}

/// What a process is started with.
pub(super) struct Birth<'a> {
    pub(super) index: usize,
    pub(super) seed: u64,
    pub(super) epoch: Timestamp,
    pub(super) now: Duration,
    pub(super) outbox: &'a Outbox,
    /// What stands between it and the network, if the test says so.
    pub(super) interceptors: Option<&'a Interceptors>,
}

// === impl Process ===

impl Process {
    pub(super) fn new(name: Arc<str>, factory: Factory, poll_max: Duration) -> Self {
        Self {
            name,
            factory,
            alive: None,
            starts: 0,
            restart_at: Some(Duration::ZERO),
            backoff: BACKOFF.0,
            paused_until: None,
            panics: Vec::new(),
            heard: None,
            poll_max,
            caught: Vec::new(),
        }
    }

    /// Starts it with an empty memory.
    pub(super) fn start(&mut self, birth: &Birth<'_>) {
        // Another life draws other jitter.
        let seed = birth.seed.wrapping_add(u64::from(self.starts));
        let life = Arc::new(Life::new(seed, birth.epoch, birth.now));
        let link = Link {
            process: birth.index,
            life: life.clone(),
            outbox: birth.outbox.clone(),
        };
        let env = Env::new(ProcessAmbient(life.clone()));
        let stack = ClientBuilder::stack("default")
            .without_compression()
            .with_env(env.clone());
        let client = match birth.interceptors {
            Some(interceptors) => {
                let whole = link.map_response(|answer| answer.map(BodyExt::boxed_unsync));
                stack.transport(interceptors.timed_by(env).before(whole)).build()
            }
            None => stack.transport(link).build(),
        };
        let factory = self.factory.clone();
        let executor = Executor::new(life.clone(), move || factory(client));
        self.alive = Some(Alive { executor, life });
        self.starts += 1;
        self.restart_at = None;
        self.heard = None;
    }

    /// Kills it.
    pub(super) fn kill(&mut self) {
        self.paused_until = None;
        if let Some(mut alive) = self.alive.take() {
            alive.life.kill();
            alive.executor.drop_whole();
        }
    }

    /// Runs what is runnable. A process that ends by itself is down for a while.
    pub(super) fn run(&mut self, now: Duration) {
        if self.paused_until.is_some() {
            return;
        }
        let driven = self.drive(now, Executor::run);
        self.look(driven, now);
    }

    /// Gives it its thread.
    fn drive(&mut self, at: Duration, drive: impl FnOnce(&mut Executor) -> Driven) -> Option<Driven> {
        let alive = self.alive.as_mut()?;
        let watched = Watched {
            process: self.name.clone(),
            at,
            heard: self.heard.clone(),
            limit: self.poll_max,
        };
        Some(watchdog::watched(watched, || drive(&mut alive.executor)))
    }

    /// How many tasks it has beside its main one.
    pub(super) fn tasks(&self) -> usize {
        self.alive.as_ref().map_or(0, |alive| alive.executor.tasks())
    }

    /// Lets its clock move towards `horizon`, to the next of its timers; whether it is there.
    pub(super) fn step(&mut self, horizon: Duration) -> bool {
        let is_there = |process: &Self| process.now().is_none_or(|now| now >= horizon);
        if is_there(self) {
            return true;
        }
        self.heard = None;
        let driven = self.drive(horizon, |executor| executor.step(horizon));
        let arrived = is_there(self);
        self.look(driven, horizon);
        arrived
    }

    fn look(&mut self, driven: Option<Driven>, now: Duration) {
        if let Some(alive) = &mut self.alive {
            self.caught.extend(alive.executor.take_caught());
        }
        match driven {
            None | Some(Driven::Idle) => return,
            Some(Driven::Ended) => {}
            Some(Driven::Panicked(message)) => self.panics.push(message),
        }
        self.kill();
        self.restart_at = Some(now + self.backoff);
        self.backoff = (self.backoff * 2).min(BACKOFF.1);
    }

    /// What it panicked with and caught since this was last asked.
    pub(super) fn take_caught(&mut self) -> Vec<String> {
        std::mem::take(&mut self.caught)
    }

    /// Stops it where it is.
    pub(super) fn pause(&mut self, until: Duration) {
        self.paused_until = Some(until);
    }

    /// Until when it stands still.
    pub(super) fn paused_until(&self) -> Option<Duration> {
        self.paused_until
    }

    /// Lets it go on, if it is time; its clock jumps. Whether it did.
    pub(super) fn resume(&mut self, now: Duration) -> bool {
        if self.paused_until.is_none_or(|until| until > now) {
            return false;
        }
        self.paused_until = None;
        let driven = self.drive(now, |executor| executor.jump(now));
        self.look(driven, now);
        true
    }

    pub(super) fn is_alive(&self) -> bool {
        self.alive.is_some()
    }

    /// The time on its own clock; it may be ahead of the others'.
    pub(super) fn now(&self) -> Option<Duration> {
        self.alive.as_ref().map(|alive| alive.life.now_known())
    }

    /// When it starts again by itself.
    pub(super) fn restart_at(&self) -> Option<Duration> {
        self.restart_at
    }

    /// When the next timer that it set through its environment is due.
    pub(super) fn next_due(&self) -> Option<Duration> {
        self.alive.as_ref().and_then(|alive| alive.life.next_due())
    }

    /// Whether it waits by timers of tokio's own, of which nobody can say when they are due.
    pub(super) fn has_hidden_timers(&self) -> bool {
        self.alive
            .as_ref()
            .is_some_and(|alive| alive.life.has_hidden_timers())
    }

    /// When the last of those is due that were set for less than `bound`.
    pub(super) fn last_due(&self, bound: Duration) -> Option<Duration> {
        self.alive.as_ref().and_then(|alive| alive.life.last_due(bound))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
