//! DescribeConfigs, key 32.

use super::super::Direction;
use super::super::layout::{Field, Kind, Message, Struct, between, since};
use crate::api::ApiKey;
use crate::message::{describe_configs_request as request, describe_configs_response as response};

pub(super) static REQUEST: Message = Message {
    api: ApiKey::DescribeConfigs,
    direction: Direction::Request,
    versions: between(1, 4),
    flexible: since(4),
    body: Struct::of::<request::DescribeConfigsRequest>(&[
        Field::new("Resources", since(0), Kind::Array(&Kind::Struct(&DESCRIBE_CONFIGS_RESOURCE))),
        Field::new("IncludeSynonyms", since(1), Kind::Bool),
        Field::new("IncludeDocumentation", since(3), Kind::Bool),
    ]),
};

static DESCRIBE_CONFIGS_RESOURCE: Struct = Struct::of::<request::DescribeConfigsResource>(&[
    Field::new("ResourceType", since(0), Kind::Int8),
    Field::new("ResourceName", since(0), Kind::String),
    Field::new("ConfigurationKeys", since(0), Kind::Array(&Kind::String)).nullable(since(0)),
]);

pub(super) static RESPONSE: Message = Message {
    api: ApiKey::DescribeConfigs,
    direction: Direction::Response,
    versions: between(1, 4),
    flexible: since(4),
    body: Struct::of::<response::DescribeConfigsResponse>(&[
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("Results", since(0), Kind::Array(&Kind::Struct(&DESCRIBE_CONFIGS_RESULT))),
    ]),
};

static DESCRIBE_CONFIGS_RESULT: Struct = Struct::of::<response::DescribeConfigsResult>(&[
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
    Field::new("ResourceType", since(0), Kind::Int8),
    Field::new("ResourceName", since(0), Kind::String),
    Field::new("Configs", since(0), Kind::Array(&Kind::Struct(&DESCRIBE_CONFIGS_RESOURCE_RESULT))),
]);

static DESCRIBE_CONFIGS_RESOURCE_RESULT: Struct = Struct::of::<response::DescribeConfigsResourceResult>(&[
    Field::new("Name", since(0), Kind::String),
    Field::new("Value", since(0), Kind::String).nullable(since(0)),
    Field::new("ReadOnly", since(0), Kind::Bool),
    Field::new("ConfigSource", since(1), Kind::Int8),
    Field::new("IsSensitive", since(0), Kind::Bool),
    Field::new("Synonyms", since(1), Kind::Array(&Kind::Struct(&DESCRIBE_CONFIGS_SYNONYM))),
    Field::new("ConfigType", since(3), Kind::Int8),
    Field::new("Documentation", since(3), Kind::String).nullable(since(0)),
]);

static DESCRIBE_CONFIGS_SYNONYM: Struct = Struct::of::<response::DescribeConfigsSynonym>(&[
    Field::new("Name", since(1), Kind::String),
    Field::new("Value", since(1), Kind::String).nullable(since(0)),
    Field::new("Source", since(1), Kind::Int8),
]);
