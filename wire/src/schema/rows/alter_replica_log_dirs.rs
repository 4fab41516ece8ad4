//! AlterReplicaLogDirs, key 34.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "AlterReplicaLogDirsRequest",
    role: Role::Request(ApiKey::AlterReplicaLogDirs),
    versions: between(1, 2),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([Field::new("Dirs", since(0), Kind::Array(&Kind::Struct(&ALTER_REPLICA_LOG_DIR)))]),
};

static ALTER_REPLICA_LOG_DIR: Struct = structure!([
    Field::new("Path", since(0), Kind::String),
    Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&ALTER_REPLICA_LOG_DIR_TOPIC))),
]);

static ALTER_REPLICA_LOG_DIR_TOPIC: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Int32)),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "AlterReplicaLogDirsResponse",
    role: Role::Response(ApiKey::AlterReplicaLogDirs),
    versions: between(1, 2),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("Results", since(0), Kind::Array(&Kind::Struct(&ALTER_REPLICA_LOG_DIR_TOPIC_RESULT))),
    ]),
};

static ALTER_REPLICA_LOG_DIR_TOPIC_RESULT: Struct = structure!([
    Field::new("TopicName", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&ALTER_REPLICA_LOG_DIR_PARTITION_RESULT))),
]);

static ALTER_REPLICA_LOG_DIR_PARTITION_RESULT: Struct =
    structure!([Field::new("PartitionIndex", since(0), Kind::Int32), Field::new("ErrorCode", since(0), Kind::Int16),]);
