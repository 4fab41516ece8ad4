//! DescribeTopicPartitions, key 75.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "DescribeTopicPartitionsRequest",
    role: Role::Request(ApiKey::DescribeTopicPartitions),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&TOPIC_REQUEST))),
        Field::new("ResponsePartitionLimit", since(0), Kind::Int32).default("2000"),
        Field::new("Cursor", since(0), Kind::Struct(&REQUEST_CURSOR)).nullable(since(0)).default("null"),
    ]),
};

static TOPIC_REQUEST: Struct = structure!([Field::new("Name", since(0), Kind::String)]);

static REQUEST_CURSOR: Struct =
    structure!([Field::new("TopicName", since(0), Kind::String), Field::new("PartitionIndex", since(0), Kind::Int32),]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "DescribeTopicPartitionsResponse",
    role: Role::Response(ApiKey::DescribeTopicPartitions),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&DESCRIBE_TOPIC_PARTITIONS_RESPONSE_TOPIC))),
        Field::new("NextCursor", since(0), Kind::Struct(&RESPONSE_CURSOR)).nullable(since(0)).default("null"),
    ]),
};

static DESCRIBE_TOPIC_PARTITIONS_RESPONSE_TOPIC: Struct = structure!([
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("Name", since(0), Kind::String).nullable(since(0)),
    Field::new("TopicId", since(0), Kind::Uuid),
    Field::new("IsInternal", since(0), Kind::Bool),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&DESCRIBE_TOPIC_PARTITIONS_RESPONSE_PARTITION))),
    Field::new("TopicAuthorizedOperations", since(0), Kind::Int32).default("-2147483648"),
]);

static DESCRIBE_TOPIC_PARTITIONS_RESPONSE_PARTITION: Struct = structure!([
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("LeaderId", since(0), Kind::Int32),
    Field::new("LeaderEpoch", since(0), Kind::Int32).default("-1"),
    Field::new("ReplicaNodes", since(0), Kind::Array(&Kind::Int32)),
    Field::new("IsrNodes", since(0), Kind::Array(&Kind::Int32)),
    Field::new("EligibleLeaderReplicas", since(0), Kind::Array(&Kind::Int32)).nullable(since(0)).default("null"),
    Field::new("LastKnownElr", since(0), Kind::Array(&Kind::Int32)).nullable(since(0)).default("null"),
    Field::new("OfflineReplicas", since(0), Kind::Array(&Kind::Int32)),
]);

static RESPONSE_CURSOR: Struct =
    structure!([Field::new("TopicName", since(0), Kind::String), Field::new("PartitionIndex", since(0), Kind::Int32),]);
