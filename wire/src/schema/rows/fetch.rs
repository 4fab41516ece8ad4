//! Fetch, key 1.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "FetchRequest",
    role: Role::Request(ApiKey::Fetch),
    versions: between(4, 18),
    latest_unstable: false,
    flexible: since(12),
    body: structure!([
        Field::new("ClusterId", since(12), Kind::String).nullable(since(12)).tagged(0, since(12)).default("null"),
        Field::new("ReplicaId", between(0, 14), Kind::Int32).default("-1"),
        Field::new("ReplicaState", since(15), Kind::Struct(&REPLICA_STATE)).tagged(1, since(15)),
        Field::new("MaxWaitMs", since(0), Kind::Int32),
        Field::new("MinBytes", since(0), Kind::Int32),
        Field::new("MaxBytes", since(3), Kind::Int32).default("0x7fffffff"),
        Field::new("IsolationLevel", since(4), Kind::Int8),
        Field::new("SessionId", since(7), Kind::Int32),
        Field::new("SessionEpoch", since(7), Kind::Int32).default("-1"),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&FETCH_TOPIC))),
        Field::new("ForgottenTopicsData", since(7), Kind::Array(&Kind::Struct(&FORGOTTEN_TOPIC))),
        Field::new("RackId", since(11), Kind::String),
    ]),
};

static REPLICA_STATE: Struct = structure!([
    Field::new("ReplicaId", since(15), Kind::Int32).default("-1"),
    Field::new("ReplicaEpoch", since(15), Kind::Int64).default("-1"),
]);

static FETCH_TOPIC: Struct = structure!([
    Field::new("Topic", between(0, 12), Kind::String),
    Field::new("TopicId", since(13), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&FETCH_PARTITION))),
]);

static FETCH_PARTITION: Struct = structure!([
    Field::new("Partition", since(0), Kind::Int32),
    Field::new("CurrentLeaderEpoch", since(9), Kind::Int32).default("-1"),
    Field::new("FetchOffset", since(0), Kind::Int64),
    Field::new("LastFetchedEpoch", since(12), Kind::Int32).default("-1"),
    Field::new("LogStartOffset", since(5), Kind::Int64).default("-1"),
    Field::new("PartitionMaxBytes", since(0), Kind::Int32),
    Field::new("ReplicaDirectoryId", since(17), Kind::Uuid).tagged(0, since(17)),
    Field::new("HighWatermark", since(18), Kind::Int64).tagged(1, since(18)).default("9223372036854775807"),
]);

static FORGOTTEN_TOPIC: Struct = structure!([
    Field::new("Topic", between(7, 12), Kind::String),
    Field::new("TopicId", since(13), Kind::Uuid),
    Field::new("Partitions", since(7), Kind::Array(&Kind::Int32)),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "FetchResponse",
    role: Role::Response(ApiKey::Fetch),
    versions: between(4, 18),
    latest_unstable: false,
    flexible: since(12),
    body: structure!([
        Field::new("ThrottleTimeMs", since(1), Kind::Int32),
        Field::new("ErrorCode", since(7), Kind::Int16),
        Field::new("SessionId", since(7), Kind::Int32),
        Field::new("Responses", since(0), Kind::Array(&Kind::Struct(&FETCHABLE_TOPIC_RESPONSE))),
        Field::new("NodeEndpoints", since(16), Kind::Array(&Kind::Struct(&NODE_ENDPOINT))).tagged(0, since(16)),
    ]),
};

static FETCHABLE_TOPIC_RESPONSE: Struct = structure!([
    Field::new("Topic", between(0, 12), Kind::String),
    Field::new("TopicId", since(13), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&PARTITION_DATA))),
]);

static PARTITION_DATA: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("HighWatermark", since(0), Kind::Int64),
    Field::new("LastStableOffset", since(4), Kind::Int64).default("-1"),
    Field::new("LogStartOffset", since(5), Kind::Int64).default("-1"),
    Field::new("DivergingEpoch", since(12), Kind::Struct(&EPOCH_END_OFFSET)).tagged(0, since(12)),
    Field::new("CurrentLeader", since(12), Kind::Struct(&LEADER_ID_AND_EPOCH)).tagged(1, since(12)),
    Field::new("SnapshotId", since(12), Kind::Struct(&SNAPSHOT_ID)).tagged(2, since(12)),
    Field::new("AbortedTransactions", since(4), Kind::Array(&Kind::Struct(&ABORTED_TRANSACTION))).nullable(since(4)),
    Field::new("PreferredReadReplica", since(11), Kind::Int32).default("-1"),
    Field::new("Records", since(0), Kind::Records).nullable(since(0)),
]);

static EPOCH_END_OFFSET: Struct = structure!([
    Field::new("Epoch", since(12), Kind::Int32).default("-1"),
    Field::new("EndOffset", since(12), Kind::Int64).default("-1"),
]);

static LEADER_ID_AND_EPOCH: Struct = structure!([
    Field::new("LeaderId", since(12), Kind::Int32).default("-1"),
    Field::new("LeaderEpoch", since(12), Kind::Int32).default("-1"),
]);

static SNAPSHOT_ID: Struct = structure!([
    Field::new("EndOffset", since(0), Kind::Int64).default("-1"),
    Field::new("Epoch", since(0), Kind::Int32).default("-1"),
]);

static ABORTED_TRANSACTION: Struct =
    structure!([Field::new("ProducerId", since(4), Kind::Int64), Field::new("FirstOffset", since(4), Kind::Int64),]);

static NODE_ENDPOINT: Struct = structure!([
    Field::new("NodeId", since(16), Kind::Int32),
    Field::new("Host", since(16), Kind::String),
    Field::new("Port", since(16), Kind::Int32),
    Field::new("Rack", since(16), Kind::String).nullable(since(16)).default("null"),
]);
