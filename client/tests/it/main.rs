//! The client against a mocked service: what is sent, and what is made of the answers.

mod support;

mod calls;
mod discovery;
mod faults;
mod reading;
#[cfg(feature = "unstable-client")]
mod scope;
mod types;
mod writing;
