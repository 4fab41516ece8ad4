//! How long to wait before another try.

use std::time::Duration;

/// Waits that double from `initial` up to `max`; half of each is chance, so that clients that failed together do not come back together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The longest wait before the second try.
    pub initial: Duration,
    /// The longest wait before any try.
    pub max: Duration,
}

impl Backoff {
    /// Between two tries to open a connection: 200 ms at first, up to 5 s.
    ///
    /// MSK lets 100 new IAM connections per second into a broker (4 on its smallest) and asks for 1 s. The wait reaches that with the fourth
    /// failure, and a broker that only restarts is found again sooner.
    pub const RECONNECT: Self = Self { initial: Duration::from_millis(200), max: Duration::from_secs(5) };

    /// Between two tries of a request: 200 ms at first, which is the least that MSK asks for, up to 1 s as in Kafka's clients (KIP-580).
    pub const RETRY: Self = Self { initial: Duration::from_millis(200), max: Duration::from_secs(1) };

    /// Between two requests for metadata while the answers are refusals or incomplete: 100 ms at first, up to 1 s, as in Kafka's clients.
    pub const METADATA: Self = Self { initial: Duration::from_millis(100), max: Duration::from_secs(1) };

    /// The wait after `failures` tries that failed one after another, of which the first counts as 1; zero after none.
    ///
    /// `random` is any 64 random bits. The wait is at least half of what its bound is, and never above the bound.
    #[must_use]
    pub fn after(&self, failures: u32, random: u64) -> Duration {
        let Some(doublings) = failures.checked_sub(1) else { return Duration::ZERO };
        let factor = 2_u32.checked_pow(doublings).unwrap_or(u32::MAX);
        let bound = self.initial.saturating_mul(factor).min(self.max);
        let half = bound / 2;
        let chance = u64::try_from(half.as_nanos()).map_or(u64::MAX, |nanos| nanos.saturating_add(1));
        half + Duration::from_nanos(random % chance)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_failure_is_no_wait() {
        assert_eq!(Backoff::RECONNECT.after(0, u64::MAX), Duration::ZERO);
    }

    #[test]
    fn the_bound_doubles_up_to_the_maximum() {
        // Bits that choose the longest wait of each bound.
        let longest = |failures, bound_millis: u64| {
            let half = bound_millis * 1_000_000 / 2;
            Backoff::RECONNECT.after(failures, half)
        };
        let table = [(1, 200), (2, 400), (3, 800), (4, 1600), (5, 3200), (6, 5000), (7, 5000), (u32::MAX, 5000)];
        for (failures, bound) in table {
            assert_eq!(longest(failures, bound), Duration::from_millis(bound), "after {failures}");
        }
    }

    proptest! {
        #[test]
        fn a_wait_is_between_half_of_its_bound_and_its_bound(
            initial in 0_u64..10_000, max in 0_u64..100_000, failures in 1_u32.., random: u64,
        ) {
            let backoff = Backoff { initial: Duration::from_millis(initial), max: Duration::from_millis(max) };
            let factor = 2_u32.checked_pow(failures - 1).unwrap_or(u32::MAX);
            let bound = backoff.initial.saturating_mul(factor).min(backoff.max);
            let wait = backoff.after(failures, random);
            prop_assert!(bound / 2 <= wait && wait <= bound, "{wait:?} of {bound:?}");
        }
    }
}
