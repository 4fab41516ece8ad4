//! What can go wrong with reading.

use std::sync::Arc;

use ottla_core::consumer::{StopReason, Stopped, TopicPartition};
use ottla_wire::BrokerId;

use crate::error::{CallError, ConfigError, ConnectError, TopicError};

/// Why the next records are not there. Nothing is lost by it, and the other partitions go on.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConsumeError {
    /// A partition cannot be read on from its position. A seek starts it again.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// A broker lets the client in no more, and would not on another try, as after a change of credentials; it is tried again all the same, and the error
    /// is told again only after a connection that was good.
    #[error("broker {broker} cannot be read from: {source}")]
    Unreachable {
        /// The broker.
        broker: BrokerId,
        /// Why.
        source: Arc<ConnectError>,
    },
}

/// Why partitions were not assigned. The assignment is as it was.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AssignError {
    /// A topic is not there, or may not be seen.
    #[error(transparent)]
    Topic(#[from] TopicError),
    /// The topic has no such partition.
    #[error("there is no partition {at}: the topic has {partitions} partitions, counted from 0")]
    UnknownPartition {
        /// The partition that was named.
        at: TopicPartition,
        /// How many the topic has.
        partitions: usize,
    },
    /// No record has an offset below zero.
    #[error("{at} cannot be read from offset {offset}: offsets count from 0")]
    NegativeOffset {
        /// The partition.
        at: TopicPartition,
        /// The offset that was given.
        offset: i64,
    },
}

/// Why there is no consumer.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildConsumerError {
    /// The configuration is refused; nothing was asked of a broker.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// What was to be assigned is not there.
    #[error(transparent)]
    Assign(#[from] AssignError),
}

/// Why the ends of a log are not known.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OffsetsError {
    /// A topic or partition is not there.
    #[error(transparent)]
    Partition(#[from] AssignError),
    /// The broker refused to tell.
    #[error("the offsets of {at} are refused: {reason}")]
    Refused {
        /// The partition.
        at: TopicPartition,
        /// Why.
        #[source]
        reason: StopReason,
    },
    /// No leader answered in time.
    #[error("no leader told the offsets of {at} in time")]
    NoAnswer {
        /// A partition of which they are not known.
        at: TopicPartition,
        /// What was last in the way, where it is known.
        #[source]
        source: Option<CallError>,
    },
}
