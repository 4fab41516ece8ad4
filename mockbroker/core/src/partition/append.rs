//! What a leader checks before it appends what a producer sent.
//!
//! First the batch whole, then its records, out of their codec; then it is put into the topic's codec, held against the sizes once more, and
//! looked for among those that its producer sent before.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use bytes::Bytes;
use ottla_wire::ErrorCode;
use ottla_wire::record::{Batch, BatchError, Compression, InvalidBatch, NO_TIMESTAMP, TimestampType, next_batch};

use super::Partition;
use super::producers::Arrival;
use super::records;
use crate::topic::TopicConfigs;

/// From this version of Produce on, a batch may be compressed with zstd (KIP-110).
const ZSTD_FROM: i16 = 7;

/// No version of Produce that brokers still have takes a batch of an older magic (KIP-724).
const MAGIC_MIN: i8 = 2;

/// What a leader knows beside its partition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AppendContext<'a> {
    pub(crate) configs: &'a TopicConfigs,
    /// Milliseconds since 1970.
    pub(crate) now: i64,
    /// Whether the producer waits for all replicas that are in sync.
    pub(crate) waits_for_all: bool,
    /// How many replicas must be in sync for the high watermark to go on.
    pub(crate) advance_min: usize,
    /// How many bytes the cluster still has room for.
    pub(crate) room_bytes: usize,
    pub(crate) producers_max: usize,
    /// How many bytes the records of a batch may have when they are decompressed.
    pub(crate) decompressed_bytes_max: usize,
}

/// Where a batch stands in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Appended {
    pub(crate) base_offset: i64,
    /// The offset after its last record: a replica whose log ends there has it.
    pub(crate) next_offset: i64,
    /// Whether all replicas have it that are in sync.
    pub(crate) is_committed: bool,
    /// The broker's timestamp, or -1 where the producer's holds.
    pub(crate) log_append_time: i64,
    /// The bytes that the log grew by: none for a batch that was there already.
    pub(crate) bytes: usize,
}

/// Why a batch is not appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) code: ErrorCode,
    pub(crate) message: Option<String>,
    /// The records that are the cause, by their place in the batch (KIP-467).
    pub(crate) records: Vec<(i32, String)>,
    /// Whether the log was looked at, so that the answer says where it begins.
    pub(crate) is_of_log: bool,
}

impl From<ErrorCode> for Refused {
    fn from(code: ErrorCode) -> Self {
        Self { code, message: None, records: Vec::new(), is_of_log: false }
    }
}

impl Refused {
    pub(super) fn because(code: ErrorCode, reason: &dyn std::fmt::Display) -> Self {
        Self { message: Some(reason.to_string()), ..Self::from(code) }
    }

    pub(super) fn of_log(self) -> Self {
        Self { is_of_log: true, ..self }
    }
}

/// The one batch that a Produce of this version may have for a partition. Bytes of a second one that is cut are passed over, as in Kafka.
pub(crate) fn only_batch(mut records: Bytes, version: i16) -> Result<Batch, Refused> {
    let none = || Refused::because(ErrorCode::INVALID_RECORD, &"there is no record batch");
    let batch = next_batch(&mut records).map_err(|error| unreadable(&error))?.ok_or_else(none)?;
    if batch.magic() < MAGIC_MIN {
        return Err(Refused::because(ErrorCode::INVALID_RECORD, &InvalidBatch::OldMagic(batch.magic())));
    }
    if version < ZSTD_FROM && batch.compression() == Compression::Zstd {
        return Err(Refused::because(ErrorCode::UNSUPPORTED_COMPRESSION_TYPE, &"zstd needs Produce v7"));
    }
    match next_batch(&mut records) {
        Ok(Some(_)) => Err(Refused::because(ErrorCode::INVALID_RECORD, &"there is more than one record batch")),
        Err(error) if !error.is_cut() => Err(unreadable(&error)),
        Ok(None) | Err(_) => Ok(batch),
    }
}

