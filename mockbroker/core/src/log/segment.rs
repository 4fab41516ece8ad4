//! A run of batches that is deleted and compacted as a whole, with indexes by offset and by time.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use bytes::Bytes;
use ottla_wire::record::{Batch, NO_TIMESTAMP};

/// The batches from one offset on, up to where the next segment begins.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) base_offset: i64,
    /// By ascending offset.
    batches: Vec<Stored>,
    size_bytes: usize,
    /// The largest timestamp of a record, also of one before the start of the log.
    max_timestamp: i64,
    /// When the first batch was appended, by the broker's clock.
    begun_at: i64,
}

/// A batch, and what is before it in its segment.
#[derive(Debug)]
struct Stored {
    batch: Batch,
    /// The bytes of the batches before it.
    position: usize,
    /// The largest timestamp up to and with this batch, among those that are not before the start of the log.
    max_timestamp_so_far: i64,
}

/// The timestamp of batches that no search by time finds.
const BEFORE_ALL: i64 = i64::MIN;

impl Segment {
    /// Without batches.
    pub(super) const fn new(base_offset: i64) -> Self {
        Self { base_offset, batches: Vec::new(), size_bytes: 0, max_timestamp: NO_TIMESTAMP, begun_at: 0 }
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

    /// The largest timestamp of a record.
    pub(super) const fn max_timestamp(&self) -> i64 {
        self.max_timestamp
    }

    /// How long it is from the first batch to a record with this timestamp, or where the first has no timestamp, to now.
    pub(super) fn age(&self, timestamp: i64, now: i64) -> i64 {
        match self.batches.first().map(|first| first.batch.max_timestamp()) {
            Some(first) if first >= 0 => timestamp.saturating_sub(first),
            Some(_) => now.saturating_sub(self.begun_at),
            None => 0,
        }
    }

    pub(super) fn push(&mut self, batch: Batch, now: i64) {
        let so_far = self.batches.last().map_or(BEFORE_ALL, |last| last.max_timestamp_so_far);
        let max_timestamp_so_far = so_far.max(batch.max_timestamp());
        self.max_timestamp = self.max_timestamp.max(batch.max_timestamp());
        if self.batches.is_empty() {
            self.begun_at = now;
        }
        let position = self.size_bytes;
        self.size_bytes = position.saturating_add(batch.size_bytes());
        self.batches.push(Stored { batch, position, max_timestamp_so_far });
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

    /// The batches from the one with `offset` on, up to `bytes_max` bytes: the last one is cut there, as Kafka cuts it. None, where the segment
    /// has no such batch; nothing, where not even the first is whole, unless `first_whole` says that a reader must get on (KIP-74).
    pub(super) fn read(&self, offset: i64, bytes_max: usize, first_whole: bool) -> Option<Vec<Bytes>> {
        let (first, others) = self.from(self.place(offset)).split_first()?;
        let first = first.batch.bytes();
        let Some(mut room) = bytes_max.checked_sub(first.len()) else {
            return Some(if first_whole { vec![first.clone()] } else { Vec::new() });
        };
        let mut pieces = vec![first.clone()];
        for stored in others {
            let bytes = stored.batch.bytes();
            if room == 0 {
                break;
            }
            pieces.push(bytes.slice(..bytes.len().min(room)));
            room = room.saturating_sub(bytes.len());
        }
        Some(pieces)
    }

    /// The batches that may have a record with this timestamp or a later one, the first soonest found.
    pub(super) fn batches_at_or_after(&self, timestamp: i64) -> impl Iterator<Item = &Batch> {
        let place = self.batches.partition_point(|stored| stored.max_timestamp_so_far < timestamp);
        self.from(place).iter().map(|stored| &stored.batch).filter(move |batch| batch.max_timestamp() >= timestamp)
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
            stored.max_timestamp_so_far = BEFORE_ALL;
        }
        let mut so_far = BEFORE_ALL;
        for stored in shown {
            so_far = so_far.max(stored.batch.max_timestamp());
            // From here on the hidden ones were below those that are shown.
            if stored.max_timestamp_so_far == so_far {
                break;
            }
            stored.max_timestamp_so_far = so_far;
        }
    }
}
