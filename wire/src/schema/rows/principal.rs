//! The principal that a broker puts into an Envelope.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, between, since, structure};

pub(in crate::schema) static DEFAULT_PRINCIPAL_DATA: Message = Message {
    name: "DefaultPrincipalData",
    role: Role::Blob,
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("Type", since(0), Kind::String),
        Field::new("Name", since(0), Kind::String),
        Field::new("TokenAuthenticated", since(0), Kind::Bool),
    ]),
};
