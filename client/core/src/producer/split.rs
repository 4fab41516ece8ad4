//! Batches that their leader calls too large: they are sent again in parts, and later ones of the topic close at fewer bytes.
//!
//! The leader holds a batch as it came, compressed or not, against the topic's `max.message.bytes`, which it does not tell. So a batch is split in
//! two or more of at most half its bytes, and these again where need be, down to single records; one that is refused by itself is an error of that
//! record alone. The parts have the numbers of the whole, so that the batches behind it keep theirs.

use std::ops::Range;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ottla_wire::TopicId;
use ottla_wire::compression::{Compressor, Limits};
use ottla_wire::record::{
    BATCH_BYTES_MAX, BATCH_HEADER_BYTES, Batch, BatchWriter, Compression, NO_SEQUENCE, NewRecord, ProducerStamp,
    Record, next_batch,
};

use super::compress::{JobId, compress};
use super::{CompressionError, Event, PartitionKey, Sender, TopicIndex, sequence};

/// However small the batches are that a leader refuses, later ones may have so many bytes: below it, single records decide.
pub const BATCH_BYTES_LEARNED_MIN: usize = 1024;

/// How long a topic's bound holds after a batch above it was refused. The topic may be configured otherwise meanwhile; where it is not, the bound is
/// learned anew, at the cost of the batches that are in flight by then.
pub(super) const LEARNED_FOR: Duration = Duration::from_secs(600);

/// The records that a batch has, by their places in the batch that its owner opened: all of them, or those of one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Their places.
    pub records: Range<u32>,
    /// How many records the batch was opened with.
    pub of: u32,
}

impl Part {
    pub(super) const fn whole(of: u32) -> Self {
        Self { records: 0..of, of }
    }

    /// How many records it has.
    #[must_use]
    pub const fn record_count(&self) -> u32 {
        self.records.end - self.records.start
    }

    /// Takes off the first `records`.
    pub(super) fn split_off(&mut self, records: u32) -> Self {
        let Range { start, end } = self.records;
        let middle = start.saturating_add(records).min(end);
        self.records.start = middle;
        Self { records: start..middle, of: self.of }
    }
}

/// What was learned of a topic.
#[derive(Debug)]
pub(super) struct Learned {
    batch_bytes_max: usize,
    until: Instant,
    /// What was known of the topic: one that was created again may be configured otherwise.
    topic_id: TopicId,
}

/// A batch in parts.
#[derive(Debug)]
pub struct Parts {
    parts: Vec<Split>,
    /// What the whole has before it is compressed.
    plain_bytes: usize,
}

/// One part, as it is sent.
#[derive(Debug)]
pub(super) struct Split {
    pub(super) records: Bytes,
    pub(super) record_count: u32,
    pub(super) base_sequence: i32,
}

impl<D> Sender<D> {
    /// The most bytes of a batch of this topic, as far as is known.
    pub(super) fn batch_bytes_max(&self, topic: TopicIndex) -> usize {
        self.learned.get(&topic).map_or(self.config.batch_bytes_max, |learned| learned.batch_bytes_max)
    }

    /// Lets the configured bound hold again where what was learned of the topic is old, or of another topic.
    pub(super) fn forget_bound(&mut self, now: Instant, topic: TopicIndex) {
        let Some(learned) = self.learned.get(&topic) else { return };
        if learned.until <= now || learned.topic_id != self.topic_id(topic) {
            self.learned.remove(&topic);
            self.events.push_back(Event::BatchBytesMax { topic, bytes: self.config.batch_bytes_max });
        }
    }

    /// A batch of so many bytes was refused.
    fn learn_bound(&mut self, now: Instant, topic: TopicIndex, plain_bytes: usize) {
        let half = (plain_bytes / 2).max(BATCH_BYTES_LEARNED_MIN);
        let batch_bytes_max = half.min(self.batch_bytes_max(topic));
        let learned = Learned { batch_bytes_max, until: now + LEARNED_FOR, topic_id: self.topic_id(topic) };
        let before = self.learned.insert(topic, learned);
        if before.is_none_or(|before| before.batch_bytes_max != batch_bytes_max) {
            self.events.push_back(Event::BatchBytesMax { topic, bytes: batch_bytes_max });
        }
    }

