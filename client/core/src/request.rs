//! A request between the machine that wants it and the connection that carries it.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use ottla_wire::codec::{self, DecodeError, EncodeError};
use ottla_wire::message::Request;
use ottla_wire::{ApiKey, Segments, VersionRange};

use crate::versions::Versions;

/// Names a request of one connection towards whoever asked for it; chosen by the asker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// A request that is ready for its connection: everything but the header.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Comes back with the answer.
    pub id: RequestId,
    /// The API.
    pub api: ApiKey,
    /// The version that the body is written in, from what the broker offers.
    pub version: i16,
    /// The body.
    pub body: Segments,
    /// How long the answer may take, counted from when the request is handed to the connection; a connection that misses it is closed.
    pub timeout: Duration,
    /// Whether the broker answers at all; it does not answer a Produce request with `acks=0`.
    pub answered: bool,
}

impl Outgoing {
    /// Writes `request` in the highest version that both sides know.
    ///
    /// # Errors
    /// When no version is known to both sides, or the one chosen cannot say what the request says.
    pub fn encode<R: Request>(
        id: RequestId,
        request: &R,
        versions: &Versions,
        timeout: Duration,
    ) -> Result<Self, RequestError> {
        let (api, version) = versions.pick::<R>()?;
        let body = codec::encode_request(version, request)?.into();
        Ok(Self { id, api, version, body, timeout, answered: true })
    }
}

/// The body of a response, and what is needed to read it. Its `Debug` shows how many bytes there are and none of them: they may be anybody's records.
#[derive(Clone)]
pub struct Answer {
    /// The API.
    pub api: ApiKey,
    /// The version that the request was written in, which is that of the response too.
    pub version: i16,
    /// The body, as it came.
    pub body: Bytes,
}

impl Answer {
    /// Reads the response to a request `R`.
    ///
    /// # Errors
    /// When the bytes are no such response.
    pub fn decode<R: Request>(self) -> Result<R::Response, RequestError> {
        codec::decode_response::<R>(self.version, self.body).map_err(|source| RequestError::Malformed {
            api: self.api,
            version: self.version,
            source,
        })
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("api", &self.api)
            .field("version", &self.version)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// Why a request has no answer that can be used, and what is true of it now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// No byte of the request was written: it had no effect.
    #[error("{api} was not sent: {reason}")]
    NotSent {
        /// The API.
        api: ApiKey,
        /// Why its connection was not there.
        reason: Disconnected,
    },
    /// The request was written, at least in part, and its answer is lost: it may have had its effect or not.
    #[error("the answer to {api} is lost, its outcome is unknown: {reason}")]
    OutcomeUnknown {
        /// The API.
        api: ApiKey,
        /// How the connection ended.
        reason: Disconnected,
    },
    /// The broker has no version of this API that can be coded here.
    #[error("{api}: ottla codes versions {ours}, the broker has {}", match theirs { Some(range) => range.to_string(), None => "none".to_owned() })]
    Unsupported {
        /// The API.
        api: ApiKey,
        /// What can be coded here.
        ours: VersionRange,
        /// What the broker offers; nothing where it does not have the API.
        theirs: Option<VersionRange>,
    },
    /// The request cannot be written; it had no effect.
    #[error("the request cannot be written")]
    Unwritable(#[from] EncodeError),
    /// The answer came and is no such response: the request may have had its effect.
    #[error("the answer to {api} v{version} is malformed")]
    Malformed {
        /// The API.
        api: ApiKey,
        /// The version.
        version: i16,
        /// What is wrong with it.
        source: DecodeError,
    },
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Disconnected {
    /// The broker closed it.
    #[error("the broker closed the connection")]
    ByPeer,
    /// An answer did not come in time; the answers behind it would not come either.
    #[error("no answer within {after:?}")]
    Timeout {
        /// How long the request waited.
        after: Duration,
    },
    /// Reading or writing failed.
    #[error("{0}")]
    Io(String),
    /// The broker broke TLS off, with a reason.
    #[error("the broker ended TLS: {0}")]
    TlsAlert(String),
    /// The broker's bytes are no answer to what was asked.
    #[error("the broker broke the protocol: {0}")]
    Protocol(String),
    /// It could not be opened; the link knows the error.
    #[error("no connection could be opened: {0}")]
    Unreachable(String),
    /// The client was closed.
    #[error("the client is closed")]
    Closed,
    /// It is not ready for requests yet, or carries as many as it may.
    #[error("the connection takes no request now")]
    NotReady,
    /// The session that the broker granted at authentication is about to end, and is too short to be renewed; a new connection begins another
    /// (KIP-368).
    #[error("the authenticated session is about to end")]
    SessionEnds,
    /// The session could not be renewed in place; a new connection begins another.
    #[error("the authenticated session could not be renewed: {0}")]
    NotRenewed(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_shows_how_long_it_is_and_nothing_of_what_it_says() {
        let answer = Answer { api: ApiKey::Fetch, version: 12, body: Bytes::from_static(b"secret") };
        let shown = format!("{answer:?}");
        assert!(shown.contains("body_bytes: 6") && !shown.contains("secret"), "{shown}");
    }
}
