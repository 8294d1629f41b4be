//! How long lists are likely to be.

/// As many places as a few kinds of objects have lists.
const PLACES: usize = 64;

/// A longer list is not foretold: what a wrong guess leaves unused stays as little as what a vector leaves that grows by itself.
const LENGTH_MAX: u8 = 8;

/// How long the lists were last time, by the name of the member that they are.
///
/// The objects of one list or watch are much alike, and so are their lists. Who knows a length beforehand makes room once and for no more: the room
/// that vectors have to spare is a tenth of the memory of a decoded pod.
///
/// Two names may share a place; a guess is wrong then, and no more than that.
#[derive(Clone, Copy, Debug)]
pub(in crate::core::decode) struct Lengths([u8; PLACES]);

// === impl Lengths ===

impl Lengths {
    /// The place of a list that begins behind this text, of which the end counts: `"env":` for example.
    #[inline]
    pub(super) fn place(before: &[u8]) -> usize {
        let name = before.last_chunk().map_or(0, |end| u64::from_le_bytes(*end));
        // The highest bits of the product depend on all bytes. The factor is 2^64 divided by the golden ratio.
        (name.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58) as usize
    }

    /// How long the last list of this place was; zero if there was none.
    #[inline]
    pub(super) fn at(&self, place: usize) -> usize {
        self.0[place % PLACES].into()
    }

    /// Remembers how long a list of this place was.
    #[inline]
    pub(super) fn note(&mut self, place: usize, length: usize) {
        self.0[place % PLACES] = u8::try_from(length).map_or(LENGTH_MAX, |length| length.min(LENGTH_MAX));
    }
}

impl Default for Lengths {
    fn default() -> Self {
        Self([0; PLACES])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_apart_by_the_end_of_the_text_before() {
        let place = |text: &str| Lengths::place(text.as_bytes());
        assert_eq!(
            place(r#"{"spec":{"containers":"#),
            place(r#"{"name":"a","containers":"#)
        );
        assert_ne!(place(r#"{"containers":"#), place(r#"{"conditions":"#));
        assert!(place("") < PLACES && place("[") < PLACES);
    }

    #[test]
    fn the_last_length_is_the_likely_one_up_to_a_bound() {
        let mut lengths = Lengths::default();
        assert_eq!(lengths.at(3), 0);
        for (length, expect) in [(2, 2), (8, 8), (9, 8), (1_000, 8), (0, 0)] {
            lengths.note(3, length);
            assert_eq!(lengths.at(3), expect);
            assert_eq!(lengths.at(4), 0);
        }
    }
}