fn unreadable(error: &BatchError) -> Refused {
    let code = match error {
        BatchError::Cut { .. } => ErrorCode::INVALID_RECORD,
        BatchError::RecordCount { .. } | BatchError::NegativeRecordCount(_) => ErrorCode::INVALID_RECORD,
        BatchError::NegativeLastOffsetDelta(_) | BatchError::OffsetOverflow { .. } => ErrorCode::INVALID_RECORD,
        BatchError::UnknownCodec(_) => ErrorCode::UNKNOWN_SERVER_ERROR,
        _ => ErrorCode::CORRUPT_MESSAGE,
    };
    let refused = Refused::because(code, error);
    // Kafka takes such a batch for one of its kind, and finds what is wrong when it appends it.
    let is_of_log = matches!(code, ErrorCode::INVALID_RECORD | ErrorCode::UNKNOWN_SERVER_ERROR) && !error.is_cut();
    if is_of_log { refused.of_log() } else { refused }
}

impl Partition {
    /// Appends a batch, or finds that it was appended before.
    pub(crate) fn append(&mut self, batch: Batch, context: &AppendContext<'_>) -> Result<Appended, Refused> {
        let in_sync_min = context.configs.in_sync_replicas_min.min(self.replicas.len());
        if context.waits_for_all && self.in_sync.len() < in_sync_min {
            return Err(Refused::from(ErrorCode::NOT_ENOUGH_REPLICAS).of_log());
        }
        check_size(&batch, context.configs)?;
        if batch.is_transactional() {
            return Err(Refused::because(ErrorCode::INVALID_TXN_STATE, &"transactions are not simulated").of_log());
        }
        let batch = records::accepted(batch, context)?;
        check_size(&batch, context.configs)?;
        let arrival = self.producers.check(&batch).map_err(|code| Refused::from(code).of_log())?;
        if let Arrival::Duplicate(known) = arrival {
            let (base_offset, log_append_time) = (known.base_offset, known.max_timestamp);
            let next_offset = known.last_offset().saturating_add(1);
            let is_committed = next_offset <= self.high_watermark();
            return Ok(Appended { base_offset, next_offset, is_committed, log_append_time, bytes: 0 });
        }
        if batch.size_bytes() > context.room_bytes {
            return Err(Refused::because(ErrorCode::KAFKA_STORAGE_ERROR, &"the cluster's logs are full"));
        }
        Ok(self.store(batch, context))
    }

    fn store(&mut self, batch: Batch, context: &AppendContext<'_>) -> Appended {
        let bytes = batch.size_bytes();
        let log_append_time = match context.configs.timestamp_type {
            TimestampType::CreateTime => None,
            TimestampType::LogAppendTime => Some(context.now),
        };
        let base_offset = self.log.end_offset();
        let batch = batch.restamped(base_offset, self.leader_epoch, log_append_time);
        self.producers.remember(&batch, context.producers_max);
        self.log.append(batch, context.configs.rolling(), context.now);
        self.advance_high_watermark(context.advance_min);
        let next_offset = self.log.end_offset();
        let is_committed = next_offset <= self.high_watermark();
        Appended {
            base_offset,
            next_offset,
            is_committed,
            log_append_time: log_append_time.unwrap_or(NO_TIMESTAMP),
            bytes,
        }
    }
}

fn check_size(batch: &Batch, configs: &TopicConfigs) -> Result<(), Refused> {
    let too_large = |max: usize, name: &str| format!("{} bytes are above {name}={max}", batch.size_bytes());
    if batch.size_bytes() > configs.message_bytes_max {
        let reason = too_large(configs.message_bytes_max, "max.message.bytes");
        return Err(Refused::because(ErrorCode::MESSAGE_TOO_LARGE, &reason));
    }
    if batch.size_bytes() > configs.segment_bytes {
        let reason = too_large(configs.segment_bytes, "segment.bytes");
        return Err(Refused::because(ErrorCode::RECORD_LIST_TOO_LARGE, &reason));
    }
    Ok(())
}
