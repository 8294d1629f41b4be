//! Controllers: what it costs to call a reconciler.

use tokio::runtime::Runtime;

use crate::{
    MAP,
    cache::objects,
    ours, peer,
    report::{Report, Scenario},
    service::{Server, Template},
};

const RUNS: usize = 100_000;
const KEYS: usize = 1_000;

pub fn run(runtime: &Runtime, report: &mut Report) {
    let names = [
        "100,000 reconciles that do nothing",
        "the same, 16 at a time",
        "a burst of 100,000 events on 1,000 keys into a store",
        "the same burst through a controller",
    ];
    if names[..2].iter().any(|name| report.wants(name)) {
        dispatch(runtime, report, names[0], None);
        dispatch(runtime, report, names[1], Some(16));
    }

    let burst = Server::new(Template::new(MAP), KEYS).with_events(RUNS);
    report.run(
        Scenario::new(names[2], RUNS),
        &mut |meter| meter.measure(|| runtime.block_on(peer::programs::follow(&burst, RUNS))),
        &mut |meter| meter.measure(|| runtime.block_on(ours::programs::follow(&burst, RUNS))),
    );
    report.run(
        Scenario::new(names[3], RUNS),
        &mut |meter| meter.measure(|| runtime.block_on(peer::programs::control(&burst))),
        &mut |meter| meter.measure(|| runtime.block_on(ours::programs::control(&burst))),
    );
}

/// Requests that are there from the start, through the queue and the reconciler, with the cache filled before.
fn dispatch(runtime: &Runtime, report: &mut Report, name: &str, concurrency: Option<u16>) {
    let objects = objects(RUNS);
    report.run(
        Scenario::new(name, RUNS).time(0.5),
        &mut |meter| {
            let (reader, _writer) = peer::programs::stored(&objects);
            let names = peer::programs::names(&objects);
            let config = peer::root::runtime::controller::Config::default();
            let config = concurrency
                .into_iter()
                .fold(config, |config, n| config.concurrency(n));
            meter.measure(|| runtime.block_on(peer::programs::dispatch(reader, names, config)));
        },
        &mut |meter| {
            let (reader, _writer) = ours::programs::stored(&objects);
            let names = ours::programs::names(&objects);
            let config = ours::root::runtime::controller::Config::default();
            let config = concurrency
                .into_iter()
                .fold(config, |config, n| config.concurrency(n));
            meter.measure(|| runtime.block_on(ours::programs::dispatch(reader, names, config)));
        },
    );
}
