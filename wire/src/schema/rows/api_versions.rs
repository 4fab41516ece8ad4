//! ApiVersions, key 18.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "ApiVersionsRequest",
    role: Role::Request(ApiKey::ApiVersions),
    versions: between(0, 5),
    latest_unstable: false,
    flexible: since(3),
    body: structure!([
        Field::new("ClientSoftwareName", since(3), Kind::String),
        Field::new("ClientSoftwareVersion", since(3), Kind::String),
        Field::new("ClusterId", since(5), Kind::String).nullable(since(5)).default("null"),
        Field::new("NodeId", since(5), Kind::Int32).default("-1"),
    ]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "ApiVersionsResponse",
    role: Role::Response(ApiKey::ApiVersions),
    versions: between(0, 5),
    latest_unstable: false,
    flexible: since(3),
    body: structure!([
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ApiKeys", since(0), Kind::Array(&Kind::Struct(&API_VERSION))),
        Field::new("ThrottleTimeMs", since(1), Kind::Int32),
        Field::new("SupportedFeatures", since(3), Kind::Array(&Kind::Struct(&SUPPORTED_FEATURE_KEY)))
            .tagged(0, since(3)),
        Field::new("FinalizedFeaturesEpoch", since(3), Kind::Int64).tagged(1, since(3)).default("-1"),
        Field::new("FinalizedFeatures", since(3), Kind::Array(&Kind::Struct(&FINALIZED_FEATURE_KEY)))
            .tagged(2, since(3)),
        Field::new("ZkMigrationReady", since(3), Kind::Bool).tagged(3, since(3)),
    ]),
};

static API_VERSION: Struct = structure!([
    Field::new("ApiKey", since(0), Kind::Int16),
    Field::new("MinVersion", since(0), Kind::Int16),
    Field::new("MaxVersion", since(0), Kind::Int16),
]);

static SUPPORTED_FEATURE_KEY: Struct = structure!([
    Field::new("Name", since(3), Kind::String),
    Field::new("MinVersion", since(3), Kind::Int16),
    Field::new("MaxVersion", since(3), Kind::Int16),
]);

static FINALIZED_FEATURE_KEY: Struct = structure!([
    Field::new("Name", since(3), Kind::String),
    Field::new("MaxVersionLevel", since(3), Kind::Int16),
    Field::new("MinVersionLevel", since(3), Kind::Int16),
]);
