//! The tests that stand beside each program, in one binary: linking one for each would take longer than running them all.
#![expect(dead_code, reason = "nobody calls the programs' main")]

#[path = "../admission_webhook.rs"]
mod admission_webhook;
#[path = "../conversion_webhook.rs"]
mod conversion_webhook;
#[path = "../crd_apply.rs"]
mod crd_apply;
#[path = "../crd_rules.rs"]
mod crd_rules;
#[path = "../crd_schemas.rs"]
mod crd_schemas;
#[path = "../crd_versions.rs"]
mod crd_versions;
#[path = "../custom_client.rs"]
mod custom_client;
#[path = "../dynamic_watcher.rs"]
mod dynamic_watcher;
#[path = "../error_bounded_watcher.rs"]
mod error_bounded_watcher;
#[path = "../event_watcher.rs"]
mod event_watcher;
#[path = "../finalizer_syncer.rs"]
mod finalizer_syncer;
mod guide;
#[path = "../job.rs"]
mod job;
#[path = "../kubectl.rs"]
mod kubectl;
#[path = "../manager.rs"]
mod manager;
#[path = "../multi_watcher.rs"]
mod multi_watcher;
#[path = "../node_watcher.rs"]
mod node_watcher;
#[path = "../pod_attach.rs"]
mod pod_attach;
#[path = "../pod_cp.rs"]
mod pod_cp;
#[path = "../pod_programs.rs"]
mod pod_programs;
#[path = "../pod_reflector.rs"]
mod pod_reflector;
#[path = "../pod_watcher.rs"]
mod pod_watcher;
#[path = "../quickstart.rs"]
mod quickstart;
#[path = "../reflector_http.rs"]
mod reflector_http;
#[path = "../shards.rs"]
mod shards;
#[path = "../shared_streams.rs"]
mod shared_streams;
#[path = "../side_by_side.rs"]
mod side_by_side;
#[path = "../tls_client.rs"]
mod tls_client;
