//! IncrementalAlterConfigs, key 44.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "IncrementalAlterConfigsRequest",
    role: Role::Request(ApiKey::IncrementalAlterConfigs),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(1),
    body: structure!([
        Field::new("Resources", since(0), Kind::Array(&Kind::Struct(&ALTER_CONFIGS_RESOURCE))),
        Field::new("ValidateOnly", since(0), Kind::Bool),
    ]),
};

static ALTER_CONFIGS_RESOURCE: Struct = structure!([
    Field::new("ResourceType", since(0), Kind::Int8),
    Field::new("ResourceName", since(0), Kind::String),
    Field::new("Configs", since(0), Kind::Array(&Kind::Struct(&ALTERABLE_CONFIG))),
]);

static ALTERABLE_CONFIG: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("ConfigOperation", since(0), Kind::Int8),
    Field::new("Value", since(0), Kind::String).nullable(since(0)).secret(),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "IncrementalAlterConfigsResponse",
    role: Role::Response(ApiKey::IncrementalAlterConfigs),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(1),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("Responses", since(0), Kind::Array(&Kind::Struct(&ALTER_CONFIGS_RESOURCE_RESPONSE))),
    ]),
};

static ALTER_CONFIGS_RESOURCE_RESPONSE: Struct = structure!([
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
    Field::new("ResourceType", since(0), Kind::Int8),
    Field::new("ResourceName", since(0), Kind::String),
]);
