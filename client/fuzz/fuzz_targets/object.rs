//! Single objects.

#![no_main]

use seatrial_client::core::decode::Decode;
use serde_json::value::RawValue;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    seatrial_client_fuzz::object::run(input);
    raw(input);
});

/// Leaves a value unread, as the parser does. It is here because the feature for it is on in no build of the workspace.
fn raw(input: &[u8]) {
    let text = |raw: Box<RawValue>| raw.get().to_owned();
    let ours = Decode::default().object(input).map(text);
    let peer = serde_json::from_slice(input).map(text);
    // The parser lets what is not UTF-8 pass where it is not looked at.
    if std::str::from_utf8(input).is_ok() {
        assert_eq!(ours.ok(), peer.ok());
    }
}
