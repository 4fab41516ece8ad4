//! DeleteTopics, key 20.

use super::super::Direction;
use super::super::layout::{Field, Kind, Message, Struct, between, since};
use crate::api::ApiKey;
use crate::message::{delete_topics_request as request, delete_topics_response as response};

pub(super) static REQUEST: Message = Message {
    api: ApiKey::DeleteTopics,
    direction: Direction::Request,
    versions: between(1, 6),
    flexible: since(4),
    body: Struct::of::<request::DeleteTopicsRequest>(&[
        Field::new("Topics", since(6), Kind::Array(&Kind::Struct(&DELETE_TOPIC_STATE))),
        Field::new("TopicNames", between(0, 5), Kind::Array(&Kind::String)),
        Field::new("TimeoutMs", since(0), Kind::Int32),
    ]),
};

static DELETE_TOPIC_STATE: Struct = Struct::of::<request::DeleteTopicState>(&[
    Field::new("Name", since(6), Kind::String).nullable(since(6)),
    Field::new("TopicId", since(6), Kind::Uuid),
]);

pub(super) static RESPONSE: Message = Message {
    api: ApiKey::DeleteTopics,
    direction: Direction::Response,
    versions: between(1, 6),
    flexible: since(4),
    body: Struct::of::<response::DeleteTopicsResponse>(&[
        Field::new("ThrottleTimeMs", since(1), Kind::Int32),
        Field::new("Responses", since(0), Kind::Array(&Kind::Struct(&DELETABLE_TOPIC_RESULT))),
    ]),
};

static DELETABLE_TOPIC_RESULT: Struct = Struct::of::<response::DeletableTopicResult>(&[
    Field::new("Name", since(0), Kind::String).nullable(since(6)),
    Field::new("TopicId", since(6), Kind::Uuid),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(5), Kind::String).nullable(since(5)),
]);
