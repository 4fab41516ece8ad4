//! One connection: who it is, and what it still has to be answered.

mod session;

use core::net::SocketAddr;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ottla_wire::codec::{DecodeError, EncodeError};
use ottla_wire::frame::FrameError;
use ottla_wire::sasl::RECEIVE_BYTES_MAX;
use ottla_wire::{ApiKey, BrokerId, ErrorCode, Segments, VersionRange};

use crate::api::Absence;
use crate::cluster::ConnId;
use crate::fault::{FaultId, Strike};
use crate::idle::Movement;
use crate::listener::Listener;
use crate::principal::{CertificateError, Principal};
use crate::sasl::Mechanism;
use crate::waiting::Parked;

pub(crate) use session::{Authenticating, Login, Session, Tokens};

/// A connection to a broker.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) id: ConnId,
    pub(crate) broker: BrokerId,
    /// Where the client is, as an ACL says it.
    pub(crate) host: Box<str>,
    /// Its port, where it comes from one.
    pub(crate) port: Option<u16>,
    /// What the client's library says that it is called, and its version (KIP-511).
    software: Option<Box<[String; 2]>>,
    pub(crate) listener: Listener,
    pub(crate) session: Session,
    /// The name that the client gave itself last.
    pub(crate) client_id: Option<Arc<str>>,
    /// The request that is to be answered next.
    pub(crate) serving: Option<Serving>,
    /// The request that waits for something; those that came after it wait in `queue`, as Kafka reads none of them.
    pub(crate) parked: Option<Parked>,
    pub(crate) movement: Movement,
    queue: VecDeque<Bytes>,
    queued_bytes: usize,
}

impl Connection {
    pub(crate) fn new(id: ConnId, broker: BrokerId, peer: &str, listener: Listener, now: Instant) -> Self {
        let session =
            if listener.protocol.is_sasl() { Session::Fresh } else { Session::identified(Principal::anonymous()) };
        Self {
            host: host(peer),
            port: peer.parse().ok().map(|address: SocketAddr| address.port()),
            software: None,
            id,
            broker,
            listener,
            session,
            client_id: None,
            serving: None,
            parked: None,
            movement: Movement::at(now),
            queue: VecDeque::new(),
            queued_bytes: 0,
        }
    }

    /// The client's library, and its version, as far as it said them.
    pub(crate) fn software(&self) -> [&str; 2] {
        self.software.as_ref().map_or(["unknown"; 2], |software| software.each_ref().map(String::as_str))
    }

    /// Takes note of the client's library and its version.
    pub(crate) fn is_software(&mut self, software: [&str; 2]) {
        self.software = Some(Box::new(software.map(str::to_owned)));
    }

    pub(crate) fn principal(&self) -> Option<&Principal> {
        self.session.login().map(|login| &login.principal)
    }

    /// By what quotas tell its client: its user, and the name that it gave itself.
    pub(crate) fn client(&self) -> (&str, &str) {
        let user = self.principal().map_or("", |principal| principal.name());
        (user, self.client_id.as_deref().unwrap_or_default())
    }

    /// The most bytes that the next frame may have: before a client is authenticated, those of a SASL message.
    pub(crate) fn frame_bytes_max(&self, request_bytes_max: usize) -> usize {
        match self.session {
            Session::Open(_) => request_bytes_max,
            _ => RECEIVE_BYTES_MAX,
        }
    }

    pub(crate) fn queue(&mut self, frame: Bytes) {
        self.queued_bytes = self.queued_bytes.saturating_add(frame.len());
        self.queue.push_back(frame);
    }

    /// The next frame, unless a request is parked.
    pub(crate) fn next_frame(&mut self) -> Option<Bytes> {
        if self.parked.is_some() {
            return None;
        }
        let frame = self.queue.pop_front()?;
        self.queued_bytes = self.queued_bytes.saturating_sub(frame.len());
        Some(frame)
    }

    /// The frame that comes next, which stays where it is.
    pub(crate) fn front(&self) -> Option<&Bytes> {
        self.queue.front()
    }

    pub(crate) fn queued_requests(&self) -> usize {
        self.queue.len()
    }

    pub(crate) fn queued_bytes(&self) -> usize {
        self.queued_bytes
    }
}

/// The address of a peer without its port, as Java writes it: that of IPv6 has its eight numbers, and no zero is left out.
fn host(peer: &str) -> Box<str> {
    match peer.parse() {
        Ok(SocketAddr::V4(address)) => address.ip().to_string().into(),
        Ok(SocketAddr::V6(address)) => address.ip().segments().map(|of| format!("{of:x}")).join(":").into(),
        Err(_) => peer.into(),
    }
}

/// A request that is being served.
#[derive(Debug)]
pub(crate) struct Serving {
    pub(crate) api: ApiKey,
    pub(crate) version: i16,
    pub(crate) correlation_id: i32,
    /// The bytes of its body.
    pub(crate) request_bytes: usize,
    /// For how long the client is to be silent by its `controller_mutation_rate`.
    pub(crate) mutation_wait: Duration,
    /// What is done to its answer.
    pub(crate) aftermath: Option<Aftermath>,
}