    fn topic_id(&self, topic: TopicIndex) -> TopicId {
        let name = self.topics.get(topic.0 as usize);
        name.and_then(|name| self.snapshot.topic(name)).map(|topic| topic.id).unwrap_or_default()
    }
}

impl<D: Clone> Sender<D> {
    /// A job has split a batch.
    pub(super) fn put_parts(&mut self, now: Instant, key: PartitionKey, job: JobId, parts: Parts) {
        let Parts { parts, plain_bytes } = parts;
        self.learn_bound(now, key.topic, plain_bytes);
        if let Some(lane) = self.lanes.get_mut(&key)
            && let Some(attempt) = lane.flight.split_by(job)
        {
            lane.flight.put_parts(now, attempt, parts, &mut self.next_attempt);
        }
    }
}

/// The batch in parts of at most `batch_bytes_max` bytes and half its own, of as many records as have room in it but at least one.
pub(super) fn split(
    mut batch: Bytes,
    compressor: &mut Compressor,
    batch_bytes_max: usize,
) -> Result<Parts, CompressionError> {
    let whole = next_batch(&mut batch).ok().flatten().ok_or(CompressionError::Unreadable)?;
    // It is this producer's own, and whatever it came to was in memory before.
    let limits = Limits { bytes_max: BATCH_BYTES_MAX, ratio_max: usize::MAX };
    let whole = whole.decompress(&limits).map_err(|_| CompressionError::Unreadable)?;
    let plain_bytes = plain_bytes(&whole);
    let bytes_max = batch_bytes_max.min(plain_bytes / 2);
    let mut splitting = Splitting { whole: &whole, bytes_max, compressor, parts: Vec::new(), record_count: 0 };
    let mut part = BatchWriter::new(bytes_max);
    for record in whole.records().map_err(|_| CompressionError::Unreadable)? {
        part = splitting.append(part, &record.map_err(|_| CompressionError::Unreadable)?)?;
    }
    splitting.close(part)?;
    Ok(Parts { parts: splitting.parts, plain_bytes })
}

fn plain_bytes(batch: &Batch) -> usize {
    match batch.compression() {
        Compression::None => batch.size_bytes(),
        _ => BATCH_HEADER_BYTES + batch.held_bytes() - batch.size_bytes(),
    }
}

struct Splitting<'a> {
    whole: &'a Batch,
    bytes_max: usize,
    compressor: &'a mut Compressor,
    parts: Vec<Split>,
    /// How many records the parts have.
    record_count: u32,
}

impl Splitting<'_> {
    /// Appends a record to the part, or to a next one.
    fn append(&mut self, mut part: BatchWriter, record: &Record<'_>) -> Result<BatchWriter, CompressionError> {
        let Record { timestamp, key, value, .. } = *record;
        let record = NewRecord { timestamp, key, value, headers: record.headers() };
        let has_room = part.size_bytes().saturating_add(record.size_bytes_max()) <= self.bytes_max;
        if has_room && part.append(&record).is_ok() {
            return Ok(part);
        }
        if !part.is_empty() {
            self.close(part)?;
            part = BatchWriter::new(self.bytes_max);
        }
        part.append(&record).map_err(|_| CompressionError::Unreadable)?;
        Ok(part)
    }

    fn close(&mut self, part: BatchWriter) -> Result<(), CompressionError> {
        let record_count = part.record_count();
        let base_sequence = match self.whole.base_sequence() {
            NO_SEQUENCE => NO_SEQUENCE,
            first => sequence::after(first, self.record_count),
        };
        let producer = ProducerStamp {
            producer_id: self.whole.producer_id(),
            producer_epoch: self.whole.producer_epoch(),
            base_sequence,
            is_transactional: self.whole.is_transactional(),
        };
        let (records, _) = compress(part, producer, self.compressor, self.bytes_max);
        self.parts.push(Split { records: records?, record_count, base_sequence });
        self.record_count = self.record_count.saturating_add(record_count);
        Ok(())
    }
}
