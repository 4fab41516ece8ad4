//! UpdateFeatures, key 57.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "UpdateFeaturesRequest",
    role: Role::Request(ApiKey::UpdateFeatures),
    versions: between(0, 2),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("timeoutMs", since(0), Kind::Int32).default("60000"),
        Field::new("FeatureUpdates", since(0), Kind::Array(&Kind::Struct(&FEATURE_UPDATE_KEY))),
        Field::new("ValidateOnly", since(1), Kind::Bool),
    ]),
};

static FEATURE_UPDATE_KEY: Struct = structure!([
    Field::new("Feature", since(0), Kind::String),
    Field::new("MaxVersionLevel", since(0), Kind::Int16),
    Field::new("AllowDowngrade", between(0, 0), Kind::Bool),
    Field::new("UpgradeType", since(1), Kind::Int8).default("1"),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "UpdateFeaturesResponse",
    role: Role::Response(ApiKey::UpdateFeatures),
    versions: between(0, 2),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
        Field::new("Results", between(0, 1), Kind::Array(&Kind::Struct(&UPDATABLE_FEATURE_RESULT))),
    ]),
};

static UPDATABLE_FEATURE_RESULT: Struct = structure!([
    Field::new("Feature", since(0), Kind::String),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
]);
