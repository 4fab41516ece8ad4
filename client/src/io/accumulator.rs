//! Where a producer's records gather: the partitions of each topic, each behind a lock of its own.

use std::collections::{BTreeMap, HashMap};
use std::iter::Peekable;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use ottla_core::cluster::{Snapshot, Topic};
use ottla_core::producer::{Batch, BatchId, Batches, Outstanding, Partition, PartitionKey, TopicIndex, Waiting};
use ottla_core::{Now, partitioner};
use ottla_wire::record::{AppendError, BatchWriter};

use super::cell::Guarded;
use super::delivery::{BatchOutcome, Delivery};
use crate::producer::Record;

/// What is given for a batch.
pub(super) type Deliveries = Arc<BatchOutcome>;

type Accumulator = Guarded<Partition<Deliveries>>;

/// The topics of a producer. Written when one is first used, or has changed; otherwise read by all senders side by side.
#[derive(Debug, Default)]
pub(super) struct Topics(RwLock<Known>);

#[derive(Debug, Default)]
struct Known {
    by_name: HashMap<Arc<str>, Arc<Accumulators>>,
    by_index: BTreeMap<TopicIndex, Arc<Accumulators>>,
}

/// The partitions of one topic.
#[derive(Debug)]
pub(super) struct Accumulators {
    pub(super) topic: Arc<Topic>,
    index: TopicIndex,
    partitions: Vec<Arc<Accumulator>>,
    kept: Arc<Kept>,
}

/// What of a topic stays when its metadata changes.
#[derive(Debug)]
struct Kept {
    /// Where the records without a key go at present; below zero for nowhere yet.
    sticky: AtomicI32,
    /// Whether a record was given since it was last asked.
    used: AtomicBool,
    /// The most bytes of a batch that its leaders are known to take.
    batch_bytes_max: AtomicUsize,
}

impl Default for Kept {
    fn default() -> Self {
        Self { sticky: AtomicI32::new(-1), used: AtomicBool::default(), batch_bytes_max: AtomicUsize::new(usize::MAX) }
    }
}

/// Which batches have not ended, and what the sender has not been told yet.
///
/// It is locked under the lock of a partition, and no other lock is taken under it.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) outstanding: Outstanding,
    pub(super) changed: Vec<PartitionKey>,
    /// What compressed batches were in: at most one for each that is compressed at a time.
    pub(super) spare: Vec<BatchWriter>,
}

/// Where a run of records goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) partition: i32,
    /// Whether those that find the batch full may go elsewhere.
    pub(super) is_sticky: bool,
    /// Whether the first of them stays all the same: it has come from elsewhere.
    pub(super) stays: bool,
}

/// What appending is held to.
pub(super) struct Bounds<'a> {
    pub(super) batch_bytes_max: usize,
    pub(super) ledger: &'a Guarded<Ledger>,
}

impl Topics {
    pub(super) fn by_name(&self, name: &str) -> Option<Arc<Accumulators>> {
        self.read(|known| known.by_name.get(name).cloned())
    }

    fn by_index(&self, index: TopicIndex) -> Option<Arc<Accumulators>> {
        self.read(|known| known.by_index.get(&index).cloned())
    }

    /// Takes a topic in where it is new; `index` counts it in.
    pub(super) fn add(&self, topic: &Arc<Topic>, index: impl FnOnce() -> TopicIndex) -> Arc<Accumulators> {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = known.by_name.get(&topic.name) {
            return Arc::clone(there);
        }
        let new = Arc::new(Accumulators::new(topic, index()));
        known.put(&new);
        new
    }

    /// Takes over what has changed of the topics. What has gathered for them stays.
    pub(super) fn update(&self, snapshot: &Snapshot) {
        let is_other = |known: &Arc<Accumulators>| {
            let topic = snapshot.topic(&known.topic.name).filter(|topic| **topic != known.topic)?;
            Some(Arc::new(known.changed_to(topic)))
        };
        let changed: Vec<_> = self.read(|known| known.by_index.values().filter_map(is_other).collect());
        if !changed.is_empty() {
            let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
            changed.iter().for_each(|changed| known.put(changed));
        }
    }

    /// The topics that records were given for since the last call.
    pub(super) fn take_used(&self) -> Vec<Arc<str>> {
        let name = |topic: &Arc<Accumulators>| {
            topic.kept.used.swap(false, Ordering::Relaxed).then(|| Arc::clone(&topic.topic.name))
        };
        self.read(|known| known.by_index.values().filter_map(name).collect())
    }

    /// Batches of a topic are to close at so many bytes.
    pub(super) fn set_batch_bytes_max(&self, index: TopicIndex, bytes: usize) {
        if let Some(topic) = self.by_index(index) {
            topic.kept.batch_bytes_max.store(bytes, Ordering::Relaxed);
        }
    }

