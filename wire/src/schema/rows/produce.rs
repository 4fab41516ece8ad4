//! Produce, key 0.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "ProduceRequest",
    role: Role::Request(ApiKey::Produce),
    versions: between(3, 13),
    latest_unstable: false,
    flexible: since(9),
    body: structure!([
        Field::new("TransactionalId", since(3), Kind::String).nullable(since(3)).default("null"),
        Field::new("Acks", since(0), Kind::Int16),
        Field::new("TimeoutMs", since(0), Kind::Int32),
        Field::new("TopicData", since(0), Kind::Array(&Kind::Struct(&TOPIC_PRODUCE_DATA))),
    ]),
};

static TOPIC_PRODUCE_DATA: Struct = structure!([
    Field::new("Name", between(0, 12), Kind::String),
    Field::new("TopicId", since(13), Kind::Uuid),
    Field::new("PartitionData", since(0), Kind::Array(&Kind::Struct(&PARTITION_PRODUCE_DATA))),
]);

static PARTITION_PRODUCE_DATA: Struct = structure!([
    Field::new("Index", since(0), Kind::Int32),
    Field::new("Records", since(0), Kind::Records).nullable(since(0)),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "ProduceResponse",
    role: Role::Response(ApiKey::Produce),
    versions: between(3, 13),
    latest_unstable: false,
    flexible: since(9),
    body: structure!([
        Field::new("Responses", since(0), Kind::Array(&Kind::Struct(&TOPIC_PRODUCE_RESPONSE))),
        Field::new("ThrottleTimeMs", since(1), Kind::Int32),
        Field::new("NodeEndpoints", since(10), Kind::Array(&Kind::Struct(&NODE_ENDPOINT))).tagged(0, since(10)),
    ]),
};

static TOPIC_PRODUCE_RESPONSE: Struct = structure!([
    Field::new("Name", between(0, 12), Kind::String),
    Field::new("TopicId", since(13), Kind::Uuid),
    Field::new("PartitionResponses", since(0), Kind::Array(&Kind::Struct(&PARTITION_PRODUCE_RESPONSE))),
]);

static PARTITION_PRODUCE_RESPONSE: Struct = structure!([
    Field::new("Index", since(0), Kind::Int32),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("BaseOffset", since(0), Kind::Int64),
    Field::new("LogAppendTimeMs", since(2), Kind::Int64).default("-1"),
    Field::new("LogStartOffset", since(5), Kind::Int64).default("-1"),
    Field::new("RecordErrors", since(8), Kind::Array(&Kind::Struct(&BATCH_INDEX_AND_ERROR_MESSAGE))),
    Field::new("ErrorMessage", since(8), Kind::String).nullable(since(8)).default("null"),
    Field::new("CurrentLeader", since(10), Kind::Struct(&LEADER_ID_AND_EPOCH)).tagged(0, since(10)),
]);

static BATCH_INDEX_AND_ERROR_MESSAGE: Struct = structure!([
    Field::new("BatchIndex", since(8), Kind::Int32),
    Field::new("BatchIndexErrorMessage", since(8), Kind::String).nullable(since(8)).default("null"),
]);

static LEADER_ID_AND_EPOCH: Struct = structure!([
    Field::new("LeaderId", since(10), Kind::Int32).default("-1"),
    Field::new("LeaderEpoch", since(10), Kind::Int32).default("-1"),
]);

static NODE_ENDPOINT: Struct = structure!([
    Field::new("NodeId", since(10), Kind::Int32),
    Field::new("Host", since(10), Kind::String),
    Field::new("Port", since(10), Kind::Int32),
    Field::new("Rack", since(10), Kind::String).nullable(since(10)).default("null"),
]);
