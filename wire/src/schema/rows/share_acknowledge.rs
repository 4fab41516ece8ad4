//! ShareAcknowledge, key 79.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "ShareAcknowledgeRequest",
    role: Role::Request(ApiKey::ShareAcknowledge),
    versions: between(1, 2),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("GroupId", since(0), Kind::String).nullable(since(0)).default("null"),
        Field::new("MemberId", since(0), Kind::String).nullable(since(0)),
        Field::new("ShareSessionEpoch", since(0), Kind::Int32),
        Field::new("IsRenewAck", since(2), Kind::Bool),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&ACKNOWLEDGE_TOPIC))),
    ]),
};

static ACKNOWLEDGE_TOPIC: Struct = structure!([
    Field::new("TopicId", since(0), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&ACKNOWLEDGE_PARTITION))),
]);

static ACKNOWLEDGE_PARTITION: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("AcknowledgementBatches", since(0), Kind::Array(&Kind::Struct(&ACKNOWLEDGEMENT_BATCH))),
]);

static ACKNOWLEDGEMENT_BATCH: Struct = structure!([
    Field::new("FirstOffset", since(0), Kind::Int64),
    Field::new("LastOffset", since(0), Kind::Int64),
    Field::new("AcknowledgeTypes", since(0), Kind::Array(&Kind::Int8)),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "ShareAcknowledgeResponse",
    role: Role::Response(ApiKey::ShareAcknowledge),
    versions: between(1, 2),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)).default("null"),
        Field::new("AcquisitionLockTimeoutMs", since(2), Kind::Int32),
        Field::new("Responses", since(0), Kind::Array(&Kind::Struct(&SHARE_ACKNOWLEDGE_TOPIC_RESPONSE))),
        Field::new("NodeEndpoints", since(0), Kind::Array(&Kind::Struct(&NODE_ENDPOINT))),
    ]),
};

static SHARE_ACKNOWLEDGE_TOPIC_RESPONSE: Struct = structure!([
    Field::new("TopicId", since(0), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&PARTITION_DATA))),
]);

static PARTITION_DATA: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)).default("null"),
    Field::new("CurrentLeader", since(0), Kind::Struct(&LEADER_ID_AND_EPOCH)),
]);

static LEADER_ID_AND_EPOCH: Struct =
    structure!([Field::new("LeaderId", since(0), Kind::Int32), Field::new("LeaderEpoch", since(0), Kind::Int32),]);

static NODE_ENDPOINT: Struct = structure!([
    Field::new("NodeId", since(0), Kind::Int32),
    Field::new("Host", since(0), Kind::String),
    Field::new("Port", since(0), Kind::Int32),
    Field::new("Rack", since(0), Kind::String).nullable(since(0)).default("null"),
]);
