//! WriteTxnMarkers, key 27.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "WriteTxnMarkersRequest",
    role: Role::Request(ApiKey::WriteTxnMarkers),
    versions: between(1, 2),
    latest_unstable: false,
    flexible: since(1),
    body: structure!([Field::new("Markers", since(0), Kind::Array(&Kind::Struct(&WRITABLE_TXN_MARKER)))]),
};

static WRITABLE_TXN_MARKER: Struct = structure!([
    Field::new("ProducerId", since(0), Kind::Int64),
    Field::new("ProducerEpoch", since(0), Kind::Int16),
    Field::new("TransactionResult", since(0), Kind::Bool),
    Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&WRITABLE_TXN_MARKER_TOPIC))),
    Field::new("CoordinatorEpoch", since(0), Kind::Int32),
    Field::new("TransactionVersion", since(2), Kind::Int8),
]);

static WRITABLE_TXN_MARKER_TOPIC: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("PartitionIndexes", since(0), Kind::Array(&Kind::Int32)),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "WriteTxnMarkersResponse",
    role: Role::Response(ApiKey::WriteTxnMarkers),
    versions: between(1, 2),
    latest_unstable: false,
    flexible: since(1),
    body: structure!([Field::new("Markers", since(0), Kind::Array(&Kind::Struct(&WRITABLE_TXN_MARKER_RESULT)))]),
};

static WRITABLE_TXN_MARKER_RESULT: Struct = structure!([
    Field::new("ProducerId", since(0), Kind::Int64),
    Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&WRITABLE_TXN_MARKER_TOPIC_RESULT))),
]);

static WRITABLE_TXN_MARKER_TOPIC_RESULT: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&WRITABLE_TXN_MARKER_PARTITION_RESULT))),
]);

static WRITABLE_TXN_MARKER_PARTITION_RESULT: Struct =
    structure!([Field::new("PartitionIndex", since(0), Kind::Int32), Field::new("ErrorCode", since(0), Kind::Int16),]);
