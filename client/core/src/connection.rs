//! One connection to one broker, from its first byte to its last.
//!
//! It begins with ApiVersions, authenticates where the configuration says so, and then carries requests: several at a time, each answered in the
//! order it was sent. The broker's bytes are believed in nothing: an answer that is not the one awaited, or a byte where none is, ends the
//! connection, for no later one could be told apart.
//!
//! Each request that [`Connection::send`] takes ends exactly once, in an [`Event::Ended`]. What is true of it when the connection ends follows from
//! whether [`Connection::poll_transmit`] has handed out its bytes: from then on the broker may have acted on it.
//!
//! An authenticated session may have an end (KIP-368), after which the broker closes the connection at the next request without a word. So when 85 to
//! 95 % of it are over, no request is let in, what is in flight is waited for, and the connection authenticates again in place: SaslHandshake and
//! SaslAuthenticate, with nothing between them. Where that fails, it closes as [`Disconnected::NotRenewed`], to be opened again by whoever needs it:
//! some refusals, such as that of another principal, hold for the connection alone.

mod error;
mod exchange;
mod handshake;
mod login;
mod phase;
mod pipeline;
mod refusal;
mod sasl;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use bytes::{Bytes, BytesMut};
use ottla_wire::frame::{self, FRAME_BYTES_MAX};
use ottla_wire::{ApiKey, ErrorCode, Segments};

pub use error::{CredentialsFailure, HandshakeError, OtherProtocol, ReplyError, Step};
pub use refusal::{AuthenticationError, Claim, Refusal, SignedClaim, TEXT_CHARS_MAX};
pub use sasl::{MskIam, Nonce, Password, Sasl};

use crate::request::{Answer, Disconnected, Outgoing, RequestError, RequestId};
use crate::scram::{SaltedPassword, Salting};
use crate::time::Now;
use crate::token::{OAuthBearerToken, TokenFailure};
use crate::versions::Versions;
use exchange::Writer;
use handshake::{Handshake, Next};
use phase::{Attempt, Due, Handshaking, Phase, Ready, Session};

/// How a connection is made.
#[derive(Clone, Debug)]
pub struct Config {
    /// What the client calls itself in each request, for the broker's logs and quotas; default none. At most 32,767 bytes.
    pub client_id: Option<Arc<str>>,
    /// The name of the client library, for the broker's metrics (KIP-511); default `ottla`. Letters, digits, `-` and `.`, with a letter or digit at
    /// both ends: a broker refuses any other.
    pub software_name: Arc<str>,
    /// The version of the client library, of the same characters; default this crate's.
    pub software_version: Arc<str>,
    /// How to authenticate; default not at all.
    pub sasl: Option<Sasl>,
    /// How long it may take from [`Connection::new`] to [`Event::Ready`], the wait for credentials and the like included; default [`HANDSHAKE_TIMEOUT`].
    pub handshake_timeout: Duration,
    /// How long the renewal of a session may take, the wait for credentials and the like included; default [`HANDSHAKE_TIMEOUT`].
    pub renewal_timeout: Duration,
    /// Random bits, from which the moment of each renewal is taken; default 0, which is the earliest.
    pub renewal_draw: u64,
    /// The largest answer that is accepted, in bytes without its length prefix; default [`FRAME_BYTES_MAX`].
    pub frame_bytes_max: usize,
    /// The most requests that are taken and have not ended; default [`IN_FLIGHT_MAX`]. More keep a link of high latency busy, and cost memory.
    pub in_flight_max: usize,
}

/// The default of [`Config::handshake_timeout`]: 30 s, Kafka's default for a request.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);

/// The default of [`Config::in_flight_max`].
pub const IN_FLIGHT_MAX: usize = 32;

impl Default for Config {
    fn default() -> Self {
        Self {
            client_id: None,
            software_name: "ottla".into(),
            software_version: env!("CARGO_PKG_VERSION").into(),
            sasl: None,
            handshake_timeout: HANDSHAKE_TIMEOUT,
            renewal_timeout: HANDSHAKE_TIMEOUT,
            renewal_draw: 0,
            frame_bytes_max: FRAME_BYTES_MAX,
            in_flight_max: IN_FLIGHT_MAX,
        }
    }
}

