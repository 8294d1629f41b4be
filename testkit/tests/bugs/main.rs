//! Bugs of real controllers, each made again small: a sweep finds the buggy version with no assertion, and passes the fixed one.
//!
//! `README.md` beside this file tells for each where it was met, what sets it off and which write is wrong. One file is one bug; `kinds`
//! has the objects they are about, `harness` what is asked of a sweep.

mod harness;
mod kinds;

mod capi_13649;
mod cassandra_operator_398;
mod casskop_370;
mod double_create;
mod flux_2012;
mod grove_711;
mod kubegres_123;
mod kubernetes_129795;
mod kubernetes_74374;
mod open_cloud_datacenter_239;
mod opensearch_1471;
mod outscale_917;
mod psmdb_430;
mod rabbitmq_782;
mod stale_observed_generation;
mod tidb_operator_6532;
mod toolhive_4633;
mod zalando_895;
mod zookeeper_312;
mod zookeeper_314;

/// All of them, in the order of the table.
pub(crate) const ALL: &[&harness::Bug] = &[
    &capi_13649::BUG,
    &cassandra_operator_398::BUG,
    &casskop_370::BUG,
    &double_create::BUG,
    &flux_2012::BUG,
    &grove_711::BUG,
    &kubegres_123::BUG,
    &kubernetes_129795::BUG,
    &kubernetes_74374::BUG,
    &open_cloud_datacenter_239::BUG,
    &opensearch_1471::BUG,
    &outscale_917::BUG,
    &psmdb_430::BUG,
    &rabbitmq_782::BUG,
    &stale_observed_generation::BUG,
    &tidb_operator_6532::BUG,
    &toolhive_4633::BUG,
    &zalando_895::BUG,
    &zookeeper_312::BUG,
    &zookeeper_314::BUG,
];

#[test]
fn every_bug_has_a_row_in_the_table() {
    let table = include_str!("README.md");
    for bug in ALL {
        let row = format!("| `{}` |", bug.name);
        assert!(table.contains(&row), "README.md has no row for {}", bug.name);
    }
}
