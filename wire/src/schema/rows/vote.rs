//! Vote, key 52.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "VoteRequest",
    role: Role::Request(ApiKey::Vote),
    versions: between(0, 2),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ClusterId", since(0), Kind::String).nullable(since(0)).default("null"),
        Field::new("VoterId", since(1), Kind::Int32).default("-1"),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&REQUEST_TOPIC_DATA))),
    ]),
};

static REQUEST_TOPIC_DATA: Struct = structure!([
    Field::new("TopicName", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&REQUEST_PARTITION_DATA))),
]);

static REQUEST_PARTITION_DATA: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("ReplicaEpoch", since(0), Kind::Int32),
    Field::new("ReplicaId", since(0), Kind::Int32),
    Field::new("ReplicaDirectoryId", since(1), Kind::Uuid),
    Field::new("VoterDirectoryId", since(1), Kind::Uuid),
    Field::new("LastOffsetEpoch", since(0), Kind::Int32),
    Field::new("LastOffset", since(0), Kind::Int64),
    Field::new("PreVote", since(2), Kind::Bool),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "VoteResponse",
    role: Role::Response(ApiKey::Vote),
    versions: between(0, 2),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&RESPONSE_TOPIC_DATA))),
        Field::new("NodeEndpoints", since(1), Kind::Array(&Kind::Struct(&NODE_ENDPOINT))).tagged(0, since(1)),
    ]),
};

static RESPONSE_TOPIC_DATA: Struct = structure!([
    Field::new("TopicName", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&RESPONSE_PARTITION_DATA))),
]);

static RESPONSE_PARTITION_DATA: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("LeaderId", since(0), Kind::Int32),
    Field::new("LeaderEpoch", since(0), Kind::Int32),
    Field::new("VoteGranted", since(0), Kind::Bool),
]);

static NODE_ENDPOINT: Struct = structure!([
    Field::new("NodeId", since(1), Kind::Int32),
    Field::new("Host", since(1), Kind::String),
    Field::new("Port", since(1), Kind::Uint16),
]);
