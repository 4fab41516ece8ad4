//! DescribeConfigs, key 32.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "DescribeConfigsRequest",
    role: Role::Request(ApiKey::DescribeConfigs),
    versions: between(1, 4),
    latest_unstable: false,
    flexible: since(4),
    body: structure!([
        Field::new("Resources", since(0), Kind::Array(&Kind::Struct(&DESCRIBE_CONFIGS_RESOURCE))),
        Field::new("IncludeSynonyms", since(1), Kind::Bool),
        Field::new("IncludeDocumentation", since(3), Kind::Bool),
    ]),
};

static DESCRIBE_CONFIGS_RESOURCE: Struct = structure!([
    Field::new("ResourceType", since(0), Kind::Int8),
    Field::new("ResourceName", since(0), Kind::String),
    Field::new("ConfigurationKeys", since(0), Kind::Array(&Kind::String)).nullable(since(0)),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "DescribeConfigsResponse",
    role: Role::Response(ApiKey::DescribeConfigs),
    versions: between(1, 4),
    latest_unstable: false,
    flexible: since(4),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("Results", since(0), Kind::Array(&Kind::Struct(&DESCRIBE_CONFIGS_RESULT))),
    ]),
};

static DESCRIBE_CONFIGS_RESULT: Struct = structure!([
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
    Field::new("ResourceType", since(0), Kind::Int8),
    Field::new("ResourceName", since(0), Kind::String),
    Field::new("Configs", since(0), Kind::Array(&Kind::Struct(&DESCRIBE_CONFIGS_RESOURCE_RESULT))),
]);

static DESCRIBE_CONFIGS_RESOURCE_RESULT: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Value", since(0), Kind::String).nullable(since(0)),
    Field::new("ReadOnly", since(0), Kind::Bool),
    Field::new("ConfigSource", since(1), Kind::Int8).default("-1"),
    Field::new("IsSensitive", since(0), Kind::Bool),
    Field::new("Synonyms", since(1), Kind::Array(&Kind::Struct(&DESCRIBE_CONFIGS_SYNONYM))),
    Field::new("ConfigType", since(3), Kind::Int8),
    Field::new("Documentation", since(3), Kind::String).nullable(since(0)),
]);

static DESCRIBE_CONFIGS_SYNONYM: Struct = structure!([
    Field::new("Name", since(1), Kind::String),
    Field::new("Value", since(1), Kind::String).nullable(since(0)),
    Field::new("Source", since(1), Kind::Int8),
]);
