//! DescribeUserScramCredentials, key 50.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "DescribeUserScramCredentialsRequest",
    role: Role::Request(ApiKey::DescribeUserScramCredentials),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([Field::new("Users", since(0), Kind::Array(&Kind::Struct(&USER_NAME))).nullable(since(0))]),
};

static USER_NAME: Struct = structure!([Field::new("Name", since(0), Kind::String)]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "DescribeUserScramCredentialsResponse",
    role: Role::Response(ApiKey::DescribeUserScramCredentials),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
        Field::new("Results", since(0), Kind::Array(&Kind::Struct(&DESCRIBE_USER_SCRAM_CREDENTIALS_RESULT))),
    ]),
};

static DESCRIBE_USER_SCRAM_CREDENTIALS_RESULT: Struct = structure!([
    Field::new("User", since(0), Kind::String),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
    Field::new("CredentialInfos", since(0), Kind::Array(&Kind::Struct(&CREDENTIAL_INFO))),
]);

static CREDENTIAL_INFO: Struct =
    structure!([Field::new("Mechanism", since(0), Kind::Int8), Field::new("Iterations", since(0), Kind::Int32),]);
