//! The sweeps of the example controllers, as their tests make them: every single fault at every place, and fifty runs of chance.

use std::{hint::black_box, sync::Once};

use criterion::{Criterion, criterion_group, criterion_main};

include!(concat!(env!("OUT_DIR"), "/originals.rs"));

fn sweeps(c: &mut Criterion) {
    let mut group = c.benchmark_group("sweep");
    group.sample_size(10);
    for (name, sweep) in SWEEPS {
        let told = Once::new();
        group.bench_function(*name, |b| {
            told.call_once(|| {
                let report = sweep().run();
                assert!(report.findings.is_empty(), "{}\n{report}", report.findings[0]);
                println!(
                    "{name}: {} runs, of which {} with single faults",
                    report.runs, report.plans
                );
            });
            b.iter(|| black_box(sweep().run().runs));
        });
    }
    group.finish();
}

criterion_group!(benches, sweeps);
criterion_main!(benches);
