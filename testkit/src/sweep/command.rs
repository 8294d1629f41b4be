//! How a sweep is run, and the worlds that it runs in.

use std::path::Path;

use seatrial_fake_apiserver::Actor;

use super::{
    Finding, Report, Sweep, Tape, Workload, drive, ready,
    signature::Signed as _,
    tape::{self, ReplayError},
};
use crate::{
    builder::actors,
    fixture,
    sim::{Setup, Simulation, WorldClock, can_run},
    stages::Stages,
};

impl Sweep {
    /// Sweeps, and tells what was found. Failures that were kept are tried first.
    ///
    /// Call it from a plain `#[test]`: each process of each world has a runtime of its own.
    ///
    /// # Panics
    /// Where it is called within a runtime; where a fixture or the script cannot be read, or the server refuses it in a run without faults.
    pub fn run(self) -> Report {
        drive::sweep(&self)
    }

    /// Makes the run of a tape, and no other besides the runs without faults.
    ///
    /// # Panics
    /// As [`Sweep::run`].
    pub fn replay(mut self, tape: &Tape) -> Report {
        self.plans = vec![tape.clone().into()];
        drive::sweep(&self)
    }

    /// The same from a file: a tape if its name ends in `.json`, a [`Plan`](crate::plan::Plan) otherwise.
    ///
    /// Files outlive changes of the program: what does not come up any more is passed over, and a note says `diverged at step 2`. Where
    /// the program fails no more, or in another way, a note says so.
    ///
    /// # Errors
    /// [`ReplayError`] where the file cannot be read.
    ///
    /// # Panics
    /// As [`Sweep::run`].
    pub fn replay_file(mut self, path: impl AsRef<Path>) -> Result<Report, ReplayError> {
        self.plans = vec![tape::read(path.as_ref())?];
        Ok(drive::sweep(&self))
    }

    /// Sweeps, and fails the test by the first thing that is found, which is kept in a file. Where nothing is, what is worth knowing goes to
    /// the standard error.
    ///
    /// # Panics
    /// With the timeline of the shortest run that fails; where a failure that was kept cannot be read; where no process wrote anything in the
    /// runs without faults, unless [`Sweep::read_only`] says that none does: its resources may not be served, or its objects be elsewhere than
    /// where it looks; and as [`Sweep::run`] does.
    pub fn check(self) {
        let report = drive::sweep(&self);
        if let Some(finding) = report.findings.first() {
            panic!("{}\n{report}", self.told(finding));
        }
        if let Some(doubt) = report.doubt(self.is_read_only) {
            panic!("{doubt}\n{report}");
        }
        for note in &report.notes {
            eprintln!("note: {note}");
        }
    }

    /// A finding, as a test fails by it; it is kept in a file.
    pub(super) fn told(&self, finding: &Finding) -> String {
        let tape = finding.tape();
        let kept = tape::kept(self.regressions.as_deref(), |folder| {
            let mut about = tape.about.clone();
            about.extend(finding.panic_told());
            let path = tape::path(folder, &self.name, tape.kind, &about, tape::ENDING);
            tape.save(&path).map(|()| path)
        });
        let again = ready::again(finding, &self.name);
        let test = ready::test(finding, &self.name);
        let page = ready::page(finding, &self.name);
        format!("{finding}\n{again}\n{page}\n{kept}\n\n{test}")
    }

    /// A world of its own for a test that drives it by hand; the script is not played.
    ///
    /// # Panics
    /// Where a fixture cannot be read or the server refuses it.
    pub fn simulation(self) -> Simulation {
        Simulation::new(&self.worlds().setup, true)
    }

    /// The populated cluster that worlds grow from, for tests that drive many of them by hand.
    ///
    /// # Panics
    /// Where a fixture cannot be read or the server refuses it.
    pub fn worlds(self) -> Worlds {
        match self.setup(self.seed, None) {
            Ok((setup, _)) => Worlds { setup },
            Err(error) => panic!("the simulation cannot begin: {error}"),
        }
    }

    /// The cluster's own controllers: all of them where pods are to run, if a test does not say which.
    fn controllers(&self) -> Vec<Actor> {
        let schedules = self.stages.as_ref().is_some_and(Stages::schedules);
        let usual = || actors(schedules);
        self.actors.clone().unwrap_or_else(usual)
    }

    /// The populated server that every world grows from, and the revision before which everything is the cluster's own.
    pub(super) fn setup(&self, seed: u64, workload: Option<&Workload>) -> Result<(Setup, u64), String> {
        can_run()?;
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        self.script.ops()?;
        let all = Workload::of(self);
        let workload = workload.unwrap_or(&all);
        let server = self.server.clone().seed(seed).clock(WorldClock::new()).build();
        let since = server.revision();
        let node = self
            .stages
            .as_ref()
            .and_then(|stages| stages.node(&workload.given));
        for object in self.crds.iter().chain(&node).chain(&workload.given) {
            fixture::create(&server, object).map_err(|error| error.to_string())?;
        }
        // A namespace is complete once its controllers have seen it; that is no part of a run.
        if self.controllers().contains(&Actor::ServiceAccount) {
            while server.step(&[Actor::ServiceAccount]) {}
        }
        let runs = |name: &str| workload.processes.iter().any(|other| other == name);
        let processes = self
            .processes
            .iter()
            .filter(|(name, _)| runs(name))
            .cloned()
            .collect();
        let setup = Setup {
            server,
            processes,
            actors: self.controllers(),
            stages: self.stages.as_ref().map(Stages::automata),
            script: workload.script(),
            interceptors: self.interceptors.clone(),
            invariants: self.invariants.clone().into(),
            seed,
            limits: self.limits,
        };
        Ok((setup, since))
    }
}

/// A populated cluster that any number of worlds grow from; see [`Sweep::worlds`].
pub struct Worlds {
    setup: Setup,
}

// === impl Worlds ===

impl Worlds {
    /// A world of its own. What the cluster holds is shared until it changes, so that this costs next to nothing; what happens is not
    /// written down.
    ///
    /// # Panics
    /// Where it is called within a runtime.
    pub fn fork(&self) -> Simulation {
        Simulation::new(&self.setup, false)
    }

    /// The same with another seed for the jitter of processes.
    pub fn fork_with_seed(&self, seed: u64) -> Simulation {
        let setup = Setup {
            seed,
            ..self.setup.clone()
        };
        Simulation::new(&setup, true)
    }
}
