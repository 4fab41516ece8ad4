//! The memory that a producer's records may take.

use std::time::Instant;

use tokio::sync::Semaphore;
use tokio::time::timeout_at;

use super::net::Net;

/// Bytes that are lent to records until they are delivered; who waits for some is served in turn.
#[derive(Debug)]
pub(crate) struct Room {
    total_bytes: usize,
    free: Semaphore,
}

impl Room {
    pub(crate) fn new(bytes: usize) -> Self {
        Self { total_bytes: bytes, free: Semaphore::new(bytes) }
    }

    /// How many bytes there are.
    pub(crate) const fn total_bytes(&self) -> usize {
        self.total_bytes
    }

    /// How many of them are taken, or promised to the one that waits for the most of them.
    pub(crate) fn used_bytes(&self) -> usize {
        self.total_bytes.saturating_sub(self.free.available_permits())
    }

    /// Takes `bytes` if they are free and nobody waits.
    pub(crate) fn try_take(&self, bytes: usize) -> bool {
        let permits = self.free.try_acquire_many(saturated(bytes));
        permits.map(tokio::sync::SemaphorePermit::forget).is_ok()
    }

    /// Takes `bytes` as soon as they are free, and says whether they were before `deadline`. Dropping the future takes nothing.
    pub(crate) async fn take(&self, net: &Net, bytes: usize, deadline: Instant) -> bool {
        match timeout_at(net.on_tokio(deadline), self.free.acquire_many(saturated(bytes))).await {
            Ok(Ok(permits)) => {
                permits.forget();
                true
            }
            // The semaphore is never closed; only the time can run out.
            Ok(Err(_)) | Err(_) => false,
        }
    }

    /// Gives back what was taken.
    pub(crate) fn give_back(&self, bytes: usize) {
        self.free.add_permits(bytes);
    }
}

/// Nothing larger is ever taken, for a batch is bounded by 31 bits.
fn saturated(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
