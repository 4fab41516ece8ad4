//! CreateTopics, key 19.

use super::super::Direction;
use super::super::layout::{Field, Kind, Message, Struct, between, since};
use crate::api::ApiKey;
use crate::message::{create_topics_request as request, create_topics_response as response};

pub(super) static REQUEST: Message = Message {
    api: ApiKey::CreateTopics,
    direction: Direction::Request,
    versions: between(2, 7),
    flexible: since(5),
    body: Struct::of::<request::CreateTopicsRequest>(&[
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&CREATABLE_TOPIC))),
        Field::new("timeoutMs", since(0), Kind::Int32),
        Field::new("validateOnly", since(1), Kind::Bool),
    ]),
};

static CREATABLE_TOPIC: Struct = Struct::of::<request::CreatableTopic>(&[
    Field::new("Name", since(0), Kind::String),
    Field::new("NumPartitions", since(0), Kind::Int32),
    Field::new("ReplicationFactor", since(0), Kind::Int16),
    Field::new("Assignments", since(0), Kind::Array(&Kind::Struct(&CREATABLE_REPLICA_ASSIGNMENT))),
    Field::new("Configs", since(0), Kind::Array(&Kind::Struct(&CREATABLE_TOPIC_CONFIG))),
]);

static CREATABLE_TOPIC_CONFIG: Struct = Struct::of::<request::CreatableTopicConfig>(&[
    Field::new("Name", since(0), Kind::String),
    Field::new("Value", since(0), Kind::String).nullable(since(0)),
]);

static CREATABLE_REPLICA_ASSIGNMENT: Struct = Struct::of::<request::CreatableReplicaAssignment>(&[
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("BrokerIds", since(0), Kind::Array(&Kind::Int32)),
]);

pub(super) static RESPONSE: Message = Message {
    api: ApiKey::CreateTopics,
    direction: Direction::Response,
    versions: between(2, 7),
    flexible: since(5),
    body: Struct::of::<response::CreateTopicsResponse>(&[
        Field::new("ThrottleTimeMs", since(2), Kind::Int32),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&CREATABLE_TOPIC_RESULT))),
    ]),
};

static CREATABLE_TOPIC_RESULT: Struct = Struct::of::<response::CreatableTopicResult>(&[
    Field::new("Name", since(0), Kind::String),
    Field::new("TopicId", since(7), Kind::Uuid),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("ErrorMessage", since(1), Kind::String).nullable(since(0)),
    Field::new("TopicConfigErrorCode", since(5), Kind::Int16).tagged(0, since(5)),
    Field::new("NumPartitions", since(5), Kind::Int32),
    Field::new("ReplicationFactor", since(5), Kind::Int16),
    Field::new("Configs", since(5), Kind::Array(&Kind::Struct(&CREATABLE_TOPIC_CONFIGS))).nullable(since(5)),
]);

static CREATABLE_TOPIC_CONFIGS: Struct = Struct::of::<response::CreatableTopicConfigs>(&[
    Field::new("Name", since(5), Kind::String),
    Field::new("Value", since(5), Kind::String).nullable(since(5)),
    Field::new("ReadOnly", since(5), Kind::Bool),
    Field::new("ConfigSource", since(5), Kind::Int8),
    Field::new("IsSensitive", since(5), Kind::Bool),
]);
