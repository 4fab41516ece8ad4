//! What is wrong with how a client was configured.

use std::fmt;
use std::time::Duration;

use ottla_core::region::RegionError;
use ottla_wire::compression::CompressError;

use crate::address::{Address, AddressError};
use crate::tls::TlsConfigError;

/// The longest time that can be configured, which is what a request's own field can say in milliseconds.
const TIME_MAX: Duration = Duration::from_millis(i32::MAX as u64);

/// All that is wrong with a configuration; nothing was opened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ConfigError {
    /// What is wrong, at least one thing.
    pub problems: Vec<ConfigProblem>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems: Vec<_> = self.problems.iter().map(ToString::to_string).collect();
        write!(f, "the client cannot be configured like this: {}", problems.join("; "))
    }
}

impl std::error::Error for ConfigError {}

/// One thing that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigProblem {
    /// There is no bootstrap address.
    #[error("there is no bootstrap address; give one or more as host:port")]
    NoBootstrap,
    /// A bootstrap address is none.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// It was not said how to speak to the brokers, and the port does not tell.
    #[error(
        "the port of {address} does not say how to speak to it (on Amazon MSK 9092 does plaintext, 9094 TLS, 9098 IAM); \
         choose one of `.plaintext()`, `.tls()`, `.msk_iam(credentials)` and those that begin with `.sasl_`"
    )]
    NoSecurity {
        /// The first address of which this is so.
        address: Address,
    },
    /// The bootstrap addresses have ports of different protocols.
    #[error(
        "the ports of {first} and {second} are of different protocols on Amazon MSK; \
         give addresses of one, or choose with `.plaintext()`, `.tls()`, `.msk_iam(credentials)` or one that begins with `.sasl_`"
    )]
    MixedPorts {
        /// An address.
        first: Address,
        /// One of another protocol.
        second: Address,
    },
    /// The port is that of IAM, and there are no credentials.
    #[error("port {} of {address} is that of IAM on Amazon MSK; give credentials by `.msk_iam(credentials)`", address.port())]
    NoCredentials {
        /// The address.
        address: Address,
    },
    /// The port is that of SCRAM, and there is no user.
    #[error(
        "port {} of {address} is that of SASL/SCRAM on Amazon MSK; give user and password by `.sasl_scram_sha_512(user, password)`",
        address.port()
    )]
    NoUser {
        /// The address.
        address: Address,
    },
    /// The name or the password of a user is empty.
    #[error("the {part} of SASL is empty")]
    EmptyLogin {
        /// Which of the two.
        part: &'static str,
    },
    /// The name or the password of a user has a NUL, which separates them.
    #[error("the {part} of SASL has a NUL, which cannot be sent")]
    NulInLogin {
        /// Which of the two.
        part: &'static str,
    },
    /// IAM was asked for in plaintext, where whoever listens could take the session over.
    #[error("MSK speaks IAM over TLS alone; leave out `.plaintext()`")]
    PlaintextIam,
    /// IAM signs for a region, and none is known.
    #[error("IAM signs for an AWS region: {0}, as `.region(\"us-east-1\")`")]
    Region(#[from] RegionError),
    /// TLS was configured in two ways that exclude each other.
    #[error("give only one of `.tls_config(..)`, `.tls_root(..)` and `.danger_accept_any_certificate()`")]
    TwoTrusts,
    /// A client certificate was given beside a whole configuration of TLS, which has its own or none.
    #[error(
        "give the client's certificate within the configuration of `.tls_config(..)`, not by `.tls_client_certificate(..)`"
    )]
    CertificateBesideConfig,
    /// TLS was configured for a client that speaks plaintext.
    #[error("TLS was configured, and the client speaks plaintext")]
    TlsForPlaintext,
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsConfigError),
    /// A producer was asked for idempotence, and for acknowledgements of fewer than all replicas that are in sync.
    #[error("idempotence needs `.acks(Acks::All)`; leave out `.idempotence(true)`, or have all replicas acknowledge")]
    IdempotenceNeedsAllAcks,
    /// A value is out of its range.
    #[error("{setting} is {value:?}, and must be from {min:?} to {max:?}")]
    OutOfRange {
        /// The name of the setting.
        setting: &'static str,
        /// What was given.
        value: Duration,
        /// The least that can be.
        min: Duration,
        /// The most that can be.
        max: Duration,
    },
    /// A number of bytes is out of its range.
    #[error("{setting} is {bytes} bytes, and must be from {min} to {max}")]
    SizeOutOfRange {
        /// The name of the setting.
        setting: &'static str,
        /// What was given.
        bytes: usize,
        /// The least that can be.
        min: usize,
        /// The most that can be.
        max: usize,
    },
    /// A count is out of its range.
    #[error("{setting} is {count}, and must be from {min} to {max}")]
    CountOutOfRange {
        /// The name of the setting.
        setting: &'static str,
        /// What was given.
        count: usize,
        /// The least that can be.
        min: usize,
        /// The most that can be.
        max: usize,
    },
    /// The level is none of the codec's.
    #[error("compression_level: {0}")]
    CompressionLevel(#[from] CompressError),
}

impl ConfigProblem {
    /// A time that is shorter than `min`, or longer than any may be.
    pub(crate) fn of_time(setting: &'static str, value: Duration, min: Duration) -> Option<Self> {
        let is_out = value < min || value > TIME_MAX;
        is_out.then_some(Self::OutOfRange { setting, value, min, max: TIME_MAX })
    }

    /// A number of bytes that is below `min` or above `max`.
    pub(crate) fn of_size(setting: &'static str, bytes: usize, min: usize, max: usize) -> Option<Self> {
        let is_out = bytes < min || bytes > max;
        is_out.then_some(Self::SizeOutOfRange { setting, bytes, min, max })
    }

    /// A number of things that is below `min` or above `max`.
    pub(crate) fn of_count(setting: &'static str, count: usize, min: usize, max: usize) -> Option<Self> {
        let is_out = count < min || count > max;
        is_out.then_some(Self::CountOutOfRange { setting, count, min, max })
    }
}