/// What a fault does to an answer.
#[derive(Debug)]
pub(crate) struct Aftermath {
    pub(crate) strike: Strike,
    /// The answer that says the error of what the fault means, where it is one of errors.
    pub(crate) error: Option<Segments>,
}

/// Why a connection was closed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Closed {
    /// The other side closed it.
    #[error("the peer closed the connection")]
    ByPeer,
    /// The cluster is made anew.
    #[error("the cluster was reset")]
    Reset,
    /// A fault closed it.
    #[error("{0} closed the connection")]
    ByFault(FaultId),
    /// Nothing moved on it for `connections.max.idle.ms`; a request that waits moves nothing.
    #[error("nothing moved for {} ms, which is connections.max.idle.ms", .0.as_millis())]
    Idle(Duration),
    /// Its address opens more connections than its quota `connection_creation_rate` allows (KIP-612): it was taken on, and nothing was read from it.
    #[error("{0} opens more connections than its quota of connection_creation_rate allows")]
    TooManyOpened(Box<str>),
    /// The bytes are no frame.
    #[error(transparent)]
    BadFrame(#[from] FrameError),
    /// The peer and the shell did not come to an encrypted connection.
    #[error("TLS handshake failed: {reason}")]
    TlsHandshake {
        /// What the shell's TLS library says.
        reason: String,
    },
    /// The client's certificate cannot be read.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// No rule of `ssl.principal.mapping.rules` gives the client a name.
    #[error("no rule of ssl.principal.mapping.rules applies to {subject}")]
    NoPrincipal {
        /// The subject of its certificate.
        subject: String,
    },
    /// A frame does not begin with a request header.
    #[error("no request header: {0}")]
    BadHeader(DecodeError),
    /// Kafka's broker listener has no such API.
    #[error("API key {0} is not known")]
    UnknownApi(i16),
    /// Kafka has the API, and the mock does not.
    #[error("{api} is not answered: {reason}")]
    AbsentApi {
        /// The API.
        api: ApiKey,
        /// Why it is absent.
        reason: Absence,
    },
    /// The version is outside the API's range.
    #[error("{api} v{version} is not supported, {answered} are")]
    UnsupportedVersion {
        /// The API.
        api: ApiKey,
        /// The version asked for.
        version: i16,
        /// The versions that are answered.
        answered: VersionRange,
    },
    /// The body is not that of a request of this API and version.
    #[error("{api} v{version} is malformed: {reason}")]
    Malformed {
        /// The API.
        api: ApiKey,
        /// The version.
        version: i16,
        /// What is wrong with it.
        reason: DecodeError,
    },
    /// The request names a kind of thing by 0, which stands for none that is known: Kafka reads no such request.
    #[error("{0} names a kind of resource, pattern, operation or permission that nobody knows")]
    UnknownKind(ApiKey),
    /// A request came before the client was authenticated: `ILLEGAL_SASL_STATE`.
    #[error("ILLEGAL_SASL_STATE (34): {0} came before the client was authenticated")]
    NotAuthenticated(ApiKey),
    /// The client wants a SASL mechanism that the listener does not have.
    #[error("UNSUPPORTED_SASL_MECHANISM (33): {0:?}")]
    UnsupportedMechanism(String),
    /// On a connection that is authenticated, the client wants to authenticate again by another mechanism.
    #[error("SASL mechanism {asked:?} cannot renew a session of {before}")]
    MechanismChanged {
        /// The mechanism that it wants.
        asked: String,
        /// The mechanism that it came in by.
        before: Mechanism,
    },
    /// The session has ended, and the client went on without authenticating again (KIP-368).
    #[error("the session has ended")]
    SessionExpired,
    /// The client did not prove who it is; the entry before this one says why.
    #[error("SASL_AUTHENTICATION_FAILED (58)")]
    AuthenticationFailed,
    /// A Produce with acks=0 failed, which Kafka can say in no other way.
    #[error("Produce with acks=0 failed: {0}")]
    UnacknowledgedProduce(ErrorCode),
    /// The broker was stopped.
    #[error("the broker was stopped")]
    BrokerStopped,
    /// The broker was killed.
    #[error("the broker was killed")]
    BrokerKilled,
    /// More requests wait, behind a parked one or for a broker that hangs, than the bounds allow.
    #[error("{requests} requests of {bytes} bytes wait, which is above the bound")]
    TooMuchQueued {
        /// How many wait.
        requests: usize,
        /// Their bytes.
        bytes: usize,
    },
    /// The answer cannot be written in the version asked for.
    #[error(transparent)]
    Unsayable(#[from] EncodeError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_peer_is_told_as_java_tells_it() {
        assert_eq!(&*host("127.0.0.1:9092"), "127.0.0.1");
        assert_eq!(&*host("[::1]:9092"), "0:0:0:0:0:0:0:1");
        assert_eq!(&*host("[fe80::ab]:1"), "fe80:0:0:0:0:0:0:ab");
        assert_eq!(&*host("memory"), "memory");
    }
}
