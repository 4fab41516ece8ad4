//! The producer's decisions: how records gather in batches, and which batch goes to which broker when.
//!
//! - [`Partition`] is where the records of one partition gather. Its owner keeps each behind a lock of its own, so that who appends to one never
//!   waits for another; appending encodes the record straight into the bytes that will be sent.
//! - [`Sender`] decides what is sent when: it learns that a partition has something ([`Sender::handle_appended`]), takes batches out of the
//!   partitions when a request is built ([`Sender::poll_request`]), and says how each batch ended ([`Event::Ended`]). It holds nothing for a
//!   partition that has nothing to send.
//! - [`Outstanding`] knows which batches have not ended, which is what a flush waits for.
//!
//! An idempotent producer, which it is unless told otherwise, has up to five batches of a partition in flight, and the next grows while they are. Their
//! numbers keep their order, and keep a batch that is sent again from being in the log twice ([`ProducerId`]). Another producer has one in flight, and
//! a batch whose answer is lost may be there twice. A batch ends by its delivery deadline, whatever happens, and its records with it.
//!
//! Where batches are compressed, each is a [`Job`] first, which its owner runs where nobody waits for it ([`Sender::poll_compress`]). The batch behind
//! one in flight is compressed as soon as it is full, so that it is ready before its turn.
//!
//! A batch that its leader calls too large is split by a [`Job`] too, into [`Part`]s, and later batches of the topic close earlier.

mod accumulator;
mod answer;
mod compress;
mod ending;
mod flight;
mod lane;
mod outstanding;
mod sender;
mod sending;
mod sequence;
mod split;

use std::sync::Arc;
use std::time::Duration;

use ottla_wire::ErrorCode;
use ottla_wire::record::Compression;

pub use accumulator::{Appended, Batch, Partition, Waiting};
pub use compress::{CompressionError, Done, Job, Made, Ticket};
#[cfg(feature = "planted-bugs")]
pub use flight::planted::PlantedBug;
pub use outstanding::{BatchId, Outstanding};
pub use sender::{Batches, Event, Sender};
pub use sequence::ProducerId;
pub use split::{BATCH_BYTES_LEARNED_MIN, Part};

use crate::backoff::Backoff;
use crate::request::RequestError;

/// Who must have a batch before its leader answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Acks {
    /// Nobody: the leader does not answer at all. A batch counts as delivered once its bytes are on their way, at an offset that is not known; whether it
    /// came there, or was refused, nobody tells.
    None,
    /// The leader. Where it fails before the others have the batch, the batch is lost although it was acknowledged.
    Leader,
    /// All replicas that are in sync, of which the topic's `min.insync.replicas` says how many there must be.
    #[default]
    All,
}

impl Acks {
    /// As requests say it.
    pub(crate) const fn code(self) -> i16 {
        match self {
            Self::None => 0,
            Self::Leader => 1,
            Self::All => -1,
        }
    }
}

/// What bounds a producer.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who must have a batch before its leader answers. Default: all replicas that are in sync, as idempotence needs.
    pub acks: Acks,
    /// Whether brokers take each batch once, however often it is sent, and those of a partition in their order (KIP-98). Default: they do. The principal
    /// needs the permission to write idempotently, on Amazon MSK `kafka-cluster:WriteDataIdempotently`.
    pub idempotence: bool,
    /// How many batches of one partition may be in flight, from 1 to [`IN_FLIGHT_PER_PARTITION_MAX`], the default. Without idempotence it is one in any
    /// case, for a second could overtake it.
    pub in_flight_per_partition: usize,
    /// How long a batch that is not full waits for more records. Default: 5 ms, as Kafka's own producer since 4.0 (KIP-1030).
    pub linger: Duration,
    /// The most bytes of one batch, header included and before it is compressed. Default: 1 MiB, which is what brokers accept unless told otherwise
    /// (`message.max.bytes`, which counts compressed bytes).
    ///
    /// A batch takes the memory that its records need, so a large bound costs nothing where there are few.
    pub batch_bytes_max: usize,
    /// The most bytes of the batches in one request. Default: 4 MiB; never less than `batch_bytes_max`.
    pub request_bytes_max: usize,
    /// How long a record may take from when its batch was opened to its end. Default: 120 s.
    pub delivery_timeout: Duration,
    /// How long the broker may take to answer one request. Default: 30 s.
    pub request_timeout: Duration,
    /// How long a batch waits before its next try. Default: [`Backoff::RETRY`].
    pub retry_backoff: Backoff,
    /// The codec of the batches. Default: none.
    pub compression: Compression,
    /// The level of the codec, where it has levels. Default: the one of the codec.
    pub compression_level: Option<i32>,
    /// How many batches are compressed at the same time, each of another partition. Default: 4.
    ///
    /// A larger value keeps more processors busy where many partitions are.
    pub compressions_max: usize,
    /// The bug that the producer is to have.
    #[cfg(feature = "planted-bugs")]
    pub planted_bug: Option<PlantedBug>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            acks: Acks::All,
            idempotence: true,
            in_flight_per_partition: IN_FLIGHT_PER_PARTITION_MAX,
            linger: Duration::from_millis(5),
            batch_bytes_max: 1024 * 1024,
            request_bytes_max: 4 * 1024 * 1024,
            delivery_timeout: Duration::from_secs(120),
            request_timeout: Duration::from_secs(30),
            retry_backoff: Backoff::RETRY,
            compression: Compression::None,
            compression_level: None,
            compressions_max: 4,
            #[cfg(feature = "planted-bugs")]
            planted_bug: None,
        }
    }
}

