//! TxnOffsetCommit, key 28.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "TxnOffsetCommitRequest",
    role: Role::Request(ApiKey::TxnOffsetCommit),
    versions: between(0, 6),
    latest_unstable: false,
    flexible: since(3),
    body: structure!([
        Field::new("TransactionalId", since(0), Kind::String),
        Field::new("GroupId", since(0), Kind::String),
        Field::new("ProducerId", since(0), Kind::Int64),
        Field::new("ProducerEpoch", since(0), Kind::Int16),
        Field::new("GenerationIdOrMemberEpoch", since(3), Kind::Int32).default("-1"),
        Field::new("MemberId", since(3), Kind::String),
        Field::new("GroupInstanceId", since(3), Kind::String).nullable(since(3)).default("null"),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&TXN_OFFSET_COMMIT_REQUEST_TOPIC))),
    ]),
};

static TXN_OFFSET_COMMIT_REQUEST_TOPIC: Struct = structure!([
    Field::new("Name", between(0, 5), Kind::String),
    Field::new("TopicId", since(6), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&TXN_OFFSET_COMMIT_REQUEST_PARTITION))),
]);

static TXN_OFFSET_COMMIT_REQUEST_PARTITION: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("CommittedOffset", since(0), Kind::Int64),
    Field::new("CommittedLeaderEpoch", since(2), Kind::Int32).default("-1"),
    Field::new("CommittedMetadata", since(0), Kind::String).nullable(since(0)),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "TxnOffsetCommitResponse",
    role: Role::Response(ApiKey::TxnOffsetCommit),
    versions: between(0, 6),
    latest_unstable: false,
    flexible: since(3),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&TXN_OFFSET_COMMIT_RESPONSE_TOPIC))),
    ]),
};

static TXN_OFFSET_COMMIT_RESPONSE_TOPIC: Struct = structure!([
    Field::new("Name", between(0, 5), Kind::String),
    Field::new("TopicId", since(6), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&TXN_OFFSET_COMMIT_RESPONSE_PARTITION))),
]);

static TXN_OFFSET_COMMIT_RESPONSE_PARTITION: Struct =
    structure!([Field::new("PartitionIndex", since(0), Kind::Int32), Field::new("ErrorCode", since(0), Kind::Int16),]);
