//! Watches, caches and controllers.
//!
//! What a controller is made of, from the bottom up: [`watcher`](mod@watcher) follows a set of objects, [`reflector`](mod@reflector) keeps a cache of it, and
//! [`Controller`] runs a function for each object that something happened to.
//!
//! Nothing here spawns tasks, opens sockets or looks at a clock by itself. Everything is driven by whoever polls it, and time and chance come
//! from the [`Env`](seatrial_client::Env) of the client, so that a test owns them.

mod aging;
mod hash;
mod panic;
mod queue;
mod shared;
mod time;

pub mod controller;
pub mod events;
pub mod finalizer;
pub mod lease;
pub mod manager;
pub mod owner;
pub mod reflector;
pub mod status;
pub mod utils;
pub mod wait;
pub mod watcher;
pub mod webhook;

pub use self::{
    controller::{Config, Controller, applier},
    finalizer::finalizer,
    reflector::reflector,
    utils::{Predicate, PredicateConfig, WatchStreamExt, predicates},
    wait::conditions,
    watcher::{metadata_watcher, watcher},
};

// The testkit hears of panics in other ways, and says the same of them.
#[doc(hidden)]
pub use self::panic::message as panic_message;
