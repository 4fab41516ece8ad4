//! CreatePartitions, key 37.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "CreatePartitionsRequest",
    role: Role::Request(ApiKey::CreatePartitions),
    versions: between(0, 3),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&CREATE_PARTITIONS_TOPIC))),
        Field::new("TimeoutMs", since(0), Kind::Int32),
        Field::new("ValidateOnly", since(0), Kind::Bool),
    ]),
};

static CREATE_PARTITIONS_TOPIC: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Count", since(0), Kind::Int32),
    Field::new("Assignments", since(0), Kind::Array(&Kind::Struct(&CREATE_PARTITIONS_ASSIGNMENT))).nullable(since(0)),
]);

static CREATE_PARTITIONS_ASSIGNMENT: Struct =
    structure!([Field::new("BrokerIds", since(0), Kind::Array(&Kind::Int32))]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "CreatePartitionsResponse",
    role: Role::Response(ApiKey::CreatePartitions),
    versions: between(0, 3),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("Results", since(0), Kind::Array(&Kind::Struct(&CREATE_PARTITIONS_TOPIC_RESULT))),
    ]),
};

static CREATE_PARTITIONS_TOPIC_RESULT: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)).default("null"),
]);
