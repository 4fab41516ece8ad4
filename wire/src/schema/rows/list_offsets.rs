//! ListOffsets, key 2.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "ListOffsetsRequest",
    role: Role::Request(ApiKey::ListOffsets),
    versions: between(1, 11),
    latest_unstable: false,
    flexible: since(6),
    body: structure!([
        Field::new("ReplicaId", since(0), Kind::Int32),
        Field::new("IsolationLevel", since(2), Kind::Int8),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&LIST_OFFSETS_TOPIC))),
        Field::new("TimeoutMs", since(10), Kind::Int32),
    ]),
};

static LIST_OFFSETS_TOPIC: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&LIST_OFFSETS_PARTITION))),
]);

static LIST_OFFSETS_PARTITION: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("CurrentLeaderEpoch", since(4), Kind::Int32).default("-1"),
    Field::new("Timestamp", since(0), Kind::Int64),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "ListOffsetsResponse",
    role: Role::Response(ApiKey::ListOffsets),
    versions: between(1, 11),
    latest_unstable: false,
    flexible: since(6),
    body: structure!([
        Field::new("ThrottleTimeMs", since(2), Kind::Int32),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&LIST_OFFSETS_TOPIC_RESPONSE))),
    ]),
};

static LIST_OFFSETS_TOPIC_RESPONSE: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&LIST_OFFSETS_PARTITION_RESPONSE))),
]);

static LIST_OFFSETS_PARTITION_RESPONSE: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("Timestamp", since(1), Kind::Int64).default("-1"),
    Field::new("Offset", since(1), Kind::Int64).default("-1"),
    Field::new("LeaderEpoch", since(4), Kind::Int32).default("-1"),
]);
