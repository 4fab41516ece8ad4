//! Why a connection did not become ready.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::provider::error::CredentialsError;
use ottla_wire::sasl::iam::IamError;
use ottla_wire::sasl::scram::ScramError;
use ottla_wire::{ApiKey, DecodeError, EncodeError, ErrorCode, VersionRange};

use super::refusal::AuthenticationError;
use crate::iam::SignError;
use crate::request::Disconnected;
use crate::token::TokenFailure;

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
    /// There is no token that could be sent.
    #[error(transparent)]
    Token(#[from] TokenFailure),
    /// The credentials, the host name or the clock cannot be signed with.
    #[error(transparent)]
    Unsigned(#[from] SignError),
    /// The broker did not let the client in.
    #[error(transparent)]
    Authentication(Box<AuthenticationError>),
    /// The broker's reply is not one of the mechanism's: it may not be who it should be. The client sent nothing more.
    #[error("the broker's reply to {mechanism} cannot be trusted: {source}")]
    Reply {
        /// The mechanism.
        mechanism: &'static str,
        /// What is wrong with the reply.
        source: ReplyError,
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

/// What is wrong with what a broker says within the exchange of a mechanism.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// It is no reply of AWS_MSK_IAM.
    #[error(transparent)]
    Iam(#[from] IamError),
    /// It is no message of SCRAM.
    #[error(transparent)]
    Scram(#[from] ScramError),
    /// There are bytes where the mechanism has none.
    #[error("{bytes} bytes where none belong")]
    NotEmpty {
        /// How many.
        bytes: usize,
    },
    /// The nonce does not begin with the client's, or ends there.
    #[error("its nonce is not the client's with one of its own behind it")]
    Nonce,
    /// The password would be salted so little that whoever listens could find it.
    #[error("{iterations} iterations are below the least of {min}")]
    TooFewIterations {
        /// How many it asks for.
        iterations: u32,
        /// The least.
        min: u32,
    },
    /// Salting the password would take too long.
    #[error("{iterations} iterations are above the most of {max}")]
    TooManyIterations {
        /// How many it asks for.
        iterations: u32,
        /// The most.
        max: u32,
    },
    /// The signature is wrong: the broker does not know the password.
    #[error("its signature is wrong, so it does not know the password")]
    Signature,
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
    /// Waiting for the provider of the token.
    Token,
    /// Salting the password.
    Salting,
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
            Self::Credentials(_) | Self::Token(TokenFailure::Unavailable(_)) => true,
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
            Self::Token => "the wait for a token",
            Self::Salting => "the salting of the password",
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
