//! FindCoordinator, key 10.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "FindCoordinatorRequest",
    role: Role::Request(ApiKey::FindCoordinator),
    versions: between(0, 6),
    latest_unstable: false,
    flexible: since(3),
    body: structure!([
        Field::new("Key", between(0, 3), Kind::String),
        Field::new("KeyType", since(1), Kind::Int8),
        Field::new("CoordinatorKeys", since(4), Kind::Array(&Kind::String)),
    ]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "FindCoordinatorResponse",
    role: Role::Response(ApiKey::FindCoordinator),
    versions: between(0, 6),
    latest_unstable: false,
    flexible: since(3),
    body: structure!([
        Field::new("ThrottleTimeMs", since(1), Kind::Int32),
        Field::new("ErrorCode", between(0, 3), Kind::Int16),
        Field::new("ErrorMessage", between(1, 3), Kind::String).nullable(between(1, 3)),
        Field::new("NodeId", between(0, 3), Kind::Int32),
        Field::new("Host", between(0, 3), Kind::String),
        Field::new("Port", between(0, 3), Kind::Int32),
        Field::new("Coordinators", since(4), Kind::Array(&Kind::Struct(&COORDINATOR))),
    ]),
};

static COORDINATOR: Struct = structure!([
    Field::new("Key", since(4), Kind::String),
    Field::new("NodeId", since(4), Kind::Int32),
    Field::new("Host", since(4), Kind::String),
    Field::new("Port", since(4), Kind::Int32),
    Field::new("ErrorCode", since(4), Kind::Int16),
    Field::new("ErrorMessage", since(4), Kind::String).nullable(since(4)),
]);
