//! Lists, as they arrive.

use seatrial_client::core::{
    ObjectList,
    decode::{Decode, Error, ListDecoder},
};
use serde_json::Value;

use super::cut;

/// Decodes a list in one piece and in several: both come to the same, and to what the parser makes of the whole.
pub fn run(input: &[u8]) {
    let Some((body, pieces)) = cut(input) else { return };
    let whole = decode(&[body], Decode::default());
    let text = |result: &Result<Vec<Value>, Error>| match result {
        Ok(items) => format!("{items:?}"),
        Err(error) => error.to_string(),
    };
    assert_eq!(text(&whole), text(&decode(&pieces, Decode::default())));
    if let Ok(items) = whole {
        let list: ObjectList<Value> = serde_json::from_slice(body).expect("what is decoded is JSON");
        assert_eq!(items, list.items);
    }
    // Passing over fields never fails where reading them does not. The other way round it may: what is passed over is not
    // looked at, and need not be UTF-8, for example.
    let skipped = decode(&pieces, Decode::default().skip_managed_fields());
    assert!(skipped.is_ok() || decode(&pieces, Decode::default()).is_err());
}

fn decode(pieces: &[&[u8]], options: Decode) -> Result<Vec<Value>, Error> {
    let mut decoder = ListDecoder::new(options);
    let mut items = Vec::new();
    for piece in pieces {
        decoder.push(piece.to_vec().into());
        while let Some(item) = decoder.next_item()? {
            items.push(item);
        }
    }
    decoder.finish()?;
    Ok(items)
}
