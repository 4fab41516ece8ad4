//! AllocateProducerIds, key 67.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "AllocateProducerIdsRequest",
    role: Role::Request(ApiKey::AllocateProducerIds),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("BrokerId", since(0), Kind::Int32),
        Field::new("BrokerEpoch", since(0), Kind::Int64).default("-1"),
    ]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "AllocateProducerIdsResponse",
    role: Role::Response(ApiKey::AllocateProducerIds),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ProducerIdStart", since(0), Kind::Int64),
        Field::new("ProducerIdLen", since(0), Kind::Int32),
    ]),
};
