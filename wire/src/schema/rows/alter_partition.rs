//! AlterPartition, key 56.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "AlterPartitionRequest",
    role: Role::Request(ApiKey::AlterPartition),
    versions: between(2, 3),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("BrokerId", since(0), Kind::Int32),
        Field::new("BrokerEpoch", since(0), Kind::Int64).default("-1"),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&REQUEST_TOPIC_DATA))),
    ]),
};

static REQUEST_TOPIC_DATA: Struct = structure!([
    Field::new("TopicId", since(2), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&REQUEST_PARTITION_DATA))),
]);

static REQUEST_PARTITION_DATA: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("LeaderEpoch", since(0), Kind::Int32),
    Field::new("NewIsr", between(0, 2), Kind::Array(&Kind::Int32)),
    Field::new("NewIsrWithEpochs", since(3), Kind::Array(&Kind::Struct(&BROKER_STATE))),
    Field::new("LeaderRecoveryState", since(1), Kind::Int8),
    Field::new("PartitionEpoch", since(0), Kind::Int32),
]);

static BROKER_STATE: Struct = structure!([
    Field::new("BrokerId", since(3), Kind::Int32),
    Field::new("BrokerEpoch", since(3), Kind::Int64).default("-1"),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "AlterPartitionResponse",
    role: Role::Response(ApiKey::AlterPartition),
    versions: between(2, 3),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&RESPONSE_TOPIC_DATA))),
    ]),
};

static RESPONSE_TOPIC_DATA: Struct = structure!([
    Field::new("TopicId", since(2), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&RESPONSE_PARTITION_DATA))),
]);

static RESPONSE_PARTITION_DATA: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("LeaderId", since(0), Kind::Int32),
    Field::new("LeaderEpoch", since(0), Kind::Int32),
    Field::new("Isr", since(0), Kind::Array(&Kind::Int32)),
    Field::new("LeaderRecoveryState", since(1), Kind::Int8),
    Field::new("PartitionEpoch", since(0), Kind::Int32),
]);
