//! Bugs of real controllers, each made again small: a sweep finds the buggy version with no assertion, and passes the fixed one.
//!
//! `README.md` beside this file tells for each where it was met, what sets it off and which write is wrong. One file is one bug; `kinds`
//! has the objects they are about, `harness` what is asked of a sweep.

mod harness;
mod kinds;

mod capi_13649;
mod casskop_370;
mod double_create;
mod flux_2012;
mod opensearch_1471;
mod psmdb_430;
mod rabbitmq_782;
mod zookeeper_312;
mod zookeeper_314;
