//! AlterUserScramCredentials, key 51.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "AlterUserScramCredentialsRequest",
    role: Role::Request(ApiKey::AlterUserScramCredentials),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("Deletions", since(0), Kind::Array(&Kind::Struct(&SCRAM_CREDENTIAL_DELETION))),
        Field::new("Upsertions", since(0), Kind::Array(&Kind::Struct(&SCRAM_CREDENTIAL_UPSERTION))),
    ]),
};

static SCRAM_CREDENTIAL_DELETION: Struct =
    structure!([Field::new("Name", since(0), Kind::String), Field::new("Mechanism", since(0), Kind::Int8),]);

static SCRAM_CREDENTIAL_UPSERTION: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Mechanism", since(0), Kind::Int8),
    Field::new("Iterations", since(0), Kind::Int32),
    Field::new("Salt", since(0), Kind::Bytes),
    Field::new("SaltedPassword", since(0), Kind::Bytes).secret(),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "AlterUserScramCredentialsResponse",
    role: Role::Response(ApiKey::AlterUserScramCredentials),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("Results", since(0), Kind::Array(&Kind::Struct(&ALTER_USER_SCRAM_CREDENTIALS_RESULT))),
    ]),
};

static ALTER_USER_SCRAM_CREDENTIALS_RESULT: Struct = structure!([
    Field::new("User", since(0), Kind::String),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
]);
