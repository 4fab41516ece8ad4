//! LeaveGroup, key 13.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "LeaveGroupRequest",
    role: Role::Request(ApiKey::LeaveGroup),
    versions: between(0, 5),
    latest_unstable: false,
    flexible: since(4),
    body: structure!([
        Field::new("GroupId", since(0), Kind::String),
        Field::new("MemberId", between(0, 2), Kind::String),
        Field::new("Members", since(3), Kind::Array(&Kind::Struct(&MEMBER_IDENTITY))),
    ]),
};

static MEMBER_IDENTITY: Struct = structure!([
    Field::new("MemberId", since(3), Kind::String),
    Field::new("GroupInstanceId", since(3), Kind::String).nullable(since(3)).default("null"),
    Field::new("Reason", since(5), Kind::String).nullable(since(5)).default("null"),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "LeaveGroupResponse",
    role: Role::Response(ApiKey::LeaveGroup),
    versions: between(0, 5),
    latest_unstable: false,
    flexible: since(4),
    body: structure!([
        Field::new("ThrottleTimeMs", since(1), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("Members", since(3), Kind::Array(&Kind::Struct(&MEMBER_RESPONSE))),
    ]),
};

static MEMBER_RESPONSE: Struct = structure!([
    Field::new("MemberId", since(3), Kind::String),
    Field::new("GroupInstanceId", since(3), Kind::String).nullable(since(3)),
    Field::new("ErrorCode", since(3), Kind::Int16),
]);
