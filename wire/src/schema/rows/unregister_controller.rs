//! UnregisterController, key 94.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "UnregisterControllerRequest",
    role: Role::Request(ApiKey::UnregisterController),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([Field::new("ControllerId", since(0), Kind::Int32)]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "UnregisterControllerResponse",
    role: Role::Response(ApiKey::UnregisterController),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
    ]),
};
