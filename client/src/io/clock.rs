//! Where the time comes from.

use std::time::{Instant, SystemTime};

use ottla_core::Now;

/// Tells the time, on both clocks: the monotonic one that deadlines are measured on, and the wall clock that signatures are dated with.
///
/// Every `Fn() -> (Instant, SystemTime)` is one.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> (Instant, SystemTime);
}

impl<F> Clock for F
where
    F: Fn() -> (Instant, SystemTime) + Send + Sync + 'static,
{
    fn now(&self) -> (Instant, SystemTime) {
        self()
    }
}

/// The clocks of this machine; the monotonic one is tokio's, so that a paused runtime drives it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> (Instant, SystemTime) {
        (tokio::time::Instant::now().into_std(), SystemTime::now())
    }
}

/// When, on tokio's clock, the client's own clock will show `deadline`.
///
/// Both run at the same pace; where a clock of the user's stands still, the deadline is looked at again when as much time has passed.
pub(crate) fn on_tokio(clock: &dyn Clock, deadline: Instant) -> tokio::time::Instant {
    let (mono, _) = clock.now();
    tokio::time::Instant::now() + deadline.saturating_duration_since(mono)
}

pub(crate) fn now(clock: &dyn Clock) -> Now {
    let (mono, wall) = clock.now();
    Now { mono, wall }
}
