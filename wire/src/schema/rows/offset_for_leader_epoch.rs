//! OffsetForLeaderEpoch, key 23.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "OffsetForLeaderEpochRequest",
    role: Role::Request(ApiKey::OffsetForLeaderEpoch),
    versions: between(2, 4),
    latest_unstable: false,
    flexible: since(4),
    body: structure!([
        Field::new("ReplicaId", since(3), Kind::Int32).default("-2"),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&OFFSET_FOR_LEADER_TOPIC))),
    ]),
};

static OFFSET_FOR_LEADER_TOPIC: Struct = structure!([
    Field::new("Topic", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&OFFSET_FOR_LEADER_PARTITION))),
]);

static OFFSET_FOR_LEADER_PARTITION: Struct = structure!([
    Field::new("Partition", since(0), Kind::Int32),
    Field::new("CurrentLeaderEpoch", since(2), Kind::Int32).default("-1"),
    Field::new("LeaderEpoch", since(0), Kind::Int32),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "OffsetForLeaderEpochResponse",
    role: Role::Response(ApiKey::OffsetForLeaderEpoch),
    versions: between(2, 4),
    latest_unstable: false,
    flexible: since(4),
    body: structure!([
        Field::new("ThrottleTimeMs", since(2), Kind::Int32),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&OFFSET_FOR_LEADER_TOPIC_RESULT))),
    ]),
};

static OFFSET_FOR_LEADER_TOPIC_RESULT: Struct = structure!([
    Field::new("Topic", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&EPOCH_END_OFFSET))),
]);

static EPOCH_END_OFFSET: Struct = structure!([
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("Partition", since(0), Kind::Int32),
    Field::new("LeaderEpoch", since(1), Kind::Int32).default("-1"),
    Field::new("EndOffset", since(0), Kind::Int64).default("-1"),
]);
