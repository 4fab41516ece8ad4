//! Keys and values of control records, and what a transaction index holds.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, NEVER, Role, Struct, between, since, structure};

pub(in crate::schema) static CONTROL_RECORD_TYPE_SCHEMA: Message = Message {
    name: "ControlRecordTypeSchema",
    role: Role::Blob,
    versions: between(0, 0),
    latest_unstable: false,
    flexible: NEVER,
    body: structure!([Field::new("Type", since(0), Kind::Int16)]),
};

pub(in crate::schema) static END_TXN_MARKER: Message = Message {
    name: "EndTxnMarker",
    role: Role::Blob,
    versions: between(0, 0),
    latest_unstable: false,
    flexible: NEVER,
    body: structure!([Field::new("CoordinatorEpoch", since(0), Kind::Int32)]),
};

pub(in crate::schema) static LEADER_CHANGE_MESSAGE: Message = Message {
    name: "LeaderChangeMessage",
    role: Role::Blob,
    versions: between(0, 1),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("Version", since(0), Kind::Int16),
        Field::new("LeaderId", since(0), Kind::Int32),
        Field::new("Voters", since(0), Kind::Array(&Kind::Struct(&LEADER_CHANGE_MESSAGE_VOTER))),
        Field::new("GrantingVoters", since(0), Kind::Array(&Kind::Struct(&LEADER_CHANGE_MESSAGE_VOTER))),
    ]),
};

static LEADER_CHANGE_MESSAGE_VOTER: Struct =
    structure!([Field::new("VoterId", since(0), Kind::Int32), Field::new("VoterDirectoryId", since(1), Kind::Uuid),]);

pub(in crate::schema) static SNAPSHOT_HEADER_RECORD: Message = Message {
    name: "SnapshotHeaderRecord",
    role: Role::Blob,
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("Version", since(0), Kind::Int16),
        Field::new("LastContainedLogTimestamp", since(0), Kind::Int64),
    ]),
};

pub(in crate::schema) static SNAPSHOT_FOOTER_RECORD: Message = Message {
    name: "SnapshotFooterRecord",
    role: Role::Blob,
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([Field::new("Version", since(0), Kind::Int16)]),
};

pub(in crate::schema) static K_RAFT_VERSION_RECORD: Message = Message {
    name: "KRaftVersionRecord",
    role: Role::Blob,
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!(
        [Field::new("Version", since(0), Kind::Int16), Field::new("KRaftVersion", since(0), Kind::Int16),]
    ),
};

pub(in crate::schema) static VOTERS_RECORD: Message = Message {
    name: "VotersRecord",
    role: Role::Blob,
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("Version", since(0), Kind::Int16),
        Field::new("Voters", since(0), Kind::Array(&Kind::Struct(&VOTERS_RECORD_VOTER))),
    ]),
};

static VOTERS_RECORD_VOTER: Struct = structure!([
    Field::new("VoterId", since(0), Kind::Int32),
    Field::new("VoterDirectoryId", since(0), Kind::Uuid),
    Field::new("Endpoints", since(0), Kind::Array(&Kind::Struct(&ENDPOINT))),
    Field::new("KRaftVersionFeature", since(0), Kind::Struct(&K_RAFT_VERSION_FEATURE)),
]);

static ENDPOINT: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Host", since(0), Kind::String),
    Field::new("Port", since(0), Kind::Uint16),
]);

static K_RAFT_VERSION_FEATURE: Struct = structure!([
    Field::new("MinSupportedVersion", since(0), Kind::Int16),
    Field::new("MaxSupportedVersion", since(0), Kind::Int16),
]);

pub(in crate::schema) static ABORTED_TXN: Message = Message {
    name: "AbortedTxn",
    role: Role::Blob,
    versions: between(0, 0),
    latest_unstable: false,
    flexible: NEVER,
    body: structure!([
        Field::new("ProducerId", since(0), Kind::Int64),
        Field::new("FirstOffset", since(0), Kind::Int64),
        Field::new("LastOffset", since(0), Kind::Int64),
        Field::new("LastStableOffset", since(0), Kind::Int64),
    ]),
};
