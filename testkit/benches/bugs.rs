//! How long it takes to find each of the bugs in `tests/bugs`: to sweep until a run fails, to make that run smaller, and to see it again from its tape.
//!
//! Each is to take less than a second. What it takes in runs and faults is printed as rows of the table in `tests/bugs/README.md`.

#[path = "../tests/bugs/main.rs"]
#[expect(dead_code, reason = "only the sweeps of the buggy controllers are measured")]
mod bugs;

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};

fn find(c: &mut Criterion) {
    let mut group = c.benchmark_group("find, shrink and replay");
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(2));
    for bug in bugs::ALL {
        let found = bug.find();
        println!(
            "| `{}` | {} runs | {} runs to shrink | {} faults |",
            bug.name,
            found.runs,
            found.shrink_runs,
            found.finding.injections.len()
        );
        group.bench_function(bug.name, |b| b.iter(|| bug.find()));
    }
    group.finish();
}

criterion_group!(benches, find);
criterion_main!(benches);
