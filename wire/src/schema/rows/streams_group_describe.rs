//! StreamsGroupDescribe, key 89.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "StreamsGroupDescribeRequest",
    role: Role::Request(ApiKey::StreamsGroupDescribe),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("GroupIds", since(0), Kind::Array(&Kind::String)),
        Field::new("IncludeAuthorizedOperations", since(0), Kind::Bool),
        Field::new("IncludeTopologyDescription", since(1), Kind::Bool),
    ]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "StreamsGroupDescribeResponse",
    role: Role::Response(ApiKey::StreamsGroupDescribe),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("Groups", since(0), Kind::Array(&Kind::Struct(&DESCRIBED_GROUP))),
    ]),
};

static DESCRIBED_GROUP: Struct = structure!([
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)).default("null"),
    Field::new("GroupId", since(0), Kind::String),
    Field::new("GroupState", since(0), Kind::String),
    Field::new("GroupEpoch", since(0), Kind::Int32),
    Field::new("AssignmentEpoch", since(0), Kind::Int32),
    Field::new("Topology", since(0), Kind::Struct(&TOPOLOGY)).nullable(since(0)).default("null"),
    Field::new("Members", since(0), Kind::Array(&Kind::Struct(&MEMBER))),
    Field::new("AuthorizedOperations", since(0), Kind::Int32).default("-2147483648"),
    Field::new("TopologyDescription", since(1), Kind::Struct(&TOPOLOGY_DESCRIPTION)).nullable(since(1)).default("null"),
    Field::new("TopologyDescriptionStatus", since(1), Kind::Int8),
    Field::new("AssignorName", since(1), Kind::String).nullable(since(1)).default("null"),
]);

static TOPOLOGY: Struct = structure!([
    Field::new("Epoch", since(0), Kind::Int32),
    Field::new("Subtopologies", since(0), Kind::Array(&Kind::Struct(&SUBTOPOLOGY))).nullable(since(0)).default("null"),
]);

static SUBTOPOLOGY: Struct = structure!([
    Field::new("SubtopologyId", since(0), Kind::String),
    Field::new("SourceTopics", since(0), Kind::Array(&Kind::String)),
    Field::new("RepartitionSinkTopics", since(0), Kind::Array(&Kind::String)),
    Field::new("StateChangelogTopics", since(0), Kind::Array(&Kind::Struct(&TOPIC_INFO))),
    Field::new("RepartitionSourceTopics", since(0), Kind::Array(&Kind::Struct(&TOPIC_INFO))),
]);

static TOPIC_INFO: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Int32),
    Field::new("ReplicationFactor", since(0), Kind::Int16),
    Field::new("TopicConfigs", since(0), Kind::Array(&Kind::Struct(&KEY_VALUE))),
]);

static KEY_VALUE: Struct =
    structure!([Field::new("Key", since(0), Kind::String), Field::new("Value", since(0), Kind::String),]);

static MEMBER: Struct = structure!([
    Field::new("MemberId", since(0), Kind::String),
    Field::new("MemberEpoch", since(0), Kind::Int32),
    Field::new("InstanceId", since(0), Kind::String).nullable(since(0)).default("null"),
    Field::new("RackId", since(0), Kind::String).nullable(since(0)).default("null"),
    Field::new("ClientId", since(0), Kind::String),
    Field::new("ClientHost", since(0), Kind::String),
    Field::new("TopologyEpoch", since(0), Kind::Int32),
    Field::new("ProcessId", since(0), Kind::String),
    Field::new("UserEndpoint", since(0), Kind::Struct(&ENDPOINT)).nullable(since(0)).default("null"),
    Field::new("ClientTags", since(0), Kind::Array(&Kind::Struct(&KEY_VALUE))),
    Field::new("TaskOffsets", since(0), Kind::Array(&Kind::Struct(&TASK_OFFSET))),
    Field::new("TaskEndOffsets", since(0), Kind::Array(&Kind::Struct(&TASK_OFFSET))),
    Field::new("Assignment", since(0), Kind::Struct(&ASSIGNMENT)),
    Field::new("TargetAssignment", since(0), Kind::Struct(&ASSIGNMENT)),
    Field::new("IsClassic", since(0), Kind::Bool),
]);

static ENDPOINT: Struct =
    structure!([Field::new("Host", since(0), Kind::String), Field::new("Port", since(0), Kind::Uint16),]);

static TASK_OFFSET: Struct = structure!([
    Field::new("SubtopologyId", since(0), Kind::String),
    Field::new("Partition", since(0), Kind::Int32),
    Field::new("Offset", since(0), Kind::Int64),
]);

static ASSIGNMENT: Struct = structure!([
    Field::new("ActiveTasks", since(0), Kind::Array(&Kind::Struct(&TASK_IDS))),
    Field::new("StandbyTasks", since(0), Kind::Array(&Kind::Struct(&TASK_IDS))),
    Field::new("WarmupTasks", since(0), Kind::Array(&Kind::Struct(&TASK_IDS))),
]);

static TASK_IDS: Struct = structure!([
    Field::new("SubtopologyId", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Int32)),
]);

static TOPOLOGY_DESCRIPTION: Struct = structure!([
    Field::new("Subtopologies", since(1), Kind::Array(&Kind::Struct(&TOPOLOGY_DESCRIPTION_SUBTOPOLOGY))),
    Field::new("GlobalStores", since(1), Kind::Array(&Kind::Struct(&TOPOLOGY_DESCRIPTION_GLOBAL_STORE))),
]);

static TOPOLOGY_DESCRIPTION_SUBTOPOLOGY: Struct = structure!([
    Field::new("SubtopologyId", since(1), Kind::String),
    Field::new("Nodes", since(1), Kind::Array(&Kind::Struct(&TOPOLOGY_DESCRIPTION_NODE))),
]);

static TOPOLOGY_DESCRIPTION_NODE: Struct = structure!([
    Field::new("Name", since(1), Kind::String),
    Field::new("NodeType", since(1), Kind::Int8),
    Field::new("SourceTopics", since(1), Kind::Array(&Kind::String)),
    Field::new("SinkTopic", since(1), Kind::String).nullable(since(1)).default("null"),
    Field::new("Stores", since(1), Kind::Array(&Kind::String)),
    Field::new("Successors", since(1), Kind::Array(&Kind::String)),
]);

static TOPOLOGY_DESCRIPTION_GLOBAL_STORE: Struct = structure!([
    Field::new("Source", since(1), Kind::Struct(&TOPOLOGY_DESCRIPTION_NODE)),
    Field::new("Processor", since(1), Kind::Struct(&TOPOLOGY_DESCRIPTION_NODE)),
]);
