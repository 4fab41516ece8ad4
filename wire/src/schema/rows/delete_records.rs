//! DeleteRecords, key 21.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "DeleteRecordsRequest",
    role: Role::Request(ApiKey::DeleteRecords),
    versions: between(0, 2),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&DELETE_RECORDS_TOPIC))),
        Field::new("TimeoutMs", since(0), Kind::Int32),
    ]),
};

static DELETE_RECORDS_TOPIC: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&DELETE_RECORDS_PARTITION))),
]);

static DELETE_RECORDS_PARTITION: Struct =
    structure!([Field::new("PartitionIndex", since(0), Kind::Int32), Field::new("Offset", since(0), Kind::Int64),]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "DeleteRecordsResponse",
    role: Role::Response(ApiKey::DeleteRecords),
    versions: between(0, 2),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&DELETE_RECORDS_TOPIC_RESULT))),
    ]),
};

static DELETE_RECORDS_TOPIC_RESULT: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&DELETE_RECORDS_PARTITION_RESULT))),
]);

static DELETE_RECORDS_PARTITION_RESULT: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("LowWatermark", since(0), Kind::Int64),
    Field::new("ErrorCode", since(0), Kind::Int16),
]);
