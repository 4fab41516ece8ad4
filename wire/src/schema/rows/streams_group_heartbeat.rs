//! StreamsGroupHeartbeat, key 88.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "StreamsGroupHeartbeatRequest",
    role: Role::Request(ApiKey::StreamsGroupHeartbeat),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("GroupId", since(0), Kind::String),
        Field::new("MemberId", since(0), Kind::String),
        Field::new("MemberEpoch", since(0), Kind::Int32),
        Field::new("EndpointInformationEpoch", since(0), Kind::Int32),
        Field::new("InstanceId", since(0), Kind::String).nullable(since(0)).default("null"),
        Field::new("RackId", since(0), Kind::String).nullable(since(0)).default("null"),
        Field::new("RebalanceTimeoutMs", since(0), Kind::Int32).default("-1"),
        Field::new("Topology", since(0), Kind::Struct(&TOPOLOGY)).nullable(since(0)).default("null"),
        Field::new("ActiveTasks", since(0), Kind::Array(&Kind::Struct(&REQUEST_TASK_IDS)))
            .nullable(since(0))
            .default("null"),
        Field::new("StandbyTasks", since(0), Kind::Array(&Kind::Struct(&REQUEST_TASK_IDS)))
            .nullable(since(0))
            .default("null"),
        Field::new("WarmupTasks", since(0), Kind::Array(&Kind::Struct(&REQUEST_TASK_IDS)))
            .nullable(since(0))
            .default("null"),
        Field::new("ProcessId", since(0), Kind::String).nullable(since(0)).default("null"),
        Field::new("UserEndpoint", since(0), Kind::Struct(&REQUEST_ENDPOINT)).nullable(since(0)).default("null"),
        Field::new("ClientTags", since(0), Kind::Array(&Kind::Struct(&KEY_VALUE))).nullable(since(0)).default("null"),
        Field::new("TaskOffsets", since(0), Kind::Array(&Kind::Struct(&TASK_OFFSET)))
            .nullable(since(0))
            .default("null"),
        Field::new("TaskEndOffsets", since(0), Kind::Array(&Kind::Struct(&TASK_OFFSET)))
            .nullable(since(0))
            .default("null"),
        Field::new("ShutdownApplication", since(0), Kind::Bool),
    ]),
};

static TOPOLOGY: Struct = structure!([
    Field::new("Epoch", since(0), Kind::Int32),
    Field::new("Subtopologies", since(0), Kind::Array(&Kind::Struct(&SUBTOPOLOGY))),
]);

static SUBTOPOLOGY: Struct = structure!([
    Field::new("SubtopologyId", since(0), Kind::String),
    Field::new("SourceTopics", since(0), Kind::Array(&Kind::String)),
    Field::new("SourceTopicRegex", since(0), Kind::Array(&Kind::String)),
    Field::new("StateChangelogTopics", since(0), Kind::Array(&Kind::Struct(&TOPIC_INFO))),
    Field::new("RepartitionSinkTopics", since(0), Kind::Array(&Kind::String)),
    Field::new("RepartitionSourceTopics", since(0), Kind::Array(&Kind::Struct(&TOPIC_INFO))),
    Field::new("CopartitionGroups", since(0), Kind::Array(&Kind::Struct(&COPARTITION_GROUP))),
]);

static TOPIC_INFO: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Int32),
    Field::new("ReplicationFactor", since(0), Kind::Int16),
    Field::new("TopicConfigs", since(0), Kind::Array(&Kind::Struct(&KEY_VALUE))),
]);

static KEY_VALUE: Struct =
    structure!([Field::new("Key", since(0), Kind::String), Field::new("Value", since(0), Kind::String),]);

static COPARTITION_GROUP: Struct = structure!([
    Field::new("SourceTopics", since(0), Kind::Array(&Kind::Int16)),
    Field::new("SourceTopicRegex", since(0), Kind::Array(&Kind::Int16)),
    Field::new("RepartitionSourceTopics", since(0), Kind::Array(&Kind::Int16)),
]);

static REQUEST_TASK_IDS: Struct = structure!([
    Field::new("SubtopologyId", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Int32)),
]);

static REQUEST_ENDPOINT: Struct =
    structure!([Field::new("Host", since(0), Kind::String), Field::new("Port", since(0), Kind::Uint16),]);

static TASK_OFFSET: Struct = structure!([
    Field::new("SubtopologyId", since(0), Kind::String),
    Field::new("Partition", since(0), Kind::Int32),
    Field::new("Offset", since(0), Kind::Int64),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "StreamsGroupHeartbeatResponse",
    role: Role::Response(ApiKey::StreamsGroupHeartbeat),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)).default("null"),
        Field::new("MemberId", since(0), Kind::String),
        Field::new("MemberEpoch", since(0), Kind::Int32),
        Field::new("HeartbeatIntervalMs", since(0), Kind::Int32),
        Field::new("AcceptableRecoveryLagLegacy", between(0, 0), Kind::Int32),
        Field::new("TaskOffsetIntervalMs", since(0), Kind::Int32),
        Field::new("AcceptableRecoveryLag", since(1), Kind::Int64).default("-1"),
        Field::new("Status", since(0), Kind::Array(&Kind::Struct(&STATUS))).nullable(since(0)),
        Field::new("ActiveTasks", since(0), Kind::Array(&Kind::Struct(&RESPONSE_TASK_IDS)))
            .nullable(since(0))
            .default("null"),
        Field::new("StandbyTasks", since(0), Kind::Array(&Kind::Struct(&RESPONSE_TASK_IDS)))
            .nullable(since(0))
            .default("null"),
        Field::new("WarmupTasks", since(0), Kind::Array(&Kind::Struct(&RESPONSE_TASK_IDS)))
            .nullable(since(0))
            .default("null"),
        Field::new("TopologyDescriptionRequired", since(1), Kind::Bool),
        Field::new("EndpointInformationEpoch", since(0), Kind::Int32),
        Field::new("PartitionsByUserEndpoint", since(0), Kind::Array(&Kind::Struct(&ENDPOINT_TO_PARTITIONS)))
            .nullable(since(0))
            .default("null"),
    ]),
};

static STATUS: Struct =
    structure!([Field::new("StatusCode", since(0), Kind::Int8), Field::new("StatusDetail", since(0), Kind::String),]);

static RESPONSE_TASK_IDS: Struct = structure!([
    Field::new("SubtopologyId", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Int32)),
]);

static ENDPOINT_TO_PARTITIONS: Struct = structure!([
    Field::new("UserEndpoint", since(0), Kind::Struct(&RESPONSE_ENDPOINT)),
    Field::new("ActivePartitions", since(0), Kind::Array(&Kind::Struct(&TOPIC_PARTITION))),
    Field::new("StandbyPartitions", since(0), Kind::Array(&Kind::Struct(&TOPIC_PARTITION))),
]);

static RESPONSE_ENDPOINT: Struct =
    structure!([Field::new("Host", since(0), Kind::String), Field::new("Port", since(0), Kind::Uint16),]);

static TOPIC_PARTITION: Struct = structure!([
    Field::new("Topic", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Int32)),
]);
