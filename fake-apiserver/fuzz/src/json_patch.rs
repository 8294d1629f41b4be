//! JSON patches, and JSON merge patches beside them.
//!
//! The input is the object in one line, and the patch in those that follow.

use seatrial_fake_apiserver::patch::{json, merge};

/// What the operations `copy` of one patch may add, as the real server has it.
const COPIES_MAX: usize = 3 << 20;

/// Applies the patch in both ways; what comes out is bounded by what went in.
pub fn run(input: &[u8]) {
    let mut lines = input.splitn(2, |b| *b == b'\n');
    let (Some(object), Some(patch)) = (lines.next(), lines.next()) else {
        return;
    };
    let Ok(object) = std::str::from_utf8(object) else {
        return;
    };
    if !serde_json::from_str::<serde_json::Value>(object).is_ok_and(|v| v.is_object()) {
        return;
    }
    // A byte may be escaped or replaced, which takes up to six.
    let most = 6 * (object.len() + patch.len()) + 64;
    match json::apply(object, patch) {
        Ok(patched) => {
            let length = patched.text.len();
            assert!(length <= most + 6 * COPIES_MAX, "{length} bytes");
        }
        Err(error) => assert!(error.status().code() >= 400),
    }
    match merge::apply(object, patch) {
        Ok(patched) => assert!(patched.text.len() <= most, "{} bytes", patched.text.len()),
        Err(error) => assert!(error.status().code() >= 400),
    }
}
