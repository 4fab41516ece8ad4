//! AddPartitionsToTxn, key 24.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "AddPartitionsToTxnRequest",
    role: Role::Request(ApiKey::AddPartitionsToTxn),
    versions: between(0, 5),
    latest_unstable: false,
    flexible: since(3),
    body: structure!([
        Field::new("Transactions", since(4), Kind::Array(&Kind::Struct(&ADD_PARTITIONS_TO_TXN_TRANSACTION))),
        Field::new("V3AndBelowTransactionalId", between(0, 3), Kind::String),
        Field::new("V3AndBelowProducerId", between(0, 3), Kind::Int64),
        Field::new("V3AndBelowProducerEpoch", between(0, 3), Kind::Int16),
        Field::new("V3AndBelowTopics", between(0, 3), Kind::Array(&Kind::Struct(&ADD_PARTITIONS_TO_TXN_TOPIC))),
    ]),
};

static ADD_PARTITIONS_TO_TXN_TRANSACTION: Struct = structure!([
    Field::new("TransactionalId", since(4), Kind::String),
    Field::new("ProducerId", since(4), Kind::Int64),
    Field::new("ProducerEpoch", since(4), Kind::Int16),
    Field::new("VerifyOnly", since(4), Kind::Bool),
    Field::new("Topics", since(4), Kind::Array(&Kind::Struct(&ADD_PARTITIONS_TO_TXN_TOPIC))),
]);

static ADD_PARTITIONS_TO_TXN_TOPIC: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Int32)),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "AddPartitionsToTxnResponse",
    role: Role::Response(ApiKey::AddPartitionsToTxn),
    versions: between(0, 5),
    latest_unstable: false,
    flexible: since(3),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(4), Kind::Int16),
        Field::new("ResultsByTransaction", since(4), Kind::Array(&Kind::Struct(&ADD_PARTITIONS_TO_TXN_RESULT))),
        Field::new(
            "ResultsByTopicV3AndBelow",
            between(0, 3),
            Kind::Array(&Kind::Struct(&ADD_PARTITIONS_TO_TXN_TOPIC_RESULT))
        ),
    ]),
};

static ADD_PARTITIONS_TO_TXN_RESULT: Struct = structure!([
    Field::new("TransactionalId", since(4), Kind::String),
    Field::new("TopicResults", since(4), Kind::Array(&Kind::Struct(&ADD_PARTITIONS_TO_TXN_TOPIC_RESULT))),
]);

static ADD_PARTITIONS_TO_TXN_TOPIC_RESULT: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("ResultsByPartition", since(0), Kind::Array(&Kind::Struct(&ADD_PARTITIONS_TO_TXN_PARTITION_RESULT))),
]);

static ADD_PARTITIONS_TO_TXN_PARTITION_RESULT: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("PartitionErrorCode", since(0), Kind::Int16),
]);
