//! The server through its front door: requests in, answers and watch frames out.

mod access;
mod admission;
mod bad_input;
mod objects;
mod policies;
mod support;
mod versions;
mod watch;
mod webhooks;
