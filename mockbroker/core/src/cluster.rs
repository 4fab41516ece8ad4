//! The cluster as its owner drives it: connections, frames and the time come in, frames and closings go out.

mod activity;
mod brokers;
mod contents;
mod control;
mod faulty;
mod followers;
mod logs;
mod snapshot;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ottla_wire::frame::FrameError;
use ottla_wire::{BrokerId, Segments};

use crate::api::{self, Served};
use crate::broker::Address;
use crate::config::{ClusterConfig, ConfigError};
use crate::connection::{Closed, Connection, Session};
use crate::fault::FaultId;
use crate::iam::Identities;
use crate::idle::Idle;
use crate::journal::{Entry, EntryKind, Journal};
use crate::listener::{Listener, ListenerName, Protocol};
use crate::principal::{self, Principal};
use crate::sasl::Users;
use crate::state::State;
use crate::time::Now;
use crate::waiting::{Parked, ParkedRequest, Waiting};
use faulty::CutOff;

pub use contents::{NewRecord, PartitionState, TopicState, UnknownTopic, WriteError};
pub use snapshot::{ConnectionState, Snapshot};

pub use brokers::BrokerError;

/// A Kafka cluster.
#[derive(Debug)]
pub struct Cluster {
    state: State,
    connections: BTreeMap<ConnId, Connection>,
    waiting: Waiting,
    cut_off: CutOff,
    idle: Idle,
    output: VecDeque<Output>,
    next_conn: u64,
}

/// A connection, by the number that it had when it was opened; no two ever have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u64);

impl fmt::Display for ConnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "connection {}", self.0)
    }
}

/// What a connection is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Which.
    pub conn: ConnId,
    /// What.
    pub action: Action,
}

/// What a connection is to do. What is sent before a close goes out before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send a frame of these bytes, before which the shell writes their length.
    Send(Segments),
    /// Send these bytes as they are: a part of a frame with its length, of which a fault lets no more go out now.
    SendPart(Bytes),
    /// Send nothing: the connection's next frame may be read again.
    Read,
    /// Close; nothing more is said about the connection.
    Close,
    /// Close at once, whatever is still to be sent: the broker is no more. Nothing more is said about the connection.
    Abort,
}

/// A connection cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The cluster has no such broker.
    #[error(transparent)]
    UnknownBroker(#[from] UnknownBroker),
    /// A fault refuses it.
    #[error("{0} refuses the connection")]
    Refused(FaultId),
    /// The broker is down.
    #[error("broker {0} is down")]
    Down(BrokerId),
    /// As many connections are open as [`crate::Bounds::connections_max`] allows.
    #[error("{max} connections are open, and no more may be")]
    TooManyConnections {
        /// The bound.
        max: usize,
    },
}

/// The cluster has no such broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no broker {0}")]
pub struct UnknownBroker(pub BrokerId);

impl Cluster {
    /// A cluster without topics, identities and connections.
    ///
    /// # Errors
    /// When no cluster can be made of `config`.
    pub fn new(config: ClusterConfig) -> Result<Self, ConfigError> {
        let state = State::new(config)?;
        Ok(Self {
            idle: Idle::new(state.config.connections_max_idle),
            state,
            connections: BTreeMap::new(),
            waiting: Waiting::default(),
            cut_off: CutOff::default(),
            output: VecDeque::new(),
            next_conn: 0,
        })
    }

    /// Says where the clients of a listener find a broker. A broker that does not say it does not exist for them.
    ///
    /// # Errors
    /// When there is no such broker.
    pub fn advertise(
        &mut self,
        broker: BrokerId,
        listener: &ListenerName,
        host: impl Into<String>,
        port: u16,
    ) -> Result<(), UnknownBroker> {
        let address = Address { host: host.into(), port };
        self.state.brokers.advertise(broker, listener.clone(), address).ok_or(UnknownBroker(broker))
    }

