//! A mock Kafka cluster with TLS and MSK IAM, in the process of the test.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use ottla_mockbroker::{Identity, MockCluster};
//!
//! let cluster = MockCluster::builder().brokers(3).iam(Identity::new("app")).start().await?;
//! println!("bootstrap.servers={}", cluster.bootstrap());
//! println!("{}", cluster.ca_pem());
//! let credentials = cluster.credentials("app");
//! # assert_eq!(credentials.access_key_id().len(), 20);
//! # Ok(())
//! # }
//! ```
//!
//! [`MockClusterBuilder::start`] listens on sockets of 127.0.0.1, for a client in any language. [`MockClusterBuilder::start_in_memory`] uses none: the
//! client dials with [`MockCluster::dialer`], and tokio's clock, which a test may pause, drives both sides.
//!
//! What the cluster saw, and why it refused what it refused, stands in [`MockCluster::journal`]. Dropping the [`MockCluster`] closes everything.
//!
//! What goes wrong is asked for, and what happens is waited for:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use ottla_mockbroker::{ApiKey, ErrorCode, Fault, MockCluster};
//!
//! let cluster = MockCluster::builder().start().await?;
//! let moved = cluster.fault(Fault::error(ErrorCode::NOT_LEADER_OR_FOLLOWER).api(ApiKey::Produce).topic("orders").times(2))?;
//! // The application sends; its client is told twice to look for another leader.
//! # if false {
//! moved.hit_times(2).await?;
//! cluster.wait_until(|now| now.topic("orders").is_some_and(|orders| orders.partitions[0].end_offset == 1)).await?;
//! # }
//! moved.remove();
//! # Ok(())
//! # }
//! ```
//!
//! [`Fault`] shows each fault in a line.

mod builder;
mod cluster;
mod error;
mod fault;
mod io;
mod listeners;
mod plan;
mod tls;
mod wait;

pub use builder::MockClusterBuilder;
pub use cluster::MockCluster;
pub use error::{NotManual, StartBrokerError, StartError};
pub use fault::FaultHandle;
pub use io::{CLOSE_TIMEOUT, Dialed, OUTGOING_BYTES_MAX, PIPE_BYTES};
pub use listeners::Listener;
pub use tls::{Certificate, InvalidSubject};
pub use wait::{SEEN_ENTRIES_MAX, Seen, WAIT_TIMEOUT, Wait, WaitError};

pub use ottla_mockbroker_core::iam::{DuplicateIdentity, Identity, Refusal as IamRefusal};
pub use ottla_mockbroker_core::sasl::{Mechanism, Refusal, TokenError, UnknownMechanism, User, UserError};
pub use ottla_mockbroker_core::{
    Acl, Bounds, BrokerError, BrokerStatus, ClientAuth, Closed, ClusterArn, ConfigError, ConnId, Corruption,
    CreateTopicError, Denial, Entry, EntryKind, Fault, FaultAction, FaultError, FaultId, FieldSelector, FollowerError,
    InvalidAcl, InvalidRule, Journal, ListenerName, MoveLeaderError, NewTopic, Operation, PatternType, Permission,
    Principal, Protocol, Replicas, ResourceType, Selector, StandardAuthorizer, StandingFault, UnknownBroker,
    UnknownPartition,
};
pub use ottla_mockbroker_core::{ActiveProducer, ConnectionState, Snapshot};
pub use ottla_mockbroker_core::{
    NewRecord, PartitionState, PushedMetrics, Tally, TopicState, UnknownTopic, WriteError,
};
pub use ottla_wire::{ApiKey, BrokerId, ErrorCode, TopicId};