/// The most batches of one partition in flight: a leader remembers as many of a producer, and knows no older one again (KAFKA-5494).
pub const IN_FLIGHT_PER_PARTITION_MAX: usize = 5;

impl Config {
    pub(crate) fn in_flight_per_partition(&self) -> usize {
        self.in_flight_per_partition.clamp(1, IN_FLIGHT_PER_PARTITION_MAX)
    }
}

/// A topic as the [`Sender`] counts them, from 0 in the order in which they were first used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicIndex(pub u32);

/// A partition of a topic of this producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartitionKey {
    /// The topic.
    pub topic: TopicIndex,
    /// The partition.
    pub partition: i32,
}

/// How a batch ended, and all of its records with it.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// As many replicas have it as [`Config::acks`] says.
    Delivered {
        /// The offset of its first record; -1 where no leader tells ([`Acks::None`]).
        base_offset: i64,
        /// The timestamp that the broker gave to all of its records, in milliseconds since 1970, where the topic is configured so.
        log_append_time: Option<i64>,
    },
    /// The broker refused it, and would again; it is not in the log.
    Refused {
        /// The broker's error.
        code: ErrorCode,
        /// What the broker said beside it.
        message: Option<Arc<str>>,
        /// The size of the batch.
        batch_bytes: usize,
    },
    /// It is not in the log: no request with it was written, or every one was refused.
    NotSent {
        /// What was last in the way, where anything but time was.
        cause: Option<DeliveryCause>,
    },
    /// It was written to a connection, and whether it is in the log is not known.
    OutcomeUnknown {
        /// What was last in the way, where anything but time was.
        cause: Option<DeliveryCause>,
    },
}

/// What is in the way of a batch.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryCause {
    /// The broker refused.
    #[error("the broker answered {0}")]
    Code(ErrorCode),
    /// The request failed.
    #[error(transparent)]
    Request(RequestError),
    /// No connection to the leader could be opened.
    #[error("the leader cannot be reached")]
    Unreachable(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The broker's answer says nothing of the batch.
    #[error("the broker's answer leaves the partition out")]
    Unanswered,
    /// No broker gives a producer id, without which records cannot be sent exactly once.
    #[error("no producer id: {0}")]
    ProducerId(ProducerIdRefused),
    /// The partition has no leader.
    #[error("the partition has no leader")]
    NoLeader,
    /// The batch could not be compressed.
    #[error("the batch could not be compressed")]
    Compression(#[source] CompressionError),
    /// The leader is older than the codec.
    #[error("the leader takes Produce up to v{version}, and batches in {codec} need v{needed}; choose another codec")]
    CodecUnsupported {
        /// The codec.
        codec: Compression,
        /// The highest version that both sides know.
        version: i16,
        /// The first version that may carry the codec.
        needed: i16,
    },
    /// The producer was closed, or dropped.
    #[error("the producer is closed")]
    Closed,
}

/// Why no broker gives a producer id.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProducerIdRefused {
    /// The principal may not write idempotently.
    #[error(
        "{code}: the principal needs the permission to write idempotently, \
         on Amazon MSK kafka-cluster:WriteDataIdempotently on the cluster, elsewhere IdempotentWrite on the cluster or Write on a topic; \
         or turn idempotence off"
    )]
    NotAuthorized {
        /// The broker's error.
        code: ErrorCode,
    },
    /// The broker refused for another reason.
    #[error("the broker answered InitProducerId with {code}")]
    Code {
        /// The broker's error.
        code: ErrorCode,
    },
    /// Nobody answered.
    #[error("InitProducerId failed")]
    Failed(#[source] Arc<dyn std::error::Error + Send + Sync>),
}

impl ProducerIdRefused {
    /// Whether the same may succeed later without anyone changing anything.
    #[must_use]
    pub const fn is_retriable(&self) -> bool {
        matches!(self, Self::Code { code } if code.is_retriable())
    }
}

#[cfg(test)]
mod tests;
