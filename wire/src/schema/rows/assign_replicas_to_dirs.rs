//! AssignReplicasToDirs, key 73.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "AssignReplicasToDirsRequest",
    role: Role::Request(ApiKey::AssignReplicasToDirs),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("BrokerId", since(0), Kind::Int32),
        Field::new("BrokerEpoch", since(0), Kind::Int64).default("-1"),
        Field::new("Directories", since(0), Kind::Array(&Kind::Struct(&REQUEST_DIRECTORY_DATA))),
    ]),
};

static REQUEST_DIRECTORY_DATA: Struct = structure!([
    Field::new("Id", since(0), Kind::Uuid),
    Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&REQUEST_TOPIC_DATA))),
]);

static REQUEST_TOPIC_DATA: Struct = structure!([
    Field::new("TopicId", since(0), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&REQUEST_PARTITION_DATA))),
]);

static REQUEST_PARTITION_DATA: Struct = structure!([Field::new("PartitionIndex", since(0), Kind::Int32)]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "AssignReplicasToDirsResponse",
    role: Role::Response(ApiKey::AssignReplicasToDirs),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("Directories", since(0), Kind::Array(&Kind::Struct(&RESPONSE_DIRECTORY_DATA))),
    ]),
};

static RESPONSE_DIRECTORY_DATA: Struct = structure!([
    Field::new("Id", since(0), Kind::Uuid),
    Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&RESPONSE_TOPIC_DATA))),
]);

static RESPONSE_TOPIC_DATA: Struct = structure!([
    Field::new("TopicId", since(0), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&RESPONSE_PARTITION_DATA))),
]);

static RESPONSE_PARTITION_DATA: Struct =
    structure!([Field::new("PartitionIndex", since(0), Kind::Int32), Field::new("ErrorCode", since(0), Kind::Int16),]);