/// What the owner of a connection learns from it.
#[derive(Debug)]
pub enum Event {
    /// The connection cannot authenticate without this: get it, and hand it to [`Connection::handle_provided`].
    Wanted(Want),
    /// Requests can be sent.
    Ready,
    /// Another session has begun in place of the one before, and requests can be sent again.
    Renewed,
    /// A request has ended. One that the broker does not answer ends with an empty body as soon as its bytes are handed out.
    Ended {
        /// Which.
        id: RequestId,
        /// The answer, or what is true of the request without one.
        result: Result<Answer, RequestError>,
    },
    /// The connection is over without having been ready. The stream can be dropped.
    Failed(HandshakeError),
    /// The connection was ready and is over; all its requests have ended before. The stream can be dropped.
    Closed(Disconnected),
}

/// What a connection needs to authenticate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Want {
    /// AWS credentials, of their provider.
    Credentials,
    /// A token for OAUTHBEARER, of its provider.
    Token,
    /// What comes of this job, which takes a while.
    SaltedPassword(Salting),
}

/// What a connection was given to authenticate with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Provided {
    /// What the provider of AWS credentials said.
    Credentials(Result<Credentials, CredentialsFailure>),
    /// What the provider of tokens said.
    Token(Result<OAuthBearerToken, TokenFailure>),
    /// The salted password.
    SaltedPassword(SaltedPassword),
}

/// The state of one connection; see the module for its rules.
#[derive(Debug)]
pub struct Connection {
    phase: Phase,
    writer: Writer,
    /// For the next session.
    sasl: Option<Sasl>,
    renewal_timeout: Duration,
    renewal_draw: u64,
    frame_bytes_max: usize,
    in_flight_max: usize,
    events: VecDeque<Event>,
}

impl Connection {
    /// A connection whose stream has just been opened, TLS included. Its first bytes are ready to be sent.
    #[must_use]
    pub fn new(now: Now, config: Config) -> Self {
        let mut connection = Self {
            phase: Phase::Ended(Disconnected::Closed),
            writer: Writer::new(config.client_id.clone()),
            sasl: config.sasl.clone().map(Sasl::renewed),
            renewal_timeout: config.renewal_timeout,
            renewal_draw: config.renewal_draw,
            frame_bytes_max: config.frame_bytes_max,
            in_flight_max: config.in_flight_max,
            events: VecDeque::new(),
        };
        let timeout = config.handshake_timeout;
        match Handshake::start(&config, &mut connection.writer) {
            Ok((handshake, first)) => {
                connection.phase = Phase::Handshaking(Handshaking::new(now, Attempt::First, timeout, handshake, first));
            }
            Err(error) => connection.fail(error),
        }
        connection
    }

    /// Takes the whole frames that stand at the front of `bytes`, and leaves the beginning of one that is not whole.
    pub fn handle_bytes(&mut self, now: Now, bytes: &mut BytesMut) {
        while !self.is_ended() {
            if let Some(other) = self.other_protocol(bytes) {
                return self.fail(HandshakeError::OtherProtocol(other));
            }
            match frame::split(bytes, self.frame_bytes_max) {
                Ok(Some(frame)) => self.handle_frame(now, frame),
                Ok(None) if bytes.is_empty() || self.may_be_told() => return,
                Ok(None) => self.end(Disconnected::Protocol("bytes where no answer was awaited".to_owned())),
                Err(error) => self.end(Disconnected::Protocol(error.to_string())),
            }
        }
        bytes.clear();
    }

    /// The stream is over, or its owner wants no more of it.
    pub fn handle_closed(&mut self, _now: Now, how: Disconnected) {
        self.end(how);
    }

