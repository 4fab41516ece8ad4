//! The few APIs that a producer needs, and ListOffsets.

use std::collections::HashMap;

use anyhow::{Context, bail};
use bytes::{Bytes, BytesMut};
use ottla_wire::codec;
use ottla_wire::header::{RequestHeader, encode_response_header};
use ottla_wire::message::api_versions_response::ApiVersion;
use ottla_wire::message::list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
use ottla_wire::message::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use ottla_wire::message::produce_request::PartitionProduceData;
use ottla_wire::message::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use ottla_wire::message::{
    ApiVersionsRequest, ApiVersionsResponse, BrokerId, InitProducerIdRequest, InitProducerIdResponse,
    ListOffsetsRequest, ListOffsetsResponse, MetadataRequest, MetadataResponse, ProduceRequest, ProduceResponse,
    ProducerId, Request, StrBytes, TopicName, Uuid,
};
use ottla_wire::record::next_batch;
use ottla_wire::{ApiKey, ErrorCode, VersionRange};

use crate::log::Partition;

const PRODUCE: VersionRange = VersionRange::new(3, 12);
const LIST_OFFSETS: VersionRange = VersionRange::new(1, 10);
const METADATA: VersionRange = VersionRange::new(1, 13);
const API_VERSIONS: VersionRange = VersionRange::new(0, 4);
const INIT_PRODUCER_ID: VersionRange = VersionRange::new(0, 4);

/// What it says that it answers. Produce ends where topics have ids in place of names. Fetch and FindCoordinator are there for librdkafka, which takes them for a
/// sign that the broker knows record batches and lz4; no producer asks for them.
const APIS: [(ApiKey, VersionRange); 7] = [
    (ApiKey::Produce, PRODUCE),
    (ApiKey::Fetch, VersionRange::new(4, 12)),
    (ApiKey::FindCoordinator, VersionRange::new(0, 6)),
    (ApiKey::ListOffsets, LIST_OFFSETS),
    (ApiKey::Metadata, METADATA),
    (ApiKey::ApiVersions, API_VERSIONS),
    (ApiKey::InitProducerId, INIT_PRODUCER_ID),
];

/// Its id.
const NODE: BrokerId = BrokerId(1);

/// The broker, and with it the cluster.
pub(crate) struct Broker {
    port: u16,
    partitions: i32,
    topics: HashMap<TopicName, Vec<Partition>>,
    next_producer_id: i64,
}

impl Broker {
    pub(crate) fn new(port: u16, partitions: i32) -> Self {
        Self { port, partitions, topics: HashMap::new(), next_producer_id: 1 }
    }

    /// The frame that answers a frame.
    ///
    /// # Errors
    /// Where Kafka closes the connection.
    pub(crate) fn answer(&mut self, mut frame: Bytes) -> anyhow::Result<Bytes> {
        let header = RequestHeader::decode(&mut frame)?;
        let version = header.api_version;
        let api = ApiKey::try_from(header.api_key)?;
        let (_, known) = APIS.iter().find(|(known, _)| *known == api).with_context(|| format!("{api} is not known"))?;
        if api == ApiKey::ApiVersions && !known.contains(version) {
            let refusal = ApiVersionsResponse::default().with_error_code(ErrorCode::UNSUPPORTED_VERSION.0);
            return framed::<ApiVersionsRequest>(&header, 0, &refusal.with_api_keys(api_versions()));
        }
        if !known.contains(version) {
            bail!("{api} v{version} is not answered");
        }
        match api {
            ApiKey::Produce => reply(&header, frame, |request| self.produce(request)),
            ApiKey::ListOffsets => reply(&header, frame, |request| self.list_offsets(request)),
            ApiKey::Metadata => reply(&header, frame, |request| self.metadata(request)),
            ApiKey::InitProducerId => reply(&header, frame, |_: InitProducerIdRequest| Ok(self.init_producer_id())),
            ApiKey::ApiVersions => reply(&header, frame, |_: ApiVersionsRequest| {
                Ok(ApiVersionsResponse::default().with_api_keys(api_versions()))
            }),
            other => bail!("{other} is not answered"),
        }
    }

    fn produce(&mut self, request: ProduceRequest) -> anyhow::Result<ProduceResponse> {
        if request.acks != -1 {
            bail!("acks is {}, and all is measured", request.acks);
        }
        let mut responses = Vec::with_capacity(request.topic_data.len());
        for topic in request.topic_data {
            let log = self.log(&topic.name);
            let partitions = topic.partition_data.into_iter().map(|partition| append(log, partition));
            let partition_responses = partitions.collect();
            responses.push(
                TopicProduceResponse::default().with_name(topic.name).with_partition_responses(partition_responses),
            );
        }
        Ok(ProduceResponse::default().with_responses(responses))
    }

