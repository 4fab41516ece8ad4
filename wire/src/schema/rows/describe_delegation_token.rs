//! DescribeDelegationToken, key 41.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "DescribeDelegationTokenRequest",
    role: Role::Request(ApiKey::DescribeDelegationToken),
    versions: between(1, 3),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("Owners", since(0), Kind::Array(&Kind::Struct(&DESCRIBE_DELEGATION_TOKEN_OWNER))).nullable(since(0))
    ]),
};

static DESCRIBE_DELEGATION_TOKEN_OWNER: Struct = structure!([
    Field::new("PrincipalType", since(0), Kind::String),
    Field::new("PrincipalName", since(0), Kind::String),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "DescribeDelegationTokenResponse",
    role: Role::Response(ApiKey::DescribeDelegationToken),
    versions: between(1, 3),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("Tokens", since(0), Kind::Array(&Kind::Struct(&DESCRIBED_DELEGATION_TOKEN))),
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
    ]),
};

static DESCRIBED_DELEGATION_TOKEN: Struct = structure!([
    Field::new("PrincipalType", since(0), Kind::String),
    Field::new("PrincipalName", since(0), Kind::String),
    Field::new("TokenRequesterPrincipalType", since(3), Kind::String),
    Field::new("TokenRequesterPrincipalName", since(3), Kind::String),
    Field::new("IssueTimestamp", since(0), Kind::Int64),
    Field::new("ExpiryTimestamp", since(0), Kind::Int64),
    Field::new("MaxTimestamp", since(0), Kind::Int64),
    Field::new("TokenId", since(0), Kind::String),
    Field::new("Hmac", since(0), Kind::Bytes).secret(),
    Field::new("Renewers", since(0), Kind::Array(&Kind::Struct(&DESCRIBED_DELEGATION_TOKEN_RENEWER))),
]);

static DESCRIBED_DELEGATION_TOKEN_RENEWER: Struct = structure!([
    Field::new("PrincipalType", since(0), Kind::String),
    Field::new("PrincipalName", since(0), Kind::String),
]);
