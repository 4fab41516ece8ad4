//! Whether a broker may append a batch that a producer sent.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::ops::RangeInclusive;

use super::attributes::TimestampType;
use super::batch::Batch;
use super::reader::RecordError;
use super::{MAGIC, NO_PRODUCER_ID, NO_TIMESTAMP};

/// Why a broker refuses a batch that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBatch {
    /// The batch is a message of magic 0 or 1, which no version of Produce takes that brokers still have (KIP-724).
    #[error("a produced batch has magic {0}")]
    OldMagic(i8),
    /// The base offset is not zero.
    #[error("base offset {0} of a produced batch is not 0")]
    BaseOffset(i64),
    /// There is no record.
    #[error("a produced batch has no record")]
    Empty,
    /// The offsets are not as many as the records.
    #[error("last offset delta {last_offset_delta} is not that of {record_count} records")]
    OffsetRange {
        /// The last offset less the base offset.
        last_offset_delta: i32,
        /// How many records the batch says it has.
        record_count: i32,
    },
    /// The batch is a control batch, which only a broker may write.
    #[error("a client may not write a control batch")]
    Control,
    /// The producer has an id, and the sequence number is below zero.
    #[error("base sequence {0} of an idempotent producer is negative")]
    BaseSequence(i32),
    /// The batch says that its timestamps are the broker's.
    #[error("a producer may not set the timestamp type to LogAppendTime")]
    LogAppendTime,
    /// The offset of a record is not that of its place in the batch.
    #[error("record {index} has offset delta {delta}")]
    RecordOffset {
        /// The record's place, from 0.
        index: u32,
        /// Its offset less the base offset.
        delta: i64,
    },
    /// A record cannot be read.
    #[error("record {index}: {reason}")]
    Record {
        /// The record's place, from 0.
        index: u32,
        /// What is wrong with it.
        reason: RecordError,
    },
}

impl Batch {
    /// Checks the batch as a leader does before it appends what a producer sent, and returns the timestamps of the records, from the
    /// smallest to the largest, which is never below [`NO_TIMESTAMP`].
    ///
    /// `topic_type` is the topic's `message.timestamp.type`. A producer's LogAppendTime is refused where the topic has that type too, and otherwise
    /// where it says no time; else the leader makes it CreateTime ([`Batch::with_max_create_time`]).
    ///
    /// The offsets of the records are checked too, which Kafka does for compressed batches alone: no reader would make sense of others.
    /// Of a batch that is still compressed the header is checked, and its largest timestamp believed to be that of all.
    ///
    /// # Errors
    /// What is wrong first.
    pub fn validate_produced(&self, topic_type: TimestampType) -> Result<RangeInclusive<i64>, InvalidBatch> {
        self.validate_header(topic_type)?;
        let Ok(records) = self.records() else { return Ok(self.max_timestamp()..=self.max_timestamp()) };
        let (mut smallest, mut largest) = (i64::MAX, NO_TIMESTAMP);
        for (index, record) in (0_u32..).zip(records) {
            let record = record.map_err(|reason| InvalidBatch::Record { index, reason })?;
            let delta = record.offset.saturating_sub(self.base_offset());
            if delta != i64::from(index) {
                return Err(InvalidBatch::RecordOffset { index, delta });
            }
            smallest = smallest.min(record.timestamp);
            largest = largest.max(record.timestamp);
        }
        Ok(smallest..=largest)
    }

    fn validate_header(&self, topic_type: TimestampType) -> Result<(), InvalidBatch> {
        if self.magic() < MAGIC {
            return Err(InvalidBatch::OldMagic(self.magic()));
        }
        let [last_offset_delta, record_count] = [self.last_offset_delta(), self.record_count()];
        if self.base_offset() != 0 {
            return Err(InvalidBatch::BaseOffset(self.base_offset()));
        }
        if record_count == 0 {
            return Err(InvalidBatch::Empty);
        }
        if record_count.checked_sub(1) != Some(last_offset_delta) {
            return Err(InvalidBatch::OffsetRange { last_offset_delta, record_count });
        }
        if self.is_control() {
            return Err(InvalidBatch::Control);
        }
        if self.producer_id() > NO_PRODUCER_ID && self.base_sequence() < 0 {
            return Err(InvalidBatch::BaseSequence(self.base_sequence()));
        }
        let appended = self.timestamp_type() == TimestampType::LogAppendTime;
        if appended && (topic_type == TimestampType::LogAppendTime || self.max_timestamp() == NO_TIMESTAMP) {
            return Err(InvalidBatch::LogAppendTime);
        }
        Ok(())
    }
}
