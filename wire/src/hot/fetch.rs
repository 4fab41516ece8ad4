//! The Fetch response.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};

use super::writer::SegmentWriter;
use crate::api::{self, ApiKey};
use crate::codec::EncodeError;
use crate::error_code::ErrorCode;
use crate::id::{BrokerId, LeaderEpoch, TopicId};
use crate::message;
use crate::segments::Segments;

/// What a broker has for the partitions that were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchResponse {
    /// How long the client is to be quiet, in milliseconds (KIP-219).
    pub throttle_time_ms: i32,
    /// The error of the whole request; written from version 7 on.
    pub error_code: ErrorCode,
    /// The fetch session, or 0 for none (KIP-227); from version 7 on.
    pub session_id: i32,
    /// The topics, each once.
    pub topics: Vec<FetchTopic>,
    /// Where the leaders are that the partitions name; written from version 16 on (KIP-951).
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl Default for FetchResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: ErrorCode::NONE,
            session_id: 0,
            topics: Vec::new(),
            node_endpoints: Vec::new(),
        }
    }
}

/// What a broker has of one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchTopic {
    /// The name; written up to version 12.
    pub name: Arc<str>,
    /// The id; written from version 13 on (KIP-516).
    pub id: TopicId,
    /// The partitions, each once.
    pub partitions: Vec<FetchPartition>,
}

/// What a broker has of one partition; its default is what Kafka answers beside an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchPartition {
    /// The partition.
    pub index: i32,
    /// The error of this partition.
    pub error_code: ErrorCode,
    /// The offset after the last record that all in-sync replicas have; -1 where it is not known.
    pub high_watermark: i64,
    /// The offset before which no transaction is open; -1 where it is not known.
    pub last_stable_offset: i64,
    /// The first offset that is kept; -1 where it is not known. Written from version 5 on.
    pub log_start_offset: i64,
    /// The transactions that were aborted among the records; null where the client reads uncommitted records too.
    pub aborted_transactions: Option<Vec<AbortedTransaction>>,
    /// The replica that the client should read from instead (KIP-392), or none; from version 11 on.
    pub preferred_read_replica: BrokerId,
    /// Where the log diverges from that of the fetcher; written from version 12 on.
    pub diverging_epoch: Option<EpochEndOffset>,
    /// The leader, where the client asked another broker; written from version 12 on.
    pub current_leader: Option<CurrentLeader>,
    /// The snapshot to fetch instead (KIP-630); written from version 12 on.
    pub snapshot_id: Option<SnapshotId>,
    /// Record batches as the log has them; the last may be cut.
    pub records: Segments,
}

impl Default for FetchPartition {
    fn default() -> Self {
        Self {
            index: 0,
            error_code: ErrorCode::NONE,
            high_watermark: -1,
            last_stable_offset: -1,
            log_start_offset: -1,
            aborted_transactions: None,
            preferred_read_replica: BrokerId::NONE,
            diverging_epoch: None,
            current_leader: None,
            snapshot_id: None,
            records: Segments::new(),
        }
    }
}

/// A transaction that was aborted (KIP-98).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbortedTransaction {
    /// The producer.
    pub producer_id: i64,
    /// The offset of the transaction's first record.
    pub first_offset: i64,
}

/// The end of an epoch in the log of the leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochEndOffset {
    /// The largest epoch that both logs have.
    pub epoch: LeaderEpoch,
    /// The offset after its last record.
    pub end_offset: i64,
}

/// The leader of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrentLeader {
    /// The broker.
    pub leader_id: BrokerId,
    /// Its epoch.
    pub leader_epoch: LeaderEpoch,
}

/// A snapshot of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotId {
    /// The offset after the last record that is in it.
    pub end_offset: i64,
    /// The epoch of that record.
    pub epoch: LeaderEpoch,
}

/// The address of a broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeEndpoint {
    /// The broker.
    pub node_id: BrokerId,
    /// Its host.
    pub host: Arc<str>,
    /// Its port.
    pub port: i32,
    /// Its rack.
    pub rack: Option<Arc<str>>,
}

/// From this version on, the response has a fetch session (KIP-227) and an error of its own.
const SESSION_FROM: i16 = 7;

/// From this version on, a partition has the offset of its log's start.
const LOG_START_OFFSET_FROM: i16 = 5;

/// From this version on, a client may be sent to a replica that is nearer (KIP-392).
const PREFERRED_READ_REPLICA_FROM: i16 = 11;

/// From this version on, messages are flexible (KIP-482).
const FLEXIBLE_FROM: i16 = 12;

/// From this version on, a topic is named by its id (KIP-516).
const TOPIC_ID_FROM: i16 = 13;

/// From this version on, the response has the addresses of new leaders (KIP-951).
const NODE_ENDPOINTS_FROM: i16 = 16;

/// About how many bytes the fields of a response, a topic or a partition take, so that they mostly are allocated once.
const FIELDS_BYTES: usize = 96;

