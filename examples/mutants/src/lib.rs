//! One-line mutants of the example controllers.
//!
//! The build script takes the sources of the examples as they are, makes one change in each copy, and puts all copies into one test, which
//! runs their sweeps: `cargo test -p mutants -- --nocapture` prints what each sweep found. See the README for the table.

include!("list.rs");
