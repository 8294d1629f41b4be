//! Names and identifiers that the server draws.

/// The letters of generated names: no vowels, and no digits that look like letters.
const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// How many characters a generated name adds.
const SUFFIX_LEN: usize = 5;

/// The longest prefix that a generated name keeps.
const PREFIX_MAX: usize = 63 - SUFFIX_LEN;

/// By how much the state of SplitMix64 grows from number to number.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A reproducible source of UIDs and generated names: one seed, one sequence.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    state: u64,
}

// === impl Ids ===

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A source of its own, whose sequence does not depend on what is drawn from this one meanwhile.
    pub(crate) fn child(&mut self) -> Self {
        Self { state: self.next() }
    }

    /// A UID in the form of a random (version 4) UUID.
    pub(crate) fn uid(&mut self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let (a, b) = (self.next(), self.next());
        // The third group begins with the version, the fourth with the variant.
        let high = a & !0xf000 | 0x4000;
        let low = (0x8000 | (b >> 50)) << 48 | b & 0xffff_ffff_ffff;
        let mut bits = u128::from(high) << 64 | u128::from(low);
        let mut out = String::with_capacity(36);
        for group in [8, 4, 4, 4, 12] {
            if !out.is_empty() {
                out.push('-');
            }
            for _ in 0..group {
                out.push(char::from(DIGITS[(bits >> 124) as usize]));
                bits <<= 4;
            }
        }
        out
    }

    /// Passes over the next UIDs.
    pub(crate) fn skip_uids(&mut self, count: u64) {
        self.state = self.state.wrapping_add(STEP.wrapping_mul(2 * count));
    }

    /// `prefix`, cut to what fits, and five random characters.
    pub(crate) fn name(&mut self, prefix: &str) -> String {
        let mut out = String::with_capacity(PREFIX_MAX + SUFFIX_LEN);
        out.push_str(&prefix[..prefix.floor_char_boundary_at(PREFIX_MAX)]);
        let mut bits = self.next();
        for _ in 0..SUFFIX_LEN {
            out.push(char::from(ALPHABET[(bits % 27) as usize]));
            bits /= 27;
        }
        out
    }

    /// The next number of the SplitMix64 sequence.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// `str::floor_char_boundary`, which the oldest supported toolchain lacks.
trait FloorCharBoundary {
    fn floor_char_boundary_at(&self, index: usize) -> usize;
}

impl FloorCharBoundary for str {
    fn floor_char_boundary_at(&self, index: usize) -> usize {
        let mut at = index.min(self.len());
        while !self.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_is_a_version_4_uuid() {
        let mut ids = Ids::new(7);
        for _ in 0..100 {
            let uid = ids.uid();
            assert_eq!(uid.len(), 36, "{uid}");
            assert_eq!(uid.as_bytes()[14], b'4', "{uid}");
            assert!(matches!(uid.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{uid}");
        }
    }

    #[test]
    fn the_first_uids_of_a_seed_stay_what_they_are() {
        let mut ids = Ids::new(0);
        let drawn = [ids.uid(), ids.uid()];
        assert_eq!(
            drawn,
            [
                "e220a839-7b1d-4daf-9b9e-9e6aa1b965f4",
                "06c45d18-8009-454f-be22-b8a8724c81ec",
            ]
        );
    }

    #[test]
    fn one_seed_gives_one_sequence() {
        let draw = |seed| {
            let mut ids = Ids::new(seed);
            (ids.uid(), ids.name("web-"), ids.uid())
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn what_is_passed_over_is_what_would_have_been_drawn() {
        let mut drawn = Ids::new(3);
        (0..5).for_each(|_| drop(drawn.uid()));
        let mut skipped = Ids::new(3);
        skipped.skip_uids(5);
        assert_eq!(skipped.uid(), drawn.uid());
    }

    #[test]
    fn long_prefixes_are_cut() {
        let name = Ids::new(1).name(&"x".repeat(80));
        assert_eq!(name.len(), 63);
    }
}