    fn list_offsets(&mut self, request: ListOffsetsRequest) -> anyhow::Result<ListOffsetsResponse> {
        let mut topics = Vec::new();
        for topic in request.topics {
            let log = self.log(&topic.name);
            let end = |index: i32| Some(log.get(usize::try_from(index).ok()?)?.high_watermark);
            let partitions = topic.partitions.iter().map(|partition| {
                let index = partition.partition_index;
                let response = ListOffsetsPartitionResponse::default().with_partition_index(index);
                match end(index) {
                    Some(end) => response.with_offset(end),
                    None => response.with_error_code(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0),
                }
            });
            let partitions = partitions.collect();
            topics.push(ListOffsetsTopicResponse::default().with_name(topic.name).with_partitions(partitions));
        }
        Ok(ListOffsetsResponse::default().with_topics(topics))
    }

    fn metadata(&self, request: MetadataRequest) -> anyhow::Result<MetadataResponse> {
        let broker = MetadataResponseBroker::default()
            .with_node_id(NODE)
            .with_host(StrBytes::from_static_str("127.0.0.1"))
            .with_port(i32::from(self.port));
        let partition = |index| {
            MetadataResponsePartition::default()
                .with_partition_index(index)
                .with_leader_id(NODE)
                .with_leader_epoch(0)
                .with_replica_nodes(vec![NODE])
                .with_isr_nodes(vec![NODE])
        };
        let topic = |name: TopicName| {
            let id = topic_id(&name);
            let partitions = (0..self.partitions).map(partition).collect();
            MetadataResponseTopic::default().with_name(Some(name)).with_topic_id(id).with_partitions(partitions)
        };
        let names = match request.topics {
            Some(topics) => topics.into_iter().map(|topic| topic.name).collect::<Option<Vec<_>>>(),
            None => Some(self.topics.keys().cloned().collect()),
        };
        let names = names.context("a topic by its id alone")?;
        Ok(MetadataResponse::default()
            .with_brokers(vec![broker])
            .with_controller_id(NODE)
            .with_cluster_id(Some(StrBytes::from_static_str("null")))
            .with_topics(names.into_iter().map(topic).collect()))
    }

    fn init_producer_id(&mut self) -> InitProducerIdResponse {
        let id = self.next_producer_id;
        self.next_producer_id += 1;
        InitProducerIdResponse::default().with_producer_id(ProducerId(id)).with_producer_epoch(0)
    }

    fn log(&mut self, topic: &TopicName) -> &mut [Partition] {
        let partitions = self.partitions;
        self.topics.entry(topic.clone()).or_insert_with(|| (0..partitions).map(|_| Partition::default()).collect())
    }
}

fn append(log: &mut [Partition], data: PartitionProduceData) -> PartitionProduceResponse {
    let response = PartitionProduceResponse::default().with_index(data.index);
    let partition = usize::try_from(data.index).ok().and_then(|index| log.get_mut(index));
    let Some(partition) = partition else {
        return response.with_error_code(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0);
    };
    let mut records = data.records.unwrap_or_default();
    let batch = match next_batch(&mut records) {
        // Kafka takes one batch for a partition too.
        Ok(Some(batch)) if records.is_empty() => batch,
        _ => return response.with_error_code(ErrorCode::CORRUPT_MESSAGE.0),
    };
    match partition.append(&batch) {
        Ok(base_offset) => response.with_base_offset(base_offset).with_log_start_offset(0),
        Err(code) => response.with_error_code(code.0),
    }
}

fn api_versions() -> Vec<ApiVersion> {
    let entry = |(api, versions): &(ApiKey, VersionRange)| {
        let VersionRange { min, max, .. } = *versions;
        ApiVersion::default().with_api_key(api.key()).with_min_version(min).with_max_version(max)
    };
    APIS.iter().map(entry).collect()
}

/// One that stays the same: the first bytes of its name, and never zero.
fn topic_id(name: &TopicName) -> Uuid {
    let mut id = [1; 16];
    id.iter_mut().zip(name.as_bytes()).for_each(|(byte, of_name)| *byte = *of_name);
    Uuid::from_bytes(id)
}

fn reply<R: Request>(
    header: &RequestHeader,
    body: Bytes,
    handle: impl FnOnce(R) -> anyhow::Result<R::Response>,
) -> anyhow::Result<Bytes> {
    let response = handle(codec::decode_request::<R>(header.api_version, body)?)?;
    framed::<R>(header, header.api_version, &response)
}

fn framed<R: Request>(header: &RequestHeader, version: i16, response: &R::Response) -> anyhow::Result<Bytes> {
    let mut frame = BytesMut::from(&[0; 4][..]);
    encode_response_header(ApiKey::try_from(R::KEY)?, version, header.correlation_id, &mut frame);
    frame.extend_from_slice(&codec::encode_response::<R>(version, response)?);
    let length = u32::try_from(frame.len() - 4)?.to_be_bytes();
    frame[..4].copy_from_slice(&length);
    Ok(frame.freeze())
}
