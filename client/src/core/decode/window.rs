//! The bytes between two chunks.

use bytes::{Buf, Bytes};

/// How much room stays reserved for values that chunks cut.
const RESERVE_BYTES_MAX: usize = 256 * 1024;

/// The rest of the current chunk, and the beginning of the value that earlier chunks were cut in.
#[derive(Debug, Default)]
pub(super) struct Window {
    chunk: Bytes,
    /// The beginning of a value of which the rest has not arrived; empty while no value is cut.
    carry: Vec<u8>,
    /// Whether the value that is cut was tried: to try again with each chunk would be to read it all again each time.
    tried: bool,
    /// How many bytes were passed, for errors.
    offset: u64,
    /// How long the values of the body are; a little behind where they become shorter.
    usual: usize,
}

// === impl Window ===

impl Window {
    /// Takes the next chunk.
    pub(super) fn push(&mut self, chunk: Bytes) {
        if self.chunk.is_empty() {
            self.chunk = chunk;
        } else {
            // The caller has not asked for all that the last chunk had: the two become one.
            self.chunk = [&self.chunk[..], &chunk[..]].concat().into();
        }
    }

    /// What is left of the chunk.
    pub(super) fn rest(&self) -> &[u8] {
        &self.chunk
    }

    /// Where the rest begins, counted from the beginning of the body.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Passes over bytes that belong to no value.
    pub(super) fn skip(&mut self, n: usize) {
        self.chunk.advance(n);
        self.offset += n as u64;
    }

    /// Keeps the rest of the chunk as (more of) the beginning of a value.
    pub(super) fn keep_rest(&mut self) {
        self.carry.extend_from_slice(&self.chunk);
        self.skip(self.chunk.len());
        // The chunk's memory is not ours to hold on to.
        self.chunk = Bytes::new();
    }

    /// Hands out a value of those that make up the body, as [`take`](Self::take).
    pub(super) fn take_value<R>(&mut self, n: usize, read: impl FnOnce(&[u8]) -> R) -> R {
        self.note_len(self.carry.len() + n);
        self.take(n, read)
    }

    /// Hands out a value that ends after `n` more bytes: in place where it lies in one chunk.
    pub(super) fn take<R>(&mut self, n: usize, read: impl FnOnce(&[u8]) -> R) -> R {
        if self.carry.is_empty() {
            let result = read(&self.chunk[..n]);
            self.skip(n);
            return result;
        }
        self.carry.extend_from_slice(&self.chunk[..n]);
        self.skip(n);
        let result = read(&self.carry);
        self.clear_carry();
        result
    }

    /// Hands out what `parse` makes of the bytes from here on, of which it says how many it took; nothing if they end too soon by experience, or it makes
    /// nothing of them.
    ///
    /// It is shown somewhat more than the value is likely to need, but not all there is, which may be the whole body.
    pub(super) fn try_take<R>(&mut self, parse: impl FnOnce(&[u8]) -> Option<(R, usize)>) -> Option<R> {
        let held = self.carry.len();
        let likely = self.usual + self.usual / 2 + 64;
        if self.tried || held + self.chunk.len() < self.usual || held >= likely {
            return None;
        }
        let more = likely.saturating_sub(held).min(self.chunk.len());
        let parsed = if held == 0 {
            parse(&self.chunk[..more])
        } else {
            self.carry.extend_from_slice(&self.chunk[..more]);
            parse(&self.carry)
        };
        // What earlier chunks brought is no whole value.
        let Some((result, n, rest)) = parsed.and_then(|(result, n)| Some((result, n, n.checked_sub(held)?)))
        else {
            self.carry.truncate(held);
            self.tried = held > 0;
            return None;
        };
        self.skip(rest);
        self.note_len(n);
        self.clear_carry();
        Some(result)
    }

    /// Whether the value that comes next was begun by an earlier chunk.
    pub(super) fn is_cut(&self) -> bool {
        !self.carry.is_empty()
    }

    /// Remembers how long a value was.
    fn note_len(&mut self, n: usize) {
        self.usual = n.max(self.usual - self.usual / 8);
    }

    fn clear_carry(&mut self) {
        self.tried = false;
        self.carry.clear();
        self.carry.shrink_to(RESERVE_BYTES_MAX);
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.chunk = Bytes::new();
        self.carry = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_chunks_cut_is_tried_once() {
        let mut window = Window::default();
        window.push(vec![b'x'; 100].into());
        assert_eq!(window.try_take(|text| Some((text.len(), 80))), Some(64));
        window.keep_rest();
        let mut tries = 0;
        for _ in 0..200 {
            window.push(vec![b'x'; 1].into());
            let taken = window.try_take(|_| {
                tries += 1;
                None::<((), usize)>
            });
            assert_eq!(taken, None);
            window.keep_rest();
        }
        assert_eq!(tries, 1);
        window.push(vec![b'x'; 200].into());
        assert_eq!(window.take_value(30, <[u8]>::len), 250);
        // The next one is a value of its own.
        assert!(window.try_take(|_| Some(((), 60))).is_none());
        window.push(vec![b'x'; 100].into());
        assert_eq!(window.try_take(|text| Some((text.len(), 60))), Some(270));
    }
}
