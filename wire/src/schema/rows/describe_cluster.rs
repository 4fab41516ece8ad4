//! DescribeCluster, key 60.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "DescribeClusterRequest",
    role: Role::Request(ApiKey::DescribeCluster),
    versions: between(0, 2),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("IncludeClusterAuthorizedOperations", since(0), Kind::Bool),
        Field::new("EndpointType", since(1), Kind::Int8).default("1"),
        Field::new("IncludeFencedBrokers", since(2), Kind::Bool),
    ]),
};

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "DescribeClusterResponse",
    role: Role::Response(ApiKey::DescribeCluster),
    versions: between(0, 2),
    latest_unstable: false,
    flexible: since(0),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)).default("null"),
        Field::new("EndpointType", since(1), Kind::Int8).default("1"),
        Field::new("ClusterId", since(0), Kind::String),
        Field::new("ControllerId", since(0), Kind::Int32).default("-1"),
        Field::new("Brokers", since(0), Kind::Array(&Kind::Struct(&DESCRIBE_CLUSTER_BROKER))),
        Field::new("ClusterAuthorizedOperations", since(0), Kind::Int32).default("-2147483648"),
    ]),
};

static DESCRIBE_CLUSTER_BROKER: Struct = structure!([
    Field::new("BrokerId", since(0), Kind::Int32),
    Field::new("Host", since(0), Kind::String),
    Field::new("Port", since(0), Kind::Int32),
    Field::new("Rack", since(0), Kind::String).nullable(since(0)).default("null"),
    Field::new("IsFenced", since(2), Kind::Bool),
]);
