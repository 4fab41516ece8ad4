//! SaslHandshake, key 17.

use super::super::Direction;
use super::super::layout::{Field, Kind, Message, NEVER, Struct, between, since};
use crate::api::ApiKey;
use crate::message::{sasl_handshake_request as request, sasl_handshake_response as response};

pub(super) static REQUEST: Message = Message {
    api: ApiKey::SaslHandshake,
    direction: Direction::Request,
    versions: between(0, 1),
    flexible: NEVER,
    body: Struct::of::<request::SaslHandshakeRequest>(&[Field::new("Mechanism", since(0), Kind::String)]),
};

pub(super) static RESPONSE: Message = Message {
    api: ApiKey::SaslHandshake,
    direction: Direction::Response,
    versions: between(0, 1),
    flexible: NEVER,
    body: Struct::of::<response::SaslHandshakeResponse>(&[
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("Mechanisms", since(0), Kind::Array(&Kind::String)),
    ]),
};
