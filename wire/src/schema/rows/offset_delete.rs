//! OffsetDelete, key 47.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, NEVER, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "OffsetDeleteRequest",
    role: Role::Request(ApiKey::OffsetDelete),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: NEVER,
    body: structure!([
        Field::new("GroupId", since(0), Kind::String),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&OFFSET_DELETE_REQUEST_TOPIC))),
    ]),
};

static OFFSET_DELETE_REQUEST_TOPIC: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&OFFSET_DELETE_REQUEST_PARTITION))),
]);

static OFFSET_DELETE_REQUEST_PARTITION: Struct = structure!([Field::new("PartitionIndex", since(0), Kind::Int32)]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "OffsetDeleteResponse",
    role: Role::Response(ApiKey::OffsetDelete),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: NEVER,
    body: structure!([
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&OFFSET_DELETE_RESPONSE_TOPIC))),
    ]),
};

static OFFSET_DELETE_RESPONSE_TOPIC: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&OFFSET_DELETE_RESPONSE_PARTITION))),
]);

static OFFSET_DELETE_RESPONSE_PARTITION: Struct =
    structure!([Field::new("PartitionIndex", since(0), Kind::Int32), Field::new("ErrorCode", since(0), Kind::Int16),]);
