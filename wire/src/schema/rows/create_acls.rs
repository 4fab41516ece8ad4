//! CreateAcls, key 30.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "CreateAclsRequest",
    role: Role::Request(ApiKey::CreateAcls),
    versions: between(1, 3),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([Field::new("Creations", since(0), Kind::Array(&Kind::Struct(&ACL_CREATION)))]),
};

static ACL_CREATION: Struct = structure!([
    Field::new("ResourceType", since(0), Kind::Int8),
    Field::new("ResourceName", since(0), Kind::String),
    Field::new("ResourcePatternType", since(1), Kind::Int8).default("3"),
    Field::new("Principal", since(0), Kind::String),
    Field::new("Host", since(0), Kind::String),
    Field::new("Operation", since(0), Kind::Int8),
    Field::new("PermissionType", since(0), Kind::Int8),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "CreateAclsResponse",
    role: Role::Response(ApiKey::CreateAcls),
    versions: between(1, 3),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("Results", since(0), Kind::Array(&Kind::Struct(&ACL_CREATION_RESULT))),
    ]),
};

static ACL_CREATION_RESULT: Struct = structure!([
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
]);
