//! Which partition a record goes to.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ottla_core::partitioner::{self, Balance, STAY_BYTES};

use super::accumulator::{Accumulators, Place};
use crate::producer::{Partitioning, Record, Unplaced};

/// For how many partitions of a topic a balance is used once more before it is made anew: each has to be looked at for it.
const PARTITIONS_PER_USE: usize = 64;

/// How records are spread that may go anywhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    /// Whether each partition gets as many bytes, and fewer where its queue is long (KIP-794); otherwise a batch each (KIP-480).
    pub(crate) is_adaptive: bool,
    /// A partition whose oldest batch lies over for longer gets none.
    pub(crate) availability_timeout: Option<Duration>,
    pub(crate) linger: Duration,
}

/// What a choice depends on.
#[derive(Clone, Copy)]
pub(super) struct Draw<'a> {
    pub(super) now: Instant,
    pub(super) spread: Spread,
    pub(super) random: &'a dyn Fn() -> u64,
}

/// Where the records of a topic go that may go anywhere, and whose turn it is.
#[derive(Debug)]
pub(super) struct Sticky {
    /// Below zero for nowhere yet.
    partition: AtomicI32,
    /// How many bytes have gone there; not counted where it makes no difference.
    stayed_bytes: AtomicUsize,
    /// How many records took turns.
    turns: AtomicU32,
}

impl Default for Sticky {
    fn default() -> Self {
        Self { partition: AtomicI32::new(-1), stayed_bytes: AtomicUsize::new(0), turns: AtomicU32::new(0) }
    }
}

/// A balance, and how often it is still good for.
#[derive(Debug, Default)]
pub(super) struct Balanced {
    balance: Balance,
    uses: usize,
}

impl Accumulators {
    /// Where a record goes; the partition that was asked for, where the topic does not have it.
    pub(super) fn place(
        &self,
        partitioning: &Partitioning,
        record: &Record<'_>,
        draw: &Draw<'_>,
    ) -> Result<Place, i32> {
        let key = record.key_bytes();
        let count = || u32::try_from(self.topic.partitions.len()).ok().and_then(NonZeroU32::new);
        let fixed = match (record.chosen_partition(), partitioning, key) {
            (Some(partition), ..) => Some(partition),
            (None, Partitioning::KeyHash, Some(key)) => count().map(|count| partitioner::for_key(key, count)),
            (None, Partitioning::ConsistentRandom, Some(key)) if !key.is_empty() => {
                count().map(|count| partitioner::for_key_by_crc32(key, count))
            }
            (None, Partitioning::RoundRobin, _) => {
                partitioner::in_turn(&self.topic, self.kept.sticky.turns.fetch_add(1, Ordering::Relaxed))
            }
            (None, Partitioning::Custom(partitioner), key) => count()
                .map(|_| partitioner.partition(&Unplaced { topic: &self.topic, key, value: record.value_bytes() })),
            (None, Partitioning::KeyHash | Partitioning::ConsistentRandom, _) => {
                let partition = self.sticky(draw).ok_or(0)?;
                return Ok(Place { partition, is_sticky: true, stays: false });
            }
        };
        let asked = fixed.unwrap_or_default();
        let partition = self.chosen(asked).ok_or(asked)?;
        Ok(Place { partition, is_sticky: false, stays: false })
    }

    /// The partition where the records go at present that may go anywhere; `None` where the topic has no partitions.
    fn sticky(&self, draw: &Draw<'_>) -> Option<i32> {
        self.chosen(self.kept.sticky.partition.load(Ordering::Relaxed)).or_else(|| self.switch(None, draw))
    }

    /// Lets them go elsewhere, if it is still `from` where they go.
    pub(super) fn switch(&self, from: Option<i32>, draw: &Draw<'_>) -> Option<i32> {
        let Sticky { partition, stayed_bytes, .. } = &self.kept.sticky;
        let current = partition.load(Ordering::Relaxed);
        if from.is_some_and(|from| from != current) {
            return self.chosen(current);
        }
        let next = self.balance.with(|balanced| {
            if balanced.uses == 0 {
                let uses = (self.topic.partitions.len() / PARTITIONS_PER_USE).max(1);
                *balanced = Balanced { balance: self.balance(draw), uses };
            }
            balanced.uses -= 1;
            balanced.balance.next(from, (draw.random)())
        })?;
        // Where another sender was faster, its choice is as good.
        let raced = partition.compare_exchange(current, next, Ordering::Relaxed, Ordering::Relaxed);
        if raced.is_ok() {
            stayed_bytes.store(0, Ordering::Relaxed);
        }
        self.chosen(raced.err().unwrap_or(next))
    }

    fn balance(&self, draw: &Draw<'_>) -> Balance {
        if !draw.spread.is_adaptive {
            return Balance::even(&self.topic);
        }
        let led = (0_i32..).zip(&self.topic.partitions).filter(|(_, partition)| partition.leader.is_some());
        let queues: Vec<_> = led.filter_map(|(index, _)| Some((index, self.queue_length(index, draw)?))).collect();
        Balance::by_queues(&self.topic, &queues)
    }

    /// How much waits in a partition, in units of [`STAY_BYTES`]; none where it has waited for too long.
    fn queue_length(&self, partition: i32, draw: &Draw<'_>) -> Option<u32> {
        let slot = self.slot(partition)?;
        let size_bytes = slot.size_bytes.load(Ordering::Relaxed);
        if size_bytes > 0
            && let Some(timeout) = draw.spread.availability_timeout
        {
            let waiting = slot.accumulator.with(|accumulator| accumulator.waiting());
            if waiting.is_some_and(|waiting| waiting.opened_at + draw.spread.linger + timeout < draw.now) {
                return None;
            }
        }
        Some(u32::try_from(size_bytes.div_ceil(STAY_BYTES)).unwrap_or(u32::MAX))
    }

    /// So many bytes were appended where records may go anywhere; says whether enough have gone there.
    pub(super) fn has_stayed(&self, appended_bytes: usize, draw: &Draw<'_>) -> bool {
        if !draw.spread.is_adaptive {
            return false;
        }
        let stayed_bytes = &self.kept.sticky.stayed_bytes;
        stayed_bytes.fetch_add(appended_bytes, Ordering::Relaxed).saturating_add(appended_bytes) >= STAY_BYTES
    }

    /// A batch of this partition was taken and none waits behind it: that is where a stay ends.
    pub(super) fn handle_emptied(&self, partition: i32, draw: &Draw<'_>) {
        if !draw.spread.is_adaptive || self.has_stayed(0, draw) {
            self.switch(Some(partition), draw);
        }
    }
}
