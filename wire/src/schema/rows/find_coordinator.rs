//! FindCoordinator, key 10.

use super::super::Direction;
use super::super::layout::{Field, Kind, Message, Struct, between, since};
use crate::api::ApiKey;
use crate::message::{find_coordinator_request as request, find_coordinator_response as response};

pub(super) static REQUEST: Message = Message {
    api: ApiKey::FindCoordinator,
    direction: Direction::Request,
    versions: between(0, 6),
    flexible: since(3),
    body: Struct::of::<request::FindCoordinatorRequest>(&[
        Field::new("Key", between(0, 3), Kind::String),
        Field::new("KeyType", since(1), Kind::Int8),
        Field::new("CoordinatorKeys", since(4), Kind::Array(&Kind::String)),
    ]),
};

pub(super) static RESPONSE: Message = Message {
    api: ApiKey::FindCoordinator,
    direction: Direction::Response,
    versions: between(0, 6),
    flexible: since(3),
    body: Struct::of::<response::FindCoordinatorResponse>(&[
        Field::new("ThrottleTimeMs", since(1), Kind::Int32),
        Field::new("ErrorCode", between(0, 3), Kind::Int16),
        Field::new("ErrorMessage", between(1, 3), Kind::String).nullable(between(1, 3)),
        Field::new("NodeId", between(0, 3), Kind::Int32),
        Field::new("Host", between(0, 3), Kind::String),
        Field::new("Port", between(0, 3), Kind::Int32),
        Field::new("Coordinators", since(4), Kind::Array(&Kind::Struct(&COORDINATOR))),
    ]),
};

static COORDINATOR: Struct = Struct::of::<response::Coordinator>(&[
    Field::new("Key", since(4), Kind::String),
    Field::new("NodeId", since(4), Kind::Int32),
    Field::new("Host", since(4), Kind::String),
    Field::new("Port", since(4), Kind::Int32),
    Field::new("ErrorCode", since(4), Kind::Int16),
    Field::new("ErrorMessage", since(4), Kind::String).nullable(since(4)),
]);
