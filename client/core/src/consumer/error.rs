//! Why a partition is read no further.

use std::time::Duration;

use ottla_wire::ErrorCode;
use ottla_wire::record::{BatchError, Compression, DecompressBatchError};

use super::TopicPartition;
use crate::request::RequestError;

/// A partition was stopped. Everything before its position was handed out; the other partitions go on, and a seek starts this one again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at} was stopped: {reason}")]
#[non_exhaustive]
pub struct Stopped {
    /// The partition.
    pub at: TopicPartition,
    /// Why.
    #[source]
    pub reason: StopReason,
}

/// Why a partition was stopped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StopReason {
    /// The records of a batch cannot be decompressed: they are damaged, or more than the consumer may read
    /// (`decompressed_batch_bytes_max`, `decompression_ratio_max`).
    #[error(
        "the batch at offset {offset} is compressed with {codec}, and cannot be decompressed: {source}; the next batch starts at offset {next_offset}"
    )]
    Decompression {
        /// The codec.
        codec: Compression,
        /// The offset that was to be read.
        offset: i64,
        /// The offset after the batch, to seek to.
        next_offset: i64,
        /// What is wrong with it.
        source: DecompressBatchError,
    },
    /// What the broker sent is no record batch. It was damaged on the broker's disk or on the way.
    #[error("the batch at offset {offset} is corrupt: {source}")]
    Corrupt {
        /// The offset that was to be read.
        offset: i64,
        /// What is wrong with it.
        source: BatchError,
    },
    /// The broker sent only what is before the offset that it was asked for.
    #[error("the broker was asked for offset {offset}, and what it sent ends before {next_offset}")]
    Behind {
        /// The offset that was asked for.
        offset: i64,
        /// The offset after what was sent.
        next_offset: i64,
    },
    /// The log does not have the offset: it was deleted since, or not written yet.
    #[error("offset {offset} is not in the log{}", bounds(*log_start, *log_end))]
    OffsetOutOfRange {
        /// The offset that was to be read.
        offset: i64,
        /// The first offset of the log, where the broker told it.
        log_start: Option<i64>,
        /// The offset after the last record of the log, where the broker told it.
        log_end: Option<i64>,
    },
    /// The client may not read the topic: on MSK, `kafka-cluster:ReadData` is missing.
    #[error("the client may not read the topic ({})", ErrorCode::TOPIC_AUTHORIZATION_FAILED)]
    NotAuthorized,
    /// The brokers say that there is no such partition: its topic was deleted.
    #[error("the brokers have denied for {after:?} that it exists")]
    Unknown {
        /// For how long they said so.
        after: Duration,
    },
    /// The broker refused, and would again.
    #[error("the broker answered {code} at offset {}", offset.map_or_else(|| "that is not known yet".to_owned(), |offset| offset.to_string()))]
    Refused {
        /// The broker's error.
        code: ErrorCode,
        /// The offset that was asked for, where it was known.
        offset: Option<i64>,
    },
    /// The request cannot be written for this broker, or its answer cannot be read.
    #[error(transparent)]
    Request(RequestError),
}

fn bounds(log_start: Option<i64>, log_end: Option<i64>) -> String {
    let said = |offset: Option<i64>| {
        offset.map_or_else(|| "an offset that the broker did not tell".to_owned(), |offset| offset.to_string())
    };
    format!(", which starts at {} and ends before {}", said(log_start), said(log_end))
}

/// The partition is not assigned; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not assigned to this consumer")]
pub struct NotAssigned(pub TopicPartition);
