//! ApiVersions, key 18.

use super::super::Direction;
use super::super::layout::{Field, Kind, Message, Struct, between, since};
use crate::api::ApiKey;
use crate::message::{api_versions_request as request, api_versions_response as response};

pub(super) static REQUEST: Message = Message {
    api: ApiKey::ApiVersions,
    direction: Direction::Request,
    versions: between(0, 4),
    flexible: since(3),
    body: Struct::of::<request::ApiVersionsRequest>(&[
        Field::new("ClientSoftwareName", since(3), Kind::String),
        Field::new("ClientSoftwareVersion", since(3), Kind::String),
    ]),
};

pub(super) static RESPONSE: Message = Message {
    api: ApiKey::ApiVersions,
    direction: Direction::Response,
    versions: between(0, 4),
    flexible: since(3),
    body: Struct::of::<response::ApiVersionsResponse>(&[
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ApiKeys", since(0), Kind::Array(&Kind::Struct(&API_VERSION))),
        Field::new("ThrottleTimeMs", since(1), Kind::Int32),
        Field::new("SupportedFeatures", since(3), Kind::Array(&Kind::Struct(&SUPPORTED_FEATURE_KEY)))
            .tagged(0, since(3)),
        Field::new("FinalizedFeaturesEpoch", since(3), Kind::Int64).tagged(1, since(3)),
        Field::new("FinalizedFeatures", since(3), Kind::Array(&Kind::Struct(&FINALIZED_FEATURE_KEY)))
            .tagged(2, since(3)),
        Field::new("ZkMigrationReady", since(3), Kind::Bool).tagged(3, since(3)),
    ]),
};

static FINALIZED_FEATURE_KEY: Struct = Struct::of::<response::FinalizedFeatureKey>(&[
    Field::new("Name", since(3), Kind::String),
    Field::new("MaxVersionLevel", since(3), Kind::Int16),
    Field::new("MinVersionLevel", since(3), Kind::Int16),
]);

static SUPPORTED_FEATURE_KEY: Struct = Struct::of::<response::SupportedFeatureKey>(&[
    Field::new("Name", since(3), Kind::String),
    Field::new("MinVersion", since(3), Kind::Int16),
    Field::new("MaxVersion", since(3), Kind::Int16),
]);

static API_VERSION: Struct = Struct::of::<response::ApiVersion>(&[
    Field::new("ApiKey", since(0), Kind::Int16),
    Field::new("MinVersion", since(0), Kind::Int16),
    Field::new("MaxVersion", since(0), Kind::Int16),
]);
