//! An async Kafka client in pure Rust, made first for Amazon MSK: TLS on port 9098 with SASL/IAM.

mod address;
mod admin;
mod client;
mod config;
mod consumer;
pub mod credentials;
mod error;
mod io;
mod producer;
mod security;
mod shared;
mod tls;

pub use address::{Address, AddressError, Endpoint, IntoAddresses};
pub use admin::{Admin, TopicResults};
pub use client::{Client, ClientBuilder};
pub use config::Config;
pub use consumer::{
    AssignError, Batch, BuildConsumerError, ConsumeError, Consumer, ConsumerBuilder, ConsumerRecord, NotAssigned,
    OffsetsError, OnOffsetOutOfRange, OwnedRecord, Start, StopReason, Stopped, TopicPartition,
};
pub use error::{CallError, ConfigError, ConfigProblem, ConnectError, Stage, TopicError};
pub use io::clock::Clock;
pub use io::dial::{Dial, DialError, Dialing, Stream};
pub use ottla_core::RequestError;
pub use ottla_core::admin::{
    ConfigEntry, ConfigSource, CreatedTopic, DeletedTopic, NewTopic, PartitionDescription, TopicConfigs, TopicDescription,
    TopicListing,
};
pub use ottla_core::connection::{
    AuthenticationError, CredentialsFailure, HandshakeError, OtherProtocol, Refusal, Step,
};
pub use ottla_core::region::{Region, RegionError, RegionSource};
pub use ottla_core::request::Disconnected;
pub use producer::{
    CloseError, Delivered, Delivery, DeliveryCause, DeliveryError, LostRecords, Producer, ProducerBuilder, Record,
    RecordBytes, SendError,
};
pub use ottla_wire::record::{BatchError, Compression, Header, Headers, RecordError, TimestampType};
pub use ottla_wire::{ApiKey, BrokerId, ErrorCode, LeaderEpoch, TopicId};
pub use security::Security;
pub use tls::TlsConfigError;
