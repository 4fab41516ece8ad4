//! InitProducerId, key 22.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "InitProducerIdRequest",
    role: Role::Request(ApiKey::InitProducerId),
    versions: between(0, 6),
    latest_unstable: true,
    flexible: since(2),
    body: structure!([
        Field::new("TransactionalId", since(0), Kind::String).nullable(since(0)),
        Field::new("TransactionTimeoutMs", since(0), Kind::Int32),
        Field::new("ProducerId", since(3), Kind::Int64).default("-1"),
        Field::new("ProducerEpoch", since(3), Kind::Int16).default("-1"),
        Field::new("Enable2Pc", since(6), Kind::Bool),
        Field::new("KeepPreparedTxn", since(6), Kind::Bool),
    ]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "InitProducerIdResponse",
    role: Role::Response(ApiKey::InitProducerId),
    versions: between(0, 6),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ProducerId", since(0), Kind::Int64).default("-1"),
        Field::new("ProducerEpoch", since(0), Kind::Int16),
        Field::new("OngoingTxnProducerId", since(6), Kind::Int64).default("-1"),
        Field::new("OngoingTxnProducerEpoch", since(6), Kind::Int16).default("-1"),
    ]),
};
