//! What a test sees of topics, and writes into them, without a client.

use ottla_wire::record::{AppendError, BatchWriter, Header, ProducerStamp};
use ottla_wire::{BrokerId, ErrorCode, LeaderEpoch, TopicId, record};

use super::Cluster;
use crate::api::delete_topics;
use crate::connection::Closed;
use crate::partition::{ActiveProducer, AppendContext, only_batch};
use crate::tally::Tally;
use crate::telemetry::PushedMetrics;
use crate::time::Now;
use crate::topic::{UnknownPartition, is_internal};
use crate::waiting::Waiting;

/// The version of Produce by whose rules a test's records are checked: the newest.
const PRODUCE_VERSION: i16 = 13;

/// A topic as it is at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicState {
    /// What it is called.
    pub name: String,
    /// Its id; a topic of the same name that is created anew has another.
    pub id: TopicId,
    /// Whether it is one that Kafka keeps its own state in.
    pub is_internal: bool,
    /// Its partitions, by ascending index.
    pub partitions: Vec<PartitionState>,
}

/// A partition as it is at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionState {
    /// Its index.
    pub partition: i32,
    /// The broker that leads it.
    pub leader: BrokerId,
    /// How often it was led by another.
    pub leader_epoch: LeaderEpoch,
    /// The brokers that have it, the preferred leader first.
    pub replicas: Vec<BrokerId>,
    /// Those of them that are in sync.
    pub in_sync: Vec<BrokerId>,
    /// The first offset that is there.
    pub start_offset: i64,
    /// Up to where consumers may read.
    pub high_watermark: i64,
    /// The offset that the next record gets.
    pub end_offset: i64,
    /// The bytes of its record batches.
    pub size_bytes: usize,
    /// The idempotent producers that it remembers.
    pub producers: Vec<ActiveProducer>,
}

/// A record for a test to write without a client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewRecord {
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(String, Option<Vec<u8>>)>,
    timestamp_ms: Option<i64>,
}

impl NewRecord {
    /// A record with a value, and without a key.
    #[must_use]
    pub fn new(value: impl Into<Vec<u8>>) -> Self {
        Self { value: Some(value.into()), ..Self::default() }
    }

    /// A record without a value: it deletes what its key has in a topic that is compacted.
    #[must_use]
    pub fn tombstone(key: impl Into<Vec<u8>>) -> Self {
        Self::default().key(key)
    }

