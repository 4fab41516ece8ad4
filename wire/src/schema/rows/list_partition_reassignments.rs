//! ListPartitionReassignments, key 46.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "ListPartitionReassignmentsRequest",
    role: Role::Request(ApiKey::ListPartitionReassignments),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("TimeoutMs", since(0), Kind::Int32).default("60000"),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&LIST_PARTITION_REASSIGNMENTS_TOPICS)))
            .nullable(since(0))
            .default("null"),
    ]),
};

static LIST_PARTITION_REASSIGNMENTS_TOPICS: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("PartitionIndexes", since(0), Kind::Array(&Kind::Int32)),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "ListPartitionReassignmentsResponse",
    role: Role::Response(ApiKey::ListPartitionReassignments),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&ONGOING_TOPIC_REASSIGNMENT))),
    ]),
};

static ONGOING_TOPIC_REASSIGNMENT: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&ONGOING_PARTITION_REASSIGNMENT))),
]);

static ONGOING_PARTITION_REASSIGNMENT: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("Replicas", since(0), Kind::Array(&Kind::Int32)),
    Field::new("AddingReplicas", since(0), Kind::Array(&Kind::Int32)),
    Field::new("RemovingReplicas", since(0), Kind::Array(&Kind::Int32)),
]);
