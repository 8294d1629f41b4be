//! Single objects.

use k8s_openapi::api::core::v1::Pod;
use seatrial_client::core::decode::Decode;
use serde_json::Value;

/// Decodes an object as the parser does, and without managed fields as if they had been taken out.
///
/// What is not UTF-8 is no JSON (RFC 8259, 8.1). The parser lets it pass in fields that it passes over, where ours may refuse it.
pub fn run(input: &[u8]) {
    if std::str::from_utf8(input).is_err() {
        for decode in [Decode::default(), Decode::default().skip_managed_fields()] {
            let _ = decode.object::<Pod>(input);
        }
        return;
    }
    let whole = serde_json::from_slice::<Value>(input).ok();
    assert_eq!(Decode::default().object::<Value>(input).ok(), whole);
    let pod = serde_json::from_slice::<Pod>(input).ok();
    assert_eq!(Decode::default().object::<Pod>(input).ok(), pod);
    let lean = Decode::default().skip_managed_fields();
    if let Some(mut whole) = whole {
        if let Some(Value::Object(metadata)) = whole.get_mut("metadata") {
            metadata.remove("managedFields");
        }
        assert_eq!(lean.object::<Value>(input).ok(), Some(whole));
    }
    if let Some(mut pod) = pod {
        pod.metadata.managed_fields = None;
        assert_eq!(lean.object::<Pod>(input).ok(), Some(pod));
    }
}
