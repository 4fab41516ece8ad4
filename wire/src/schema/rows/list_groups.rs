//! ListGroups, key 16.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "ListGroupsRequest",
    role: Role::Request(ApiKey::ListGroups),
    versions: between(0, 5),
    latest_unstable: false,
    flexible: since(3),
    body: structure!([
        Field::new("StatesFilter", since(4), Kind::Array(&Kind::String)),
        Field::new("TypesFilter", since(5), Kind::Array(&Kind::String)),
    ]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "ListGroupsResponse",
    role: Role::Response(ApiKey::ListGroups),
    versions: between(0, 5),
    latest_unstable: false,
    flexible: since(3),
    body: structure!([
        Field::new("ThrottleTimeMs", since(1), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("Groups", since(0), Kind::Array(&Kind::Struct(&LISTED_GROUP))),
    ]),
};

static LISTED_GROUP: Struct = structure!([
    Field::new("GroupId", since(0), Kind::String),
    Field::new("ProtocolType", since(0), Kind::String),
    Field::new("GroupState", since(4), Kind::String),
    Field::new("GroupType", since(5), Kind::String),
]);
