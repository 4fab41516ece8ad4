//! How the partition of a record is chosen.

use std::fmt;
use std::sync::Arc;

use ottla_core::cluster::Topic;

/// How the partition of a record is chosen that names none. Default: [`KeyHash`](Self::KeyHash).
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Partitioning {
    /// By the murmur2 hash of the key, as Java's producer chooses. Records without a key stay together for a while and then go elsewhere (KIP-480), the less
    /// often to a partition the longer its queue ([`adaptive_partitioning`](crate::ProducerBuilder::adaptive_partitioning)).
    #[default]
    KeyHash,
    /// By the CRC-32 of the key, as librdkafka's default `consistent_random` chooses. Records whose key is missing or empty go as those without a key under
    /// [`KeyHash`](Self::KeyHash).
    ConsistentRandom,
    /// To the partitions that have a leader in turn, whatever the key, as Java's `RoundRobinPartitioner` does. It makes many small batches.
    RoundRobin,
    /// As a [`Partitioner`] chooses.
    Custom(Arc<dyn Partitioner>),
}

impl Partitioning {
    /// As `partitioner` chooses.
    #[must_use]
    pub fn custom(partitioner: impl Partitioner) -> Self {
        Self::Custom(Arc::new(partitioner))
    }
}

impl fmt::Debug for Partitioning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeyHash => "KeyHash",
            Self::ConsistentRandom => "ConsistentRandom",
            Self::RoundRobin => "RoundRobin",
            Self::Custom(_) => "Custom(..)",
        })
    }
}

/// Chooses partitions by a rule of the user's own ([`Partitioning::Custom`]).
///
/// ```
/// # use ottla::{Partitioner, Unplaced};
/// /// Audit records have the last partition for themselves.
/// struct AuditApart;
///
/// impl Partitioner for AuditApart {
///     fn partition(&self, record: &Unplaced<'_>) -> i32 {
///         let last = record.partition_count() - 1;
///         match record.key() {
///             Some(b"audit") => last,
///             key => key.map_or(0, |key| key.len() as i32) % last.max(1),
///         }
///     }
/// }
/// ```
pub trait Partitioner: Send + Sync + 'static {
    /// The partition of a record that names none, from 0 to below [`Unplaced::partition_count`]; with any other, the record is refused as
    /// [`UnknownPartition`](crate::SendError::UnknownPartition).
    ///
    /// It is called in [`send`](crate::Producer::send) for each such record, side by side by all who send, so it must not wait. Where it panics, `send`
    /// does, and the record is not taken.
    fn partition(&self, record: &Unplaced<'_>) -> i32;
}

/// A record that has no partition yet, and the topic that it is for.
#[derive(Clone, Copy, Debug)]
pub struct Unplaced<'a> {
    pub(crate) topic: &'a Topic,
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) value: Option<&'a [u8]>,
}

impl<'a> Unplaced<'a> {
    /// The topic.
    #[must_use]
    pub fn topic(&self) -> &'a str {
        &self.topic.name
    }

    /// The record's key.
    #[must_use]
    pub const fn key(&self) -> Option<&'a [u8]> {
        self.key
    }

    /// The record's value.
    #[must_use]
    pub const fn value(&self) -> Option<&'a [u8]> {
        self.value
    }

    /// How many partitions the topic is known to have, at least one.
    #[must_use]
    pub fn partition_count(&self) -> i32 {
        i32::try_from(self.topic.partitions.len()).unwrap_or(i32::MAX)
    }

    /// Whether the topic has this partition, and it has a leader, so that records for it can be sent now.
    #[must_use]
    pub fn has_leader(&self, partition: i32) -> bool {
        let known = usize::try_from(partition).ok().and_then(|index| self.topic.partitions.get(index));
        known.is_some_and(|partition| partition.leader.is_some())
    }
}
