//! Strategic merge patches of built-in kinds.
//!
//! The input is three lines: `apiVersion Kind`, the object, and the patch, which may go on over further lines.

use seatrial_fake_apiserver::patch::strategic;
use seatrial_fake_apiserver::schema::{builtin, decode};

/// Applies the patch; what comes out is no longer than what went in.
pub fn run(input: &[u8]) {
    let mut lines = input.splitn(3, |b| *b == b'\n');
    let (Some(kind), Some(object), Some(patch)) = (lines.next(), lines.next(), lines.next()) else {
        return;
    };
    let Ok(kind) = std::str::from_utf8(kind) else {
        return;
    };
    let Some((api_version, kind)) = kind.split_once(' ') else {
        return;
    };
    let Some(node) = builtin().kind_of(api_version, kind) else {
        return;
    };
    let schema = builtin().schema();
    let Ok(live) = decode::decode(schema, node, object) else {
        return;
    };
    let size = live.value.to_string().len();
    match strategic::apply(schema, node, &live.value, patch) {
        Ok(patched) => {
            let fits = strategic::fit(schema, node, patched.value());
            // A byte of a patch may be escaped or replaced, which takes up to six.
            let most = size + 6 * patch.len() + 64;
            assert!(
                patched.text.len() <= most,
                "{} bytes: {fits:?}",
                patched.text.len()
            );
        }
        Err(error) => assert!(error.status().code() >= 400),
    }
}
