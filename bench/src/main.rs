//! kube 5.0.0 and seatrial in one process, over the same service in memory.
//!
//! `README.md` has the command and says how to read the table. Reading order: `service.rs` (what both talk to), `programs.rs` (what is
//! measured), `measure.rs` and `heap.rs` (how), then the scenarios: `decode.rs`, `cache.rs`, `control.rs`.

mod cache;
mod control;
mod decode;
mod heap;
mod measure;
mod options;
mod ours;
mod peer;
mod report;
mod seen;
mod service;
mod transcripts;

use std::process::ExitCode;

use tokio::runtime::Runtime;

use self::{
    heap::Heap,
    options::{Options, USAGE},
    report::Report,
};

#[global_allocator]
static HEAP: Heap = Heap;

/// The pod of all scenarios: 7.8 KB, of which 3.0 KB are managed fields.
const POD: &str = include_str!("../pod.json");

/// A ConfigMap as a controller that does nothing else would have it.
const MAP: &str = r#"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","namespace":"default","uid":"b","resourceVersion":"1","creationTimestamp":"2026-01-01T00:00:00Z","labels":{"app":"web"}},"data":{"mode":"fast"}}"#;

/// Little enough that what is left of its GET is the client.
const SMALL: &str = r#"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","namespace":"default"}}"#;

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime starts");
    let mut report = Report::new(options);
    if let Err(problem) = run(&runtime, &mut report) {
        eprintln!("{problem}");
        return ExitCode::from(2);
    }
    if report.finish() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn run(runtime: &Runtime, report: &mut Report) -> std::io::Result<()> {
    decode::run(runtime, report);
    decode::transcripts(runtime, report)?;
    cache::run(runtime, report);
    control::run(runtime, report);
    Ok(())
}
