//! What a story leaves to chance, drawn from its seed (SplitMix64): the same seed always draws the same.

use std::time::Duration;

pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of 0 to `count` - 1.
    pub(crate) const fn below(&mut self, count: usize) -> usize {
        (self.roll() % count as u64) as usize
    }

    /// Whether the one case in `count` has come.
    pub(crate) const fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(crate) fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    /// From `min` to `max` milliseconds.
    pub(crate) const fn millis(&mut self, min: usize, max: usize) -> Duration {
        Duration::from_millis((min + self.below(max - min + 1)) as u64)
    }
}
