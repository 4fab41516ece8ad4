//! ConsumerGroupHeartbeat, key 68.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "ConsumerGroupHeartbeatRequest",
    role: Role::Request(ApiKey::ConsumerGroupHeartbeat),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("GroupId", since(0), Kind::String),
        Field::new("MemberId", since(0), Kind::String),
        Field::new("MemberEpoch", since(0), Kind::Int32),
        Field::new("InstanceId", since(0), Kind::String).nullable(since(0)).default("null"),
        Field::new("RackId", since(0), Kind::String).nullable(since(0)).default("null"),
        Field::new("RebalanceTimeoutMs", since(0), Kind::Int32).default("-1"),
        Field::new("SubscribedTopicNames", since(0), Kind::Array(&Kind::String)).nullable(since(0)).default("null"),
        Field::new("SubscribedTopicRegex", since(1), Kind::String).nullable(since(1)).default("null"),
        Field::new("ServerAssignor", since(0), Kind::String).nullable(since(0)).default("null"),
        Field::new("TopicPartitions", since(0), Kind::Array(&Kind::Struct(&REQUEST_TOPIC_PARTITIONS)))
            .nullable(since(0))
            .default("null"),
    ]),
};

static REQUEST_TOPIC_PARTITIONS: Struct = structure!([
    Field::new("TopicId", since(0), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Int32)),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "ConsumerGroupHeartbeatResponse",
    role: Role::Response(ApiKey::ConsumerGroupHeartbeat),
    versions: between(0, 1),
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
    structure!([Field::new("TopicPartitions", since(0), Kind::Array(&Kind::Struct(&RESPONSE_TOPIC_PARTITIONS)))]);

static RESPONSE_TOPIC_PARTITIONS: Struct = structure!([
    Field::new("TopicId", since(0), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Int32)),
]);
