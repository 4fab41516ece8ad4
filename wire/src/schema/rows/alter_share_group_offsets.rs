//! AlterShareGroupOffsets, key 91.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "AlterShareGroupOffsetsRequest",
    role: Role::Request(ApiKey::AlterShareGroupOffsets),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("GroupId", since(0), Kind::String),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&ALTER_SHARE_GROUP_OFFSETS_REQUEST_TOPIC))),
    ]),
};

static ALTER_SHARE_GROUP_OFFSETS_REQUEST_TOPIC: Struct = structure!([
    Field::new("TopicName", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&ALTER_SHARE_GROUP_OFFSETS_REQUEST_PARTITION))),
]);

static ALTER_SHARE_GROUP_OFFSETS_REQUEST_PARTITION: Struct =
    structure!(
        [Field::new("PartitionIndex", since(0), Kind::Int32), Field::new("StartOffset", since(0), Kind::Int64),]
    );

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "AlterShareGroupOffsetsResponse",
    role: Role::Response(ApiKey::AlterShareGroupOffsets),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)).default("null"),
        Field::new("Responses", since(0), Kind::Array(&Kind::Struct(&ALTER_SHARE_GROUP_OFFSETS_RESPONSE_TOPIC))),
    ]),
};

static ALTER_SHARE_GROUP_OFFSETS_RESPONSE_TOPIC: Struct = structure!([
    Field::new("TopicName", since(0), Kind::String),
    Field::new("TopicId", since(0), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&ALTER_SHARE_GROUP_OFFSETS_RESPONSE_PARTITION))),
]);

static ALTER_SHARE_GROUP_OFFSETS_RESPONSE_PARTITION: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)).default("null"),
]);
