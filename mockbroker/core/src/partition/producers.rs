//! What a partition remembers of idempotent producers (KIP-98), so that a batch that comes again is appended once.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ottla_wire::ErrorCode;
use ottla_wire::record::{Batch, NO_PRODUCER_ID};

/// How many batches of a producer are known again: as many as may be in flight.
const BATCHES_REMEMBERED: usize = 5;

/// The producers of a partition. What is known of one does not go with the records that it wrote, but when it was silent for long.
#[derive(Debug, Default)]
pub(crate) struct Producers {
    by_id: BTreeMap<i64, Producer>,
    /// The base offset of the last batch of each, and its id.
    by_age: BTreeSet<(i64, i64)>,
}

/// What is known of a producer that may still write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActiveProducer {
    /// Its id.
    pub id: i64,
    /// The epoch that it wrote in last.
    pub epoch: i16,
    /// The sequence number of its last record.
    pub last_sequence: i32,
    /// The largest timestamp of its last batch, in milliseconds since 1970.
    pub last_timestamp: i64,
}

#[derive(Debug)]
struct Producer {
    epoch: i16,
    /// The last ones, oldest first; at least one.
    batches: VecDeque<Remembered>,
}

/// A batch that was appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Remembered {
    first_sequence: i32,
    last_sequence: i32,
    pub(crate) base_offset: i64,
    pub(crate) max_timestamp: i64,
}

impl Remembered {
    pub(crate) fn last_offset(&self) -> i64 {
        let steps = self.last_sequence.wrapping_sub(self.first_sequence) & i32::MAX;
        self.base_offset.saturating_add(i64::from(steps))
    }
}

/// What a batch is to the partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// Not appended yet.
    New,
    /// Appended before.
    Duplicate(Remembered),
}

impl Producers {
    /// Whether the batch comes in its order.
    ///
    /// A producer that is not known may begin with any sequence number, for what it wrote may be deleted.
    pub(crate) fn check(&self, batch: &Batch) -> Result<Arrival, ErrorCode> {
        if batch.producer_id() <= NO_PRODUCER_ID {
            return Ok(Arrival::New);
        }
        let Some(producer) = self.by_id.get(&batch.producer_id()) else { return Ok(Arrival::New) };
        let [first, last] = sequences(batch);
        if batch.producer_epoch() < producer.epoch {
            return Err(ErrorCode::INVALID_PRODUCER_EPOCH);
        }
        if batch.producer_epoch() > producer.epoch {
            return if first == 0 { Ok(Arrival::New) } else { Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER) };
        }
        let same = |known: &&Remembered| known.first_sequence == first && known.last_sequence == last;
        if let Some(known) = producer.batches.iter().find(same) {
            return Ok(Arrival::Duplicate(*known));
        }
        let follows = producer.batches.back().is_some_and(|known| first == after(known.last_sequence, 1));
        if follows { Ok(Arrival::New) } else { Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER) }
    }

    /// Remembers a batch that was appended. Beyond `producers_max` the producer whose last batch is oldest is forgotten.
    pub(crate) fn remember(&mut self, batch: &Batch, producers_max: usize) {
        if batch.producer_id() <= NO_PRODUCER_ID {
            return;
        }
        let [first_sequence, last_sequence] = sequences(batch);
        let (epoch, base_offset, max_timestamp) = (batch.producer_epoch(), batch.base_offset(), batch.max_timestamp());
        let id = batch.producer_id();
        let producer = self.by_id.entry(id).or_insert_with(|| Producer { epoch, batches: VecDeque::new() });
        if let Some(last) = producer.batches.back() {
            self.by_age.remove(&(last.base_offset, id));
        }
        if producer.epoch != epoch {
            producer.epoch = epoch;
            producer.batches.clear();
        }
        if producer.batches.len() >= BATCHES_REMEMBERED {
            producer.batches.pop_front();
        }
        producer.batches.push_back(Remembered { first_sequence, last_sequence, base_offset, max_timestamp });
        self.by_age.insert((base_offset, id));
        if self.by_id.len() > producers_max {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, id)) = self.by_age.pop_first() {
            self.by_id.remove(&id);
        }
    }

    fn forget(&mut self, id: i64) {
        let last = self.by_id.remove(&id).and_then(|producer| producer.batches.back().copied());
        if let Some(last) = last {
            self.by_age.remove(&(last.base_offset, id));
        }
    }

    /// The last offset that each of them wrote, by its id.
    pub(super) fn last_offsets(&self) -> BTreeMap<i64, i64> {
        self.by_id.iter().filter_map(|(id, producer)| Some((*id, producer.batches.back()?.last_offset()))).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// All that are known, by ascending id.
    pub(crate) fn active(&self) -> impl Iterator<Item = ActiveProducer> {
        self.by_id.iter().filter_map(|(id, producer)| {
            let Remembered { last_sequence, max_timestamp: last_timestamp, .. } = *producer.batches.back()?;
            Some(ActiveProducer { id: *id, epoch: producer.epoch, last_sequence, last_timestamp })
        })
    }

    /// Forgets those whose last batch has a timestamp of `expired_at` or before.
    pub(crate) fn expire(&mut self, expired_at: i64) {
        let expired =
            self.active().filter(|producer| producer.last_timestamp <= expired_at).map(|producer| producer.id);
        for id in expired.collect::<Vec<_>>() {
            self.forget(id);
        }
    }

    /// Takes back what is known of batches from `end_offset` on, and returns the producers of whom nothing is left.
    pub(super) fn cut_end(&mut self, end_offset: i64) -> BTreeSet<i64> {
        let mut lost = BTreeSet::new();
        for (_, id) in self.by_age.split_off(&(end_offset, i64::MIN)) {
            let Some(producer) = self.by_id.get_mut(&id) else { continue };
            producer.batches.retain(|known| known.base_offset < end_offset);
            match producer.batches.back() {
                Some(known) => {
                    self.by_age.insert((known.base_offset, id));
                }
                None => {
                    self.by_id.remove(&id);
                    lost.insert(id);
                }
            }
        }
        lost
    }
}

/// The first and the last sequence number of a batch.
fn sequences(batch: &Batch) -> [i32; 2] {
    let first = batch.base_sequence();
    [first, after(first, batch.last_offset_delta())]
}

/// The sequence number `steps` after this one: 0 follows the largest.
fn after(sequence: i32, steps: i32) -> i32 {
    sequence.wrapping_add(steps) & i32::MAX
}
