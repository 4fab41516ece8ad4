//! OffsetCommit, key 8.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "OffsetCommitRequest",
    role: Role::Request(ApiKey::OffsetCommit),
    versions: between(2, 10),
    latest_unstable: false,
    flexible: since(8),
    body: structure!([
        Field::new("GroupId", since(0), Kind::String),
        Field::new("GenerationIdOrMemberEpoch", since(1), Kind::Int32).default("-1"),
        Field::new("MemberId", since(1), Kind::String),
        Field::new("GroupInstanceId", since(7), Kind::String).nullable(since(7)).default("null"),
        Field::new("RetentionTimeMs", between(2, 4), Kind::Int64).default("-1"),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&OFFSET_COMMIT_REQUEST_TOPIC))),
    ]),
};

static OFFSET_COMMIT_REQUEST_TOPIC: Struct = structure!([
    Field::new("Name", between(0, 9), Kind::String),
    Field::new("TopicId", since(10), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&OFFSET_COMMIT_REQUEST_PARTITION))),
]);

static OFFSET_COMMIT_REQUEST_PARTITION: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("CommittedOffset", since(0), Kind::Int64),
    Field::new("CommittedLeaderEpoch", since(6), Kind::Int32).default("-1"),
    Field::new("CommittedMetadata", since(0), Kind::String).nullable(since(0)),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "OffsetCommitResponse",
    role: Role::Response(ApiKey::OffsetCommit),
    versions: between(2, 10),
    latest_unstable: false,
    flexible: since(8),
    body: structure!([
        Field::new("ThrottleTimeMs", since(3), Kind::Int32),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&OFFSET_COMMIT_RESPONSE_TOPIC))),
    ]),
};

static OFFSET_COMMIT_RESPONSE_TOPIC: Struct = structure!([
    Field::new("Name", between(0, 9), Kind::String),
    Field::new("TopicId", since(10), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&OFFSET_COMMIT_RESPONSE_PARTITION))),
]);

static OFFSET_COMMIT_RESPONSE_PARTITION: Struct =
    structure!([Field::new("PartitionIndex", since(0), Kind::Int32), Field::new("ErrorCode", since(0), Kind::Int16),]);
