//! ControllerRegistration, key 70.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "ControllerRegistrationRequest",
    role: Role::Request(ApiKey::ControllerRegistration),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ControllerId", since(0), Kind::Int32),
        Field::new("IncarnationId", since(0), Kind::Uuid),
        Field::new("ZkMigrationReady", since(0), Kind::Bool),
        Field::new("Listeners", since(0), Kind::Array(&Kind::Struct(&LISTENER))),
        Field::new("Features", since(0), Kind::Array(&Kind::Struct(&FEATURE))),
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
    name: "ControllerRegistrationResponse",
    role: Role::Response(ApiKey::ControllerRegistration),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
    ]),
};
