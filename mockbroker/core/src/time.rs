//! The time, as the cluster's owner says it.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// One moment on two clocks, given with every input. It never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// For deadlines.
    pub mono: Instant,
    /// For timestamps in records, and for what a signature says of its own age.
    pub wall: SystemTime,
}

impl Now {
    /// The wall clock as Kafka writes it: milliseconds since 1970.
    #[must_use]
    pub fn millis(self) -> i64 {
        let since = self.wall.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}
