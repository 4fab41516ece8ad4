//! What a leader makes of the records that a producer sent: each is checked, and all are put into the topic's codec.
//!
//! A topic with a `compression.type` of its own has batches in that codec alone: others are written anew, the producer's id, epoch and sequence
//! numbers kept. Batches that are in the codec stay as their producer compressed them. What cannot be decompressed is answered as Kafka 4.4 answers
//! it: bytes that the codec cannot read with `UNKNOWN_SERVER_ERROR`, records that are not what the batch says with `INVALID_RECORD`.
//!
//! Deviations: offsets that are not those of the records' places are refused in every batch, where Kafka takes them uncompressed, and numbers them
//! anew in a batch that it writes anew; each record is read whole, where Kafka passes over keys, values and lengths of a compressed batch that
//! stays as it is; `max.decompressed.message.bytes` bounds no record, but [`crate::Bounds::decompressed_bytes_max`] all of a batch.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::ops::RangeInclusive;

use ottla_wire::ErrorCode;
use ottla_wire::compression::{DecompressError, Limits};
use ottla_wire::record::{
    Batch, BatchWriter, CompressBatchError, Compression, DecompressBatchError, InvalidBatch, NO_TIMESTAMP, NewRecord,
    ProducerStamp, RecordError, TimestampType, next_batch,
};

use super::append::{AppendContext, Refused};
use crate::topic::TopicCompression;

/// The batch as the log is to have it, all of whose records are good.
pub(super) fn accepted(batch: Batch, context: &AppendContext<'_>) -> Result<Batch, Refused> {
    // Kafka knows no ratio that is too high.
    let limits = Limits { bytes_max: context.decompressed_bytes_max, ratio_max: usize::MAX };
    let plain = batch.clone().decompress(&limits).map_err(|error| unreadable(&error))?;
    let timestamps =
        plain.validate_produced(context.configs.timestamp_type).map_err(|invalid| refuse_invalid(&plain, &invalid))?;
    if context.configs.is_compacted || !is_within(&timestamps, context) {
        check_each(&plain, context)?;
    }
    match context.configs.compression {
        TopicCompression::Own(codec, level) if codec != batch.compression() => written_anew(&plain, codec, level),
        TopicCompression::Own(..) | TopicCompression::Producers => Ok(batch.with_max_create_time(*timestamps.end())),
    }
}

fn unreadable(error: &DecompressBatchError) -> Refused {
    use DecompressError::{RatioTooHigh, TooLong};
    let code = match error {
        DecompressBatchError::Decompress(TooLong { .. } | RatioTooHigh { .. }) => ErrorCode::INVALID_RECORD,
        DecompressBatchError::Decompress(_) => ErrorCode::UNKNOWN_SERVER_ERROR,
        _ => ErrorCode::INVALID_RECORD,
    };
    Refused::because(code, error).of_log()
}

fn refuse_invalid(batch: &Batch, invalid: &InvalidBatch) -> Refused {
    let refused = |code| Refused::because(code, invalid).of_log();
    match invalid {
        InvalidBatch::LogAppendTime => {
            let records = (0..batch.record_count()).map(|index| (index, invalid.to_string()));
            Refused { records: records.collect(), ..refused(ErrorCode::INVALID_TIMESTAMP) }
        }
        // Kafka begins to write such a batch anew, without the keys and values that it has passed over, and fails.
        InvalidBatch::RecordOffset { .. } | InvalidBatch::Record { reason: RecordError::OffsetDelta { .. }, .. }
            if batch.compression() != Compression::None =>
        {
            refused(ErrorCode::UNKNOWN_SERVER_ERROR)
        }
        _ => refused(ErrorCode::INVALID_RECORD),
    }
}

/// What the topic wants of each record.
fn check_each(plain: &Batch, context: &AppendContext<'_>) -> Result<(), Refused> {
    let mut code = ErrorCode::INVALID_RECORD;
    let mut refused = Vec::new();
    for (index, record) in (0_i32..).zip(plain.records().into_iter().flatten().filter_map(Result::ok)) {
        if context.configs.is_compacted && record.key.is_none() {
            refused.push((index, "a record of a compacted topic needs a key".to_owned()));
        } else if !is_timely(record.timestamp, context) {
            code = ErrorCode::INVALID_TIMESTAMP;
            refused
                .push((index, format!("timestamp {} is too far from the broker's {}", record.timestamp, context.now)));
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    let message = Some(format!("{} records are refused", refused.len()));
    Err(Refused { code, message, records: refused, is_of_log: true })
}

/// Whether a producer's timestamp is no further from the broker's than the topic allows (KIP-937).
fn is_timely(timestamp: i64, context: &AppendContext<'_>) -> bool {
    timestamp == NO_TIMESTAMP || is_within(&(timestamp..=timestamp), context)
}

/// Whether that is so of all from the first of these to the last.
fn is_within(timestamps: &RangeInclusive<i64>, context: &AppendContext<'_>) -> bool {
    let configs = context.configs;
    configs.timestamp_type == TimestampType::LogAppendTime
        || (context.now.saturating_sub(*timestamps.start()) <= configs.timestamp_before_max_ms
            && timestamps.end().saturating_sub(context.now) <= configs.timestamp_after_max_ms)
}

/// A batch of the same producer with the same records in another codec. Of what else the batch said of itself nothing stays.
fn written_anew(plain: &Batch, codec: Compression, level: Option<i32>) -> Result<Batch, Refused> {
    let failed = |reason: &dyn std::fmt::Display| Refused::because(ErrorCode::UNKNOWN_SERVER_ERROR, reason).of_log();
    let mut writer = BatchWriter::new(plain.held_bytes());
    for record in plain.records().map_err(|error| failed(&error))? {
        let record = record.map_err(|error| failed(&error))?;
        let (timestamp, key, value, headers) = (record.timestamp, record.key, record.value, record.headers());
        writer.append(&NewRecord { timestamp, key, value, headers }).map_err(|error| failed(&error))?;
    }
    let producer = ProducerStamp {
        producer_id: plain.producer_id(),
        producer_epoch: plain.producer_epoch(),
        base_sequence: plain.base_sequence(),
        is_transactional: plain.is_transactional(),
    };
    let mut bytes = writer.finish_compressed(producer, codec, level).map_err(|error| match error {
        CompressBatchError::TooLong { .. } => Refused::because(ErrorCode::MESSAGE_TOO_LARGE, &error),
        _ => failed(&error),
    })?;
    let written = next_batch(&mut bytes).map_err(|error| failed(&error))?;
    written.ok_or_else(|| failed(&InvalidBatch::Empty))
}
