//! Metadata, key 3.

use super::super::Direction;
use super::super::layout::{Field, Kind, Message, Struct, between, since};
use crate::api::ApiKey;
use crate::message::{metadata_request as request, metadata_response as response};

pub(super) static REQUEST: Message = Message {
    api: ApiKey::Metadata,
    direction: Direction::Request,
    versions: between(0, 13),
    flexible: since(9),
    body: Struct::of::<request::MetadataRequest>(&[
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&METADATA_REQUEST_TOPIC))).nullable(since(1)),
        Field::new("AllowAutoTopicCreation", since(4), Kind::Bool),
        Field::new("IncludeClusterAuthorizedOperations", between(8, 10), Kind::Bool),
        Field::new("IncludeTopicAuthorizedOperations", since(8), Kind::Bool),
    ]),
};

static METADATA_REQUEST_TOPIC: Struct = Struct::of::<request::MetadataRequestTopic>(&[
    Field::new("TopicId", since(10), Kind::Uuid),
    Field::new("Name", since(0), Kind::String).nullable(since(10)),
]);

pub(super) static RESPONSE: Message = Message {
    api: ApiKey::Metadata,
    direction: Direction::Response,
    versions: between(0, 13),
    flexible: since(9),
    body: Struct::of::<response::MetadataResponse>(&[
        Field::new("ThrottleTimeMs", since(3), Kind::Int32),
        Field::new("Brokers", since(0), Kind::Array(&Kind::Struct(&METADATA_RESPONSE_BROKER))),
        Field::new("ClusterId", since(2), Kind::String).nullable(since(2)),
        Field::new("ControllerId", since(1), Kind::Int32),
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&METADATA_RESPONSE_TOPIC))),
        Field::new("ClusterAuthorizedOperations", between(8, 10), Kind::Int32),
        Field::new("ErrorCode", since(13), Kind::Int16),
    ]),
};

static METADATA_RESPONSE_TOPIC: Struct = Struct::of::<response::MetadataResponseTopic>(&[
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("Name", since(0), Kind::String).nullable(since(12)),
    Field::new("TopicId", since(10), Kind::Uuid),
    Field::new("IsInternal", since(1), Kind::Bool),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&METADATA_RESPONSE_PARTITION))),
    Field::new("TopicAuthorizedOperations", since(8), Kind::Int32),
]);

static METADATA_RESPONSE_PARTITION: Struct = Struct::of::<response::MetadataResponsePartition>(&[
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("LeaderId", since(0), Kind::Int32),
    Field::new("LeaderEpoch", since(7), Kind::Int32),
    Field::new("ReplicaNodes", since(0), Kind::Array(&Kind::Int32)),
    Field::new("IsrNodes", since(0), Kind::Array(&Kind::Int32)),
    Field::new("OfflineReplicas", since(5), Kind::Array(&Kind::Int32)),
]);

static METADATA_RESPONSE_BROKER: Struct = Struct::of::<response::MetadataResponseBroker>(&[
    Field::new("NodeId", since(0), Kind::Int32),
    Field::new("Host", since(0), Kind::String),
    Field::new("Port", since(0), Kind::Int32),
    Field::new("Rack", since(1), Kind::String).nullable(since(1)),
]);
