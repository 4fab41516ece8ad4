//! ConsumerGroupDescribe, key 69.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "ConsumerGroupDescribeRequest",
    role: Role::Request(ApiKey::ConsumerGroupDescribe),
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("GroupIds", since(0), Kind::Array(&Kind::String)),
        Field::new("IncludeAuthorizedOperations", since(0), Kind::Bool),
    ]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "ConsumerGroupDescribeResponse",
    role: Role::Response(ApiKey::ConsumerGroupDescribe),
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
    Field::new("AssignorName", since(0), Kind::String),
    Field::new("Members", since(0), Kind::Array(&Kind::Struct(&MEMBER))),
    Field::new("AuthorizedOperations", since(0), Kind::Int32).default("-2147483648"),
]);

static MEMBER: Struct = structure!([
    Field::new("MemberId", since(0), Kind::String),
    Field::new("InstanceId", since(0), Kind::String).nullable(since(0)).default("null"),
    Field::new("RackId", since(0), Kind::String).nullable(since(0)).default("null"),
    Field::new("MemberEpoch", since(0), Kind::Int32),
    Field::new("ClientId", since(0), Kind::String),
    Field::new("ClientHost", since(0), Kind::String),
    Field::new("SubscribedTopicNames", since(0), Kind::Array(&Kind::String)),
    Field::new("SubscribedTopicRegex", since(0), Kind::String).nullable(since(0)).default("null"),
    Field::new("Assignment", since(0), Kind::Struct(&ASSIGNMENT)),
    Field::new("TargetAssignment", since(0), Kind::Struct(&ASSIGNMENT)),
    Field::new("MemberType", since(1), Kind::Int8).default("-1"),
]);

static ASSIGNMENT: Struct =
    structure!([Field::new("TopicPartitions", since(0), Kind::Array(&Kind::Struct(&TOPIC_PARTITIONS)))]);

static TOPIC_PARTITIONS: Struct = structure!([
    Field::new("TopicId", since(0), Kind::Uuid),
    Field::new("TopicName", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Int32)),
]);
