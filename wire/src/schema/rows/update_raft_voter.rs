//! UpdateRaftVoter, key 82.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "UpdateRaftVoterRequest",
    role: Role::Request(ApiKey::UpdateRaftVoter),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ClusterId", since(0), Kind::String).nullable(since(0)),
        Field::new("CurrentLeaderEpoch", since(0), Kind::Int32),
        Field::new("VoterId", since(0), Kind::Int32),
        Field::new("VoterDirectoryId", since(0), Kind::Uuid),
        Field::new("Listeners", since(0), Kind::Array(&Kind::Struct(&LISTENER))),
        Field::new("KRaftVersionFeature", since(0), Kind::Struct(&K_RAFT_VERSION_FEATURE)),
    ]),
};

static LISTENER: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Host", since(0), Kind::String),
    Field::new("Port", since(0), Kind::Uint16),
]);

static K_RAFT_VERSION_FEATURE: Struct = structure!([
    Field::new("MinSupportedVersion", since(0), Kind::Int16),
    Field::new("MaxSupportedVersion", since(0), Kind::Int16),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "UpdateRaftVoterResponse",
    role: Role::Response(ApiKey::UpdateRaftVoter),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("CurrentLeader", since(0), Kind::Struct(&CURRENT_LEADER)).tagged(0, since(0)),
    ]),
};

static CURRENT_LEADER: Struct = structure!([
    Field::new("LeaderId", since(0), Kind::Int32).default("-1"),
    Field::new("LeaderEpoch", since(0), Kind::Int32).default("-1"),
    Field::new("Host", since(0), Kind::String),
    Field::new("Port", since(0), Kind::Int32),
]);
