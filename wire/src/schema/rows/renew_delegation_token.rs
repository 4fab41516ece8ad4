//! RenewDelegationToken, key 39.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "RenewDelegationTokenRequest",
    role: Role::Request(ApiKey::RenewDelegationToken),
    versions: between(1, 2),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("Hmac", since(0), Kind::Bytes).secret(),
        Field::new("RenewPeriodMs", since(0), Kind::Int64),
    ]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "RenewDelegationTokenResponse",
    role: Role::Response(ApiKey::RenewDelegationToken),
    versions: between(1, 2),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ExpiryTimestampMs", since(0), Kind::Int64),
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
    ]),
};
