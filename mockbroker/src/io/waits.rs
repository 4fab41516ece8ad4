//! Tests that wait for the core to change; a deadline of theirs is one more that the timer keeps.

use std::collections::BTreeSet;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::shared::Shared;

/// The longest wait, for a clock does not go as far as a [`Duration`]: a year.
const WAIT_MAX: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Who waits, by deadline.
#[derive(Debug, Default)]
pub(super) struct Waits {
    deadlines: BTreeSet<(Instant, u64)>,
    /// How many wait; those whose deadline is over too, until they have seen so.
    waiting: usize,
    next: u64,
}

/// Why a wait ended without what it waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    TimedOut,
    Shut,
}

impl Waits {
    pub(super) fn any(&self) -> bool {
        self.waiting > 0
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// Forgets the deadlines that have come; who waited sees the time.
    pub(super) fn expire(&mut self, now: Instant) {
        while self.deadlines.first().is_some_and(|(deadline, _)| *deadline <= now) {
            self.deadlines.pop_first();
        }
    }

    fn insert(&mut self, deadline: Instant) -> (Instant, u64) {
        self.next += 1;
        self.waiting += 1;
        self.deadlines.insert((deadline, self.next));
        (deadline, self.next)
    }

    fn remove(&mut self, wait: (Instant, u64)) {
        self.deadlines.remove(&wait);
        self.waiting -= 1;
    }
}

/// A wait that is under way; dropping it ends it.
struct UnderWay<'a> {
    shared: &'a Shared,
    wait: (Instant, u64),
}

impl<'a> UnderWay<'a> {
    fn begin(shared: &'a Shared, within: Duration) -> Self {
        let start = shared.clock().now().mono;
        let deadline = start + within.min(WAIT_MAX);
        let wait = shared.lock().waits.insert(deadline);
        // The timer learns of the deadline.
        shared.drive(|_, _| ());
        Self { shared, wait }
    }

    /// Whether it is over without what it waited for.
    fn ended(&self) -> Option<Ended> {
        let (deadline, _) = self.wait;
        match self.shared.is_shut() {
            true => Some(Ended::Shut),
            false => (self.shared.clock().now().mono >= deadline).then_some(Ended::TimedOut),
        }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.shared.lock().waits.remove(self.wait);
    }
}

impl Shared {
    /// Waits until `look` sees something, for so long by the cluster's clock.
    pub(crate) async fn wait<T>(&self, within: Duration, mut look: impl FnMut(&Self) -> Option<T>) -> Result<T, Ended> {
        let under_way = UnderWay::begin(self, within);
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            let ended = under_way.ended();
            if let Some(seen) = look(self) {
                return Ok(seen);
            }
            if let Some(ended) = ended {
                return Err(ended);
            }
            changed.await;
        }
    }

    /// As [`Shared::wait`], on this thread.
    pub(crate) fn wait_blocking<T>(
        &self,
        within: Duration,
        mut look: impl FnMut(&Self) -> Option<T>,
    ) -> Result<T, Ended> {
        let under_way = UnderWay::begin(self, within);
        loop {
            let before = self.lock().inputs;
            let ended = under_way.ended();
            if let Some(seen) = look(self) {
                return Ok(seen);
            }
            if let Some(ended) = ended {
                return Err(ended);
            }
            let state = self.lock();
            drop(
                self.changed_for_threads
                    .wait_while(state, |state| state.inputs == before && !state.is_shut)
                    .unwrap_or_else(PoisonError::into_inner),
            );
        }
    }
}
