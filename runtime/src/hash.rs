//! A hasher of our own, so that no run differs from the next, nor one toolchain from another, by its maps.

use std::hash::{BuildHasher, Hasher};

use indexmap::IndexMap;

/// A map whose behaviour is a function of what was done to it.
pub(crate) type Map<K, V> = IndexMap<K, V, FixedState>;

/// Makes [`FixedHasher`]s.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FixedState;

/// Multiplies 64-bit words into 128 bits and folds the halves: every bit of the input reaches every bit of the result.
///
/// Not meant to resist somebody who looks for collisions; the keys here are names that the apiserver has let through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FixedHasher(u64);

// Odd numbers with evenly spread bits: the fractions of pi and e.
const PI: u64 = 0x243f_6a88_85a3_08d3;
const E: u64 = 0xb7e1_5162_8aed_2a6b;

// === impl FixedState ===

impl BuildHasher for FixedState {
    type Hasher = FixedHasher;

    fn build_hasher(&self) -> FixedHasher {
        FixedHasher(PI)
    }
}

// === impl FixedHasher ===

impl FixedHasher {
    fn mix(&mut self, word: u64) {
        self.0 = fold(self.0 ^ word, E);
    }
}

impl Hasher for FixedHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            // The length tells a short word from one with zeros at the end. There is room for it, and one word is one multiplication.
            word[7] = rest.len() as u8;
            self.mix(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.mix(byte.into());
    }

    fn write_u64(&mut self, word: u64) {
        self.mix(word);
    }

    fn write_usize(&mut self, word: usize) {
        self.mix(word as u64);
    }

    fn finish(&self) -> u64 {
        fold(self.0, PI)
    }
}

fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    // Both halves are meant to be cut out.
    #[expect(clippy::cast_possible_truncation, reason = "the halves of the product")]
    let (low, high) = (product as u64, (product >> 64) as u64);
    low ^ high
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_that_differ_little_spread() {
        let hashes: Vec<_> = (0..10_000)
            .map(|n| FixedState.hash_one(format!("pod-{n}")))
            .collect();
        assert_eq!(hashes.iter().collect::<BTreeSet<_>>().len(), 10_000);
        // The low bits pick the place in a table.
        let places: BTreeSet<_> = hashes.iter().map(|hash| hash % 1024).collect();
        assert!(places.len() > 1000, "{} of 1024", places.len());
    }

    #[test]
    fn parts_and_lengths_count() {
        let hash = |value: (&str, &str)| FixedState.hash_one(value);
        assert_ne!(hash(("a", "bc")), hash(("ab", "c")));
        assert_ne!(FixedState.hash_one("a"), FixedState.hash_one("a\0"));
        assert_eq!(hash(("a", "b")), hash(("a", "b")));
    }

    /// Where one text ends and the next begins is marked by `str` itself.
    #[test]
    fn texts_of_all_lengths_differ() {
        let texts = (0..40)
            .map(|len| "a".repeat(len))
            .chain((0..40).map(|len| "\0".repeat(len)));
        let hashes: BTreeSet<_> = texts.map(|text| FixedState.hash_one(text)).collect();
        // The empty text is there twice.
        assert_eq!(hashes.len(), 79);
    }

    #[test]
    fn the_function_is_fixed() {
        assert_eq!(FixedState.hash_one(42u64), fold(fold(PI ^ 42, E), PI));
    }
}
