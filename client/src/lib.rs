//! An async Kafka client in pure Rust, made first for Amazon MSK: TLS on port 9098 with SASL/IAM.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use ottla::{Client, NewTopic, Record, credentials};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder("boot-abc123.c3.kafka-serverless.us-west-2.amazonaws.com:9098")
//!     .msk_iam(credentials::from_env(|name| std::env::var(name).ok())?)
//!     .connect()
//!     .await?;
//!
//! client.admin().create_topics([NewTopic::new("events").partitions(3)]).await?.all()?;
//!
//! let producer = client.producer().linger(Duration::from_millis(5)).build()?;
//! let delivery = producer.send(Record::to("events").key("user123").value("clicked")).await?;
//! println!("{:?}", delivery.await?);
//!
//! let consumer = client.consumer().assign_topic("events").build().await?;
//! while let Some(batch) = consumer.next().await? {
//!     for record in batch.records() {
//!         println!("{:?}", record?.value());
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Everything runs on the tokio runtime that [`ClientBuilder::connect`] is called on. Per broker, a producer, each consumer and everything else have
//! connections of their own, opened when there is something to do: a Kafka broker answers one request of a connection at a time, so whatever may wait
//! holds nothing else up. Dropping a client, a producer or a consumer never blocks.
//!
//! Errors are small enums that say what was tried, whose fault it is, and what is now true: not sent, refused, or of unknown outcome. ottla reads no
//! environment variable, prints nothing, and logs by `tracing`: a span per connection, and at debug level one per request and one per
//! batch of a producer. No secret is ever shown.

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
mod token;

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
    ConfigEntry, ConfigSource, CreatedTopic, DeletedTopic, NewTopic, PartitionDescription, TopicConfigs,
    TopicDescription, TopicListing,
};
pub use ottla_core::cluster::MetadataError;
pub use ottla_core::connection::{
    AuthenticationError, Claim, CredentialsFailure, HandshakeError, OtherProtocol, Refusal, ReplyError, SignedClaim,
    Step,
};
pub use ottla_core::iam::SignError;
pub use ottla_core::producer::CompressionError;
#[cfg(feature = "planted-bugs")]
#[doc(hidden)]
pub use ottla_core::producer::PlantedBug;
pub use ottla_core::region::{Region, RegionError, RegionSource};
pub use ottla_core::request::Disconnected;
pub use ottla_core::token::TokenFailure;
pub use ottla_wire::compression::{CompressError, DecompressError};
pub use ottla_wire::record::{
    BatchError, CompressBatchError, Compression, DecompressBatchError, Header, Headers, RecordError, TimestampType,
};
pub use ottla_wire::sasl::iam::IamError;
pub use ottla_wire::sasl::oauthbearer::OAuthBearerError;
pub use ottla_wire::sasl::scram::ScramError;
pub use ottla_wire::{ApiKey, BrokerId, DecodeError, EncodeError, ErrorCode, LeaderEpoch, TopicId, VersionRange};
pub use producer::{
    Acks, CloseError, Delivered, Deliveries, Delivery, DeliveryCause, DeliveryError, DeliveryResults, EndedRecords,
    HISTOGRAM_BUCKETS, Histogram, LostRecords, NotTaken, Partitioner, Partitioning, Producer, ProducerBuilder,
    ProducerInterceptor, ProducerMetrics, ProducerSink, Record, RecordBytes, SendAllError, SendError, SinkError,
    TrySendError, Unplaced,
};
pub use security::{SaslMechanism, Security};
pub use tls::TlsConfigError;
pub use token::{OAuthBearerToken, ProvideToken, ProvideTokenError};
