//! DescribeCluster, key 60.

use super::super::Direction;
use super::super::layout::{Field, Kind, Message, Struct, between, since};
use crate::api::ApiKey;
use crate::message::{describe_cluster_request as request, describe_cluster_response as response};

pub(super) static REQUEST: Message = Message {
    api: ApiKey::DescribeCluster,
    direction: Direction::Request,
    versions: between(0, 2),
    flexible: since(0),
    body: Struct::of::<request::DescribeClusterRequest>(&[
        Field::new("IncludeClusterAuthorizedOperations", since(0), Kind::Bool),
        Field::new("EndpointType", since(1), Kind::Int8),
        Field::new("IncludeFencedBrokers", since(2), Kind::Bool),
    ]),
};

pub(super) static RESPONSE: Message = Message {
    api: ApiKey::DescribeCluster,
    direction: Direction::Response,
    versions: between(0, 2),
    flexible: since(0),
    body: Struct::of::<response::DescribeClusterResponse>(&[
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(0), Kind::Int16),
        Field::new("ErrorMessage", since(0), Kind::String).nullable(since(0)),
        Field::new("EndpointType", since(1), Kind::Int8),
        Field::new("ClusterId", since(0), Kind::String),
        Field::new("ControllerId", since(0), Kind::Int32),
        Field::new("Brokers", since(0), Kind::Array(&Kind::Struct(&DESCRIBE_CLUSTER_BROKER))),
        Field::new("ClusterAuthorizedOperations", since(0), Kind::Int32),
    ]),
};

static DESCRIBE_CLUSTER_BROKER: Struct = Struct::of::<response::DescribeClusterBroker>(&[
    Field::new("BrokerId", since(0), Kind::Int32),
    Field::new("Host", since(0), Kind::String),
    Field::new("Port", since(0), Kind::Int32),
    Field::new("Rack", since(0), Kind::String).nullable(since(0)),
    Field::new("IsFenced", since(2), Kind::Bool),
]);
