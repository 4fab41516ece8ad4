//! SyncGroup, key 14.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "SyncGroupRequest",
    role: Role::Request(ApiKey::SyncGroup),
    versions: between(0, 5),
    latest_unstable: false,
    flexible: since(4),
    body: structure!([
        Field::new("GroupId", since(0), Kind::String),
        Field::new("GenerationId", since(0), Kind::Int32),
        Field::new("MemberId", since(0), Kind::String),
        Field::new("GroupInstanceId", since(3), Kind::String).nullable(since(3)).default("null"),
        Field::new("ProtocolType", since(5), Kind::String).nullable(since(5)).default("null"),
        Field::new("ProtocolName", since(5), Kind::String).nullable(since(5)).default("null"),
        Field::new("Assignments", since(0), Kind::Array(&Kind::Struct(&SYNC_GROUP_REQUEST_ASSIGNMENT))),
    ]),
};

static SYNC_GROUP_REQUEST_ASSIGNMENT: Struct =
    structure!([Field::new("MemberId", since(0), Kind::String), Field::new("Assignment", since(0), Kind::Bytes),]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "SyncGroupResponse",
    role: Role::Response(ApiKey::SyncGroup),
    versions: between(0, 5),
    latest_unstable: false,
    flexible: since(4),
    body: structure!([
        Field::new("ThrottleTimeMs", since(1), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ProtocolType", since(5), Kind::String).nullable(since(5)).default("null"),
        Field::new("ProtocolName", since(5), Kind::String).nullable(since(5)).default("null"),
        Field::new("Assignment", since(0), Kind::Bytes),
    ]),
};
