//! The cluster's clock: the world's, tokio's with a wall clock that moves with it, or one that moves when it is told to.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use ottla_mockbroker_core::Now;

/// Where a cluster reads the time.
#[derive(Clone, Debug)]
pub(crate) enum Clock {
    /// The system's clocks, for sockets.
    System,
    /// tokio's clock, which a test may pause, and a wall clock that said `wall` when it said `mono`.
    Tokio { mono: tokio::time::Instant, wall: SystemTime },
    /// What it was set to last, for sockets.
    Manual(Arc<Mutex<Now>>),
}

impl Clock {
    /// tokio's clock, with a wall clock that says `wall` now.
    pub(crate) fn tokio_from(wall: SystemTime) -> Self {
        Self::Tokio { mono: tokio::time::Instant::now(), wall }
    }

    /// A clock that says `wall` until it is moved.
    pub(crate) fn manual_from(wall: SystemTime) -> Self {
        Self::Manual(Arc::new(Mutex::new(Now { mono: Instant::now(), wall })))
    }

    pub(crate) fn now(&self) -> Now {
        match self {
            Self::System => Now { mono: Instant::now(), wall: SystemTime::now() },
            Self::Tokio { mono: start, wall } => {
                let mono = tokio::time::Instant::now();
                Now { mono: mono.into_std(), wall: *wall + mono.duration_since(*start) }
            }
            Self::Manual(now) => *now.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    pub(crate) fn is_manual(&self) -> bool {
        matches!(self, Self::Manual(_))
    }

    /// Moves a manual clock; another one moves by itself.
    pub(super) fn advance(&self, by: Duration) {
        if let Self::Manual(now) = self {
            let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
            *now = Now { mono: now.mono + by, wall: now.wall + by };
        }
    }
}
