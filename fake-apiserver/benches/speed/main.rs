//! How fast a warm server answers, on one core: requests, applies, custom resources, watches, lists, starts, forks and controllers.
//!
//! `cargo bench -p seatrial-fake-apiserver --bench speed` prints the figures; a word after `--` picks some of them.

mod actors;
mod apply;
mod custom;
mod list;
mod request;
mod start;
mod support;
mod watch;

use std::time::Duration;

use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1500))
        .sample_size(20)
        .without_plots()
        .configure_from_args();
    request::bench(&mut criterion);
    apply::bench(&mut criterion);
    custom::bench(&mut criterion);
    watch::bench(&mut criterion);
    list::bench(&mut criterion);
    start::bench(&mut criterion);
    actors::bench(&mut criterion);
    criterion.final_summary();
}
