//! What the fuzz targets do with an input. `tests/corpus.rs` of the client replays the seeds through the same functions.

pub mod kubeconfig;
pub mod list;
pub mod object;
pub mod selector;
pub mod watch;

/// The body that an input holds, and the lengths of the pieces that it comes in.
///
/// The first byte says how many lengths follow it.
fn cut(input: &[u8]) -> Option<(&[u8], Vec<&[u8]>)> {
    let (count, rest) = input.split_first()?;
    let (lengths, body) = rest.split_at(usize::from(*count).min(rest.len()));
    let mut left = body;
    let mut pieces = Vec::new();
    for length in lengths {
        let (piece, behind) = left.split_at(usize::from(*length).min(left.len()));
        pieces.push(piece);
        left = behind;
    }
    pieces.push(left);
    Some((body, pieces))
}
