//! Where a producer's records gather: the partitions of each topic, each behind a lock of its own.

use std::collections::{BTreeMap, HashMap};
use std::iter::Peekable;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use ottla_core::Now;
use ottla_core::cluster::{Snapshot, Topic};
use ottla_core::producer::{Batch, BatchId, Batches, Outstanding, Partition, PartitionKey, TopicIndex, Waiting};
use ottla_wire::record::BatchWriter;

use super::cell::Guarded;
use super::delivery::{BatchOutcome, Delivery};
use super::placing::{Balanced, Draw, Sticky};
use crate::producer::Record;

/// What is given for a batch.
pub(super) type Deliveries = Arc<BatchOutcome>;

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
    slots: Vec<Arc<Slot>>,
    /// Locked before any partition.
    pub(super) balance: Guarded<Balanced>,
    pub(super) kept: Arc<Kept>,
}

/// What of a topic stays when its metadata changes.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) sticky: Sticky,
    /// Whether a record was given since it was last asked.
    used: AtomicBool,
    /// The most bytes of a batch that its leaders are known to take.
    batch_bytes_max: AtomicUsize,
}

impl Default for Kept {
    fn default() -> Self {
        Self { sticky: Sticky::default(), used: AtomicBool::default(), batch_bytes_max: AtomicUsize::new(usize::MAX) }
    }
}

/// One partition.
#[derive(Debug, Default)]
pub(super) struct Slot {
    pub(super) accumulator: Guarded<Partition<Deliveries>>,
    /// How much waits there, for whoever chooses among partitions.
    pub(super) size_bytes: AtomicUsize,
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
    pub(super) draw: Draw<'a>,
}

/// What came of appending a run of records.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Run {
    /// Whether the sender is to be told.
    pub(super) changed: bool,
    /// Whether there was room; if not, the record that the run gives next has no place even in a batch of its own.
    pub(super) has_room: bool,
    /// Whether enough has gone to the partition, and it is behind with what it has.
    pub(super) leaves: bool,
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
        let slots = topic.partitions.iter().map(|_| Arc::default()).collect();
        Self { topic: Arc::clone(topic), index, slots, balance: Guarded::default(), kept: Arc::default() }
    }

    /// The same topic with other leaders, or more partitions, or fewer where it was created again; those that are gone keep what they have.
    fn changed_to(&self, topic: &Arc<Topic>) -> Self {
        let mut slots = self.slots.clone();
        slots.resize_with(topic.partitions.len().max(slots.len()), Arc::default);
        let (topic, kept) = (Arc::clone(topic), Arc::clone(&self.kept));
        Self { topic, index: self.index, slots, balance: Guarded::default(), kept }
    }

    /// The partition that is asked for, where the topic has it.
    pub(super) fn chosen(&self, partition: i32) -> Option<i32> {
        let index = usize::try_from(partition).ok()?;
        self.topic.partitions.get(index).map(|_| partition)
    }

    /// The most bytes of a batch that the leaders are known to take.
    pub(super) fn batch_bytes_max(&self) -> usize {
        self.kept.batch_bytes_max.load(Ordering::Relaxed)
    }

    /// Appends records to a partition that the topic has, as `run` gives them with the most bytes that each takes; `joined` gets their deliveries.
    ///
    /// Where a batch is full, it is closed, and a run that is sticky stops there, but never at its first record where that stays.
    pub(super) fn append<'r>(
        &self,
        now: Now,
        place: Place,
        run: &mut Peekable<impl Iterator<Item = (&'r Record<'r>, usize)>>,
        bounds: &Bounds<'_>,
        joined: &mut impl FnMut(Delivery),
    ) -> Run {
        let Some(slot) = self.slot(place.partition) else { return Run::default() };
        self.kept.used.store(true, Ordering::Relaxed);
        let ledger = bounds.ledger;
        let open = || {
            let id = ledger.with(|ledger| ledger.outstanding.handle_opened());
            Arc::new(BatchOutcome::new(id, Arc::clone(&self.topic.name), place.partition))
        };
        let spare = || ledger.with(|ledger| ledger.spare.pop());
        slot.accumulator.with(|accumulator| {
            let mut stays = place.stays;
            let (mut changed, mut has_room, mut appended_bytes) = (false, true, 0);
            while let Some((record, size_bytes)) = run.peek().copied() {
                if accumulator.make_room(size_bytes, bounds.batch_bytes_max) {
                    changed = true;
                    if place.is_sticky && !stays {
                        break;
                    }
                }
                let record = record.at(now.unix_millis());
                let Ok(appended) = accumulator.append(now.mono, &record, spare, open) else {
                    has_room = false;
                    break;
                };
                joined(appended.deliveries.join(appended.index, record.timestamp, size_bytes));
                (stays, changed) = (false, changed || appended.opened);
                appended_bytes += size_bytes;
                run.next();
            }
            slot.size_bytes.store(accumulator.size_bytes(), Ordering::Relaxed);
            if changed {
                ledger.with(|ledger| ledger.changed.push(self.key(place.partition)));
            }
            let has_stayed = place.is_sticky && self.has_stayed(appended_bytes, &bounds.draw);
            let is_over = |waiting: Waiting| waiting.opened_at + bounds.draw.spread.linger < now.mono;
            Run { changed, has_room, leaves: has_stayed && accumulator.waiting().is_some_and(is_over) }
        })
    }

    pub(super) fn slot(&self, partition: i32) -> Option<&Arc<Slot>> {
        self.slots.get(usize::try_from(partition).ok()?)
    }

    const fn key(&self, partition: i32) -> PartitionKey {
        PartitionKey { topic: self.index, partition }
    }
}

/// How the sender takes batches out of the accumulators; where records without a key go after one of theirs was taken is drawn.
pub(super) struct Taking<'a> {
    pub(super) topics: &'a Topics,
    pub(super) draw: Draw<'a>,
}

impl Batches<Deliveries> for Taking<'_> {
    fn take(&mut self, key: PartitionKey) -> Option<Batch<Deliveries, BatchWriter>> {
        let topic = self.topics.by_index(key.topic)?;
        let slot = topic.slot(key.partition)?;
        let (batch, is_empty) = slot.accumulator.with(|accumulator| {
            let batch = accumulator.take();
            slot.size_bytes.store(accumulator.size_bytes(), Ordering::Relaxed);
            (batch, accumulator.waiting().is_none())
        });
        if is_empty {
            topic.handle_emptied(key.partition, &self.draw);
        }
        batch
    }

    fn waiting(&mut self, key: PartitionKey) -> Option<Waiting> {
        self.topics.by_index(key.topic)?.slot(key.partition)?.accumulator.with(|accumulator| accumulator.waiting())
    }
}

impl Ledger {
    /// A batch ended. Says up to where all have ended, where that has moved.
    pub(super) fn handle_ended(&mut self, id: BatchId) -> Option<BatchId> {
        self.outstanding.handle_ended(id).then(|| self.outstanding.settled())
    }
}
