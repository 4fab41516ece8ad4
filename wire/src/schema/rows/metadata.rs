//! Metadata, key 3.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "MetadataRequest",
    role: Role::Request(ApiKey::Metadata),
    versions: between(0, 13),
    latest_unstable: false,
    flexible: since(9),
    body: structure!([
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&METADATA_REQUEST_TOPIC))).nullable(since(1)),
        Field::new("AllowAutoTopicCreation", since(4), Kind::Bool).default("true"),
        Field::new("IncludeClusterAuthorizedOperations", between(8, 10), Kind::Bool),
        Field::new("IncludeTopicAuthorizedOperations", since(8), Kind::Bool),
    ]),
};

static METADATA_REQUEST_TOPIC: Struct = structure!([
    Field::new("TopicId", since(10), Kind::Uuid),
    Field::new("Name", since(0), Kind::String).nullable(since(10)),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "MetadataResponse",
    role: Role::Response(ApiKey::Metadata),
    versions: between(0, 13),
    latest_unstable: false,
    flexible: since(9),
    body: structure!([
        Field::new("ThrottleTimeMs", since(3), Kind::Int32),
        Field::new("Brokers", since(0), Kind::Array(&Kind::Struct(&METADATA_RESPONSE_BROKER))),
        Field::new("ClusterId", since(2), Kind::String).nullable(since(2)).default("null"),
        Field::new("ControllerId", since(1), Kind::Int32).default("-1"),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&METADATA_RESPONSE_TOPIC))),
        Field::new("ClusterAuthorizedOperations", between(8, 10), Kind::Int32).default("-2147483648"),
        Field::new("ErrorCode", since(13), Kind::Int16),
    ]),
};

static METADATA_RESPONSE_BROKER: Struct = structure!([
    Field::new("NodeId", since(0), Kind::Int32),
    Field::new("Host", since(0), Kind::String),
    Field::new("Port", since(0), Kind::Int32),
    Field::new("Rack", since(1), Kind::String).nullable(since(1)).default("null"),
]);

static METADATA_RESPONSE_TOPIC: Struct = structure!([
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("Name", since(0), Kind::String).nullable(since(12)),
    Field::new("TopicId", since(10), Kind::Uuid),
    Field::new("IsInternal", since(1), Kind::Bool),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&METADATA_RESPONSE_PARTITION))),
    Field::new("TopicAuthorizedOperations", since(8), Kind::Int32).default("-2147483648"),
]);

static METADATA_RESPONSE_PARTITION: Struct = structure!([
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("LeaderId", since(0), Kind::Int32),
    Field::new("LeaderEpoch", since(7), Kind::Int32).default("-1"),
    Field::new("ReplicaNodes", since(0), Kind::Array(&Kind::Int32)),
    Field::new("IsrNodes", since(0), Kind::Array(&Kind::Int32)),
    Field::new("OfflineReplicas", since(5), Kind::Array(&Kind::Int32)),
]);
