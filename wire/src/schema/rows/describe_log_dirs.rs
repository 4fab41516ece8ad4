//! DescribeLogDirs, key 35.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

use super::super::layout::{Field, Kind, Message, Role, Struct, between, since, structure};
use crate::api::ApiKey;

pub(in crate::schema) static REQUEST: Message = Message {
    name: "DescribeLogDirsRequest",
    role: Role::Request(ApiKey::DescribeLogDirs),
    versions: between(1, 5),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&DESCRIBABLE_LOG_DIR_TOPIC))).nullable(since(0))
    ]),
};

static DESCRIBABLE_LOG_DIR_TOPIC: Struct = structure!([
    Field::new("Topic", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Int32)),
]);

pub(in crate::schema) static RESPONSE: Message = Message {
    name: "DescribeLogDirsResponse",
    role: Role::Response(ApiKey::DescribeLogDirs),
    versions: between(1, 5),
    latest_unstable: false,
    flexible: since(2),
    body: structure!([
        Field::new("ThrottleTimeMs", since(0), Kind::Int32),
        Field::new("ErrorCode", since(3), Kind::Int16),
        Field::new("Results", since(0), Kind::Array(&Kind::Struct(&DESCRIBE_LOG_DIRS_RESULT))),
    ]),
};

static DESCRIBE_LOG_DIRS_RESULT: Struct = structure!([
    Field::new("ErrorCode", since(0), Kind::Int16),
    Field::new("LogDir", since(0), Kind::String),
    Field::new("Topics", since(0), Kind::Array(&Kind::Struct(&DESCRIBE_LOG_DIRS_TOPIC))),
    Field::new("TotalBytes", since(4), Kind::Int64).default("-1"),
    Field::new("UsableBytes", since(4), Kind::Int64).default("-1"),
    Field::new("IsCordoned", since(5), Kind::Bool),
]);

static DESCRIBE_LOG_DIRS_TOPIC: Struct = structure!([
    Field::new("Name", since(0), Kind::String),
    Field::new("Partitions", since(0), Kind::Array(&Kind::Struct(&DESCRIBE_LOG_DIRS_PARTITION))),
]);

static DESCRIBE_LOG_DIRS_PARTITION: Struct = structure!([
    Field::new("PartitionIndex", since(0), Kind::Int32),
    Field::new("PartitionSize", since(0), Kind::Int64),
    Field::new("OffsetLag", since(0), Kind::Int64),
    Field::new("IsFutureKey", since(0), Kind::Bool),
]);
