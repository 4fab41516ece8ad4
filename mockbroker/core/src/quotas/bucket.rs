//! What a client may do with the controllers, as tokens that come back with time (KIP-599).

use std::time::{Duration, Instant};

use super::Windows;

/// The tokens that a client has left; below zero are those that it owes.
#[derive(Clone, Copy, Debug)]
pub(super) struct TokenBucket {
    tokens: f64,
    /// How many come back in a second.
    limit: f64,
    at: Instant,
}

impl TokenBucket {
    /// The bucket of who did nothing yet.
    pub(super) fn full(limit: f64, now: Instant, windows: Windows) -> Self {
        Self { tokens: burst(limit, windows), limit, at: now }
    }

    /// Holds it to this limit, by which also came back what did since the last time.
    pub(super) fn hold_to(&mut self, limit: f64, now: Instant, windows: Windows) {
        self.limit = limit;
        self.refill(now, windows);
    }

    pub(super) fn take(&mut self, tokens: f64) {
        self.tokens -= tokens;
    }

    /// How long it takes until nothing is owed; none where nothing is.
    pub(super) fn debt(&self) -> Option<Duration> {
        let millis = (-self.tokens / self.limit * 1000.0).round();
        // A limit close to nothing would be waited for without end.
        (self.tokens < 0.0).then(|| Duration::from_millis(millis.min(f64::from(i32::MAX)) as u64))
    }

    /// Whether it is as that of who did nothing.
    pub(super) fn is_full(&mut self, now: Instant, windows: Windows) -> bool {
        self.refill(now, windows);
        self.tokens >= burst(self.limit, windows)
    }

    fn refill(&mut self, now: Instant, windows: Windows) {
        let elapsed = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + self.limit * elapsed).min(burst(self.limit, windows));
        self.at = now;
    }
}

/// The most tokens that there are: those of all windows.
fn burst(limit: f64, windows: Windows) -> f64 {
    windows.size.as_secs_f64() * f64::from(windows.count) * limit
}
