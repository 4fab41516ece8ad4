//! BrokerRegistration, key 62.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "BrokerRegistrationRequest",
    role: Role::Request(ApiKey::BrokerRegistration),
    versions: between(0, 4),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("BrokerId", since(0), Kind::Int32),
        Field::new("ClusterId", since(0), Kind::String),
        Field::new("IncarnationId", since(0), Kind::Uuid),
        Field::new("Listeners", since(0), Kind::Array(&Kind::Struct(&LISTENER))),
        Field::new("Features", since(0), Kind::Array(&Kind::Struct(&FEATURE))),
        Field::new("Rack", since(0), Kind::String).nullable(since(0)),
        Field::new("IsMigratingZkBroker", since(1), Kind::Bool),
        Field::new("LogDirs", since(2), Kind::Array(&Kind::Uuid)),
        Field::new("PreviousBrokerEpoch", since(3), Kind::Int64).default("-1"),
    ]),
};

static LISTENER: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Host", since(0), Kind::String),
    Field::new("Port", since(0), Kind::Uint16),
    Field::new("SecurityProtocol", since(0), Kind::Int16),
]);

static FEATURE: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("MinSupportedVersion", since(0), Kind::Int16),
    Field::new("MaxSupportedVersion", since(0), Kind::Int16),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "BrokerRegistrationResponse",
    role: Role::Response(ApiKey::BrokerRegistration),
    versions: between(0, 4),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("BrokerEpoch", since(0), Kind::Int64).default("-1"),
    ]),
};