    /// What was asked for by [`Event::Wanted`]; at any other time, and where something else was, it is passed over.
    pub fn handle_provided(&mut self, now: Now, provided: Provided) {
        match self.phase.take() {
            Phase::Handshaking(Handshaking { attempt, handshake: Handshake::Provided(wait), deadline, .. }) => {
                let next = wait.handle_provided(now, provided, &mut self.writer);
                self.advance(now, attempt, deadline, next);
            }
            other => self.phase = other,
        }
    }

    /// The time of [`Connection::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Now) {
        match &mut self.phase {
            Phase::Handshaking(handshaking) => {
                if let Some(error) = handshaking.overdue(now) {
                    let attempt = handshaking.attempt;
                    self.fail_at(attempt, error);
                }
            }
            Phase::Ready(ready) => match ready.handle_timeout(now) {
                Some(Due::Renewal) => self.renew(now),
                Some(Due::End(reason)) => self.end(reason),
                None => {}
            },
            Phase::Ended(_) => {}
        }
    }

    /// Whether a request may be sent now.
    #[must_use]
    pub fn can_send(&self) -> bool {
        self.phase.ready().is_some_and(|ready| ready.has_room(self.in_flight_max))
    }

    /// Takes a request. Without [`Connection::can_send`] it ends at once as [`RequestError::NotSent`].
    pub fn send(&mut self, now: Now, outgoing: Outgoing) {
        let (id, api) = (outgoing.id, outgoing.api);
        let taken = match &mut self.phase {
            Phase::Ready(ready) if ready.has_room(self.in_flight_max) => {
                ready.pipeline.push(now, outgoing, &mut self.writer).map_err(RequestError::Unwritable)
            }
            Phase::Ready(_) | Phase::Handshaking(_) => {
                Err(RequestError::NotSent { api, reason: Disconnected::NotReady })
            }
            Phase::Ended(reason) => Err(RequestError::NotSent { api, reason: reason.clone() }),
        };
        if let Err(error) = taken {
            self.events.push_back(Event::Ended { id, result: Err(error) });
        }
    }

    /// What the broker offers; nothing before [`Event::Ready`], nor after the end.
    #[must_use]
    pub fn versions(&self) -> Option<&Versions> {
        self.phase.ready().map(|ready| &ready.versions)
    }

    /// When the broker ends the authenticated session, where there is one with an end.
    #[must_use]
    pub fn session_expires(&self) -> Option<Instant> {
        self.phase.ready().and_then(|ready| ready.session.expires())
    }

    /// The next message to be written: length prefix, header and body. From here on the broker may act on it.
    pub fn poll_transmit(&mut self) -> Option<Segments> {
        match &mut self.phase {
            Phase::Handshaking(handshaking) => handshaking.unsent.take(),
            Phase::Ready(ready) => {
                let (message, ended) = ready.pipeline.poll_transmit()?;
                self.events.extend(ended.map(|(id, answer)| Event::Ended { id, result: Ok(answer) }));
                Some(message)
            }
            Phase::Ended(_) => None,
        }
    }

    /// What has happened since the last call.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When to call [`Connection::handle_timeout`].
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Handshaking(handshaking) => handshaking.deadline.at,
            Phase::Ready(ready) => ready.poll_timeout(),
            Phase::Ended(_) => None,
        }
    }

    fn is_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended(_))
    }

    /// Whether bytes may come: an answer is awaited, which has its deadline, as the handshake has. Nothing else would end the wait for the rest of a frame.
    fn may_be_told(&self) -> bool {
        self.phase.ready().is_none_or(|ready| ready.pipeline.awaits_answer())
    }

    /// Only the first answer is looked at: later ones may begin with any length.
    fn other_protocol(&self, bytes: &[u8]) -> Option<OtherProtocol> {
        match &self.phase {
            Phase::Handshaking(at) if at.handshake.step() == Step::ApiVersions => OtherProtocol::recognise(bytes),
            _ => None,
        }
    }

    fn handle_frame(&mut self, now: Now, frame: Bytes) {
        match self.phase.take() {
            Phase::Handshaking(Handshaking { attempt, handshake, deadline, .. }) => {
                let next = handshake.handle_answer(now, frame, &mut self.writer);
                self.advance(now, attempt, deadline, next);
            }
            Phase::Ready(mut ready) => {
                let answered = ready.handle_answer(now, frame);
                self.phase = Phase::Ready(ready);
                match answered {
                    Ok((id, answer)) => self.events.push_back(Event::Ended { id, result: Ok(answer) }),
                    Err(reason) => self.end(reason),
                }
            }
            ended @ Phase::Ended(_) => self.phase = ended,
        }
    }

    /// Begins the next session; nothing is in flight.
    fn renew(&mut self, now: Now) {
        // Without SASL there is no session that ends.
        let Some(sasl) = self.sasl.clone() else { return };
        let Phase::Ready(Ready { versions, .. }) = self.phase.take() else { return };
        self.sasl = Some(sasl.clone().renewed());
        match Handshake::renew(versions, sasl, &mut self.writer) {
            Ok((handshake, first)) => {
                let timeout = self.renewal_timeout;
                self.phase = Phase::Handshaking(Handshaking::new(now, Attempt::Renewal, timeout, handshake, first));
            }
            Err(error) => self.give_up(&error),
        }
    }

    fn advance(&mut self, now: Now, attempt: Attempt, deadline: phase::Deadline, next: Result<Next, HandshakeError>) {
        let (handshake, unsent) = match next {
            Ok(Next::Ask(handshake, message)) => (handshake, Some(message)),
            Ok(Next::Want(want, wait)) => {
                self.events.push_back(Event::Wanted(want));
                (Handshake::Provided(wait), None)
            }
            Ok(Next::Stay(wait)) => (Handshake::Provided(wait), None),
            Ok(Next::Done { versions, granted }) => {
                let session = Session::new(now, granted, self.renewal_draw);
                self.phase = Phase::Ready(Ready::new(versions, session));
                self.events.push_back(match attempt {
                    Attempt::First => Event::Ready,
                    Attempt::Renewal => Event::Renewed,
                });
                return;
            }
            Err(error) => return self.fail_at(attempt, error),
        };
        self.phase = Phase::Handshaking(Handshaking { attempt, handshake, deadline, unsent });
    }

    fn fail_at(&mut self, attempt: Attempt, error: HandshakeError) {
        match (attempt, error) {
            (Attempt::First, error) => self.fail(error),
            // A listener that has let the client in by SASL has it.
            (Attempt::Renewal, HandshakeError::NoSasl) => {
                let (api, code) = (ApiKey::SaslHandshake, ErrorCode::ILLEGAL_SASL_STATE);
                self.give_up(&HandshakeError::Refused { api, code });
            }
            (Attempt::Renewal, error) => self.give_up(&error),
        }
    }

    /// The session cannot be renewed.
    fn give_up(&mut self, error: &HandshakeError) {
        let reason = Disconnected::NotRenewed(error.to_string());
        self.events.push_back(Event::Closed(reason.clone()));
        self.phase = Phase::Ended(reason);
    }

    fn fail(&mut self, error: HandshakeError) {
        self.phase = Phase::Ended(Disconnected::Unreachable(error.to_string()));
        self.events.push_back(Event::Failed(error));
    }

    fn end(&mut self, reason: Disconnected) {
        match self.phase.take() {
            Phase::Handshaking(Handshaking { attempt, handshake, .. }) => {
                self.fail_at(attempt, HandshakeError::disconnected(handshake.step(), reason));
            }
            Phase::Ready(ready) => {
                let lost = ready.pipeline.end(&reason);
                self.events.extend(lost.map(|(id, error)| Event::Ended { id, result: Err(error) }));
                self.events.push_back(Event::Closed(reason.clone()));
                self.phase = Phase::Ended(reason);
            }
            ended @ Phase::Ended(_) => self.phase = ended,
        }
    }
}
