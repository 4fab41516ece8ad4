//! DescribeShareGroupOffsets, key 90.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "DescribeShareGroupOffsetsRequest",
    role: Role::Request(ApiKey::DescribeShareGroupOffsets),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([Field::new(
        "Groups",
        since(0),
        Kind::Array(&Kind::Struct(&DESCRIBE_SHARE_GROUP_OFFSETS_REQUEST_GROUP))
    )]),
};

static DESCRIBE_SHARE_GROUP_OFFSETS_REQUEST_GROUP: Struct = structure!([
    Field::new("GroupId", since(0), Kind::String),
    Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&DESCRIBE_SHARE_GROUP_OFFSETS_REQUEST_TOPIC)))
        .nullable(since(0)),
]);

static DESCRIBE_SHARE_GROUP_OFFSETS_REQUEST_TOPIC: Struct = structure!([
    Field::new("TopicName", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Int32)),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "DescribeShareGroupOffsetsResponse",
    role: Role::Response(ApiKey::DescribeShareGroupOffsets),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("Groups", since(0), Kind::Array(&Kind::Struct(&DESCRIBE_SHARE_GROUP_OFFSETS_RESPONSE_GROUP))),
    ]),
};

static DESCRIBE_SHARE_GROUP_OFFSETS_RESPONSE_GROUP: Struct = structure!([
    Field::new("GroupId", since(0), Kind::String),
    Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&DESCRIBE_SHARE_GROUP_OFFSETS_RESPONSE_TOPIC))),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)).default("null"),
]);

static DESCRIBE_SHARE_GROUP_OFFSETS_RESPONSE_TOPIC: Struct = structure!([
    Field::new("TopicName", since(0), Kind::String),
    Field::new("TopicId", since(0), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&DESCRIBE_SHARE_GROUP_OFFSETS_RESPONSE_PARTITION))),
]);

static DESCRIBE_SHARE_GROUP_OFFSETS_RESPONSE_PARTITION: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("StartOffset", since(0), Kind::Int64),
    Field::new("LeaderEpoch", since(0), Kind::Int32),
    Field::new("Lag", since(1), Kind::Int64).default("-1"),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)).default("null"),
]);
