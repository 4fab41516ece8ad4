//! The one source of randomness, for jitter and for spreading load; nothing secret is drawn from it.

use std::hash::{BuildHasher, Hasher, RandomState};

use super::cell::Guarded;

/// Random bits from a seed (SplitMix64), so that a test that names the seed sees the same ones again.
#[derive(Debug)]
pub(crate) struct Entropy(Guarded<u64>);

impl Entropy {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self(Guarded::new(seed.unwrap_or_else(|| RandomState::new().build_hasher().finish())))
    }

    pub(crate) fn draw(&self) -> u64 {
        let mut bits = self.0.with(|state| {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            *state
        });
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_gives_the_same_bits_and_none_gives_others() {
        let draws = |seed| {
            let entropy = Entropy::new(seed);
            [entropy.draw(), entropy.draw(), entropy.draw()]
        };
        assert_eq!(draws(Some(7)), draws(Some(7)));
        assert_ne!(draws(Some(7)), draws(Some(8)));
        assert_ne!(draws(None), draws(None));
    }
}
