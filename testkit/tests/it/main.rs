//! The cluster as a test uses it: fixtures in, requests through a real client, snapshots out.

mod cluster;
mod faults;
mod faults_writes;
mod fixtures;
mod interceptors;
mod scenario;
mod sim_environment;
mod sim_external;
mod sim_faults;
mod sim_leases;
mod sim_lints;
mod sim_policies;
mod sim_refused;
mod sim_rest;
mod sim_sweep;
mod sim_time;
mod stages;
mod sweep_fuzz;
mod sweep_kept;
mod sweep_strategies;
mod sweep_vacuous;
mod timeline;
