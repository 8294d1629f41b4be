//! Runs a function for each object that something happened to.
//!
//! A [`Controller`] keeps a cache of its objects, learns from watches which of them may need attention, and calls a reconciler for each: never
//! twice at once for one object, never more than a bound at a time, again after a while when it fails.
//!
//! Reading order: `action.rs` and `config.rs` (what users say), `reason.rs` (why something runs), `source.rs` and `links.rs` (where triggers
//! come from), `setup.rs` and `run.rs` (the loop), `flight.rs` (one run), `gate.rs` (what a run waits for), `metrics.rs` and `health.rs` (what others see), `shutdown.rs`,
//! `error.rs`, `builder.rs` and `related.rs` (how a controller is put together), `applier.rs` (one without watches).

mod action;
mod applier;
mod builder;
mod config;
mod error;
mod flight;
mod gate;
mod health;
mod links;
mod metrics;
mod reason;
mod related;
mod run;
mod setup;
mod shutdown;
mod source;

pub(crate) use self::shutdown::signal;
pub use self::{
    action::Action,
    applier::applier,
    builder::Controller,
    config::Config,
    error::{Error, RunnerError},
    gate::WriteGate,
    health::Health,
    metrics::{Metrics, ReconcileResult},
    reason::{ReconcileReason, ReconcileRequest},
    source::trigger_owners,
};
