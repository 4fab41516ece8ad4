//! DescribeQuorum, key 55.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "DescribeQuorumRequest",
    role: Role::Request(ApiKey::DescribeQuorum),
    versions: between(0, 2),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&REQUEST_TOPIC_DATA)))]),
};

static REQUEST_TOPIC_DATA: Struct = structure!([
    Field::new("TopicName", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&REQUEST_PARTITION_DATA))),
]);

static REQUEST_PARTITION_DATA: Struct = structure!([Field::new("PartitionIndex", since(0), Kind::Int32)]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "DescribeQuorumResponse",
    role: Role::Response(ApiKey::DescribeQuorum),
    versions: between(0, 2),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ErrorMessage", since(2), Kind::String).nullable(since(2)),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&RESPONSE_TOPIC_DATA))),
        Field::new("Nodes", since(2), Kind::Array(&Kind::Struct(&NODE))),
    ]),
};

static RESPONSE_TOPIC_DATA: Struct = structure!([
    Field::new("TopicName", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&RESPONSE_PARTITION_DATA))),
]);

static RESPONSE_PARTITION_DATA: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(2), Kind::String).nullable(since(2)),
    Field::new("LeaderId", since(0), Kind::Int32),
    Field::new("LeaderEpoch", since(0), Kind::Int32),
    Field::new("HighWatermark", since(0), Kind::Int64),
    Field::new("CurrentVoters", since(0), Kind::Array(&Kind::Struct(&REPLICA_STATE))),
    Field::new("Observers", since(0), Kind::Array(&Kind::Struct(&REPLICA_STATE))),
]);

static REPLICA_STATE: Struct = structure!([
    Field::new("ReplicaId", since(0), Kind::Int32),
    Field::new("ReplicaDirectoryId", since(2), Kind::Uuid),
    Field::new("LogEndOffset", since(0), Kind::Int64),
    Field::new("LastFetchTimestamp", since(1), Kind::Int64).default("-1"),
    Field::new("LastCaughtUpTimestamp", since(1), Kind::Int64).default("-1"),
]);

static NODE: Struct = structure!([
    Field::new("NodeId", since(2), Kind::Int32),
    Field::new("Listeners", since(2), Kind::Array(&Kind::Struct(&LISTENER))),
]);

static LISTENER: Struct = structure!([
    Field::new("Name", since(2), Kind::String),
    Field::new("Host", since(2), Kind::String),
    Field::new("Port", since(2), Kind::Uint16),
]);
