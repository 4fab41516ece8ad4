//! The log of a partition: the batches of its producers, as they came or in the codec of the topic, in segments.
//!
//! A batch is found by its offset and by its time in the logarithm of how many there are. As in Kafka the start of the log moves alone, and
//! what stands before it goes with its segment.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod compaction;
mod epochs;
mod retention;
mod segment;

use std::collections::VecDeque;
use std::iter;

use bytes::Bytes;
use ottla_wire::LeaderEpoch;
use ottla_wire::compression::Limits;
use ottla_wire::record::Batch;

use segment::Segment;

pub(crate) use compaction::{Compaction, Due};
pub(crate) use epochs::{EpochEnd, LeaderEpochs};
pub(crate) use retention::Retention;

/// No bound: every batch was decompressed within the cluster's before it was appended.
const ACCEPTED: Limits = Limits { bytes_max: usize::MAX, ratio_max: usize::MAX };

/// The batches of a partition, by ascending offset.
#[derive(Debug)]
pub(crate) struct PartitionLog {
    /// The segments that nothing is appended to any more.
    closed: VecDeque<Segment>,
    active: Segment,
    start_offset: i64,
    end_offset: i64,
    epochs: LeaderEpochs,
    /// Up to where the log is compacted.
    compacted_to: i64,
}

/// When the next batch begins a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rolling {
    /// `segment.bytes`.
    pub(crate) bytes_max: usize,
    /// `segment.ms`.
    pub(crate) age_max_ms: i64,
}

/// An offset that ListOffsets answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) offset: i64,
    pub(crate) timestamp: i64,
    pub(crate) leader_epoch: LeaderEpoch,
}

impl Default for PartitionLog {
    fn default() -> Self {
        let active = Segment::new(0);
        let (closed, epochs) = (VecDeque::new(), LeaderEpochs::default());
        Self { closed, active, start_offset: 0, end_offset: 0, epochs, compacted_to: 0 }
    }
}

impl PartitionLog {
    /// The first offset that may be read.
    pub(crate) fn start_offset(&self) -> i64 {
        self.start_offset
    }

    /// The offset that the next record will have.
    pub(crate) fn end_offset(&self) -> i64 {
        self.end_offset
    }

    /// Which leader epoch wrote what.
    pub(crate) fn epochs(&self) -> &LeaderEpochs {
        &self.epochs
    }

    /// The bytes of all batches, also of those before the start that are still in a segment with others.
    pub(crate) fn size_bytes(&self) -> usize {
        self.segments().map(Segment::size_bytes).fold(0, usize::saturating_add)
    }

    /// The batches that have an offset from the start on.
    pub(crate) fn batches(&self) -> impl DoubleEndedIterator<Item = &Batch> {
        self.segments().flat_map(Segment::batches).filter(|batch| batch.last_offset() >= self.start_offset)
    }

    fn segments(&self) -> impl DoubleEndedIterator<Item = &Segment> {
        self.closed.iter().chain(iter::once(&self.active))
    }

    /// The segments from the one with `offset` on.
    fn segments_from(&self, offset: i64) -> impl Iterator<Item = &Segment> {
        let after = self.closed.partition_point(|segment| segment.base_offset <= offset);
        let has_it = if self.active.base_offset <= offset { after } else { after.saturating_sub(1) };
        self.closed.range(has_it.min(self.closed.len())..).chain(iter::once(&self.active))
    }

    /// Says that a leader writes in this epoch from here on.
    pub(crate) fn begin_epoch(&mut self, epoch: LeaderEpoch) {
        self.epochs.begin(epoch, self.end_offset);
    }

    /// Appends a batch that is stamped with the end offset and the epoch of the leader.
    pub(crate) fn append(&mut self, batch: Batch, rolling: Rolling, now: i64) {
        if self.is_full_for(&batch, rolling, now) {
            self.roll();
        }
        self.begin_epoch(batch.leader_epoch());
        self.end_offset = batch.next_offset();
        self.active.push(batch, now);
    }

    fn is_full_for(&self, batch: &Batch, rolling: Rolling, now: i64) -> bool {
        let size_bytes = self.active.size_bytes().saturating_add(batch.size_bytes());
        let is_old = self.active.age(batch.max_timestamp(), now) > rolling.age_max_ms;
        !self.active.is_empty() && (size_bytes > rolling.bytes_max || is_old)
    }

