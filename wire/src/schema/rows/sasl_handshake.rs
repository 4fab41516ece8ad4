//! SaslHandshake, key 17.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, NEVER, Role, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "SaslHandshakeRequest",
    role: Role::Request(ApiKey::SaslHandshake),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: NEVER,
    body: structure!([Field::new("Mechanism", since(0), Kind::String)]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "SaslHandshakeResponse",
    role: Role::Response(ApiKey::SaslHandshake),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: NEVER,
    body: structure!([
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("Mechanisms", since(0), Kind::Array(&Kind::String)),
    ]),
};
