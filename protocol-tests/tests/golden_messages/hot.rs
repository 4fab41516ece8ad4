//! Our own encoders of the hot path: what Kafka wrote is what they write, for everything that they can say.
//!
//! They say neither null records nor tagged fields that no schema has, for neither side of a connection has any to send.

use std::collections::BTreeSet;
use std::sync::Arc;

use ottla_wire::codec;
use ottla_wire::hot::{self, encode_fetch_response, encode_produce_request};
use ottla_wire::message::{self, fetch_response, produce_request};
use ottla_wire::{BrokerId, EncodeError, ErrorCode, LeaderEpoch, Segments};

use crate::vectors::{self, Vector};

#[test]
fn our_produce_requests_are_those_of_kafka() {
    let ours = |vector: &Vector| {
        let theirs = codec::decode_request::<message::ProduceRequest>(vector.version, vector.bytes.clone()).unwrap();
        Some(encode_produce_request(vector.version, &produced::request(&theirs)?))
    };
    holds(vectors::all(), "ProduceRequest", ours);
    let said = holds(vectors::committed(), "ProduceRequest", ours);
    assert!((3..=13).all(|version| said.contains(&version)), "only of versions {said:?}");
}

#[test]
fn our_fetch_responses_are_those_of_kafka() {
    let ours = |vector: &Vector| {
        let theirs = codec::decode_response::<message::FetchRequest>(vector.version, vector.bytes.clone()).unwrap();
        Some(encode_fetch_response(vector.version, &fetched::response(&theirs)?))
    };
    holds(vectors::all(), "FetchResponse", ours);
    let said = holds(vectors::committed(), "FetchResponse", ours);
    assert!((4..=18).all(|version| said.contains(&version)), "only of versions {said:?}");
}

/// Holds what `ours` writes to the bytes of each vector of that name, and gives the versions at which it has partitions to say.
fn holds(
    vectors: &[Vector],
    name: &str,
    ours: impl Fn(&Vector) -> Option<Result<Segments, EncodeError>>,
) -> BTreeSet<i16> {
    let mut said = BTreeSet::new();
    for vector in vectors.iter().filter(|vector| vector.name == name) {
        let Some(written) = ours(vector) else { continue };
        assert_eq!(written.map(|segments| segments.to_bytes()).as_ref(), Ok(&vector.bytes), "{vector}");
        if vector.json.to_string().contains("\"records\"") {
            said.insert(vector.version);
        }
    }
    said
}

/// A Produce request as the generated decoder gives it, for our encoder.
mod produced {
    use super::*;

    pub(super) fn request(theirs: &message::ProduceRequest) -> Option<hot::ProduceRequest<'_>> {
        let message::ProduceRequest { transactional_id, acks, timeout_ms, topic_data, unknown_tagged_fields, .. } =
            theirs;
        unknown_tagged_fields.is_empty().then_some(hot::ProduceRequest {
            transactional_id: transactional_id.as_ref().map(|id| id.as_str()),
            acks: *acks,
            timeout_ms: *timeout_ms,
            topics: topic_data.iter().map(topic).collect::<Option<_>>()?,
        })
    }

    fn topic(theirs: &produce_request::TopicProduceData) -> Option<hot::ProduceTopic<'_>> {
        let produce_request::TopicProduceData { name, topic_id, partition_data, unknown_tagged_fields, .. } = theirs;
        unknown_tagged_fields.is_empty().then_some(hot::ProduceTopic {
            name,
            id: (*topic_id).into(),
            partitions: partition_data.iter().map(partition).collect::<Option<_>>()?,
        })
    }

    fn partition(theirs: &produce_request::PartitionProduceData) -> Option<hot::ProducePartition> {
        let records = theirs.records.clone()?;
        theirs.unknown_tagged_fields.is_empty().then_some(hot::ProducePartition { index: theirs.index, records })
    }
}

/// A Fetch response as the generated decoder gives it, for our encoder.
mod fetched {
    use super::*;

