//! JoinGroup, key 11.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "JoinGroupRequest",
    role: Role::Request(ApiKey::JoinGroup),
    versions: between(0, 9),
    latest_unstable: false,
    flexible: since(6),
    body: structure!([
        Field::new("GroupId", since(0), Kind::String),
        Field::new("SessionTimeoutMs", since(0), Kind::Int32),
        Field::new("RebalanceTimeoutMs", since(1), Kind::Int32).default("-1"),
        Field::new("MemberId", since(0), Kind::String),
        Field::new("GroupInstanceId", since(5), Kind::String).nullable(since(5)).default("null"),
        Field::new("ProtocolType", since(0), Kind::String),
        Field::new("Protocols", since(0), Kind::Array(&Kind::Struct(&JOIN_GROUP_REQUEST_PROTOCOL))),
        Field::new("Reason", since(8), Kind::String).nullable(since(8)).default("null"),
    ]),
};

static JOIN_GROUP_REQUEST_PROTOCOL: Struct =
    structure!([Field::new("Name", since(0), Kind::String), Field::new("Metadata", since(0), Kind::Bytes),]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "JoinGroupResponse",
    role: Role::Response(ApiKey::JoinGroup),
    versions: between(0, 9),
    latest_unstable: false,
    flexible: since(6),
    body: structure!([
        Field::new("ThrottleTimeMs", since(2), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("GenerationId", since(0), Kind::Int32).default("-1"),
        Field::new("ProtocolType", since(7), Kind::String).nullable(since(7)).default("null"),
        Field::new("ProtocolName", since(0), Kind::String).nullable(since(7)),
        Field::new("Leader", since(0), Kind::String),
        Field::new("SkipAssignment", since(9), Kind::Bool),
        Field::new("MemberId", since(0), Kind::String),
        Field::new("Members", since(0), Kind::Array(&Kind::Struct(&JOIN_GROUP_RESPONSE_MEMBER))),
    ]),
};

static JOIN_GROUP_RESPONSE_MEMBER: Struct = structure!([
    Field::new("MemberId", since(0), Kind::String),
    Field::new("GroupInstanceId", since(5), Kind::String).nullable(since(5)).default("null"),
    Field::new("Metadata", since(0), Kind::Bytes),
]);
