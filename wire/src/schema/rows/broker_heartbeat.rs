//! BrokerHeartbeat, key 63.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "BrokerHeartbeatRequest",
    role: Role::Request(ApiKey::BrokerHeartbeat),
    versions: between(0, 2),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("BrokerId", since(0), Kind::Int32),
        Field::new("BrokerEpoch", since(0), Kind::Int64).default("-1"),
        Field::new("CurrentMetadataOffset", since(0), Kind::Int64),
        Field::new("WantFence", since(0), Kind::Bool),
        Field::new("WantShutDown", since(0), Kind::Bool),
        Field::new("OfflineLogDirs", since(1), Kind::Array(&Kind::Uuid)).tagged(0, since(1)),
        Field::new("CordonedLogDirs", since(2), Kind::Array(&Kind::Uuid))
            .nullable(since(2))
            .tagged(1, since(2))
            .default("null"),
    ]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "BrokerHeartbeatResponse",
    role: Role::Response(ApiKey::BrokerHeartbeat),
    versions: between(0, 2),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("IsCaughtUp", since(0), Kind::Bool),
        Field::new("IsFenced", since(0), Kind::Bool).default("true"),
        Field::new("ShouldShutDown", since(0), Kind::Bool),
    ]),
};
