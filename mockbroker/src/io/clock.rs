//! The cluster's clock: the world's, or tokio's with a wall clock that moves with it.

use std::time::{Instant, SystemTime};

use ottla_mockbroker_core::Now;

/// Where a cluster reads the time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Clock {
    /// The system's clocks, for sockets.
    System,
    /// tokio's clock, which a test may pause, and a wall clock that said `wall` when it said `mono`.
    Tokio { mono: tokio::time::Instant, wall: SystemTime },
}

impl Clock {
    /// tokio's clock, with a wall clock that says `wall` now.
    pub(crate) fn tokio_from(wall: SystemTime) -> Self {
        Self::Tokio { mono: tokio::time::Instant::now(), wall }
    }

    pub(crate) fn now(self) -> Now {
        match self {
            Self::System => Now { mono: Instant::now(), wall: SystemTime::now() },
            Self::Tokio { mono: start, wall } => {
                let mono = tokio::time::Instant::now();
                Now { mono: mono.into_std(), wall: wall + mono.duration_since(start) }
            }
        }
    }
}
