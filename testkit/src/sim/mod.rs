//! The simulation: processes, a server and the network between them, on virtual time, with every choice in one hand.
//!
//! Reading order: `world` (the loop), `process` and `executor` (how a program under test runs and stops), `link` and `stream` (what
//! is between it and the server), `schedule`, `fate`, `rival`, `pattern` and `held` (what can be decided), `script` (the user), `automaton` (what moves on by itself), `invariant` (what a test says must hold),
//! `likeness` and `recurrence` (what goes on for ever), `record` and `trace` (what is left of a run), `external` (the world outside of the cluster), `simulation` (the world in a test's hand).

mod ambient;
mod automaton;
mod call;
mod clock;
mod executor;
mod external;
mod fate;
mod held;
mod invariant;
mod likeness;
mod link;
mod panics;
mod pattern;
mod process;
mod record;
mod recurrence;
mod rival;
mod schedule;
mod script;
mod simulation;
mod stream;
mod trace;
mod watchdog;
mod world;

pub use seatrial_client::core::Verb;

#[cfg(feature = "kube")]
pub(crate) use self::link::HiddenTimers;

pub(crate) use self::{
    automaton::{Automata, Automaton, Crossing, Way},
    call::key,
    clock::WorldClock,
    executor::can_run,
    external::{definition as external_definition, system as external_name},
    invariant::{Invariant, Rule},
    likeness::Likeness,
    process::Factory,
    record::{Called, Ending, RefusedStep, Run, Told, Writer, Written},
    recurrence::Cycle,
    schedule::{Led, Schedule},
    script::Op,
    trace::timeline,
    world::{Course, Limits, Setup, class_of, play},
};
pub use self::{
    call::Site,
    external::{External, ExternalError},
    fate::{Break, ChangeRef, Fate, Injection, Loss, Mishap, Refusal, Rival, Trigger},
    invariant::View,
    pattern::{Ask, Pattern},
    schedule::{Move, Overtaking},
    script::{Script, ScriptError},
    simulation::Simulation,
};
