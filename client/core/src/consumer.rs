//! The consumer's decisions: what is fetched from which broker, what waits in memory, and what is handed out next.
//!
//! [`Consumer`] holds the assigned partitions. Each reads at its leader, and every leader is fetched from by itself: one request in flight per broker, so
//! that the long poll of an idle one never delays the records of another. What a broker sends is kept as it came and decoded when it is handed out, which
//! is also when its owner decompresses it ([`Packed::unpack`]); nothing
//! that is kept is thrown away, but by a seek or a new assignment.
//!
//! | file | decides |
//! | --- | --- |
//! | `machine` | [`Consumer`]: what each input changes |
//! | `places` | where a partition stands after a change: what is to be done for it, and by whom |
//! | `partition` | one partition: its position, what waits to be handed out, and what comes after that |
//! | `buffer` | the batches that wait, and the one that is handed out next |
//! | `broker` | whom to ask for what, and when to leave a broker alone |
//! | `memory` | how much is kept of what each broker sent |
//! | `request`, `answer` | Fetch, written and read |
//! | `offsets` | ListOffsets, written and read; [`OffsetQuery`] asks it for the application |

mod answer;
mod batch;
mod broker;
mod buffer;
mod error;
mod machine;
mod memory;
mod offsets;
mod partition;
mod places;
mod request;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use batch::{Batch, Packed, Unreadable};
pub use error::{NotAssigned, StopReason, Stopped};
pub use machine::{Consumer, Event};
pub use offsets::{Lookup, LookupError, LookupId, OffsetQuery};

use ottla_wire::compression::{self, Limits};

use crate::backoff::Backoff;

/// A partition of a topic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

impl<T: Into<Arc<str>>> From<(T, i32)> for TopicPartition {
    fn from((topic, partition): (T, i32)) -> Self {
        Self { topic: topic.into(), partition }
    }
}

impl From<&Self> for TopicPartition {
    fn from(at: &Self) -> Self {
        at.clone()
    }
}

/// An end of a partition's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The first record that is kept.
    Beginning,
    /// After the last record that all in-sync replicas have.
    End,
}

/// Where reading a partition starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Start {
    /// At the first record that is kept.
    Beginning,
    /// After the last record that there is when the broker is asked.
    End,
    /// At this offset.
    Offset(i64),
}

/// What becomes of a partition whose log does not have the offset to be read: deleted since, or not written yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnOffsetOutOfRange {
    /// It stops with an error that names the log's first and last offsets.
    #[default]
    Error,
    /// It goes on at the first record that is kept.
    Beginning,
    /// It goes on after the last record.
    End,
}

/// What bounds a consumer.
#[derive(Clone, Debug)]
pub struct Config {
    /// The most bytes of answers that wait to be handed out, over all brokers; each broker has an equal share of it, so that one never takes the room of another. A broker's answer may
    /// exceed it by one batch. Default: 64 MiB.
    pub fetch_buffer_bytes_max: usize,
    /// The most bytes of one answer; a batch that alone is larger comes all the same (KIP-74). Default: 50 MiB.
    pub fetch_bytes_max: usize,
    /// The most bytes of one partition in one answer; a batch that alone is larger comes all the same. A partition with as much waiting is not asked for.
    /// Default: 1 MiB.
    pub partition_fetch_bytes_max: usize,
    /// With how few bytes a broker answers before `fetch_max_wait` is over. A larger value makes fewer and later answers. Default: 1.
    pub fetch_min_bytes: usize,
    /// How long a broker waits for `fetch_min_bytes`. Default: 500 ms.
    pub fetch_max_wait: Duration,
    /// The most bytes that the records of one batch may take when decompressed. Default: 100 MiB, the largest batch that is read uncompressed.
    pub decompressed_batch_bytes_max: usize,
    /// How many times as large as its compressed bytes a batch may become that takes more than 16 MiB then. Default: 1100.
    pub decompression_ratio_max: usize,
    /// What becomes of a partition whose log does not have the offset to be read. Default: an error.
    pub on_offset_out_of_range: OnOffsetOutOfRange,
    /// How long brokers may deny that an assigned partition exists, as they do for a moment while metadata spreads, before that is an error. Default: 30 s.
    pub unknown_topic_timeout: Duration,
    /// How long a broker may take to answer, beyond `fetch_max_wait`. Default: 30 s.
    pub request_timeout: Duration,
    /// How long to wait before asking again for a partition that was refused. Default: [`Backoff::RETRY`].
    pub retry_backoff: Backoff,
}

impl Config {
    /// What bounds the decompression of one batch.
    #[must_use]
    pub const fn decompression(&self) -> Limits {
        Limits { bytes_max: self.decompressed_batch_bytes_max, ratio_max: self.decompression_ratio_max }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            fetch_buffer_bytes_max: 64 * 1024 * 1024,
            fetch_bytes_max: 50 * 1024 * 1024,
            partition_fetch_bytes_max: 1024 * 1024,
            fetch_min_bytes: 1,
            fetch_max_wait: Duration::from_millis(500),
            decompressed_batch_bytes_max: compression::BYTES_MAX,
            decompression_ratio_max: compression::RATIO_MAX,
            on_offset_out_of_range: OnOffsetOutOfRange::Error,
            unknown_topic_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(30),
            retry_backoff: Backoff::RETRY,
        }
    }
}

#[cfg(test)]
mod tests;
