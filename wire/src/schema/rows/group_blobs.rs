//! What members of a classic consumer group tell each other inside JoinGroup and SyncGroup.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, NEVER, Role, Struct, between, since, structure};

pub(in crate::schema) static CONSUMER_PROTOCOL_SUBSCRIPTION: Message = Message {
    name: "ConsumerProtocolSubscription",
    role: Role::Blob,
    versions: between(0, 3),
    latest_unstable: false,
    flexible: NEVER,
    body: structure!([
        Field::new("Topics", since(0), Kind::Array(&Kind::String)),
        Field::new("UserData", since(0), Kind::Bytes).nullable(since(0)).default("null"),
        Field::new(
            "OwnedPartitions",
            since(1),
            Kind::Array(&Kind::Struct(&CONSUMER_PROTOCOL_SUBSCRIPTION_TOPIC_PARTITION))
        ),
        Field::new("GenerationId", since(2), Kind::Int32).default("-1"),
        Field::new("RackId", since(3), Kind::String).nullable(since(3)).default("null"),
    ]),
};

static CONSUMER_PROTOCOL_SUBSCRIPTION_TOPIC_PARTITION: Struct = structure!([
    Field::new("Topic", since(1), Kind::String),
    Field::new("Partitions", since(1), Kind::Array(&Kind::Int32)),
]);

pub(in crate::schema) static CONSUMER_PROTOCOL_ASSIGNMENT: Message = Message {
    name: "ConsumerProtocolAssignment",
    role: Role::Blob,
    versions: between(0, 3),
    latest_unstable: false,
    flexible: NEVER,
    body: structure!([
        Field::new(
            "AssignedPartitions",
            since(0),
            Kind::Array(&Kind::Struct(&CONSUMER_PROTOCOL_ASSIGNMENT_TOPIC_PARTITION))
        ),
        Field::new("UserData", since(0), Kind::Bytes).nullable(since(0)).default("null"),
    ]),
};

static CONSUMER_PROTOCOL_ASSIGNMENT_TOPIC_PARTITION: Struct = structure!([
    Field::new("Topic", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Int32)),
]);
