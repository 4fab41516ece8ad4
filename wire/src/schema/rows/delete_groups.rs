//! DeleteGroups, key 42.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "DeleteGroupsRequest",
    role: Role::Request(ApiKey::DeleteGroups),
    versions: between(0, 3),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([Field::new("GroupsNames", since(0), Kind::Array(&Kind::String))]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "DeleteGroupsResponse",
    role: Role::Response(ApiKey::DeleteGroups),
    versions: between(0, 3),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("Results", since(0), Kind::Array(&Kind::Struct(&DELETABLE_GROUP_RESULT))),
    ]),
};

static DELETABLE_GROUP_RESULT: Struct = structure!([
    Field::new("GroupId", since(0), Kind::String),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(3), Kind::String).nullable(since(3)).default("null"),
]);
