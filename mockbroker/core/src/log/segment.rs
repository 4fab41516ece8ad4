//! A run of batches that is deleted and compacted as a whole, with indexes by offset and by time.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use bytes::Bytes;
use ottla_wire::record::{Batch, NO_TIMESTAMP};

use super::ACCEPTED;

/// The batches from one offset on, up to where the next segment begins.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) base_offset: i64,
    /// By ascending offset.
    batches: Vec<Stored>,
    size_bytes: usize,
    /// The largest timestamp of a record, also of one before the start of the log.
    max_timestamp: i64,
    /// When batches were appended first and last, by the broker's clock.
    appended_at: [i64; 2],
}

/// A batch, and what is before it in its segment.
#[derive(Debug)]
struct Stored {
    batch: Batch,
    /// The bytes of the batches before it.
    position: usize,
    /// The largest timestamp of its records that are not before the start of the log.
    max_timestamp: i64,
    /// The largest of those up to and with this batch.
    max_timestamp_so_far: i64,
}

/// The timestamp of batches that no search by time finds.
const BEFORE_ALL: i64 = i64::MIN;

impl Segment {
    /// Without batches.
    pub(super) const fn new(base_offset: i64) -> Self {
        Self { base_offset, batches: Vec::new(), size_bytes: 0, max_timestamp: NO_TIMESTAMP, appended_at: [0; 2] }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    pub(super) const fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    pub(super) fn batches(&self) -> impl DoubleEndedIterator<Item = &Batch> {
        self.batches.iter().map(|stored| &stored.batch)
    }

    /// The largest timestamp, or where no record has one the time of the last append.
    pub(super) fn largest_timestamp(&self) -> i64 {
        let [_, last] = self.appended_at;
        if self.max_timestamp == NO_TIMESTAMP { last } else { self.max_timestamp }
    }

    /// The largest timestamp of the first batch.
    pub(super) fn first_timestamp(&self) -> Option<i64> {
        self.batches.first().map(|first| first.batch.max_timestamp())
    }

    /// How long it is from the first batch to a record with this timestamp, or where the first has no timestamp, to now.
    pub(super) fn age(&self, timestamp: i64, now: i64) -> i64 {
        let [begun_at, _] = self.appended_at;
        match self.first_timestamp() {
            Some(first) if first >= 0 => timestamp.saturating_sub(first),
            Some(_) => now.saturating_sub(begun_at),
            None => 0,
        }
    }

    pub(super) fn push(&mut self, batch: Batch, now: i64) {
        let so_far = self.batches.last().map_or(BEFORE_ALL, |last| last.max_timestamp_so_far);
        let max_timestamp = if batch.record_count() == 0 { BEFORE_ALL } else { batch.max_timestamp() };
        let max_timestamp_so_far = so_far.max(max_timestamp);
        self.max_timestamp = self.max_timestamp.max(batch.max_timestamp());
        let [first, _] = self.appended_at;
        self.appended_at = [if self.batches.is_empty() { now } else { first }, now];
        let position = self.size_bytes;
        self.size_bytes = position.saturating_add(batch.size_bytes());
        self.batches.push(Stored { batch, position, max_timestamp, max_timestamp_so_far });
    }

    /// The same segment with these batches in place of its own.
    pub(super) fn with_batches(&self, batches: Vec<Batch>) -> Self {
        let mut segment = Self::new(self.base_offset);
        let [_, last] = self.appended_at;
        for batch in batches {
            segment.push(batch, last);
        }
        Self { appended_at: self.appended_at, ..segment }
    }

    /// Takes on the batches of the segment after it.
    pub(super) fn absorb(&mut self, next: Self) {
        let [first, _] = self.appended_at;
        let [_, last] = next.appended_at;
        for stored in next.batches {
            self.push(stored.batch, last);
        }
        self.appended_at = [first, last];
    }

    /// The place of the batch that has `offset`, or of the first one after it.
    fn place(&self, offset: i64) -> usize {
        self.batches.partition_point(|stored| stored.batch.last_offset() < offset)
    }

    fn from(&self, place: usize) -> &[Stored] {
        self.batches.get(place..).unwrap_or_default()
    }

    /// How many bytes there are from the batch with `offset` on.
    pub(super) fn bytes_from(&self, offset: i64) -> usize {
        let from = self.batches.get(self.place(offset));
        from.map_or(0, |stored| self.size_bytes.saturating_sub(stored.position))
    }

    /// The batches from the one with `offset` on, up to the one with `end` and `bytes_max` bytes: the last one is cut there, as Kafka cuts it. None,
    /// where the segment has no batch from `offset` on; nothing, where the first has `end`, or is not even whole, unless `first_whole` says that a
    /// reader must get on (KIP-74).
    pub(super) fn read(&self, offset: i64, end: i64, bytes_max: usize, first_whole: bool) -> Option<Vec<Bytes>> {
        let (first, others) = self.from(self.place(offset)).split_first()?;
        if first.batch.base_offset() >= end {
            return Some(Vec::new());
        }
        let room = bytes_max.checked_sub(first.batch.size_bytes());
        let mut pieces: Vec<Bytes> = first.batch.pieces().cloned().collect();
        let Some(mut room) = room else { return Some(if first_whole { pieces } else { Vec::new() }) };
        let others = others.iter().take_while(|stored| stored.batch.base_offset() < end);
        for piece in others.flat_map(|stored| stored.batch.pieces()) {
            if room == 0 {
                break;
            }
            pieces.push(piece.slice(..piece.len().min(room)));
            room = room.saturating_sub(piece.len());
        }
        Some(pieces)
    }

    /// The first batch that has a record with this timestamp or a later one, not before the start of the log.
    pub(super) fn batch_at_or_after(&self, timestamp: i64) -> Option<&Batch> {
        let place = self.batches.partition_point(|stored| stored.max_timestamp_so_far < timestamp);
        self.batches.get(place).map(|stored| &stored.batch)
    }

    /// The largest timestamp of a record that is not before the start of the log.
    pub(super) fn max_timestamp_shown(&self) -> i64 {
        self.batches.last().map_or(BEFORE_ALL, |last| last.max_timestamp_so_far)
    }

    /// Cuts off the batches that have `end_offset` or a later one.
    pub(super) fn cut_end(&mut self, end_offset: i64) {
        self.batches.truncate(self.place(end_offset));
        let timestamps = self.batches().map(Batch::max_timestamp);
        self.max_timestamp = timestamps.max().unwrap_or(NO_TIMESTAMP);
        let last = self.batches.last();
        self.size_bytes = last.map_or(0, |last| last.position.saturating_add(last.batch.size_bytes()));
    }

    /// Lets no search by time find the batches before `offset`.
    pub(super) fn hide_before(&mut self, offset: i64) {
        let place = self.place(offset);
        let (hidden, shown) = self.batches.split_at_mut(place);
        for stored in hidden.iter_mut().rev().take_while(|stored| stored.max_timestamp_so_far != BEFORE_ALL) {
            (stored.max_timestamp, stored.max_timestamp_so_far) = (BEFORE_ALL, BEFORE_ALL);
        }
        if let Some(first) = shown.first_mut().filter(|first| first.batch.base_offset() < offset) {
            first.max_timestamp = max_timestamp_from(&first.batch, offset).unwrap_or(BEFORE_ALL);
        }
        let mut so_far = BEFORE_ALL;
        for stored in shown {
            so_far = so_far.max(stored.max_timestamp);
            // From here on the hidden ones were below those that are shown.
            if stored.max_timestamp_so_far == so_far {
                break;
            }
            stored.max_timestamp_so_far = so_far;
        }
    }
}

/// The largest timestamp of the records of a batch from this offset on.
fn max_timestamp_from(batch: &Batch, offset: i64) -> Option<i64> {
    let batch = batch.clone().decompress(&ACCEPTED).ok()?;
    let records = batch.records().ok()?.filter_map(Result::ok);
    records.filter(|record| record.offset >= offset).map(|record| record.timestamp).max()
}
