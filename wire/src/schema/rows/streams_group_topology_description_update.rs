//! StreamsGroupTopologyDescriptionUpdate, key 93.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "StreamsGroupTopologyDescriptionUpdateRequest",
    role: Role::Request(ApiKey::StreamsGroupTopologyDescriptionUpdate),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("GroupId", since(0), Kind::String),
        Field::new("MemberId", since(0), Kind::String),
        Field::new("TopologyEpoch", since(0), Kind::Int32),
        Field::new("TopologyDescription", since(0), Kind::Struct(&TOPOLOGY_DESCRIPTION)),
    ]),
};

static TOPOLOGY_DESCRIPTION: Struct = structure!([
    Field::new("Subtopologies", since(0), Kind::Array(&Kind::Struct(&TOPOLOGY_DESCRIPTION_SUBTOPOLOGY))),
    Field::new("GlobalStores", since(0), Kind::Array(&Kind::Struct(&TOPOLOGY_DESCRIPTION_GLOBAL_STORE))),
]);

static TOPOLOGY_DESCRIPTION_SUBTOPOLOGY: Struct = structure!([
    Field::new("SubtopologyId", since(0), Kind::String),
    Field::new("Nodes", since(0), Kind::Array(&Kind::Struct(&TOPOLOGY_DESCRIPTION_NODE))),
]);

static TOPOLOGY_DESCRIPTION_NODE: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("NodeType", since(0), Kind::Int8),
    Field::new("SourceTopics", since(0), Kind::Array(&Kind::String)),
    Field::new("SinkTopic", since(0), Kind::String).nullable(since(0)).default("null"),
    Field::new("Stores", since(0), Kind::Array(&Kind::String)),
    Field::new("Successors", since(0), Kind::Array(&Kind::String)),
]);

static TOPOLOGY_DESCRIPTION_GLOBAL_STORE: Struct = structure!([
    Field::new("Source", since(0), Kind::Struct(&TOPOLOGY_DESCRIPTION_NODE)),
    Field::new("Processor", since(0), Kind::Struct(&TOPOLOGY_DESCRIPTION_NODE)),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "StreamsGroupTopologyDescriptionUpdateResponse",
    role: Role::Response(ApiKey::StreamsGroupTopologyDescriptionUpdate),
    versions: between(0, 0),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)).default("null"),
    ]),
};
