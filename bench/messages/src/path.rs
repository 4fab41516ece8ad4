//! The paths whose instructions are counted: each makes its input once and goes over it as often as it is told.

use std::hint::black_box;

use anyhow::{Context, ensure};
use bytes::{Bytes, BytesMut};
use ottla_wire::message::{
    self as m, Decodable, Encodable, StrBytes, fetch_response, metadata_response, produce_request,
};
use ottla_wire::record::{BatchWriter, NewRecord, ProducerStamp, TimestampType, next_batch};
use ottla_wire::schema::{Direction, preflight};
use ottla_wire::{ApiKey, message};

/// One path.
pub(crate) struct Path {
    name: &'static str,
    version: i16,
    input: fn(i16) -> anyhow::Result<Bytes>,
    pass: fn(i16, Bytes) -> anyhow::Result<()>,
}

const ALL: &[Path] = &[
    Path { name: "metadata-12-decode", version: 12, input: metadata, pass: decode::<m::MetadataResponse> },
    Path { name: "metadata-12-walk", version: 12, input: metadata, pass: walk_metadata },
    Path { name: "metadata-4-decode", version: 4, input: metadata, pass: decode::<m::MetadataResponse> },
    Path { name: "metadata-4-walk", version: 4, input: metadata, pass: walk_metadata },
    Path { name: "fetch-read", version: 17, input: fetch, pass: read_fetched },
    Path { name: "fetch-walk", version: 17, input: fetch, pass: walk_fetch },
    Path { name: "produce-check", version: 12, input: produce, pass: check_produced },
    Path { name: "produce-walk", version: 12, input: produce, pass: walk_produce },
    Path { name: "api-versions-decode", version: 4, input: api_versions, pass: decode::<m::ApiVersionsResponse> },
    Path { name: "api-versions-walk", version: 4, input: api_versions, pass: walk_api_versions },
];

/// The path of this name.
pub(crate) fn named(name: &str) -> Option<&'static Path> {
    ALL.iter().find(|path| path.name == name)
}

impl Path {
    pub(crate) fn repeat(&self, times: u64) -> anyhow::Result<()> {
        let input = (self.input)(self.version)?;
        for _ in 0..times {
            (self.pass)(self.version, black_box(input.clone()))?;
        }
        Ok(())
    }
}

const TOPICS: i32 = 1000;
const PARTITIONS: i32 = 10;
const RECORDS: i64 = 1000;
const VALUE: [u8; 100] = [b'v'; 100];
const APIS: i16 = 60;

fn metadata(version: i16) -> anyhow::Result<Bytes> {
    let partition = |index: i32| {
        let replicas = || vec![m::BrokerId(1), m::BrokerId(2), m::BrokerId(3)];
        metadata_response::MetadataResponsePartition::default()
            .with_partition_index(index)
            .with_leader_id(m::BrokerId(1))
            .with_replica_nodes(replicas())
            .with_isr_nodes(replicas())
    };
    let topic = |index: i32| {
        metadata_response::MetadataResponseTopic::default()
            .with_name(Some(m::TopicName(StrBytes::from_string(format!("a-topic-of-some-service-{index}")))))
            .with_partitions((0..PARTITIONS).map(partition).collect())
    };
    let broker = |id: i32| {
        metadata_response::MetadataResponseBroker::default()
            .with_node_id(m::BrokerId(id))
            .with_host(StrBytes::from_string(format!("b-{id}.cluster.example.org")))
            .with_port(9098)
    };
    encoded(
        version,
        &m::MetadataResponse::default()
            .with_brokers((1..=3).map(broker).collect())
            .with_topics((0..TOPICS).map(topic).collect()),
    )
}

fn fetch(version: i16) -> anyhow::Result<Bytes> {
    let partition = fetch_response::PartitionData::default().with_records(Some(batch()?));
    let topic = fetch_response::FetchableTopicResponse::default().with_partitions(vec![partition]);
    encoded(version, &m::FetchResponse::default().with_responses(vec![topic]))
}

fn produce(version: i16) -> anyhow::Result<Bytes> {
    let partition = produce_request::PartitionProduceData::default().with_records(Some(batch()?));
    let topic = produce_request::TopicProduceData::default()
        .with_name(m::TopicName(StrBytes::from_static_str("topic")))
        .with_partition_data(vec![partition]);
    encoded(version, &m::ProduceRequest::default().with_topic_data(vec![topic]))
}

fn batch() -> anyhow::Result<Bytes> {
    let mut writer = BatchWriter::new(0);
    for index in 0..RECORDS {
        writer.append(&NewRecord { timestamp: index, key: None, value: Some(&VALUE), headers: std::iter::empty() })?;
    }
    Ok(writer.finish(ProducerStamp::NONE))
}

fn api_versions(version: i16) -> anyhow::Result<Bytes> {
    let api = |key: i16| message::api_versions_response::ApiVersion::default().with_api_key(key).with_max_version(9);
    encoded(version, &m::ApiVersionsResponse::default().with_api_keys((0..APIS).map(api).collect()))
}

fn encoded<T: Encodable>(version: i16, message: &T) -> anyhow::Result<Bytes> {
    let mut out = BytesMut::new();
    message.encode(&mut out, version)?;
    Ok(out.freeze())
}

/// Decodes as if there were no walk; what comes of it is not given back, for that is another's cost.
fn decode<T: Decodable>(version: i16, mut body: Bytes) -> anyhow::Result<()> {
    std::mem::forget(black_box(T::decode(&mut body, version)?));
    Ok(())
}

fn walk_metadata(version: i16, body: Bytes) -> anyhow::Result<()> {
    Ok(preflight(ApiKey::Metadata, Direction::Response, version, &body)?)
}

fn walk_fetch(version: i16, body: Bytes) -> anyhow::Result<()> {
    Ok(preflight(ApiKey::Fetch, Direction::Response, version, &body)?)
}

fn walk_produce(version: i16, body: Bytes) -> anyhow::Result<()> {
    Ok(preflight(ApiKey::Produce, Direction::Request, version, &body)?)
}

fn walk_api_versions(version: i16, body: Bytes) -> anyhow::Result<()> {
    Ok(preflight(ApiKey::ApiVersions, Direction::Response, version, &body)?)
}

fn read_fetched(version: i16, mut body: Bytes) -> anyhow::Result<()> {
    let mut response = m::FetchResponse::decode(&mut body, version)?;
    let records = response.responses.pop().and_then(|mut topic| topic.partitions.pop()?.records);
    let batch = next_batch(&mut records.context("a partition with records")?)?.context("a batch")?;
    let mut read = 0;
    for record in batch.records()? {
        black_box(record?);
        read += 1;
    }
    ensure!(read == RECORDS, "{read} records were read");
    Ok(())
}

fn check_produced(version: i16, mut body: Bytes) -> anyhow::Result<()> {
    let mut request = m::ProduceRequest::decode(&mut body, version)?;
    let records = request.topic_data.pop().and_then(|mut topic| topic.partition_data.pop()?.records);
    let batch = next_batch(&mut records.context("a partition with records")?)?.context("a batch")?;
    let timestamps = batch.validate_produced(TimestampType::CreateTime)?;
    ensure!(*timestamps.end() == RECORDS - 1, "the newest record is of {}", timestamps.end());
    Ok(())
}
