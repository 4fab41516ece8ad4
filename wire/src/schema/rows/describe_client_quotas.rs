//! DescribeClientQuotas, key 48.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "DescribeClientQuotasRequest",
    role: Role::Request(ApiKey::DescribeClientQuotas),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(1),
    body: structure!([
        Field::new("Components", since(0), Kind::Array(&Kind::Struct(&COMPONENT_DATA))),
        Field::new("Strict", since(0), Kind::Bool),
    ]),
};

static COMPONENT_DATA: Struct = structure!([
    Field::new("EntityType", since(0), Kind::String),
    Field::new("MatchType", since(0), Kind::Int8),
    Field::new("Match", since(0), Kind::String).nullable(since(0)),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "DescribeClientQuotasResponse",
    role: Role::Response(ApiKey::DescribeClientQuotas),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(1),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
        Field::new("Entries", since(0), Kind::Array(&Kind::Struct(&ENTRY_DATA))).nullable(since(0)),
    ]),
};

static ENTRY_DATA: Struct = structure!([
    Field::new("Entity", since(0), Kind::Array(&Kind::Struct(&ENTITY_DATA))),
    Field::new("Values", since(0), Kind::Array(&Kind::Struct(&VALUE_DATA))),
]);

static ENTITY_DATA: Struct = structure!([
    Field::new("EntityType", since(0), Kind::String),
    Field::new("EntityName", since(0), Kind::String).nullable(since(0)),
]);

static VALUE_DATA: Struct =
    structure!([Field::new("Key", since(0), Kind::String), Field::new("Value", since(0), Kind::Float64),]);