/// Writes a Fetch response without copying its batches.
///
/// # Errors
/// When `version` cannot be coded or cannot say the session or the preferred replica, or a string or list is longer than its length field can say.
pub fn encode_fetch_response(version: i16, response: &FetchResponse) -> Result<Segments, EncodeError> {
    let known = api::codable::<message::FetchRequest>();
    if !known.contains(version) {
        return Err(EncodeError::Version { api: ApiKey::Fetch, version, known });
    }
    let parts = response.topics.iter().map(|topic| 1 + topic.partitions.len()).sum::<usize>();
    let mut out = SegmentWriter::new(version >= FLEXIBLE_FROM, FIELDS_BYTES * (1 + parts));
    out.fields.put_i32(response.throttle_time_ms);
    if version >= SESSION_FROM {
        out.fields.put_i16(response.error_code.0);
        out.fields.put_i32(response.session_id);
    } else if response.session_id != 0 {
        return Err(unsayable(version, "a fetch session"));
    }
    out.length(response.topics.len())?;
    for topic in &response.topics {
        put_topic(version, &mut out, topic)?;
    }
    if version >= NODE_ENDPOINTS_FROM && !response.node_endpoints.is_empty() {
        out.tagged(&[(0, node_endpoints(&response.node_endpoints)?)])?;
    } else {
        out.no_tagged();
    }
    Ok(out.finish())
}

fn unsayable(version: i16, what: &str) -> EncodeError {
    EncodeError::Unsayable { api: ApiKey::Fetch, version, reason: format!("it has no field for {what}") }
}

fn put_topic(version: i16, out: &mut SegmentWriter, topic: &FetchTopic) -> Result<(), EncodeError> {
    if version >= TOPIC_ID_FROM {
        out.fields.put_slice(&topic.id.0)
    } else {
        out.string(&topic.name)?
    }
    out.length(topic.partitions.len())?;
    for partition in &topic.partitions {
        put_partition(version, out, partition)?;
    }
    out.no_tagged();
    Ok(())
}

fn put_partition(version: i16, out: &mut SegmentWriter, partition: &FetchPartition) -> Result<(), EncodeError> {
    out.fields.put_i32(partition.index);
    out.fields.put_i16(partition.error_code.0);
    out.fields.put_i64(partition.high_watermark);
    out.fields.put_i64(partition.last_stable_offset);
    if version >= LOG_START_OFFSET_FROM {
        out.fields.put_i64(partition.log_start_offset);
    }
    match &partition.aborted_transactions {
        None => out.null_array(),
        Some(aborted) => put_aborted(out, aborted)?,
    }
    if version >= PREFERRED_READ_REPLICA_FROM {
        out.fields.put_i32(partition.preferred_read_replica.0);
    } else if partition.preferred_read_replica != BrokerId::NONE {
        return Err(unsayable(version, "a preferred read replica"));
    }
    out.records(partition.records.len(), partition.records.pieces())?;
    put_partition_tags(out, partition)
}

fn put_aborted(out: &mut SegmentWriter, aborted: &[AbortedTransaction]) -> Result<(), EncodeError> {
    out.length(aborted.len())?;
    for transaction in aborted {
        out.fields.put_i64(transaction.producer_id);
        out.fields.put_i64(transaction.first_offset);
        out.no_tagged();
    }
    Ok(())
}

fn put_partition_tags(out: &mut SegmentWriter, partition: &FetchPartition) -> Result<(), EncodeError> {
    let mut tagged = Vec::new();
    if let Some(EpochEndOffset { epoch, end_offset }) = partition.diverging_epoch {
        tagged.push((
            0,
            structure(|field| {
                field.put_i32(epoch.0);
                field.put_i64(end_offset);
            }),
        ));
    }
    if let Some(CurrentLeader { leader_id, leader_epoch }) = partition.current_leader {
        tagged.push((
            1,
            structure(|field| {
                field.put_i32(leader_id.0);
                field.put_i32(leader_epoch.0);
            }),
        ));
    }
    if let Some(SnapshotId { end_offset, epoch }) = partition.snapshot_id {
        tagged.push((
            2,
            structure(|field| {
                field.put_i64(end_offset);
                field.put_i32(epoch.0);
            }),
        ));
    }
    out.tagged(&tagged)
}

/// The bytes of a structure in a tagged field: what `put` writes, and no tagged fields of its own.
fn structure(put: impl FnOnce(&mut BytesMut)) -> Bytes {
    let mut field = BytesMut::new();
    put(&mut field);
    field.put_u8(0);
    field.freeze()
}

fn node_endpoints(endpoints: &[NodeEndpoint]) -> Result<Bytes, EncodeError> {
    let mut out = SegmentWriter::new(true, FIELDS_BYTES * endpoints.len());
    out.length(endpoints.len())?;
    for endpoint in endpoints {
        out.fields.put_i32(endpoint.node_id.0);
        out.string(&endpoint.host)?;
        out.fields.put_i32(endpoint.port);
        out.nullable_string(endpoint.rack.as_deref())?;
        out.no_tagged();
    }
    Ok(out.finish().to_bytes())
}

#[cfg(test)]
mod tests;