    /// Takes on a connection that `peer` has opened to a broker's listener: an address and port, for the journal and for ACLs.
    ///
    /// # Errors
    /// When there is no such broker, or no room.
    pub fn open(
        &mut self,
        now: Now,
        broker: BrokerId,
        listener: Listener,
        peer: impl Into<String>,
    ) -> Result<ConnId, OpenError> {
        let process = self.state.brokers.process(broker).ok_or(UnknownBroker(broker))?;
        if process.is_down() {
            return Err(OpenError::Down(broker));
        }
        if let Some(fault) = self.state.faults.refuse(broker, &listener.name) {
            return Err(OpenError::Refused(fault));
        }
        let max = self.state.config.bounds.connections_max;
        if self.connections.len() >= max {
            return Err(OpenError::TooManyConnections { max });
        }
        self.next_conn = self.next_conn.saturating_add(1);
        let id = ConnId(self.next_conn);
        let (name, protocol) = (listener.name.clone(), listener.protocol);
        let peer = peer.into();
        let mut connection = Connection::new(id, broker, &peer, listener, now.mono);
        if self.state.brokers.is_running(broker) {
            self.idle.insert(&mut connection, now.mono);
        }
        self.connections.insert(id, connection);
        let connected = EntryKind::Connected { peer, listener: name, protocol };
        self.note(id, now, connected);
        self.state.tally.connection();
        self.is_cut_off(id, now);
        self.hold_back(id, now);
        Ok(id)
    }

    /// Takes a frame, without its length, that came on a connection. A frame of a connection that is closed is dropped.
    pub fn handle_frame(&mut self, conn: ConnId, now: Now, frame: Bytes) {
        let Some(connection) = self.connections.get_mut(&conn) else { return };
        self.state.tally.received(frame.len());
        connection.queue(frame);
        if !self.cut_off.contains_key(&conn) {
            connection.movement.last = now.mono;
        }
        let (requests, bytes) = (connection.queued_requests(), connection.queued_bytes());
        let bounds = &self.state.config.bounds;
        let is_running = self.state.brokers.is_running(connection.broker);
        let is_held_up = connection.parked.is_some() || self.cut_off.contains_key(&conn) || !is_running;
        if is_held_up && (requests > bounds.queued_requests_max || bytes > bounds.queued_bytes_max) {
            return self.drop_connection(conn, now, Closed::TooMuchQueued { requests, bytes });
        }
        self.run(conn, now);
    }

    /// Whether a connection's next frame may be read. Where not, a request waits, and as many wait behind it as the bounds allow: the shell
    /// reads on when it was given the next [`Output`] of the connection. Kafka itself reads nothing while a request waits.
    #[must_use]
    pub fn accepts_frames(&self, conn: ConnId) -> bool {
        let bounds = &self.state.config.bounds;
        self.connections.get(&conn).is_some_and(|connection| match &connection.parked {
            _ if !self.state.brokers.is_running(connection.broker) => false,
            None if !self.cut_off.contains_key(&conn) => true,
            Some(Parked { request: ParkedRequest::Closing { .. }, .. }) => false,
            _ => {
                connection.queued_requests() < bounds.queued_requests_max
                    && connection.queued_bytes() < bounds.queued_bytes_max
            }
        })
    }

    /// The most bytes that a connection's next frame may have. Kafka's brokers read no more than a SASL message from who is not authenticated.
    #[must_use]
    pub fn frame_bytes_max(&self, conn: ConnId) -> usize {
        let max = self.state.config.bounds.request_bytes_max;
        self.connections.get(&conn).map_or(0, |connection| connection.frame_bytes_max(max))
    }

    /// Takes what came on a connection in place of a frame: it is closed. To who is not authenticated yet that is a failed login, and as late as one.
    pub fn handle_bad_frame(&mut self, conn: ConnId, now: Now, error: FrameError) {
        match self.connections.get(&conn) {
            Some(connection) if connection.principal().is_none() => self.refuse(conn, now, None, error.into()),
            _ => self.drop_connection(conn, now, error.into()),
        }
    }

    /// Takes the failure of a connection's TLS handshake: it is closed.
    pub fn handle_failed_handshake(&mut self, conn: ConnId, now: Now, reason: impl Into<String>) {
        self.drop_connection(conn, now, Closed::TlsHandshake { reason: reason.into() });
    }

    /// Takes the certificate, in DER, that a connection's client showed in its TLS handshake and that the shell found good. On a listener without
    /// SASL it says who the client is, by `ssl.principal.mapping.rules`; where no rule applies, the connection is closed.
    pub fn handle_certificate(&mut self, conn: ConnId, now: Now, certificate: &[u8]) {
        let Some(connection) = self.connections.get_mut(&conn) else { return };
        if connection.listener.protocol != Protocol::Tls {
            return;
        }
        let named = principal::subject(certificate).map_err(Closed::from);
        match named
            .and_then(|subject| self.state.principal_mapping.name(&subject).ok_or(Closed::NoPrincipal { subject }))
        {
            Ok(name) => {
                let principal = Principal::user(&name);
                connection.session = Session::identified(principal.clone());
                self.note(conn, now, EntryKind::Authenticated { principal, mechanism: None });
            }
            Err(reason) => self.drop_connection(conn, now, reason),
        }
    }

