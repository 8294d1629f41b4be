//! Stores: their first list, what they hold, and how fast they answer.

use k8s_openapi::api::core::v1::ConfigMap;
use tokio::runtime::Runtime;

use crate::{
    MAP, POD,
    measure::Target,
    ours, peer,
    report::{Report, Scenario},
    service::{Server, Template},
};

const OBJECTS: usize = 10_000;

/// What is held while the wanted ratio is missed: a little above what a quiet machine shows.
const FILL_HELD: f64 = 0.47;

pub fn run(runtime: &Runtime, report: &mut Report) {
    for (name, count) in [
        ("first list of 10,000 pods into a store", 10_000),
        ("first list of 100,000 pods into a store", 100_000),
    ] {
        let pods = Server::new(Template::new(POD), count);
        report.run(
            Scenario::new(name, count)
                .time(Target::missed(0.4, FILL_HELD))
                .peak(0.45)
                .held(0.55),
            &mut |meter| {
                drop(meter.measure(|| runtime.block_on(peer::programs::fill(&pods, Default::default()))))
            },
            &mut |meter| {
                drop(meter.measure(|| runtime.block_on(ours::programs::fill(&pods, Default::default()))))
            },
        );
        report.run(
            Scenario::new(&format!("{name}, events not handed on"), count)
                .time(0.4)
                .peak(0.45)
                .held(0.55),
            &mut |meter| {
                drop(meter.measure(|| runtime.block_on(peer::programs::fill(&pods, Default::default()))))
            },
            &mut |meter| {
                drop(meter.measure(|| runtime.block_on(ours::fill_changes(&pods, Default::default()))))
            },
        );
    }
    let pods = Server::new(Template::new(POD), OBJECTS);
    report.run(
        Scenario::new("the same of 10,000 from the watch cache, in one page", OBJECTS)
            .time(Target::missed(0.4, FILL_HELD))
            .peak(0.45)
            .held(0.55),
        &mut |meter| {
            let config = peer::root::runtime::watcher::Config::default().any_semantic();
            drop(meter.measure(|| runtime.block_on(peer::programs::fill(&pods, config))));
        },
        &mut |meter| {
            let config = ours::root::runtime::watcher::Config::default().any_semantic();
            drop(meter.measure(|| runtime.block_on(ours::programs::fill(&pods, config))));
        },
    );

    let objects = objects(OBJECTS);
    report.run(
        Scenario::new("look-ups by name among 10,000", OBJECTS * 10),
        &mut |meter| {
            let (reader, writer) = peer::programs::stored(&objects);
            let names = peer::programs::names(&objects);
            let found: usize =
                meter.measure(|| (0..10).map(|_| peer::programs::look_up(&reader, &names)).sum());
            assert_eq!(found, OBJECTS * 10);
            drop(writer);
        },
        &mut |meter| {
            let (reader, writer) = ours::programs::stored(&objects);
            let names = ours::programs::names(&objects);
            let found: usize =
                meter.measure(|| (0..10).map(|_| ours::programs::look_up(&reader, &names)).sum());
            assert_eq!(found, OBJECTS * 10);
            drop(writer);
        },
    );
    report.run(
        Scenario::new("all 10,000 objects of a store", OBJECTS),
        &mut |meter| {
            let (reader, _writer) = peer::programs::stored(&objects);
            drop(meter.measure(|| peer::programs::take_all(&reader)));
        },
        &mut |meter| {
            let (reader, _writer) = ours::programs::stored(&objects);
            drop(meter.measure(|| ours::programs::take_all(&reader)));
        },
    );
}

/// So many small objects.
pub fn objects(count: usize) -> Vec<ConfigMap> {
    let template = Template::new(MAP);
    let objects = (0..count).map(|key| serde_json::from_slice(&template.object(key)));
    objects
        .collect::<Result<_, _>>()
        .expect("the template is a ConfigMap")
}
