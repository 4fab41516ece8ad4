//! The Produce request.

use bytes::{BufMut, Bytes};

use super::writer::SegmentWriter;
use crate::api::{self, ApiKey};
use crate::codec::EncodeError;
use crate::id::TopicId;
use crate::message;
use crate::segments::Segments;

/// A request to append record batches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProduceRequest<'a> {
    /// The transactional id of the producer, if it has one.
    pub transactional_id: Option<&'a str>,
    /// How many replicas must have the records before the broker answers: 0 (no answer at all), 1 (the leader), -1 (all in sync).
    pub acks: i16,
    /// How long the broker may wait for those replicas, in milliseconds.
    pub timeout_ms: i32,
    /// The topics, each once.
    pub topics: Vec<ProduceTopic<'a>>,
}

/// The batches for one topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProduceTopic<'a> {
    /// The name; written up to version 12.
    pub name: &'a str,
    /// The id; written from version 13 on (KIP-516).
    pub id: TopicId,
    /// The partitions, each once.
    pub partitions: Vec<ProducePartition>,
}

/// The batch for one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProducePartition {
    /// The partition.
    pub index: i32,
    /// One record batch; Kafka refuses more than one.
    pub records: Bytes,
}

/// From this version on, messages are flexible (KIP-482).
const FLEXIBLE_FROM: i16 = 9;

/// From this version on, a topic is named by its id (KIP-516).
const TOPIC_ID_FROM: i16 = 13;

/// About how many bytes the fields of a request, a topic or a partition take, so that they mostly are allocated once.
const FIELDS_BYTES: usize = 64;

/// Writes a Produce request without copying its batches.
///
/// # Errors
/// When `version` cannot be coded, or a string or batch is longer than its length field can say.
pub fn encode_produce_request(version: i16, request: &ProduceRequest<'_>) -> Result<Segments, EncodeError> {
    let known = api::codable::<message::ProduceRequest>();
    if !known.contains(version) {
        return Err(EncodeError::Version { api: ApiKey::Produce, version, known });
    }
    let parts = request.topics.iter().map(|topic| 1 + topic.partitions.len()).sum::<usize>();
    let mut out = SegmentWriter::new(version >= FLEXIBLE_FROM, FIELDS_BYTES * (1 + parts));
    out.nullable_string(request.transactional_id)?;
    out.fields.put_i16(request.acks);
    out.fields.put_i32(request.timeout_ms);
    out.length(request.topics.len())?;
    for topic in &request.topics {
        put_topic(version, &mut out, topic)?;
    }
    out.no_tagged();
    Ok(out.finish())
}

fn put_topic(version: i16, out: &mut SegmentWriter, topic: &ProduceTopic<'_>) -> Result<(), EncodeError> {
    if version >= TOPIC_ID_FROM {
        out.fields.put_slice(&topic.id.0)
    } else {
        out.string(topic.name)?
    }
    out.length(topic.partitions.len())?;
    for partition in &topic.partitions {
        out.fields.put_i32(partition.index);
        out.records(partition.records.len(), [&partition.records])?;
        out.no_tagged();
    }
    out.no_tagged();
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::codec;
    use crate::message::{StrBytes, produce_request as generated};

    fn as_generated(version: i16, request: &ProduceRequest<'_>) -> message::ProduceRequest {
        let partition = |ours: &ProducePartition| {
            generated::PartitionProduceData::default().with_index(ours.index).with_records(Some(ours.records.clone()))
        };
        let topic = |ours: &ProduceTopic<'_>| {
            let theirs = generated::TopicProduceData::default()
                .with_partition_data(ours.partitions.iter().map(partition).collect());
            if version >= TOPIC_ID_FROM {
                theirs.with_topic_id(ours.id.into())
            } else {
                theirs.with_name(StrBytes::from_string(ours.name.to_owned()).into())
            }
        };
        message::ProduceRequest::default()
            .with_transactional_id(request.transactional_id.map(|id| StrBytes::from_string(id.to_owned()).into()))
            .with_acks(request.acks)
            .with_timeout_ms(request.timeout_ms)
            .with_topic_data(request.topics.iter().map(topic).collect())
    }

    type Topics = Vec<(String, [u8; 16], Vec<(i32, Vec<u8>)>)>;

    fn topics() -> impl Strategy<Value = Topics> {
        let partition = (any::<i32>(), prop::collection::vec(any::<u8>(), 0..300));
        let topic = ("[a-z.]{0,200}", any::<[u8; 16]>(), prop::collection::vec(partition, 0..4));
        prop::collection::vec(topic, 0..4)
    }

    proptest! {
        #[test]
        fn a_request_has_the_bytes_of_the_generated_encoder_at_every_version(
            transactional_id in prop::option::of("[a-z]{0,9}"), acks: i16, timeout_ms: i32, topics in topics(),
        ) {
            let partition = |(index, records): &(i32, Vec<u8>)| ProducePartition { index: *index, records: Bytes::copy_from_slice(records) };
            let request = ProduceRequest {
                transactional_id: transactional_id.as_deref(),
                acks,
                timeout_ms,
                topics: topics.iter().map(|(name, id, partitions)| ProduceTopic {
                    name, id: TopicId(*id), partitions: partitions.iter().map(partition).collect(),
                }).collect(),
            };
            for version in 3..=13 {
                let ours = encode_produce_request(version, &request).unwrap();
                let theirs = codec::encode_request(version, &as_generated(version, &request)).unwrap();
                prop_assert_eq!(ours.to_bytes(), theirs, "version {}", version);
            }
        }
    }

    #[test]
    fn a_batch_goes_out_from_the_memory_that_it_came_in() {
        let records = Bytes::from(vec![7; 1000]);
        let partitions = vec![ProducePartition { index: 3, records: records.clone() }];
        let topics = vec![ProduceTopic { name: "events", partitions, ..ProduceTopic::default() }];
        let request = ProduceRequest { acks: -1, topics, ..ProduceRequest::default() };
        for version in 3..=13 {
            let segments = encode_produce_request(version, &request).unwrap();
            assert!(segments.pieces().iter().any(|piece| piece.as_ptr() == records.as_ptr() && piece.len() == 1000));
        }
    }

    #[test]
    fn a_version_or_a_name_that_cannot_be_written_is_refused() {
        let name = "n".repeat(STRING_TOO_LONG);
        let request = ProduceRequest {
            topics: vec![ProduceTopic { name: &name, ..ProduceTopic::default() }],
            ..ProduceRequest::default()
        };
        for version in 3..13 {
            assert_eq!(encode_produce_request(version, &request), Err(EncodeError::TooLong { bytes: STRING_TOO_LONG }));
        }
        for version in [2, 14, -1] {
            let refused = encode_produce_request(version, &request);
            assert!(matches!(refused, Err(EncodeError::Version { api: ApiKey::Produce, .. })), "version {version}");
        }
    }

    const STRING_TOO_LONG: usize = 1 << 15;
}
