//! InitProducerId, key 22.

use super::super::Direction;
use super::super::layout::{Field, Kind, Message, Struct, between, since};
use crate::api::ApiKey;
use crate::message::{init_producer_id_request as request, init_producer_id_response as response};

pub(super) static REQUEST: Message = Message {
    api: ApiKey::InitProducerId,
    direction: Direction::Request,
    versions: between(0, 5),
    flexible: since(2),
    body: Struct::of::<request::InitProducerIdRequest>(&[
        Field::new("TransactionalId", since(0), Kind::String).nullable(since(0)),
        Field::new("TransactionTimeoutMs", since(0), Kind::Int32),
        Field::new("ProducerId", since(3), Kind::Int64),
        Field::new("ProducerEpoch", since(3), Kind::Int16),
    ]),
};

pub(super) static RESPONSE: Message = Message {
    api: ApiKey::InitProducerId,
    direction: Direction::Response,
    versions: between(0, 5),
    flexible: since(2),
    body: Struct::of::<response::InitProducerIdResponse>(&[
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ProducerId", since(0), Kind::Int64),
        Field::new("ProducerEpoch", since(0), Kind::Int16),
    ]),
};
