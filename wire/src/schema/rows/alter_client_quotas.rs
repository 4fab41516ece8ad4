//! AlterClientQuotas, key 49.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "AlterClientQuotasRequest",
    role: Role::Request(ApiKey::AlterClientQuotas),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(1),
    body: structure!([
        Field::new("Entries", since(0), Kind::Array(&Kind::Struct(&REQUEST_ENTRY_DATA))),
        Field::new("ValidateOnly", since(0), Kind::Bool),
    ]),
};

static REQUEST_ENTRY_DATA: Struct = structure!([
    Field::new("Entity", since(0), Kind::Array(&Kind::Struct(&REQUEST_ENTITY_DATA))),
    Field::new("Ops", since(0), Kind::Array(&Kind::Struct(&OP_DATA))),
]);

static REQUEST_ENTITY_DATA: Struct = structure!([
    Field::new("EntityType", since(0), Kind::String),
    Field::new("EntityName", since(0), Kind::String).nullable(since(0)),
]);

static OP_DATA: Struct = structure!([
    Field::new("Key", since(0), Kind::String),
    Field::new("Value", since(0), Kind::Float64),
    Field::new("Remove", since(0), Kind::Bool),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "AlterClientQuotasResponse",
    role: Role::Response(ApiKey::AlterClientQuotas),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(1),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("Entries", since(0), Kind::Array(&Kind::Struct(&RESPONSE_ENTRY_DATA))),
    ]),
};

static RESPONSE_ENTRY_DATA: Struct = structure!([
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
    Field::new("Entity", since(0), Kind::Array(&Kind::Struct(&RESPONSE_ENTITY_DATA))),
]);

static RESPONSE_ENTITY_DATA: Struct = structure!([
    Field::new("EntityType", since(0), Kind::String),
    Field::new("EntityName", since(0), Kind::String).nullable(since(0)),
]);
