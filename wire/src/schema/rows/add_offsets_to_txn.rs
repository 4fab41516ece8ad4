//! AddOffsetsToTxn, key 25.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "AddOffsetsToTxnRequest",
    role: Role::Request(ApiKey::AddOffsetsToTxn),
    versions: between(0, 4),
    latest_unstable: false,
    flexible: since(3),
    body: structure!([
        Field::new("TransactionalId", since(0), Kind::String),
        Field::new("ProducerId", since(0), Kind::Int64),
        Field::new("ProducerEpoch", since(0), Kind::Int16),
        Field::new("GroupId", since(0), Kind::String),
    ]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "AddOffsetsToTxnResponse",
    role: Role::Response(ApiKey::AddOffsetsToTxn),
    versions: between(0, 4),
    latest_unstable: false,
    flexible: since(3),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
    ]),
};
