//! DescribeProducers, key 61.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "DescribeProducersRequest",
    role: Role::Request(ApiKey::DescribeProducers),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&TOPIC_REQUEST)))]),
};

static TOPIC_REQUEST: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("PartitionIndexes", since(0), Kind::Array(&Kind::Int32)),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "DescribeProducersResponse",
    role: Role::Response(ApiKey::DescribeProducers),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&TOPIC_RESPONSE))),
    ]),
};

static TOPIC_RESPONSE: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&PARTITION_RESPONSE))),
]);

static PARTITION_RESPONSE: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)).default("null"),
    Field::new("ActiveProducers", since(0), Kind::Array(&Kind::Struct(&PRODUCER_STATE))),
]);

static PRODUCER_STATE: Struct = structure!([
    Field::new("ProducerId", since(0), Kind::Int64),
    Field::new("ProducerEpoch", since(0), Kind::Int32),
    Field::new("LastSequence", since(0), Kind::Int32).default("-1"),
    Field::new("LastTimestamp", since(0), Kind::Int64).default("-1"),
    Field::new("CoordinatorEpoch", since(0), Kind::Int32),
    Field::new("CurrentTxnStartOffset", since(0), Kind::Int64).default("-1"),
]);
