//! SaslAuthenticate, key 36.

use super::super::Direction;
use super::super::layout::{Field, Kind, Message, Struct, between, since};
use crate::api::ApiKey;
use crate::message::{sasl_authenticate_request as request, sasl_authenticate_response as response};

pub(super) static REQUEST: Message = Message {
    api: ApiKey::SaslAuthenticate,
    direction: Direction::Request,
    versions: between(0, 2),
    flexible: since(2),
    body: Struct::of::<request::SaslAuthenticateRequest>(&[Field::new("AuthBytes", since(0), Kind::Bytes)]),
};

pub(super) static RESPONSE: Message = Message {
    api: ApiKey::SaslAuthenticate,
    direction: Direction::Response,
    versions: between(0, 2),
    flexible: since(2),
    body: Struct::of::<response::SaslAuthenticateResponse>(&[
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
        Field::new("AuthBytes", since(0), Kind::Bytes),
        Field::new("SessionLifetimeMs", since(1), Kind::Int64),
    ]),
};
