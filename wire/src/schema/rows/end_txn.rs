//! EndTxn, key 26.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "EndTxnRequest",
    role: Role::Request(ApiKey::EndTxn),
    versions: between(0, 5),
    latest_unstable: false,
    flexible: since(3),
    body: structure!([
        Field::new("TransactionalId", since(0), Kind::String),
        Field::new("ProducerId", since(0), Kind::Int64),
        Field::new("ProducerEpoch", since(0), Kind::Int16),
        Field::new("Committed", since(0), Kind::Bool),
    ]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "EndTxnResponse",
    role: Role::Response(ApiKey::EndTxn),
    versions: between(0, 5),
    latest_unstable: false,
    flexible: since(3),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ProducerId", since(5), Kind::Int64).default("-1"),
        Field::new("ProducerEpoch", since(5), Kind::Int16).default("-1"),
    ]),
};
