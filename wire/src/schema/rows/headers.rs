//! What stands before each message.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, between, since, structure};

pub(in crate::schema) static REQUEST_HEADER: Message = Message {
    name: "RequestHeader",
    role: Role::Header,
    versions: between(1, 2),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("RequestApiKey", since(0), Kind::Int16),
        Field::new("RequestApiVersion", since(0), Kind::Int16),
        Field::new("CorrelationId", since(0), Kind::Int32),
        Field::new("ClientId", since(1), Kind::ClassicString).nullable(since(1)),
    ]),
};

pub(in crate::schema) static RESPONSE_HEADER: Message = Message {
    name: "ResponseHeader",
    role: Role::Header,
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(1),
    body: structure!([Field::new("CorrelationId", since(0), Kind::Int32)]),
};