    fn read<R>(&self, look: impl FnOnce(&Known) -> R) -> R {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Known {
    fn put(&mut self, topic: &Arc<Accumulators>) {
        self.by_name.insert(Arc::clone(&topic.topic.name), Arc::clone(topic));
        self.by_index.insert(topic.index, Arc::clone(topic));
    }
}

impl Accumulators {
    fn new(topic: &Arc<Topic>, index: TopicIndex) -> Self {
        let partitions = topic.partitions.iter().map(|_| Arc::default()).collect();
        Self { topic: Arc::clone(topic), index, partitions, kept: Arc::default() }
    }

    /// The same topic with other leaders, or more partitions, or fewer where it was created again; those that are gone keep what they have.
    fn changed_to(&self, topic: &Arc<Topic>) -> Self {
        let mut partitions = self.partitions.clone();
        partitions.resize_with(topic.partitions.len().max(partitions.len()), Arc::default);
        Self { topic: Arc::clone(topic), index: self.index, partitions, kept: Arc::clone(&self.kept) }
    }

    /// The partition that is asked for, where the topic has it.
    pub(super) fn chosen(&self, partition: i32) -> Option<i32> {
        let index = usize::try_from(partition).ok()?;
        self.topic.partitions.get(index).map(|_| partition)
    }

    /// The partition of a key; `None` where the topic has no partitions.
    pub(super) fn of_key(&self, key: &[u8]) -> Option<i32> {
        let count = u32::try_from(self.topic.partitions.len()).ok().and_then(NonZeroU32::new)?;
        Some(partitioner::for_key(key, count))
    }

    /// The partition where the records without a key go at present; `None` where the topic has no partitions.
    pub(super) fn sticky(&self, random: impl FnOnce() -> u64) -> Option<i32> {
        self.chosen(self.kept.sticky.load(Ordering::Relaxed)).or_else(|| self.switch(None, random()))
    }

    /// Lets the records without a key go elsewhere, if it is still `from` where they go.
    pub(super) fn switch(&self, from: Option<i32>, random: u64) -> Option<i32> {
        let current = self.kept.sticky.load(Ordering::Relaxed);
        if from.is_some_and(|from| from != current) {
            return self.chosen(current);
        }
        let next = partitioner::next_sticky(&self.topic, from, random)?;
        // Where another sender was faster, its choice is as good.
        let raced = self.kept.sticky.compare_exchange(current, next, Ordering::Relaxed, Ordering::Relaxed);
        self.chosen(raced.err().unwrap_or(next))
    }

    /// The most bytes of a batch that the leaders are known to take.
    pub(super) fn batch_bytes_max(&self) -> usize {
        self.kept.batch_bytes_max.load(Ordering::Relaxed)
    }

    /// Appends records to a partition that the topic has, as `run` gives them with the most bytes that each takes; `joined` gets their deliveries.
    ///
    /// Where a batch is full, it is closed, and a run that is sticky stops there, but never at its first record where that stays. Says whether the sender is
    /// to be told.
    ///
    /// # Errors
    /// When the record that `run` gives next has no place even in a batch of its own.
    pub(super) fn append<'r>(
        &self,
        now: Now,
        place: Place,
        run: &mut Peekable<impl Iterator<Item = (&'r Record<'r>, usize)>>,
        bounds: &Bounds<'_>,
        joined: &mut impl FnMut(Delivery),
    ) -> (bool, Result<(), AppendError>) {
        let Some(accumulator) = self.accumulator(place.partition) else { return (false, Err(AppendError::TooMany)) };
        self.kept.used.store(true, Ordering::Relaxed);
        let ledger = bounds.ledger;
        let open = || {
            let id = ledger.with(|ledger| ledger.outstanding.handle_opened());
            Arc::new(BatchOutcome::new(id, Arc::clone(&self.topic.name), place.partition))
        };
        let spare = || ledger.with(|ledger| ledger.spare.pop());
        accumulator.with(|accumulator| {
            let (mut stays, mut changed) = (place.stays, false);
            let appended = loop {
                let Some((record, size_bytes)) = run.peek().copied() else { break Ok(()) };
                if accumulator.make_room(size_bytes, bounds.batch_bytes_max) {
                    changed = true;
                    if place.is_sticky && !stays {
                        break Ok(());
                    }
                }
                let record = record.at(now.unix_millis());
                let appended = match accumulator.append(now.mono, &record, spare, open) {
                    Ok(appended) => appended,
                    Err(error) => break Err(error),
                };
                joined(appended.deliveries.join(appended.index, record.timestamp, size_bytes));
                (stays, changed) = (false, changed || appended.opened);
                run.next();
            };
            if changed {
                ledger.with(|ledger| ledger.changed.push(self.key(place.partition)));
            }
            (changed, appended)
        })
    }

    fn accumulator(&self, partition: i32) -> Option<&Arc<Accumulator>> {
        self.partitions.get(usize::try_from(partition).ok()?)
    }

    const fn key(&self, partition: i32) -> PartitionKey {
        PartitionKey { topic: self.index, partition }
    }
}

/// How the sender takes batches out of the accumulators; `random` chooses where records without a key go after one of theirs was taken.
pub(super) struct Taking<'a, R> {
    pub(super) topics: &'a Topics,
    pub(super) random: R,
}

impl<R: Fn() -> u64> Batches<Deliveries> for Taking<'_, R> {
    fn take(&mut self, key: PartitionKey) -> Option<Batch<Deliveries, BatchWriter>> {
        let topic = self.topics.by_index(key.topic)?;
        let accumulator = topic.accumulator(key.partition)?;
        let (batch, is_empty) = accumulator.with(|accumulator| (accumulator.take(), accumulator.waiting().is_none()));
        if is_empty {
            topic.switch(Some(key.partition), (self.random)());
        }
        batch
    }

    fn waiting(&mut self, key: PartitionKey) -> Option<Waiting> {
        self.topics.by_index(key.topic)?.accumulator(key.partition)?.with(|accumulator| accumulator.waiting())
    }
}

impl Ledger {
    /// A batch ended. Says up to where all have ended, where that has moved.
    pub(super) fn handle_ended(&mut self, id: BatchId) -> Option<BatchId> {
        self.outstanding.handle_ended(id).then(|| self.outstanding.settled())
    }
}
