//! FetchSnapshot, key 59.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "FetchSnapshotRequest",
    role: Role::Request(ApiKey::FetchSnapshot),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ClusterId", since(0), Kind::String).nullable(since(0)).tagged(0, since(0)).default("null"),
        Field::new("ReplicaId", since(0), Kind::Int32).default("-1"),
        Field::new("MaxBytes", since(0), Kind::Int32).default("0x7fffffff"),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&REQUEST_TOPIC_SNAPSHOT))),
    ]),
};

static REQUEST_TOPIC_SNAPSHOT: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&REQUEST_PARTITION_SNAPSHOT))),
]);

static REQUEST_PARTITION_SNAPSHOT: Struct = structure!([
    Field::new("Partition", since(0), Kind::Int32),
    Field::new("CurrentLeaderEpoch", since(0), Kind::Int32),
    Field::new("SnapshotId", since(0), Kind::Struct(&REQUEST_SNAPSHOT_ID)),
    Field::new("Position", since(0), Kind::Int64),
    Field::new("ReplicaDirectoryId", since(1), Kind::Uuid).tagged(0, since(1)),
]);

static REQUEST_SNAPSHOT_ID: Struct =
    structure!([Field::new("EndOffset", since(0), Kind::Int64), Field::new("Epoch", since(0), Kind::Int32),]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "FetchSnapshotResponse",
    role: Role::Response(ApiKey::FetchSnapshot),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&RESPONSE_TOPIC_SNAPSHOT))),
        Field::new("NodeEndpoints", since(1), Kind::Array(&Kind::Struct(&NODE_ENDPOINT))).tagged(0, since(1)),
    ]),
};

static RESPONSE_TOPIC_SNAPSHOT: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&RESPONSE_PARTITION_SNAPSHOT))),
]);

static RESPONSE_PARTITION_SNAPSHOT: Struct = structure!([
    Field::new("Index", since(0), Kind::Int32),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("SnapshotId", since(0), Kind::Struct(&RESPONSE_SNAPSHOT_ID)),
    Field::new("CurrentLeader", since(0), Kind::Struct(&LEADER_ID_AND_EPOCH)).tagged(0, since(0)),
    Field::new("Size", since(0), Kind::Int64),
    Field::new("Position", since(0), Kind::Int64),
    Field::new("UnalignedRecords", since(0), Kind::Records),
]);

static RESPONSE_SNAPSHOT_ID: Struct =
    structure!([Field::new("EndOffset", since(0), Kind::Int64), Field::new("Epoch", since(0), Kind::Int32),]);

static LEADER_ID_AND_EPOCH: Struct =
    structure!([Field::new("LeaderId", since(0), Kind::Int32), Field::new("LeaderEpoch", since(0), Kind::Int32),]);

static NODE_ENDPOINT: Struct = structure!([
    Field::new("NodeId", since(1), Kind::Int32),
    Field::new("Host", since(1), Kind::String),
    Field::new("Port", since(1), Kind::Uint16),
]);
