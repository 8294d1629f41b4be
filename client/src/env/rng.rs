//! The generator behind [`Env::rng`](super::Env::rng).
//!
//! The algorithms are fixed, because a seed printed by a failing test must mean the same run in every later release:
//! an id is folded with FNV-1a (64 bits), mixed with the seed, expanded by SplitMix64 into 256 bits of state, and
//! the numbers come from xoshiro256++ 1.0.

/// A source of repeatable random numbers.
///
/// Not for secrets: whoever knows the seed knows the numbers.
///
/// # Source
///
/// xoshiro256++ 1.0 and SplitMix64 by D. Blackman and S. Vigna, <https://prng.di.unimi.it>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng {
    state: [u64; 4],
}

impl Rng {
    /// The generator that grows from `seed`.
    pub fn new(seed: u64) -> Self {
        let mut source = SplitMix64(seed);
        // Four outputs of SplitMix64 in a row are never all zero, the one state that xoshiro cannot leave.
        Self {
            state: std::array::from_fn(|_| source.next()),
        }
    }

    /// The generator that grows from `seed` for `id`.
    pub(super) fn forked(seed: u64, id: &str) -> Self {
        let id = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        // The seed is mixed first: a plain exclusive-or would let neighbouring seeds and ids cancel each other.
        Self::new(SplitMix64(seed).next() ^ id)
    }

    /// A generator of its own for a part of the work named `id`; this one advances by one number.
    pub fn fork(&mut self, id: &str) -> Self {
        Self::forked(self.next_u64(), id)
    }

    /// The next number, each of the 2⁶⁴ as likely as any other.
    pub fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        result
    }

    /// A number below `bound`, each as likely as any other; zero if `bound` is zero.
    ///
    /// # Source
    ///
    /// D. Lemire, "Fast Random Integer Generation in an Interval", 2019.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        // Products whose low half falls below this would favour some results; each draw escapes with chance > 1/2.
        let threshold = bound.wrapping_neg() % bound;
        loop {
            let product = u128::from(self.next_u64()) * u128::from(bound);
            if product as u64 >= threshold {
                return (product >> 64) as u64;
            }
        }
    }

    /// A number in `0.0..1.0`, a multiple of 2⁻⁵³.
    pub fn f64(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// True with probability `p`; never for `p <= 0`, always for `p >= 1`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.f64() < p
    }

    /// Puts `items` into one of their orders, each as likely as any other.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            // At most `last`, which is a usize.
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

/// The generator that spreads one seed over a larger state.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Rng, SplitMix64};

    #[test]
    fn splitmix64_gives_its_published_numbers() {
        let mut source = SplitMix64(1_234_567);
        assert_eq!(source.next(), 6_457_827_717_110_365_317);
        assert_eq!(source.next(), 3_203_168_211_198_807_973);
        assert_eq!(source.next(), 9_817_491_932_198_370_423);
    }

    #[test]
    fn xoshiro256plusplus_gives_its_published_numbers() {
        let mut rng = Rng { state: [1, 2, 3, 4] };
        for expected in [
            41_943_041,
            58_720_359,
            3_588_806_011_781_223,
            3_591_011_842_654_386,
            9_228_616_714_210_784_205,
            9_973_669_472_204_895_162,
            14_011_001_112_246_962_877,
            12_406_186_145_184_390_807,
            15_849_039_046_786_891_736,
            10_450_023_813_501_588_000,
        ] {
            assert_eq!(rng.next_u64(), expected);
        }
    }

    /// A printed seed must mean the same run in every later release.
    #[test]
    fn the_streams_of_ids_do_not_change() {
        let first = |seed, id| Rng::forked(seed, id).next_u64();
        assert_eq!(first(0, ""), 10_861_341_569_925_573_951);
        assert_eq!(first(7, "watcher/pods"), 989_676_243_824_045_470);
        assert_ne!(first(7, "watcher/pods"), first(8, "watcher/pods"));
        assert_ne!(first(7, "watcher/pods"), first(7, "watcher/nodes"));
    }

    #[test]
    fn a_fork_advances_its_parent_by_one_number() {
        let mut forked = Rng::new(1);
        let mut drawn = forked.clone();
        let child = forked.fork("child");
        drawn.next_u64();
        assert_eq!(forked, drawn);
        assert_ne!(child, forked);
    }

    #[test]
    fn below_covers_its_range_evenly() {
        let mut rng = Rng::new(3);
        let mut seen = [0_u32; 6];
        for _ in 0..6_000 {
            seen[rng.below(6) as usize] += 1;
        }
        assert!(
            seen.iter().all(|&count| (900..1_100).contains(&count)),
            "{seen:?}"
        );
    }

    #[test]
    fn chance_keeps_to_its_ends() {
        let mut rng = Rng::new(3);
        assert!((0..1_000).all(|_| !rng.chance(0.0) && rng.chance(1.0)));
    }

    proptest! {
        #[test]
        fn below_stays_below(seed: u64, bound: u64) {
            let drawn = Rng::new(seed).below(bound);
            prop_assert!(drawn < bound || (bound == 0 && drawn == 0));
        }

        #[test]
        fn f64_stays_in_its_interval(seed: u64) {
            prop_assert!((0.0..1.0).contains(&Rng::new(seed).f64()));
        }

        #[test]
        fn shuffle_loses_nothing(seed: u64, len in 0_usize..50) {
            let mut items: Vec<_> = (0..len).collect();
            Rng::new(seed).shuffle(&mut items);
            items.sort_unstable();
            prop_assert_eq!(items, (0..len).collect::<Vec<_>>());
        }
    }
}
