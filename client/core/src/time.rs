//! The time, as it is handed to every machine.

use std::time::{Instant, SystemTime};

/// One moment on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The monotonic clock; deadlines are measured on it.
    pub mono: Instant,
    /// The wall clock; signatures, record timestamps and the expiry of credentials are read from it.
    pub wall: SystemTime,
}

impl Now {
    /// The wall clock as Kafka writes it: milliseconds since the Unix epoch, negative before it.
    #[must_use]
    pub fn unix_millis(self) -> i64 {
        match self.wall.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis),
        }
    }
}
