//! DeleteShareGroupState, key 86.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "DeleteShareGroupStateRequest",
    role: Role::Request(ApiKey::DeleteShareGroupState),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("GroupId", since(0), Kind::String),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&DELETE_STATE_DATA))),
    ]),
};

static DELETE_STATE_DATA: Struct = structure!([
    Field::new("TopicId", since(0), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&PARTITION_DATA))),
]);

static PARTITION_DATA: Struct = structure!([Field::new("Partition", since(0), Kind::Int32)]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "DeleteShareGroupStateResponse",
    role: Role::Response(ApiKey::DeleteShareGroupState),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([Field::new("Results", since(0), Kind::Array(&Kind::Struct(&DELETE_STATE_RESULT)))]),
};

static DELETE_STATE_RESULT: Struct = structure!([
    Field::new("TopicId", since(0), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&PARTITION_RESULT))),
]);

static PARTITION_RESULT: Struct = structure!([
    Field::new("Partition", since(0), Kind::Int32),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)).default("null"),
]);
