//! DeleteTopics, key 20.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "DeleteTopicsRequest",
    role: Role::Request(ApiKey::DeleteTopics),
    versions: between(1, 6),
    latest_unstable: false,
    flexible: since(4),
    body: structure!([
        Field::new("Topics", since(6), Kind::Array(&Kind::Struct(&DELETE_TOPIC_STATE))),
        Field::new("TopicNames", between(0, 5), Kind::Array(&Kind::String)),
        Field::new("TimeoutMs", since(0), Kind::Int32),
    ]),
};

static DELETE_TOPIC_STATE: Struct = structure!([
    Field::new("Name", since(6), Kind::String).nullable(since(6)).default("null"),
    Field::new("TopicId", since(6), Kind::Uuid),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "DeleteTopicsResponse",
    role: Role::Response(ApiKey::DeleteTopics),
    versions: between(1, 6),
    latest_unstable: false,
    flexible: since(4),
    body: structure!([
        Field::new("ThrottleTimeMs", since(1), Kind::Int32),
        Field::new("Responses", since(0), Kind::Array(&Kind::Struct(&DELETABLE_TOPIC_RESULT))),
    ]),
};

static DELETABLE_TOPIC_RESULT: Struct = structure!([
    Field::new("Name", since(0), Kind::String).nullable(since(6)),
    Field::new("TopicId", since(6), Kind::Uuid),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(5), Kind::String).nullable(since(5)).default("null"),
]);
