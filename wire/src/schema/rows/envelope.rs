//! Envelope, key 58.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "EnvelopeRequest",
    role: Role::Request(ApiKey::Envelope),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("RequestData", since(0), Kind::Bytes).secret(),
        Field::new("RequestPrincipal", since(0), Kind::Bytes).nullable(since(0)),
        Field::new("ClientHostAddress", since(0), Kind::Bytes),
    ]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "EnvelopeResponse",
    role: Role::Response(ApiKey::Envelope),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ResponseData", since(0), Kind::Bytes).nullable(since(0)).default("null").secret(),
        Field::new("ErrorCode", since(0), Kind::Int16),
    ]),
};
