//! How much is done in a second, measured over windows as Kafka measures it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::Windows;

/// What was done in the last windows.
#[derive(Clone, Debug, Default)]
pub(super) struct Rate {
    /// When each window began, and what was done in it, the oldest first.
    samples: VecDeque<(Instant, f64)>,
}

impl Rate {
    pub(super) fn record(&mut self, amount: f64, now: Instant, windows: Windows) {
        self.forget(now, windows);
        match self.samples.back_mut() {
            Some((began, sum)) if now.saturating_duration_since(*began) < windows.size => *sum += amount,
            _ => self.samples.push_back((now, amount)),
        }
        while self.samples.len() > usize::try_from(windows.count).unwrap_or(usize::MAX) {
            self.samples.pop_front();
        }
    }

    /// Whether nothing of it counts any more.
    pub(super) fn is_over(&mut self, now: Instant, windows: Windows) -> bool {
        self.forget(now, windows);
        self.samples.is_empty()
    }

    /// How long to do nothing until the rate is down at the limit.
    pub(super) fn throttle(&mut self, limit: f64, now: Instant, windows: Windows) -> Duration {
        self.forget(now, windows);
        let sum: f64 = self.samples.iter().map(|(_, sum)| sum).sum();
        let measured = self.measured(now, windows).as_secs_f64();
        let rate = sum / measured;
        if rate <= limit {
            return Duration::ZERO;
        }
        let millis = ((rate - limit) / limit * measured * 1000.0).round();
        // A limit close to nothing would be waited for without end.
        Duration::from_millis(millis.min(f64::from(i32::MAX)) as u64)
    }

    /// Over how long what is remembered was done: at least over all windows but the one that is open.
    fn measured(&self, now: Instant, windows: Windows) -> Duration {
        let whole = windows.size.saturating_mul(windows.count.saturating_sub(1).max(1));
        let Some((began, _)) = self.samples.front() else { return whole };
        let elapsed = now.saturating_duration_since(*began);
        let size = windows.size.as_millis().max(1);
        let full = elapsed.as_millis().checked_div(size).unwrap_or_default();
        let missing = u128::from(windows.count.saturating_sub(1)).saturating_sub(full);
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        elapsed.saturating_add(windows.size.saturating_mul(missing)).max(windows.size)
    }

    /// Forgets what was done before the windows that count.
    fn forget(&mut self, now: Instant, windows: Windows) {
        let age = windows.size.saturating_mul(windows.count);
        while self.samples.front().is_some_and(|(began, _)| now.saturating_duration_since(*began) >= age) {
            self.samples.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOWS: Windows = Windows { count: 11, size: Duration::from_secs(1) };

    #[test]
    fn what_was_done_before_all_windows_is_forgotten() {
        let (mut rate, start) = (Rate::default(), Instant::now());
        rate.record(2000.0, start, WINDOWS);
        assert_eq!(rate.throttle(100.0, start, WINDOWS), Duration::from_secs(10));
        let later = start + Duration::from_secs(11);
        assert_eq!(rate.throttle(100.0, later, WINDOWS), Duration::ZERO);
    }

    #[test]
    fn a_rate_falls_as_time_goes_by() {
        let (mut rate, start) = (Rate::default(), Instant::now());
        for second in 0..5 {
            rate.record(300.0, start + Duration::from_secs(second), WINDOWS);
        }
        // 1500 in 4 + 6 seconds.
        assert_eq!(rate.throttle(100.0, start + Duration::from_secs(4), WINDOWS), Duration::from_secs(5));
        assert_eq!(rate.throttle(150.0, start + Duration::from_secs(10), WINDOWS), Duration::ZERO);
    }
}