    /// Takes the end of a connection, which the peer closed or lost. What it had asked for is not answered.
    pub fn close(&mut self, conn: ConnId, now: Now) {
        self.cut_off.remove(&conn);
        if self.forget(conn, now, Closed::ByPeer) {
            self.output.retain(|output| output.conn != conn);
        }
    }

    /// Answers the requests that have waited long enough, looks after the logs when that is due, fences the brokers that were silent for too long,
    /// takes followers out of sync that have lagged for too long, and closes the connections that are idle for too long.
    pub fn handle_timeout(&mut self, now: Now) {
        self.end_sessions(now);
        self.state.drop_laggards(now);
        while let Some(conn) = self.waiting.overdue(now.mono) {
            self.unpark(conn, now, Due::Now);
            self.run(conn, now);
        }
        self.state.look_after(now);
        for conn in self.wake(now) {
            self.run(conn, now);
        }
        self.close_idle(now);
    }

    /// When to call [`Cluster::handle_timeout`], if nothing else happens.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let state = &self.state;
        let others = [state.upkeep.next(), state.brokers.next_session_end(), state.lags.next(), self.idle.next()];
        self.waiting.next_deadline().into_iter().chain(others.into_iter().flatten()).min()
    }

    /// What a connection is to do next, in the order in which it happened.
    pub fn poll_output(&mut self) -> Option<Output> {
        let output = self.output.pop_front()?;
        if let Action::Send(answer) = &output.action {
            self.state.tally.sent(answer.len());
        }
        Some(output)
    }

    /// What happened.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.state.journal
    }

    /// The users of `PLAIN` and SCRAM, to add to.
    pub fn users_mut(&mut self) -> &mut Users {
        &mut self.state.users
    }

    /// Who may come in with `AWS_MSK_IAM`.
    #[must_use]
    pub fn identities(&self) -> &Identities {
        &self.state.identities
    }

    /// Who may come in with `AWS_MSK_IAM`, to add to.
    pub fn identities_mut(&mut self) -> &mut Identities {
        &mut self.state.identities
    }

    /// Who a connection belongs to; none while it is not authenticated, or closed.
    #[must_use]
    pub fn principal(&self, conn: ConnId) -> Option<&Principal> {
        self.connections.get(&conn)?.principal()
    }
}

/// Whether a parked request must be answered now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    /// Its wait is over.
    Now,
    /// Only if what it waits for is there.
    IfReady,
}

impl Cluster {
    /// Serves a connection's frames until one is parked or none is left, and then the connections whose wait that ended.
    fn run(&mut self, conn: ConnId, now: Now) {
        let mut ready = VecDeque::from([conn]);
        while let Some(conn) = ready.pop_front() {
            self.serve(conn, now);
            ready.extend(self.wake(now));
        }
    }

    fn serve(&mut self, conn: ConnId, now: Now) {
        while !self.is_cut_off(conn, now) {
            let Some(connection) = self.connections.get_mut(&conn) else { return };
            if !self.state.brokers.is_running(connection.broker) {
                return;
            }
            let Some(frame) = connection.next_frame() else { return };
            let served = api::serve(&mut self.state, connection, now, frame);
            self.take(conn, now, served);
        }
    }

    fn take(&mut self, conn: ConnId, now: Now, served: Served) {
        match served {
            Served::Nothing => self.leave_unanswered(conn, now),
            Served::Answered(answer) => self.answer(conn, now, answer),
            Served::Parked(parked) => self.park(conn, now, parked),
            Served::AuthenticationFailed(answer, reason) => self.refuse(conn, now, answer, reason),
            Served::Refused(reason) => self.drop_connection(conn, now, reason),
        }
    }

    /// Lets a request wait, unless its time is over already. What waited on the connection before waits no more.
    fn park(&mut self, conn: ConnId, now: Now, parked: Parked) {
        let Some(connection) = self.connections.get_mut(&conn) else { return };
        if let Some(before) = connection.parked.take() {
            self.waiting.remove(conn, &before);
        }
        let is_over = parked.deadline.is_some_and(|deadline| deadline <= now.mono);
        self.waiting.insert(conn, &parked);
        connection.parked = Some(parked);
        if is_over {
            self.unpark(conn, now, Due::Now);
        }
    }

