//! OffsetFetch, key 9.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "OffsetFetchRequest",
    role: Role::Request(ApiKey::OffsetFetch),
    versions: between(1, 10),
    latest_unstable: false,
    flexible: since(6),
    body: structure!([
        Field::new("GroupId", between(0, 7), Kind::String),
        Field::new("Topics", between(0, 7), Kind::Array(&Kind::Struct(&OFFSET_FETCH_REQUEST_TOPIC)))
            .nullable(between(2, 7)),
        Field::new("Groups", since(8), Kind::Array(&Kind::Struct(&OFFSET_FETCH_REQUEST_GROUP))),
        Field::new("RequireStable", since(7), Kind::Bool),
    ]),
};

static OFFSET_FETCH_REQUEST_TOPIC: Struct = structure!([
    Field::new("Name", between(0, 7), Kind::String),
    Field::new("PartitionIndexes", between(0, 7), Kind::Array(&Kind::Int32)),
]);

static OFFSET_FETCH_REQUEST_GROUP: Struct = structure!([
    Field::new("GroupId", since(8), Kind::String),
    Field::new("MemberId", since(9), Kind::String).nullable(since(9)).default("null"),
    Field::new("MemberEpoch", since(9), Kind::Int32).default("-1"),
    Field::new("Topics", since(8), Kind::Array(&Kind::Struct(&OFFSET_FETCH_REQUEST_TOPICS))).nullable(since(8)),
]);

static OFFSET_FETCH_REQUEST_TOPICS: Struct = structure!([
    Field::new("Name", between(8, 9), Kind::String),
    Field::new("TopicId", since(10), Kind::Uuid),
    Field::new("PartitionIndexes", since(8), Kind::Array(&Kind::Int32)),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "OffsetFetchResponse",
    role: Role::Response(ApiKey::OffsetFetch),
    versions: between(1, 10),
    latest_unstable: false,
    flexible: since(6),
    body: structure!([
        Field::new("ThrottleTimeMs", since(3), Kind::Int32),
        Field::new("Topics", between(0, 7), Kind::Array(&Kind::Struct(&OFFSET_FETCH_RESPONSE_TOPIC))),
        Field::new("ErrorCode", between(2, 7), Kind::Int16),
        Field::new("Groups", since(8), Kind::Array(&Kind::Struct(&OFFSET_FETCH_RESPONSE_GROUP))),
    ]),
};

static OFFSET_FETCH_RESPONSE_TOPIC: Struct = structure!([
    Field::new("Name", between(0, 7), Kind::String),
    Field::new("Partitions", between(0, 7), Kind::Array(&Kind::Struct(&OFFSET_FETCH_RESPONSE_PARTITION))),
]);

static OFFSET_FETCH_RESPONSE_PARTITION: Struct = structure!([
    Field::new("PartitionIndex", between(0, 7), Kind::Int32),
    Field::new("CommittedOffset", between(0, 7), Kind::Int64),
    Field::new("CommittedLeaderEpoch", between(5, 7), Kind::Int32).default("-1"),
    Field::new("Metadata", between(0, 7), Kind::String).nullable(between(0, 7)),
    Field::new("ErrorCode", between(0, 7), Kind::Int16),
]);

static OFFSET_FETCH_RESPONSE_GROUP: Struct = structure!([
    Field::new("GroupId", since(8), Kind::String),
    Field::new("Topics", since(8), Kind::Array(&Kind::Struct(&OFFSET_FETCH_RESPONSE_TOPICS))),
    Field::new("ErrorCode", since(8), Kind::Int16),
]);

static OFFSET_FETCH_RESPONSE_TOPICS: Struct = structure!([
    Field::new("Name", between(8, 9), Kind::String),
    Field::new("TopicId", since(10), Kind::Uuid),
    Field::new("Partitions", since(8), Kind::Array(&Kind::Struct(&OFFSET_FETCH_RESPONSE_PARTITIONS))),
]);

static OFFSET_FETCH_RESPONSE_PARTITIONS: Struct = structure!([
    Field::new("PartitionIndex", since(8), Kind::Int32),
    Field::new("CommittedOffset", since(8), Kind::Int64),
    Field::new("CommittedLeaderEpoch", since(8), Kind::Int32).default("-1"),
    Field::new("Metadata", since(8), Kind::String).nullable(since(8)),
    Field::new("ErrorCode", since(8), Kind::Int16),
]);
