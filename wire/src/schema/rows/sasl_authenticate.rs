//! SaslAuthenticate, key 36.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "SaslAuthenticateRequest",
    role: Role::Request(ApiKey::SaslAuthenticate),
    versions: between(0, 2),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([Field::new("AuthBytes", since(0), Kind::Bytes).secret()]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "SaslAuthenticateResponse",
    role: Role::Response(ApiKey::SaslAuthenticate),
    versions: between(0, 2),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
        Field::new("AuthBytes", since(0), Kind::Bytes).secret(),
        Field::new("SessionLifetimeMs", since(1), Kind::Int64),
    ]),
};