    pub(super) fn response(theirs: &message::FetchResponse) -> Option<hot::FetchResponse> {
        theirs.unknown_tagged_fields.is_empty().then_some(hot::FetchResponse {
            throttle_time_ms: theirs.throttle_time_ms,
            error_code: ErrorCode(theirs.error_code),
            session_id: theirs.session_id,
            topics: theirs.responses.iter().map(topic).collect::<Option<_>>()?,
            node_endpoints: theirs.node_endpoints.iter().map(endpoint).collect::<Option<_>>()?,
        })
    }

    fn endpoint(theirs: &fetch_response::NodeEndpoint) -> Option<hot::NodeEndpoint> {
        let rack = theirs.rack.as_ref().map(|rack| Arc::from(rack.as_str()));
        theirs.unknown_tagged_fields.is_empty().then_some(hot::NodeEndpoint {
            node_id: BrokerId(theirs.node_id.0),
            host: Arc::from(theirs.host.as_str()),
            port: theirs.port,
            rack,
        })
    }

    fn topic(theirs: &fetch_response::FetchableTopicResponse) -> Option<hot::FetchTopic> {
        theirs.unknown_tagged_fields.is_empty().then_some(hot::FetchTopic {
            name: Arc::from(theirs.topic.as_str()),
            id: theirs.topic_id.into(),
            partitions: theirs.partitions.iter().map(partition).collect::<Option<_>>()?,
        })
    }

    fn partition(theirs: &fetch_response::PartitionData) -> Option<hot::FetchPartition> {
        let aborted = theirs.aborted_transactions.as_ref();
        theirs.unknown_tagged_fields.is_empty().then_some(hot::FetchPartition {
            index: theirs.partition_index,
            error_code: ErrorCode(theirs.error_code),
            high_watermark: theirs.high_watermark,
            last_stable_offset: theirs.last_stable_offset,
            log_start_offset: theirs.log_start_offset,
            aborted_transactions: match aborted {
                None => None,
                Some(aborted) => Some(aborted.iter().map(transaction).collect::<Option<_>>()?),
            },
            preferred_read_replica: BrokerId(theirs.preferred_read_replica.0),
            diverging_epoch: end_offset(&theirs.diverging_epoch)?,
            current_leader: leader(&theirs.current_leader)?,
            snapshot_id: snapshot(&theirs.snapshot_id)?,
            records: theirs.records.clone()?.into(),
        })
    }

    fn transaction(theirs: &fetch_response::AbortedTransaction) -> Option<hot::AbortedTransaction> {
        theirs
            .unknown_tagged_fields
            .is_empty()
            .then_some(hot::AbortedTransaction { producer_id: theirs.producer_id.0, first_offset: theirs.first_offset })
    }

    // A tagged field that has its default is not written, and for ours the default is none.

    fn end_offset(theirs: &fetch_response::EpochEndOffset) -> Option<Option<hot::EpochEndOffset>> {
        let ours = hot::EpochEndOffset { epoch: LeaderEpoch(theirs.epoch), end_offset: theirs.end_offset };
        let said = (*theirs != fetch_response::EpochEndOffset::default()).then_some(ours);
        theirs.unknown_tagged_fields.is_empty().then_some(said)
    }

    fn leader(theirs: &fetch_response::LeaderIdAndEpoch) -> Option<Option<hot::CurrentLeader>> {
        let ours = hot::CurrentLeader {
            leader_id: BrokerId(theirs.leader_id.0),
            leader_epoch: LeaderEpoch(theirs.leader_epoch),
        };
        let said = (*theirs != fetch_response::LeaderIdAndEpoch::default()).then_some(ours);
        theirs.unknown_tagged_fields.is_empty().then_some(said)
    }

    fn snapshot(theirs: &fetch_response::SnapshotId) -> Option<Option<hot::SnapshotId>> {
        let ours = hot::SnapshotId { end_offset: theirs.end_offset, epoch: LeaderEpoch(theirs.epoch) };
        let said = (*theirs != fetch_response::SnapshotId::default()).then_some(ours);
        theirs.unknown_tagged_fields.is_empty().then_some(said)
    }
}
