//! AddRaftVoter, key 80.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "AddRaftVoterRequest",
    role: Role::Request(ApiKey::AddRaftVoter),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ClusterId", since(0), Kind::String).nullable(since(0)),
        Field::new("TimeoutMs", since(0), Kind::Int32),
        Field::new("VoterId", since(0), Kind::Int32),
        Field::new("VoterDirectoryId", since(0), Kind::Uuid),
        Field::new("Listeners", since(0), Kind::Array(&Kind::Struct(&LISTENER))),
        Field::new("AckWhenCommitted", since(1), Kind::Bool).default("true"),
    ]),
};

static LISTENER: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Host", since(0), Kind::String),
    Field::new("Port", since(0), Kind::Uint16),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "AddRaftVoterResponse",
    role: Role::Response(ApiKey::AddRaftVoter),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
    ]),
};
