//! CreateTopics, key 19.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "CreateTopicsRequest",
    role: Role::Request(ApiKey::CreateTopics),
    versions: between(2, 7),
    latest_unstable: false,
    flexible: since(5),
    body: structure!([
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&CREATABLE_TOPIC))),
        Field::new("timeoutMs", since(0), Kind::Int32).default("60000"),
        Field::new("validateOnly", since(1), Kind::Bool),
    ]),
};

static CREATABLE_TOPIC: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("NumPartitions", since(0), Kind::Int32),
    Field::new("ReplicationFactor", since(0), Kind::Int16),
    Field::new("Assignments", since(0), Kind::Array(&Kind::Struct(&CREATABLE_REPLICA_ASSIGNMENT))),
    Field::new("Configs", since(0), Kind::Array(&Kind::Struct(&CREATABLE_TOPIC_CONFIG))),
]);

static CREATABLE_REPLICA_ASSIGNMENT: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("BrokerIds", since(0), Kind::Array(&Kind::Int32)),
]);

static CREATABLE_TOPIC_CONFIG: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Value", since(0), Kind::String).nullable(since(0)),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "CreateTopicsResponse",
    role: Role::Response(ApiKey::CreateTopics),
    versions: between(2, 7),
    latest_unstable: false,
    flexible: since(5),
    body: structure!([
        Field::new("ThrottleTimeMs", since(2), Kind::Int32),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&CREATABLE_TOPIC_RESULT))),
    ]),
};

static CREATABLE_TOPIC_RESULT: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("TopicId", since(7), Kind::Uuid),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(1), Kind::String).nullable(since(0)),
    Field::new("TopicConfigErrorCode", since(5), Kind::Int16).tagged(0, since(5)),
    Field::new("NumPartitions", since(5), Kind::Int32).default("-1"),
    Field::new("ReplicationFactor", since(5), Kind::Int16).default("-1"),
    Field::new("Configs", since(5), Kind::Array(&Kind::Struct(&CREATABLE_TOPIC_CONFIGS))).nullable(since(5)),
]);

static CREATABLE_TOPIC_CONFIGS: Struct = structure!([
    Field::new("Name", since(5), Kind::String),
    Field::new("Value", since(5), Kind::String).nullable(since(5)),
    Field::new("ReadOnly", since(5), Kind::Bool),
    Field::new("ConfigSource", since(5), Kind::Int8).default("-1"),
    Field::new("IsSensitive", since(5), Kind::Bool),
]);
