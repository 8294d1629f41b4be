//! The client against a mocked service: what is sent, and what is made of the answers.

mod support;

mod discovery;
mod faults;
mod reading;
mod types;
mod writing;
