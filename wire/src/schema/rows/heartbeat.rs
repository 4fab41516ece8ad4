//! Heartbeat, key 12.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "HeartbeatRequest",
    role: Role::Request(ApiKey::Heartbeat),
    versions: between(0, 4),
    latest_unstable: false,
    flexible: since(4),
    body: structure!([
        Field::new("GroupId", since(0), Kind::String),
        Field::new("GenerationId", since(0), Kind::Int32),
        Field::new("MemberId", since(0), Kind::String),
        Field::new("GroupInstanceId", since(3), Kind::String).nullable(since(3)).default("null"),
    ]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "HeartbeatResponse",
    role: Role::Response(ApiKey::Heartbeat),
    versions: between(0, 4),
    latest_unstable: false,
    flexible: since(4),
    body: structure!([
        Field::new("ThrottleTimeMs", since(1), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
    ]),
};
