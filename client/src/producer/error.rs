//! Why a record was not taken, or not delivered.

use std::time::Duration;

use ottla_core::producer::DeliveryCause;
use ottla_wire::ErrorCode;

use super::{Deliveries, Record};
use crate::error::TopicError;

/// Why a record was not taken by the producer. Nothing of it was sent, and nothing will be.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The record alone is larger than a batch may be.
    #[error(
        "a record for {topic:?} of up to {size_bytes} bytes is larger than `batch_bytes_max` of {max_bytes} bytes; \
         a larger bound needs a larger `max.message.bytes` of the topic too"
    )]
    RecordTooLarge {
        /// The topic.
        topic: String,
        /// What a batch with only this record takes at most, in bytes.
        size_bytes: usize,
        /// The bound in bytes.
        max_bytes: usize,
    },
    /// The records that are not delivered yet take all the memory that they may, and none became free in time.
    #[error(
        "no room for {size_bytes} bytes within {waited:?}: records that are not delivered yet take all of `buffer_bytes_max`, \
         {max_bytes} bytes; the brokers are slower than the sender, or cannot be reached"
    )]
    NoRoom {
        /// What the record takes, in bytes.
        size_bytes: usize,
        /// The bound in bytes.
        max_bytes: usize,
        /// How long it waited.
        waited: Duration,
    },
    /// The topic is not there, or nothing is known of it.
    #[error(transparent)]
    Topic(#[from] TopicError),
    /// The topic has no such partition.
    #[error("topic {topic:?} has {partitions} partitions, and none with the index {partition}")]
    UnknownPartition {
        /// The topic.
        topic: String,
        /// The partition that was asked for.
        partition: i32,
        /// How many the topic is known to have.
        partitions: usize,
    },
    /// A [`ProducerInterceptor`](crate::ProducerInterceptor) panicked on the record.
    #[error("an interceptor panicked on the record, which was not sent")]
    Interceptor,
    /// The producer was closed.
    #[error("the producer is closed")]
    Closed,
}

/// A record that [`Producer::try_send`](crate::Producer::try_send) did not take. Nothing of it was sent.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{reason}")]
#[non_exhaustive]
pub struct TrySendError<'a> {
    /// The record, as it was given.
    pub record: Record<'a>,
    /// Why it was not taken.
    pub reason: NotTaken,
}

/// Why a record was not taken at once.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotTaken {
    /// The records that are not delivered yet take all the memory that they may, or others wait for some.
    #[error(
        "no room for {size_bytes} bytes now: records that are not delivered yet take all of `buffer_bytes_max`, {max_bytes} bytes"
    )]
    NoRoom {
        /// What the record takes, in bytes.
        size_bytes: usize,
        /// The bound in bytes.
        max_bytes: usize,
    },
    /// What the topic is made of is not known yet; it is being asked for.
    #[error("the partitions of topic {topic:?} are not known yet, and are being asked for")]
    TopicUnknown {
        /// The topic.
        topic: String,
    },
    /// To wait would not help, as far as is known.
    #[error(transparent)]
    Refused(#[from] SendError),
}

impl NotTaken {
    /// Whether the same record may be taken a little later, without anyone changing anything.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::NoRoom { .. } | Self::TopicUnknown { .. })
    }
}

/// [`Producer::send_all`](crate::Producer::send_all) came to a record that was not taken.
#[derive(Debug, thiserror::Error)]
#[error("the record behind the first {} was not taken", taken.len())]
#[non_exhaustive]
pub struct SendAllError {
    /// What becomes of the records before it.
    pub taken: Deliveries,
    /// Why it was not taken.
    #[source]
    pub error: SendError,
}

/// Why a record was not delivered, or not known to be.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// The broker refused the record's batch, and would refuse it again: the record is not in the log.
    #[error("{topic:?} partition {partition} refused the record: {code}{}", message.as_ref().map(|said| format!(" ({said})")).unwrap_or_default())]
    Refused {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The broker's code.
        code: ErrorCode,
        /// What the broker said.
        message: Option<String>,
    },
    /// The record is larger than the topic allows, in a batch of its own: it is not in the log. A batch of several records is split first; all of them
    /// end so where the batch is larger than a segment of the log (`RECORD_LIST_TOO_LARGE`).
    #[error(
        "{topic:?} partition {partition} refused a batch of {batch_bytes} bytes as too large ({code}): \
         send smaller records, or raise `max.message.bytes` of the topic (`segment.bytes` where the code is RECORD_LIST_TOO_LARGE)"
    )]
    BatchTooLarge {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The size of the batch in bytes.
        batch_bytes: usize,
        /// The broker's code.
        code: ErrorCode,
    },
    /// The record is not in the log: it was not sent, or no broker took it, by its delivery timeout or the producer's end.
    #[error("the record for {topic:?} partition {partition} was not sent")]
    NotSent {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// What was last in the way, where anything but time was.
        #[source]
        cause: Option<DeliveryCause>,
    },
    /// The record was sent, and whether it is in the log is not known; to send it again may put it there twice.
    #[error(
        "the record for {topic:?} partition {partition} was sent, and its outcome is unknown: it may be in the log"
    )]
    OutcomeUnknown {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// What was last in the way, where anything but time was.
        #[source]
        cause: Option<DeliveryCause>,
    },
}

impl DeliveryError {
    /// The topic and the partition of the record.
    #[must_use]
    pub fn partition(&self) -> (&str, i32) {
        match self {
            Self::Refused { topic, partition, .. }
            | Self::BatchTooLarge { topic, partition, .. }
            | Self::NotSent { topic, partition, .. }
            | Self::OutcomeUnknown { topic, partition, .. } => (topic, *partition),
        }
    }

    /// Whether the record may be in the log all the same.
    #[must_use]
    pub const fn may_be_written(&self) -> bool {
        matches!(self, Self::OutcomeUnknown { .. })
    }
}

/// A producer was closed before all of its records had ended. Those that had not have ended with an error now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the producer was closed with {not_sent} records that were not sent, and {outcome_unknown} whose outcome is unknown"
)]
#[non_exhaustive]
pub struct CloseError {
    /// How many records are not in the log.
    pub not_sent: u64,
    /// How many records were sent and not acknowledged; they may be in the log.
    pub outcome_unknown: u64,
}
