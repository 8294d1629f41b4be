//! `FieldsV1`, the form in which managed fields are stored.
//!
//! The input is JSON; what is none is passed over.

use seatrial_fake_apiserver::apply::fields_v1::{parse, print};
use serde_json::Value;

/// Reads a set and prints it; what is printed reads as the same set, and is printed the same again.
pub fn run(input: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(input) else {
        return;
    };
    let Ok(set) = parse(&value) else { return };
    let printed = print(&set);
    let again = parse(&printed).unwrap_or_else(|error| panic!("{printed}: {error}"));
    assert_eq!(again, set, "{printed}");
    assert_eq!(print(&again), printed);
    set.each(&mut |path| assert!(set.has(path) && again.has(path)));
}
