//! ElectLeaders, key 43.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "ElectLeadersRequest",
    role: Role::Request(ApiKey::ElectLeaders),
    versions: between(0, 2),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("ElectionType", since(1), Kind::Int8),
        Field::new("TopicPartitions", since(0), Kind::Array(&Kind::Struct(&TOPIC_PARTITIONS))).nullable(since(0)),
        Field::new("TimeoutMs", since(0), Kind::Int32).default("60000"),
    ]),
};

static TOPIC_PARTITIONS: Struct = structure!([
    Field::new("Topic", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Int32)),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "ElectLeadersResponse",
    role: Role::Response(ApiKey::ElectLeaders),
    versions: between(0, 2),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(1), Kind::Int16),
        Field::new("ReplicaElectionResults", since(0), Kind::Array(&Kind::Struct(&REPLICA_ELECTION_RESULT))),
    ]),
};

static REPLICA_ELECTION_RESULT: Struct = structure!([
    Field::new("Topic", since(0), Kind::String),
    Field::new("PartitionResult", since(0), Kind::Array(&Kind::Struct(&PARTITION_RESULT))),
]);

static PARTITION_RESULT: Struct = structure!([
    Field::new("PartitionId", since(0), Kind::Int32),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
]);
