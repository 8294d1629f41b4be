//! The runtime against the in-memory apiserver, on virtual time.
//!
//! Each test says in its name what it shows. `support.rs` is the world they run in: the server, a wire that can misbehave, and its log.

mod controller;
mod events;
mod faults;
mod faults_around;
mod gate;
mod lease;
mod life;
mod manager;
mod metrics;
mod model;
mod objects;
mod regressions;
mod related;
mod replicas;
mod shared;
mod signatures;
mod support;
mod sweeps;
mod watcher;
mod webhook;
