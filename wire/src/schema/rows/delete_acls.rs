//! DeleteAcls, key 31.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "DeleteAclsRequest",
    role: Role::Request(ApiKey::DeleteAcls),
    versions: between(1, 3),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([Field::new("Filters", since(0), Kind::Array(&Kind::Struct(&DELETE_ACLS_FILTER)))]),
};

static DELETE_ACLS_FILTER: Struct = structure!([
    Field::new("ResourceTypeFilter", since(0), Kind::Int8),
    Field::new("ResourceNameFilter", since(0), Kind::String).nullable(since(0)),
    Field::new("PatternTypeFilter", since(1), Kind::Int8).default("3"),
    Field::new("PrincipalFilter", since(0), Kind::String).nullable(since(0)),
    Field::new("HostFilter", since(0), Kind::String).nullable(since(0)),
    Field::new("Operation", since(0), Kind::Int8),
    Field::new("PermissionType", since(0), Kind::Int8),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "DeleteAclsResponse",
    role: Role::Response(ApiKey::DeleteAcls),
    versions: between(1, 3),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("FilterResults", since(0), Kind::Array(&Kind::Struct(&DELETE_ACLS_FILTER_RESULT))),
    ]),
};

static DELETE_ACLS_FILTER_RESULT: Struct = structure!([
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
    Field::new("MatchingAcls", since(0), Kind::Array(&Kind::Struct(&DELETE_ACLS_MATCHING_ACL))),
]);

static DELETE_ACLS_MATCHING_ACL: Struct = structure!([
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
    Field::new("ResourceType", since(0), Kind::Int8),
    Field::new("ResourceName", since(0), Kind::String),
    Field::new("PatternType", since(1), Kind::Int8).default("3"),
    Field::new("Principal", since(0), Kind::String),
    Field::new("Host", since(0), Kind::String),
    Field::new("Operation", since(0), Kind::Int8),
    Field::new("PermissionType", since(0), Kind::Int8),
]);
