//! The one source of randomness, for jitter, for spreading load and for nonces; nothing secret is drawn from it.

use std::hash::{BuildHasher, Hasher, RandomState};

use ottla_core::connection::Nonce;

use super::cell::Guarded;

/// Random bits from a seed (SplitMix64), so that a test that names the seed sees the same ones again.
#[derive(Debug)]
pub(crate) struct Entropy {
    state: Guarded<u64>,
    is_seeded: bool,
}

impl Entropy {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self { state: Guarded::new(seed.unwrap_or_else(of_the_system)), is_seeded: seed.is_some() }
    }

    /// Bits that no other connection has, and that nobody foresees who has seen others: they come of the system's own, unless a test gave a seed.
    pub(crate) fn nonce(&self) -> Nonce {
        let mut bits = [0; 24];
        for part in bits.chunks_mut(size_of::<u64>()) {
            let drawn = if self.is_seeded { self.draw() } else { of_the_system() };
            part.copy_from_slice(&drawn.to_be_bytes());
        }
        Nonce::new(bits)
    }

    pub(crate) fn draw(&self) -> u64 {
        let mut bits = self.state.with(|state| {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            *state
        });
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}

/// Each `RandomState` has another key, of random bits that the system gave.
fn of_the_system() -> u64 {
    RandomState::new().build_hasher().finish()
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

    #[test]
    fn no_two_connections_have_the_same_nonce() {
        for seed in [None, Some(7)] {
            let entropy = Entropy::new(seed);
            assert_ne!(entropy.nonce(), entropy.nonce());
        }
        assert_eq!(Entropy::new(Some(7)).nonce(), Entropy::new(Some(7)).nonce());
        assert_ne!(Entropy::new(None).nonce(), Entropy::new(None).nonce());
    }
}
