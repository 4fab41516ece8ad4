//! Why a cluster does not start.

use std::error::Error;
use std::io;
use std::net::SocketAddr;

use ottla_mockbroker_core::iam::DuplicateIdentity;
use ottla_mockbroker_core::sasl::UserError;
use ottla_mockbroker_core::{ConfigError, CreateTopicError, ListenerName, UnknownBroker};

/// Why a cluster did not start. Nothing of it is left open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// No cluster can be made of what the builder was told.
    #[error("no cluster can be made of this: {0}")]
    Config(#[from] ConfigError),
    /// Two identities cannot be told from each other.
    #[error(transparent)]
    Identity(#[from] DuplicateIdentity),
    /// A user stands twice, or could not be in Kafka.
    #[error(transparent)]
    User(#[from] UserError),
    /// A topic that is to be there from the start cannot be.
    #[error("topic {topic:?} cannot be created: {source}")]
    Topic {
        /// What it is called.
        topic: String,
        /// Why.
        source: CreateTopicError,
    },
    /// Two listeners have the same name.
    #[error("listener name {0} stands twice")]
    DuplicateListener(ListenerName),
    /// A listener is to have SASL, and no mechanism.
    #[error("listener {0} has no SASL mechanism")]
    NoMechanism(ListenerName),
    /// There are not as many host names as brokers.
    #[error("{hosts} host names are given for {brokers} brokers")]
    Hosts {
        /// How many host names.
        hosts: usize,
        /// How many brokers.
        brokers: usize,
    },
    /// A listener does not have as many ports as there are brokers.
    #[error("{ports} ports are listed for the {brokers} brokers of listener {listener}")]
    Ports {
        /// The listener.
        listener: ListenerName,
        /// How many ports.
        ports: usize,
        /// How many brokers.
        brokers: usize,
    },
    /// A host name is neither a DNS name nor an IP address, so that no certificate can be good for it.
    #[error("{0:?} is no host name")]
    InvalidHost(String),
    /// Two doors of an in-memory cluster have the same address, and could not be told from each other.
    #[error("two listeners or brokers are to be found at {host}:{port}")]
    DuplicateAddress {
        /// The host name.
        host: String,
        /// The port.
        port: u16,
    },
    /// The certificates could not be made.
    #[error("cannot make the cluster's certificates")]
    Certificate(#[source] Box<dyn Error + Send + Sync>),
    /// The ports after the first one end before the brokers do.
    #[error("broker {index} after the one with port {first} would have a port above 65535")]
    PortTooHigh {
        /// The first broker's.
        first: u16,
        /// How many brokers come before the one that has no port.
        index: u16,
    },
    /// A socket could not be opened.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address that was tried.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The thread that serves the sockets could not be started.
    #[error("cannot start the cluster's thread")]
    Thread(#[source] io::Error),
    /// An in-memory cluster has tokio's clock, which a test may pause, and is to have one that is moved by hand.
    #[error("an in-memory cluster has tokio's clock, and no manual one")]
    ManualClock,
    /// An in-memory cluster runs on its caller's runtime, and there is none.
    #[error("an in-memory cluster is started inside a tokio runtime")]
    NoRuntime,
}

/// The clock of a cluster moves by itself, for it was not built with [`crate::MockClusterBuilder::manual_clock`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cluster's clock moves by itself")]
pub struct NotManual;

/// Why a broker did not start again; it is down.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartBrokerError {
    /// The cluster has no such broker.
    #[error(transparent)]
    UnknownBroker(#[from] UnknownBroker),
    /// A port of the broker could not be opened again.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address that was tried.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}
