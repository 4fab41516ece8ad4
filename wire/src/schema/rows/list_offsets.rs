//! ListOffsets, key 2.

use super::super::Direction;
use super::super::layout::{Field, Kind, Message, Struct, between, since};
use crate::api::ApiKey;
use crate::message::{list_offsets_request as request, list_offsets_response as response};

pub(super) static REQUEST: Message = Message {
    api: ApiKey::ListOffsets,
    direction: Direction::Request,
    versions: between(1, 10),
    flexible: since(6),
    body: Struct::of::<request::ListOffsetsRequest>(&[
        Field::new("ReplicaId", since(0), Kind::Int32),
        Field::new("IsolationLevel", since(2), Kind::Int8),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&LIST_OFFSETS_TOPIC))),
        Field::new("TimeoutMs", since(10), Kind::Int32),
    ]),
};

static LIST_OFFSETS_TOPIC: Struct = Struct::of::<request::ListOffsetsTopic>(&[
    Field::new("Name", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&LIST_OFFSETS_PARTITION))),
]);

static LIST_OFFSETS_PARTITION: Struct = Struct::of::<request::ListOffsetsPartition>(&[
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("CurrentLeaderEpoch", since(4), Kind::Int32),
    Field::new("Timestamp", since(0), Kind::Int64),
]);

pub(super) static RESPONSE: Message = Message {
    api: ApiKey::ListOffsets,
    direction: Direction::Response,
    versions: between(1, 10),
    flexible: since(6),
    body: Struct::of::<response::ListOffsetsResponse>(&[
        Field::new("ThrottleTimeMs", since(2), Kind::Int32),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&LIST_OFFSETS_TOPIC_RESPONSE))),
    ]),
};

static LIST_OFFSETS_TOPIC_RESPONSE: Struct = Struct::of::<response::ListOffsetsTopicResponse>(&[
    Field::new("Name", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&LIST_OFFSETS_PARTITION_RESPONSE))),
]);

static LIST_OFFSETS_PARTITION_RESPONSE: Struct = Struct::of::<response::ListOffsetsPartitionResponse>(&[
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("Timestamp", since(1), Kind::Int64),
    Field::new("Offset", since(1), Kind::Int64),
    Field::new("LeaderEpoch", since(4), Kind::Int32),
]);