    /// Closes a connection whose client is not let in, after the delay that slows down who tries passwords (KIP-306).
    fn refuse(&mut self, conn: ConnId, now: Now, answer: Option<Segments>, reason: Closed) {
        self.close_after(conn, now, self.state.config.failed_authentication_delay, answer, reason);
    }

    /// Reads no more from a connection, and closes it when the time is over, with an answer before that, if there is one. One that is being closed stays
    /// as it is.
    fn close_after(&mut self, conn: ConnId, now: Now, delay: Duration, answer: Option<Segments>, reason: Closed) {
        let is_closing = |parked: &Parked| matches!(parked.request, ParkedRequest::Closing { .. });
        if self.connections.get(&conn).is_some_and(|it| it.parked.as_ref().is_some_and(is_closing)) {
            return;
        }
        let deadline = Some(now.mono.checked_add(delay).unwrap_or(now.mono));
        let request = ParkedRequest::Closing { answer, reason };
        self.park(conn, now, Parked { api_version: 0, correlation_id: 0, deadline, request });
    }

    /// Answers the parked requests for which enough happened, and returns the connections that can go on.
    fn wake(&mut self, now: Now) -> Vec<ConnId> {
        let mut woken = Vec::new();
        while let Some(partition) = self.state.changed.pop_first() {
            let waiting = self.waiting.on(partition);
            woken.extend(waiting.into_iter().filter(|conn| self.unpark(*conn, now, Due::IfReady)));
        }
        woken
    }

    /// Answers a connection's parked request, if that is due; whether it was.
    fn unpark(&mut self, conn: ConnId, now: Now, due: Due) -> bool {
        let Some(connection) = self.connections.get_mut(&conn) else { return false };
        let broker = connection.broker;
        if let Some(Parked { request: ParkedRequest::Produce(produce), .. }) = &mut connection.parked {
            produce.look(&self.state, broker);
        }
        let Some(parked) = &connection.parked else { return false };
        if due == Due::IfReady && !api::is_ready(&self.state, connection, parked) {
            return false;
        }
        let Some(parked) = connection.parked.take() else { return false };
        self.waiting.remove(conn, &parked);
        match parked.request {
            ParkedRequest::Lull(lull) => self.end_lull(conn, now, lull),
            ParkedRequest::Closing { answer, reason } => {
                if let Some(answer) = answer {
                    self.send(conn, now, answer);
                }
                self.drop_connection(conn, now, reason);
            }
            ParkedRequest::Fetch(ref fetch) => {
                let answer = api::answer_fetch(&mut self.state, connection, now, &parked, fetch);
                self.answer_parked(conn, now, answer);
            }
            ParkedRequest::Produce(produce) => {
                let answer = api::answer_produce(&self.state, connection, parked.correlation_id, produce);
                self.answer_parked(conn, now, answer);
            }
        }
        true
    }

    fn answer_parked(&mut self, conn: ConnId, now: Now, answer: Result<Segments, Closed>) {
        match answer {
            Ok(answer) => self.answer(conn, now, answer),
            Err(reason) => self.drop_connection(conn, now, reason),
        }
    }

    fn drop_connection(&mut self, conn: ConnId, now: Now, reason: Closed) {
        if self.forget(conn, now, reason) {
            self.emit(conn, now, Action::Close);
        }
    }

    /// Removes a connection, with what waits on it; whether it was there.
    fn forget(&mut self, conn: ConnId, now: Now, reason: Closed) -> bool {
        self.note(conn, now, EntryKind::Closed { reason });
        let Some(mut connection) = self.connections.remove(&conn) else { return false };
        self.idle.remove(&mut connection);
        self.state.telemetry.disconnected(conn);
        if let Some(parked) = &connection.parked {
            self.waiting.remove(conn, parked);
        }
        true
    }

    fn note(&mut self, conn: ConnId, now: Now, kind: EntryKind) {
        if let Some(connection) = self.connections.get(&conn) {
            self.state.journal.write(connection.entry(now, kind));
        }
    }
}

impl Connection {
    /// An entry of the journal about this connection.
    pub(crate) fn entry(&self, now: Now, kind: EntryKind) -> Entry {
        Entry {
            at: now.wall,
            conn: self.id,
            broker: self.broker,
            principal: self.principal().cloned(),
            kind,
            body: None,
        }
    }
}
