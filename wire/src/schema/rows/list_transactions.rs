//! ListTransactions, key 66.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "ListTransactionsRequest",
    role: Role::Request(ApiKey::ListTransactions),
    versions: between(0, 2),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("StateFilters", since(0), Kind::Array(&Kind::String)),
        Field::new("ProducerIdFilters", since(0), Kind::Array(&Kind::Int64)),
        Field::new("DurationFilter", since(1), Kind::Int64).default("-1"),
        Field::new("TransactionalIdPattern", since(2), Kind::String).nullable(since(2)).default("null"),
    ]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "ListTransactionsResponse",
    role: Role::Response(ApiKey::ListTransactions),
    versions: between(0, 2),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("UnknownStateFilters", since(0), Kind::Array(&Kind::String)),
        Field::new("TransactionStates", since(0), Kind::Array(&Kind::Struct(&TRANSACTION_STATE))),
    ]),
};

static TRANSACTION_STATE: Struct = structure!([
    Field::new("TransactionalId", since(0), Kind::String),
    Field::new("ProducerId", since(0), Kind::Int64),
    Field::new("TransactionState", since(0), Kind::String),
]);
