//! Produce, key 0.

use super::super::Direction;
use super::super::layout::{Field, Kind, Message, Struct, between, since};
use crate::api::ApiKey;
use crate::message::{produce_request as request, produce_response as response};

pub(super) static REQUEST: Message = Message {
    api: ApiKey::Produce,
    direction: Direction::Request,
    versions: between(3, 13),
    flexible: since(9),
    body: Struct::of::<request::ProduceRequest>(&[
        Field::new("TransactionalId", since(3), Kind::String).nullable(since(3)),
        Field::new("Acks", since(0), Kind::Int16),
        Field::new("TimeoutMs", since(0), Kind::Int32),
        Field::new("TopicData", since(0), Kind::Array(&Kind::Struct(&TOPIC_PRODUCE_DATA))),
    ]),
};

static TOPIC_PRODUCE_DATA: Struct = Struct::of::<request::TopicProduceData>(&[
    Field::new("Name", between(0, 12), Kind::String),
    Field::new("TopicId", since(13), Kind::Uuid),
    Field::new("PartitionData", since(0), Kind::Array(&Kind::Struct(&PARTITION_PRODUCE_DATA))),
]);

static PARTITION_PRODUCE_DATA: Struct = Struct::of::<request::PartitionProduceData>(&[
    Field::new("Index", since(0), Kind::Int32),
    Field::new("Records", since(0), Kind::Records).nullable(since(0)),
]);

pub(super) static RESPONSE: Message = Message {
    api: ApiKey::Produce,
    direction: Direction::Response,
    versions: between(3, 13),
    flexible: since(9),
    body: Struct::of::<response::ProduceResponse>(&[
        Field::new("Responses", since(0), Kind::Array(&Kind::Struct(&TOPIC_PRODUCE_RESPONSE))),
        Field::new("ThrottleTimeMs", since(1), Kind::Int32),
        Field::new("NodeEndpoints", since(10), Kind::Array(&Kind::Struct(&NODE_ENDPOINT))).tagged(0, since(10)),
    ]),
};

static NODE_ENDPOINT: Struct = Struct::of::<response::NodeEndpoint>(&[
    Field::new("NodeId", since(10), Kind::Int32),
    Field::new("Host", since(10), Kind::String),
    Field::new("Port", since(10), Kind::Int32),
    Field::new("Rack", since(10), Kind::String).nullable(since(10)),
]);

static TOPIC_PRODUCE_RESPONSE: Struct = Struct::of::<response::TopicProduceResponse>(&[
    Field::new("Name", between(0, 12), Kind::String),
    Field::new("TopicId", since(13), Kind::Uuid),
    Field::new("PartitionResponses", since(0), Kind::Array(&Kind::Struct(&PARTITION_PRODUCE_RESPONSE))),
]);

static PARTITION_PRODUCE_RESPONSE: Struct = Struct::of::<response::PartitionProduceResponse>(&[
    Field::new("Index", since(0), Kind::Int32),
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("BaseOffset", since(0), Kind::Int64),
    Field::new("LogAppendTimeMs", since(2), Kind::Int64),
    Field::new("LogStartOffset", since(5), Kind::Int64),
    Field::new("RecordErrors", since(8), Kind::Array(&Kind::Struct(&BATCH_INDEX_AND_ERROR_MESSAGE))),
    Field::new("ErrorMessage", since(8), Kind::String).nullable(since(8)),
    Field::new("CurrentLeader", since(10), Kind::Struct(&LEADER_ID_AND_EPOCH)).tagged(0, since(10)),
]);

static LEADER_ID_AND_EPOCH: Struct = Struct::of::<response::LeaderIdAndEpoch>(&[
    Field::new("LeaderId", since(10), Kind::Int32),
    Field::new("LeaderEpoch", since(10), Kind::Int32),
]);

static BATCH_INDEX_AND_ERROR_MESSAGE: Struct = Struct::of::<response::BatchIndexAndErrorMessage>(&[
    Field::new("BatchIndex", since(8), Kind::Int32),
    Field::new("BatchIndexErrorMessage", since(8), Kind::String).nullable(since(8)),
]);