    /// The key.
    #[must_use]
    pub fn key(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Adds a header, whose value may be null.
    #[must_use]
    pub fn header(mut self, key: impl Into<String>, value: Option<Vec<u8>>) -> Self {
        self.headers.push((key.into(), value));
        self
    }

    /// The timestamp, in milliseconds since 1970. The default is the cluster's wall clock.
    #[must_use]
    pub fn timestamp_ms(mut self, timestamp_ms: i64) -> Self {
        self.timestamp_ms = Some(timestamp_ms);
        self
    }
}

/// Why a test's records are not written; none of them is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// There is no such partition.
    #[error(transparent)]
    UnknownPartition(#[from] UnknownPartition),
    /// They make no batch.
    #[error("the records make no batch: {0}")]
    Batch(#[from] AppendError),
    /// A client would be refused too.
    #[error("{code}{}", .reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default())]
    Refused {
        /// The code that a client would be answered.
        code: ErrorCode,
        /// Why.
        reason: Option<String>,
    },
}

/// The cluster has no such topic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no topic {0:?}")]
pub struct UnknownTopic(pub String);

impl Cluster {
    /// All topics, by ascending name.
    #[must_use]
    pub fn topics(&self) -> Vec<TopicState> {
        let topics = self.state.topics.iter();
        let state = |(name, topic): (&std::sync::Arc<str>, &crate::topic::Topic)| TopicState {
            name: name.to_string(),
            id: topic.id,
            is_internal: is_internal(name),
            partitions: topic.partitions().map(PartitionState::from).collect(),
        };
        topics.map(state).collect()
    }

    /// Deletes a topic. Requests that wait for it are answered.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn delete_topic(&mut self, now: Now, topic: &str) -> Result<(), UnknownTopic> {
        let found = self.state.topics.named(topic).ok_or_else(|| UnknownTopic(topic.to_owned()))?;
        let id = found.id;
        delete_topics::delete(&mut self.state, id);
        self.go_on(now);
        Ok(())
    }

    /// Appends records to a partition as one batch of a producer that wants acks=all, and returns the offset of the first, without a wait for followers
    /// that are held. Fetches that wait for them are answered.
    ///
    /// # Errors
    /// When a producer would be refused, and when there is no record.
    pub fn produce(&mut self, now: Now, topic: &str, partition: i32, records: &[NewRecord]) -> Result<i64, WriteError> {
        let unknown = || UnknownPartition { topic: topic.to_owned(), partition };
        let bounds = self.state.config.bounds;
        let room_bytes = bounds.log_bytes_max.saturating_sub(self.state.log_bytes);
        let found = self.state.topics.named_mut(topic).ok_or_else(unknown)?;
        let (led, configs) = found.partition_to_append(partition).ok_or_else(unknown)?;
        let context = AppendContext {
            configs,
            now: now.millis(),
            waits_for_all: true,
            advance_min: self.state.release.advance_min(configs.in_sync_replicas_min),
            room_bytes,
            producers_max: bounds.producers_max,
            decompressed_bytes_max: bounds.decompressed_bytes_max,
        };
        let batch = only_batch(batch_of(records, now.millis())?, PRODUCE_VERSION);
        let appended = batch.and_then(|batch| led.append(batch, &context));
        let appended =
            appended.map_err(|refused| WriteError::Refused { code: refused.code, reason: refused.message })?;
        self.state.has_appended(now, topic, partition, &appended);
        self.go_on(now);
        Ok(appended.base_offset)
    }

    /// The metrics that clients pushed, the oldest first, as many as [`crate::Bounds::telemetry_bytes_max`] allows; none without
    /// [`crate::ClusterConfig::telemetry_receiver`].
    pub fn pushed_metrics(&self) -> impl Iterator<Item = &PushedMetrics> {
        self.state.telemetry.pushed()
    }

    /// What was asked of the cluster since it began.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.state.tally
    }

    /// How many connections are open.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.connections.len()
    }

    /// Makes the cluster what another one is, and closes all connections: topics, records, users and the journal are those of the other, and the
    /// numbers of connections, faults and entries and the tally go on.
    pub fn become_like(&mut self, now: Now, fresh: Self) {
        self.cut_off.clear();
        let open: Vec<_> = self.connections.keys().copied().collect();
        for conn in open {
            self.drop_connection(conn, now, Closed::Reset);
        }
        let before = std::mem::replace(&mut self.state, fresh.state);
        self.state.faults.go_on_from(&before.faults);
        self.state.journal.go_on_from(&before.journal);
        self.state.tally = before.tally;
        self.waiting = Waiting::default();
    }
}

impl From<(i32, &crate::partition::Partition)> for PartitionState {
    fn from((index, partition): (i32, &crate::partition::Partition)) -> Self {
        Self {
            partition: index,
            leader: partition.leader,
            leader_epoch: partition.leader_epoch,
            replicas: partition.replicas.to_vec(),
            in_sync: partition.in_sync.to_vec(),
            start_offset: partition.log.start_offset(),
            high_watermark: partition.high_watermark(),
            end_offset: partition.log.end_offset(),
            size_bytes: partition.log.size_bytes(),
            producers: partition.producers.active().collect(),
        }
    }
}

fn batch_of(records: &[NewRecord], now: i64) -> Result<bytes::Bytes, AppendError> {
    let mut batch = BatchWriter::new(0);
    for NewRecord { key, value, headers, timestamp_ms } in records {
        let headers = headers.iter().map(|(key, value)| Header { key: key.as_bytes(), value: value.as_deref() });
        let timestamp = timestamp_ms.unwrap_or(now);
        batch.append(&record::NewRecord { timestamp, key: key.as_deref(), value: value.as_deref(), headers })?;
    }
    Ok(batch.finish(ProducerStamp::NONE))
}
