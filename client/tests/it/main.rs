//! The client against a mocked service (what is sent, and what is made of the answers) and, where a program or a whole
//! server is needed, against a cluster in memory.

mod support;

mod apply;
mod calls;
mod config;
mod credentials;
mod discovery;
mod faults;
mod faults_cluster;
mod kinds;
mod layers;
mod manifests;
mod merging;
mod reading;
#[cfg(feature = "ws")]
mod remote;
mod requests;
#[cfg(feature = "unstable-client")]
mod scope;
mod types;
mod writing;
