//! Random bits from a seed, so that every run of one seed is the same.

/// The generator SplitMix64 (Steele, Lea and Flood, 2014): small, and good enough for ids and places; no secret is made of it.
#[derive(Clone, Debug)]
pub(crate) struct SplitMix64(u64);

impl SplitMix64 {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 where there is none.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        let drawn = self.next_u64().checked_rem(end).unwrap_or_default();
        usize::try_from(drawn).unwrap_or_default()
    }

    /// A number from 0 up to, and without, 1.
    pub(crate) fn unit(&mut self) -> f64 {
        const STEPS: u32 = u32::MAX;
        let drawn = u32::try_from(self.next_u64() >> 32).unwrap_or_default();
        f64::from(drawn) / (f64::from(STEPS) + 1.0)
    }

    /// A random UUID (RFC 9562, version 4).
    pub(crate) const fn uuid(&mut self) -> [u8; 16] {
        const VERSION: u128 = 0xf << 76;
        const VARIANT: u128 = 0b11 << 62;
        let drawn = ((self.next_u64() as u128) << 64) | self.next_u64() as u128;
        let marked = (drawn & !VERSION & !VARIANT) | (0x4 << 76) | (0b10 << 62);
        marked.to_be_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_published_generator() {
        let mut random = SplitMix64::new(1_234_567);
        assert_eq!(random.next_u64(), 6_457_827_717_110_365_317);
        assert_eq!(random.next_u64(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn a_uuid_says_that_it_is_random() {
        let uuid = SplitMix64::new(0).uuid();
        assert_eq!((uuid[6] >> 4, uuid[8] >> 6), (4, 0b10));
    }

    #[test]
    fn nothing_is_below_zero() {
        assert_eq!(SplitMix64::new(0).below(0), 0);
        assert!((0..100).all(|_| SplitMix64::new(9).below(3) < 3));
    }
}
