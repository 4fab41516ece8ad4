//! A Kafka cluster as one state machine that never waits: frames and the time go in, frames and closings come out.
//!
//! The rules are those of Apache Kafka 4.4, whatever client asks. A shell owns the sockets and the clock:
//!
//! 1. [`Cluster::open`] for a connection, [`Cluster::handle_frame`] for each of its frames, [`Cluster::close`] when the peer is gone;
//! 2. after each of these [`Cluster::poll_output`] until it is empty, and [`Cluster::poll_timeout`] for when to call [`Cluster::handle_timeout`].

mod api;
mod authorizer;
mod broker;
mod cluster;
mod config;
mod configs;
mod connection;
mod controller;
mod fault;
mod features;
mod fetch_session;
pub mod iam;
mod idle;
mod journal;
mod listener;
mod log;
mod log_dirs;
mod partition;
mod principal;
mod quorum;
mod quotas;
mod random;
mod release;
mod replication;
pub mod sasl;
mod state;
mod tally;
mod telemetry;
#[cfg(test)]
mod tests;
mod time;
mod topic;
mod upkeep;
mod waiting;

pub use api::Absence;
pub use authorizer::{
    Acl, Denial, InvalidAcl, Operation, PatternType, Permission, ResourceType, StandardAuthorizer, UnknownAuthorizer,
};
pub use broker::BrokerStatus;
pub use cluster::{Action, BrokerError, Cluster, ConnId, ConnectionState, OpenError, Output, Snapshot, UnknownBroker};
pub use cluster::{NewRecord, PartitionState, TopicState, UnknownTopic, WriteError};
pub use config::{Bounds, BrokerConfig, ClusterArn, ClusterConfig, ConfigError};
pub use configs::ConfigProblem;
pub use connection::Closed;
pub use fault::{Corruption, Fault, FaultAction, FaultError, FaultId, FieldSelector, Selector, StandingFault};
pub use journal::{Entry, EntryKind, Journal};
pub use listener::{ClientAuth, Listener, ListenerName, Protocol};
pub use partition::{ActiveProducer, Replicas};
pub use principal::{CertificateError, InvalidRule, Principal, PrincipalMapping};
pub use release::UnknownRelease;
pub use tally::Tally;
pub use telemetry::PushedMetrics;
pub use time::Now;
pub use topic::{
    CreateTopicError, FollowerError, InvalidAssignment, InvalidName, MoveLeaderError, NewTopic, UnknownPartition,
};
