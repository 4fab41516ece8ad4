//! What is deleted of a log because there is too much of it, or it is too old: whole segments, the oldest first.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use super::PartitionLog;
use super::segment::Segment;

/// How much of a log is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Retention {
    /// Whether the `cleanup.policy` has `delete`.
    pub(crate) deletes: bool,
    /// `retention.bytes`; below zero is no bound.
    pub(crate) bytes_max: i64,
    /// `retention.ms`; below zero is no bound.
    pub(crate) age_max_ms: i64,
}

impl PartitionLog {
    /// Deletes the segments that end before the start of the log, and those that the policy gives up, of what stands below the high watermark.
    pub(crate) fn delete_old(&mut self, retention: Retention, high_watermark: i64, now: i64) {
        while self.closed.get(1).unwrap_or(&self.active).base_offset <= self.start_offset && !self.closed.is_empty() {
            self.delete_first();
        }
        if retention.deletes {
            self.delete_above(retention.bytes_max, high_watermark);
            self.delete_before(now, retention.age_max_ms, high_watermark);
        }
    }

    /// Deletes segments without which there are still as many bytes as are to be kept.
    fn delete_above(&mut self, bytes_max: i64, high_watermark: i64) {
        let Ok(bytes_max) = usize::try_from(bytes_max) else { return };
        let mut above = self.size_bytes().saturating_sub(bytes_max);
        while let Some(rest) = self.first_below(high_watermark).and_then(|first| above.checked_sub(first.size_bytes()))
        {
            above = rest;
            self.delete_first();
        }
    }

    fn delete_before(&mut self, now: i64, age_max_ms: i64, high_watermark: i64) {
        let is_old = |first: &Segment| now.saturating_sub(first.largest_timestamp()) > age_max_ms;
        while age_max_ms >= 0 && self.first_below(high_watermark).is_some_and(is_old) {
            self.delete_first();
        }
    }

    /// The oldest segment, unless it is the last one and empty, or reaches above the high watermark.
    fn first_below(&self, high_watermark: i64) -> Option<&Segment> {
        let next = self.closed.get(1).or(Some(&self.active).filter(|_| !self.closed.is_empty()));
        if next.map_or(self.end_offset(), |next| next.base_offset) > high_watermark {
            return None;
        }
        self.closed.front().or(Some(&self.active).filter(|active| !active.is_empty()))
    }

    fn delete_first(&mut self) {
        if self.closed.is_empty() {
            self.roll();
        }
        self.closed.pop_front();
        let start_offset = self.closed.front().unwrap_or(&self.active).base_offset;
        self.advance_start(start_offset);
    }
}
