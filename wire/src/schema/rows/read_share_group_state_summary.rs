//! ReadShareGroupStateSummary, key 87.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "ReadShareGroupStateSummaryRequest",
    role: Role::Request(ApiKey::ReadShareGroupStateSummary),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("GroupId", since(0), Kind::String),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&READ_STATE_SUMMARY_DATA))),
    ]),
};

static READ_STATE_SUMMARY_DATA: Struct = structure!([
    Field::new("TopicId", since(0), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&PARTITION_DATA))),
]);

static PARTITION_DATA: Struct =
    structure!([Field::new("Partition", since(0), Kind::Int32), Field::new("LeaderEpoch", since(0), Kind::Int32),]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "ReadShareGroupStateSummaryResponse",
    role: Role::Response(ApiKey::ReadShareGroupStateSummary),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([Field::new("Results", since(0), Kind::Array(&Kind::Struct(&READ_STATE_SUMMARY_RESULT)))]),
};

static READ_STATE_SUMMARY_RESULT: Struct = structure!([
    Field::new("TopicId", since(0), Kind::Uuid),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&PARTITION_RESULT))),
]);

static PARTITION_RESULT: Struct = structure!([
    Field::new("Partition", since(0), Kind::Int32),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)).default("null"),
    Field::new("StateEpoch", since(0), Kind::Int32),
    Field::new("LeaderEpoch", since(0), Kind::Int32),
    Field::new("StartOffset", since(0), Kind::Int64),
    Field::new("DeliveryCompleteCount", since(1), Kind::Int32).default("-1"),
]);
