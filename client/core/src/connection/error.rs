//! Why a connection did not become ready.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::provider::error::CredentialsError;
use ottla_wire::sasl::iam::IamError;
use ottla_wire::{ApiKey, DecodeError, EncodeError, ErrorCode, VersionRange};

use super::refusal::AuthenticationError;
use crate::iam::SignError;
use crate::request::Disconnected;

/// Why a connection is over without having been ready. No request of the client was sent.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The broker closed the connection at the first request.
    ///
    /// A listener that speaks TLS does that, and so does a broker older than Kafka 0.10, which does not know ApiVersions; any later one answers
    /// a version that it does not have with those that it has.
    #[error(
        "the connection was closed at the first request ({reason}): the port speaks TLS, or is no Kafka broker of 0.10 or later"
    )]
    ClosedAtOnce {
        /// How it was closed.
        reason: Disconnected,
    },
    /// The first bytes that came are those of another protocol.
    #[error("the port speaks {0}, not plaintext Kafka")]
    OtherProtocol(OtherProtocol),
    /// The connection ended.
    #[error("{reason}, in {during}")]
    Disconnected {
        /// What was under way.
        during: Step,
        /// How it ended.
        reason: Disconnected,
    },
    /// It took too long.
    #[error("not ready within {after:?}: no end of {during}")]
    Timeout {
        /// What was under way.
        during: Step,
        /// How long the handshake was given.
        after: Duration,
    },
    /// The broker has no version of an API that is needed here.
    #[error("{api}: versions {ours} are needed, the broker has {}", match theirs { Some(range) => range.to_string(), None => "none".to_owned() })]
    Unsupported {
        /// The API.
        api: ApiKey,
        /// Those that would do.
        ours: VersionRange,
        /// What the broker offers; nothing where it does not have the API.
        theirs: Option<VersionRange>,
    },
    /// The broker answered with an error.
    #[error("the broker answered {api} with {code}")]
    Refused {
        /// The API.
        api: ApiKey,
        /// The error.
        code: ErrorCode,
    },
    /// The listener does not authenticate with SASL.
    #[error("the listener does not use SASL: leave out the authentication, or take the port of the SASL listener")]
    NoSasl,
    /// The listener authenticates with other mechanisms.
    #[error("the listener does not have {mechanism} enabled; it has {}", if enabled.is_empty() { "none".to_owned() } else { enabled.join(", ") })]
    MechanismNotEnabled {
        /// The mechanism that was asked for.
        mechanism: &'static str,
        /// Those that the broker names.
        enabled: Vec<String>,
    },
    /// There are no credentials.
    #[error(transparent)]
    Credentials(#[from] CredentialsFailure),
    /// The credentials, the host name or the clock cannot be signed with.
    #[error(transparent)]
    Unsigned(#[from] SignError),
    /// The broker did not let the client in.
    #[error(transparent)]
    Authentication(Box<AuthenticationError>),
    /// The broker let the client in with a reply that is not one: it may not be who it should be.
    #[error("the broker's reply to {mechanism} is none: {source}")]
    Reply {
        /// The mechanism.
        mechanism: &'static str,
        /// What is wrong with the reply.
        source: IamError,
    },
    /// An answer of the broker is malformed.
    #[error("the answer to {api} v{version} is malformed")]
    Malformed {
        /// The API.
        api: ApiKey,
        /// The version.
        version: i16,
        /// What is wrong with it.
        source: DecodeError,
    },
    /// A request cannot be written; the client id is too long.
    #[error("the handshake cannot be written")]
    Unwritable(#[from] EncodeError),
}

/// Why there are no credentials.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsFailure {
    /// The provider has none.
    #[error("no AWS credentials: {0}")]
    Unavailable(#[source] Arc<CredentialsError>),
    /// The provider took too long.
    #[error("no AWS credentials within {after:?}")]
    Timeout {
        /// How long it was given.
        after: Duration,
    },
}

/// A step of the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Asking what the broker offers.
    ApiVersions,
    /// Asking for the mechanism.
    SaslHandshake,
    /// Waiting for the provider of the credentials.
    Credentials,
    /// Authenticating.
    SaslAuthenticate,
}

/// A protocol that is not Kafka's, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtherProtocol {
    /// A TLS alert or handshake record.
    Tls,
    /// The status line of an HTTP response.
    Http,
}

impl HandshakeError {
    /// Whether the same may succeed later without anyone changing anything: the broker was not reached, or busy.
    #[must_use]
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::ClosedAtOnce { .. } | Self::Disconnected { .. } | Self::Timeout { .. } => true,
            Self::Credentials(_) => true,
            Self::Authentication(error) => error.is_retriable(),
            Self::Refused { code, .. } => code.is_retriable(),
            _ => false,
        }
    }

    pub(super) fn disconnected(during: Step, reason: Disconnected) -> Self {
        match (during, &reason) {
            (Step::ApiVersions, Disconnected::ByPeer | Disconnected::Io(_)) => Self::ClosedAtOnce { reason },
            _ => Self::Disconnected { during, reason },
        }
    }
}

impl OtherProtocol {
    /// The protocol whose message begins with `bytes`; nothing before four of them are there.
    pub(super) fn recognise(bytes: &[u8]) -> Option<Self> {
        // A record of TLS: its type (alert or handshake), the major version 3, the minor version, and the high byte of a length of at most 2^14
        // + 256.
        match bytes {
            [0x15 | 0x16, 3, 0..=4, 0..=0x41, ..] => Some(Self::Tls),
            [b'H', b'T', b'T', b'P', ..] => Some(Self::Http),
            _ => None,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ApiVersions => "ApiVersions",
            Self::SaslHandshake => "SaslHandshake",
            Self::Credentials => "the wait for credentials",
            Self::SaslAuthenticate => "SaslAuthenticate",
        })
    }
}

impl fmt::Display for OtherProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls => "TLS",
            Self::Http => "HTTP",
        })
    }
}
