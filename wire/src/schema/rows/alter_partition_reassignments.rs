//! AlterPartitionReassignments, key 45.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "AlterPartitionReassignmentsRequest",
    role: Role::Request(ApiKey::AlterPartitionReassignments),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("TimeoutMs", since(0), Kind::Int32).default("60000"),
        Field::new("AllowReplicationFactorChange", since(1), Kind::Bool).default("true"),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&REASSIGNABLE_TOPIC))),
    ]),
};

static REASSIGNABLE_TOPIC: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&REASSIGNABLE_PARTITION))),
]);

static REASSIGNABLE_PARTITION: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("Replicas", since(0), Kind::Array(&Kind::Int32)).nullable(since(0)).default("null"),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "AlterPartitionReassignmentsResponse",
    role: Role::Response(ApiKey::AlterPartitionReassignments),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("AllowReplicationFactorChange", since(1), Kind::Bool).default("true"),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
        Field::new("Responses", since(0), Kind::Array(&Kind::Struct(&REASSIGNABLE_TOPIC_RESPONSE))),
    ]),
};

static REASSIGNABLE_TOPIC_RESPONSE: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&REASSIGNABLE_PARTITION_RESPONSE))),
]);

static REASSIGNABLE_PARTITION_RESPONSE: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
]);
