//! ListConfigResources, key 74.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "ListConfigResourcesRequest",
    role: Role::Request(ApiKey::ListConfigResources),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([Field::new("ResourceTypes", since(1), Kind::Array(&Kind::Int8))]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "ListConfigResourcesResponse",
    role: Role::Response(ApiKey::ListConfigResources),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ConfigResources", since(0), Kind::Array(&Kind::Struct(&CONFIG_RESOURCE))),
    ]),
};

static CONFIG_RESOURCE: Struct = structure!([
    Field::new("ResourceName", since(0), Kind::String),
    Field::new("ResourceType", since(1), Kind::Int8).default("16"),
]);
