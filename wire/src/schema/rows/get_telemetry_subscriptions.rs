//! GetTelemetrySubscriptions, key 71.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "GetTelemetrySubscriptionsRequest",
    role: Role::Request(ApiKey::GetTelemetrySubscriptions),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([Field::new("ClientInstanceId", since(0), Kind::Uuid)]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "GetTelemetrySubscriptionsResponse",
    role: Role::Response(ApiKey::GetTelemetrySubscriptions),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ClientInstanceId", since(0), Kind::Uuid),
        Field::new("SubscriptionId", since(0), Kind::Int32),
        Field::new("AcceptedCompressionTypes", since(0), Kind::Array(&Kind::Int8)),
        Field::new("PushIntervalMs", since(0), Kind::Int32),
        Field::new("TelemetryMaxBytes", since(0), Kind::Int32),
        Field::new("DeltaTemporality", since(0), Kind::Bool),
        Field::new("RequestedMetrics", since(0), Kind::Array(&Kind::String)),
    ]),
};
