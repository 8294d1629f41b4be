//! Watch streams, as they arrive.

use seatrial_client::core::decode::{Decode, WatchDecoder};
use serde_json::Value;

use super::cut;

/// Decodes a stream in one piece and in several: both come to the same events, errors and end.
pub fn run(input: &[u8]) {
    let Some((body, pieces)) = cut(input) else { return };
    assert_eq!(decode(&[body]), decode(&pieces));
}

fn decode(pieces: &[&[u8]]) -> Vec<String> {
    let mut decoder = WatchDecoder::<Value>::new(Decode::default());
    let mut seen = Vec::new();
    for piece in pieces {
        decoder.push(piece.to_vec().into());
        loop {
            match decoder.next_event() {
                Ok(None) => break,
                Ok(Some(event)) => seen.push(format!("{event:?}")),
                Err(error) => {
                    seen.push(error.to_string());
                    // What is not understood ends the stream, and says so for ever.
                    if !error.is_recoverable() {
                        return seen;
                    }
                }
            }
        }
    }
    seen.push(format!(
        "{:?}",
        decoder.finish().map_err(|error| error.to_string())
    ));
    seen
}
