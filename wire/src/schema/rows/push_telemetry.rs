//! PushTelemetry, key 72.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "PushTelemetryRequest",
    role: Role::Request(ApiKey::PushTelemetry),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ClientInstanceId", since(0), Kind::Uuid),
        Field::new("SubscriptionId", since(0), Kind::Int32),
        Field::new("Terminating", since(0), Kind::Bool),
        Field::new("CompressionType", since(0), Kind::Int8),
        Field::new("Metrics", since(0), Kind::Bytes),
    ]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "PushTelemetryResponse",
    role: Role::Response(ApiKey::PushTelemetry),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
    ]),
};
