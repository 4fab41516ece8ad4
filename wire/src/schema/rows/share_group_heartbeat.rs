//! ShareGroupHeartbeat, key 76.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "ShareGroupHeartbeatRequest",
    role: Role::Request(ApiKey::ShareGroupHeartbeat),
    versions: between(1, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("GroupId", since(0), Kind::String),
        Field::new("MemberId", since(0), Kind::String),
        Field::new("MemberEpoch", since(0), Kind::Int32),
        Field::new("RackId", since(0), Kind::String).nullable(since(0)).default("null"),
        Field::new("SubscribedTopicNames", since(0), Kind::Array(&Kind::String)).nullable(since(0)).default("null"),
    ]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "ShareGroupHeartbeatResponse",
    role: Role::Response(ApiKey::ShareGroupHeartbeat),
    versions: between(1, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)).default("null"),
        Field::new("MemberId", since(0), Kind::String).nullable(since(0)).default("null"),
        Field::new("MemberEpoch", since(0), Kind::Int32),
        Field::new("HeartbeatIntervalMs", since(0), Kind::Int32),
        Field::new("Assignment", since(0), Kind::Struct(&ASSIGNMENT)).nullable(since(0)).default("null"),
    ]),
};

static ASSIGNMENT: Struct =
    structure!([Field::new("TopicPartitions", since(0), Kind::Array(&Kind::Struct(&TOPIC_PARTITIONS)))]);

static TOPIC_PARTITIONS: Struct = structure!([
    Field::new("TopicId", since(0), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Int32)),
]);