    /// Begins a segment, unless the active one is empty.
    pub(crate) fn roll(&mut self) {
        if self.active.is_empty() {
            return;
        }
        let full = std::mem::replace(&mut self.active, Segment::new(self.end_offset));
        self.closed.push_back(full);
    }

    /// Moves the start of the log to a later offset, up to its end; whether it moved.
    pub(crate) fn advance_start(&mut self, to: i64) -> bool {
        if to <= self.start_offset || to > self.end_offset {
            return false;
        }
        self.start_offset = to;
        self.epochs.cut_start(to);
        self.hide_start();
        true
    }

    /// Lets no search find what is before the start.
    fn hide_start(&mut self) {
        for segment in self.closed.iter_mut().chain(iter::once(&mut self.active)) {
            if segment.base_offset >= self.start_offset {
                break;
            }
            segment.hide_before(self.start_offset);
        }
    }

    /// Cuts off what stands from `end_offset` on, with all of a batch that has it; how many bytes that are.
    pub(crate) fn cut_end(&mut self, end_offset: i64) -> usize {
        let before = self.size_bytes();
        let end_offset = end_offset.max(0);
        while self.active.base_offset > end_offset {
            self.active = self.closed.pop_back().unwrap_or(Segment::new(end_offset));
        }
        self.active.cut_end(end_offset);
        self.end_offset = self.end_offset.min(end_offset);
        self.start_offset = self.start_offset.min(self.end_offset);
        self.compacted_to = self.compacted_to.min(self.end_offset);
        self.epochs.cut_end(self.end_offset);
        before.saturating_sub(self.size_bytes())
    }

    /// How many bytes there are from the batch with `offset` to that with `end`, unless that is in a later segment.
    pub(crate) fn bytes_between(&self, offset: i64, end: i64) -> Option<usize> {
        if offset >= end {
            return Some(0);
        }
        let mut segments = self.segments_from(offset);
        let has_it = segments.next()?;
        let ends_later = segments.next().is_some_and(|next| next.base_offset <= end);
        (!ends_later).then(|| has_it.bytes_from(offset).saturating_sub(has_it.bytes_from(end)))
    }

    /// The bytes of the batches before the one with `end`.
    pub(crate) fn bytes_before(&self, end: i64) -> usize {
        let before = self.segments().take_while(|segment| segment.base_offset < end);
        before
            .map(|segment| segment.size_bytes().saturating_sub(segment.bytes_from(end)))
            .fold(0, usize::saturating_add)
    }

    /// The batches from the one with `offset` on, up to the one with `end`, the end of its segment and `bytes_max` bytes: the last one is cut there, as
    /// Kafka cuts it.
    ///
    /// Nothing, where not even the first is whole, unless `first_whole` says that a reader must get on (KIP-74).
    pub(crate) fn read(&self, offset: i64, end: i64, bytes_max: usize, first_whole: bool) -> Vec<Bytes> {
        let read = |segment: &Segment| segment.read(offset, end, bytes_max, first_whole);
        self.segments_from(offset).find_map(read).unwrap_or_default()
    }

    /// The first record whose timestamp is `timestamp` or later, inside compressed batches too.
    pub(crate) fn first_at_or_after(&self, timestamp: i64) -> Option<Found> {
        let batch = self.segments().find_map(|segment| segment.batch_at_or_after(timestamp))?;
        self.first_in(batch, |record| record >= timestamp)
    }

    /// The first record with the largest timestamp.
    pub(crate) fn max_timestamp(&self) -> Option<Found> {
        let largest = self.segments().map(Segment::max_timestamp_shown).max().filter(|largest| *largest >= 0)?;
        let segment = self.segments().find(|segment| segment.max_timestamp_shown() == largest)?;
        self.first_in(segment.batch_at_or_after(largest)?, |record| record == largest)
    }

    /// The first record of a batch, from the start of the log on, whose timestamp is wanted.
    fn first_in(&self, batch: &Batch, wanted: impl Fn(i64) -> bool) -> Option<Found> {
        let leader_epoch = batch.leader_epoch();
        let batch = batch.clone().decompress(&ACCEPTED).ok()?;
        let mut records = batch.records().ok()?.filter_map(Result::ok);
        let record = records.find(|record| record.offset >= self.start_offset && wanted(record.timestamp))?;
        Some(Found { offset: record.offset, timestamp: record.timestamp, leader_epoch })
    }
}

#[cfg(test)]
mod tests;
