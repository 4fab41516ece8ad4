//! DescribeGroups, key 15.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "DescribeGroupsRequest",
    role: Role::Request(ApiKey::DescribeGroups),
    versions: between(0, 6),
    latest_unstable: false,
    flexible: since(5),
    body: structure!([
        Field::new("Groups", since(0), Kind::Array(&Kind::String)),
        Field::new("IncludeAuthorizedOperations", since(3), Kind::Bool),
    ]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "DescribeGroupsResponse",
    role: Role::Response(ApiKey::DescribeGroups),
    versions: between(0, 6),
    latest_unstable: false,
    flexible: since(5),
    body: structure!([
        Field::new("ThrottleTimeMs", since(1), Kind::Int32),
        Field::new("Groups", since(0), Kind::Array(&Kind::Struct(&DESCRIBED_GROUP))),
    ]),
};

static DESCRIBED_GROUP: Struct = structure!([
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(6), Kind::String).nullable(since(6)).default("null"),
    Field::new("GroupId", since(0), Kind::String),
    Field::new("GroupState", since(0), Kind::String),
    Field::new("ProtocolType", since(0), Kind::String),
    Field::new("ProtocolData", since(0), Kind::String),
    Field::new("Members", since(0), Kind::Array(&Kind::Struct(&DESCRIBED_GROUP_MEMBER))),
    Field::new("AuthorizedOperations", since(3), Kind::Int32).default("-2147483648"),
]);

static DESCRIBED_GROUP_MEMBER: Struct = structure!([
    Field::new("MemberId", since(0), Kind::String),
    Field::new("GroupInstanceId", since(4), Kind::String).nullable(since(4)).default("null"),
    Field::new("ClientId", since(0), Kind::String),
    Field::new("ClientHost", since(0), Kind::String),
    Field::new("MemberMetadata", since(0), Kind::Bytes),
    Field::new("MemberAssignment", since(0), Kind::Bytes),
]);
