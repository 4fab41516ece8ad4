//! CreateDelegationToken, key 38.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "CreateDelegationTokenRequest",
    role: Role::Request(ApiKey::CreateDelegationToken),
    versions: between(1, 3),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("OwnerPrincipalType", since(3), Kind::String).nullable(since(3)),
        Field::new("OwnerPrincipalName", since(3), Kind::String).nullable(since(3)),
        Field::new("Renewers", since(0), Kind::Array(&Kind::Struct(&CREATABLE_RENEWERS))),
        Field::new("MaxLifetimeMs", since(0), Kind::Int64),
    ]),
};

static CREATABLE_RENEWERS: Struct = structure!([
    Field::new("PrincipalType", since(0), Kind::String),
    Field::new("PrincipalName", since(0), Kind::String),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "CreateDelegationTokenResponse",
    role: Role::Response(ApiKey::CreateDelegationToken),
    versions: between(1, 3),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("PrincipalType", since(0), Kind::String),
        Field::new("PrincipalName", since(0), Kind::String),
        Field::new("TokenRequesterPrincipalType", since(3), Kind::String),
        Field::new("TokenRequesterPrincipalName", since(3), Kind::String),
        Field::new("IssueTimestampMs", since(0), Kind::Int64),
        Field::new("ExpiryTimestampMs", since(0), Kind::Int64),
        Field::new("MaxTimestampMs", since(0), Kind::Int64),
        Field::new("TokenId", since(0), Kind::String),
        Field::new("Hmac", since(0), Kind::Bytes).secret(),
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
    ]),
};
