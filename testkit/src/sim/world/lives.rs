//! How processes start, run and end.

use std::time::Duration;

use crate::sim::{process::Birth, trace::Happening};

use super::World;

impl World {
    /// The place of a process.
    pub(crate) fn process(&self, name: &str) -> Option<usize> {
        self.processes.iter().position(|process| *process.name == *name)
    }

    /// Lets a process stand still.
    pub(crate) fn pause(&mut self, index: usize, time: Duration) {
        let until = self.clock.elapsed() + time;
        self.processes[index].pause(until);
    }

    /// Starts the processes that are down and due, and lets those go on that stood still.
    pub(super) fn start_processes(&mut self) {
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
            interceptors: self.interceptors.as_ref(),
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
    pub(super) fn run(&mut self, index: usize) {
        let now = self.clock.elapsed();
        self.processes[index].run(now);
        self.after_run(index);
    }

    pub(super) fn after_run(&mut self, index: usize) {
        self.collect();
        for panic in self.processes[index].take_caught() {
            let name = self.processes[index].name.clone();
            self.note(|| Happening::Caught(name.clone(), panic.clone()));
            self.caught.push((name, panic));
        }
        if !self.processes[index].is_alive() {
            let name = self.processes[index].name.clone();
            let panic = self.processes[index].panics.last().cloned();
            self.note(|| Happening::Ended(name, panic));
            self.forget(index);
        }
        self.streams.retain(|stream| !stream.is_over());
    }
}
