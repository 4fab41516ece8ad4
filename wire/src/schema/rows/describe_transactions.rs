//! DescribeTransactions, key 65.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "DescribeTransactionsRequest",
    role: Role::Request(ApiKey::DescribeTransactions),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([Field::new("TransactionalIds", since(0), Kind::Array(&Kind::String))]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "DescribeTransactionsResponse",
    role: Role::Response(ApiKey::DescribeTransactions),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("TransactionStates", since(0), Kind::Array(&Kind::Struct(&TRANSACTION_STATE))),
    ]),
};

static TRANSACTION_STATE: Struct = structure!([
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("TransactionalId", since(0), Kind::String),
    Field::new("TransactionState", since(0), Kind::String),
    Field::new("TransactionTimeoutMs", since(0), Kind::Int32),
    Field::new("TransactionStartTimeMs", since(0), Kind::Int64),
    Field::new("ProducerId", since(0), Kind::Int64),
    Field::new("ProducerEpoch", since(0), Kind::Int16),
    Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&TOPIC_DATA))),
]);

static TOPIC_DATA: Struct = structure!([
    Field::new("Topic", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Int32)),
]);
