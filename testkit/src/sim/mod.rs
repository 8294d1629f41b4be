//! The simulation: processes, a server and the network between them, on virtual time, with every choice in one hand.
//!
//! Reading order: `world` (the loop), `process` and `executor` (how a program under test runs and stops), `link` and `stream` (what
//! is between it and the server), `schedule` and `fate` (what can be decided), `script` (the user), `record` and `trace` (what is left of a run).

mod ambient;
mod call;
mod clock;
mod executor;
mod fate;
mod held;
mod link;
mod process;
mod record;
mod schedule;
mod script;
mod stream;
pub mod trace;
mod world;

pub use self::{
    call::{Site, Verb},
    fate::{ChangeRef, Fate, Injection, Loss, Mishap, Refusal, Rival, Trigger},
    schedule::{Move, Overtaking},
    script::{Script, ScriptError},
};
pub(crate) use self::{
    clock::WorldClock,
    process::Factory,
    record::{Called, Ending, Run, Writer},
    schedule::Schedule,
    world::{Course, Limits, Setup, class_of, play},
};
