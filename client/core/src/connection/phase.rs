//! The three phases of a connection: handshake, ready, ended.

use std::time::{Duration, Instant};

use bytes::Bytes;
use ottla_wire::Segments;

use super::error::HandshakeError;
use super::handshake::Handshake;
use super::pipeline::Pipeline;
use crate::request::{Answer, Disconnected, RequestId};
use crate::time::Now;
use crate::versions::Versions;

#[derive(Debug)]
pub(super) enum Phase {
    Handshaking(Handshaking),
    Ready(Ready),
    Ended(Disconnected),
}

#[derive(Debug)]
pub(super) struct Handshaking {
    pub(super) handshake: Handshake,
    pub(super) deadline: Deadline,
    pub(super) unsent: Option<Segments>,
}

/// When the handshake must be over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    pub(super) after: Duration,
    /// Nothing where the moment is further away than the clock counts.
    pub(super) at: Option<Instant>,
}

#[derive(Debug)]
pub(super) struct Ready {
    pub(super) versions: Versions,
    pub(super) session: Session,
    pub(super) pipeline: Pipeline,
}

/// How long requests are let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Session {
    /// For as long as the connection is there.
    Endless,
    /// Until the broker's session is about to end.
    Until { drain: Instant, expires: Instant },
    /// None is let in any more; those in flight are waited for.
    Draining { since: Instant, expires: Instant },
}

/// The longest stretch at the end of a session in which no request is sent.
const DRAIN_MAX: Duration = Duration::from_secs(60);

/// The part of a session at its end in which no request is sent, where that is shorter.
const DRAIN_FRACTION: u32 = 10;

impl Phase {
    pub(super) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::Ended(Disconnected::Closed))
    }

    pub(super) fn ready(&self) -> Option<&Ready> {
        match self {
            Self::Ready(ready) => Some(ready),
            Self::Handshaking(_) | Self::Ended(_) => None,
        }
    }
}

impl Handshaking {
    pub(super) fn new(now: Now, timeout: Duration, handshake: Handshake, first: Segments) -> Self {
        let deadline = Deadline { after: timeout, at: now.mono.checked_add(timeout) };
        Self { handshake, deadline, unsent: Some(first) }
    }

    pub(super) fn overdue(&self, now: Now) -> Option<HandshakeError> {
        self.deadline.at.filter(|deadline| *deadline <= now.mono)?;
        Some(HandshakeError::Timeout { during: self.handshake.step(), after: self.deadline.after })
    }
}

impl Ready {
    pub(super) fn new(versions: Versions, session: Session) -> Self {
        Self { versions, session, pipeline: Pipeline::default() }
    }

    pub(super) fn has_room(&self, in_flight_max: usize) -> bool {
        !matches!(self.session, Session::Draining { .. }) && self.pipeline.len() < in_flight_max
    }

    pub(super) fn handle_answer(&mut self, now: Now, frame: Bytes) -> Result<(RequestId, Answer), Disconnected> {
        self.session = self.session.at(now);
        self.pipeline.handle_answer(frame)
    }

    /// Why the connection ends now, if it does.
    pub(super) fn handle_timeout(&mut self, now: Now) -> Option<Disconnected> {
        self.session = self.session.at(now);
        if let Some(after) = self.pipeline.overdue(now) {
            return Some(Disconnected::Timeout { after });
        }
        let drained = matches!(self.session, Session::Draining { .. }) && self.pipeline.len() == 0;
        drained.then_some(Disconnected::SessionEnds)
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let deadline = self.pipeline.deadline();
        match self.session {
            Session::Endless => deadline,
            Session::Until { drain, .. } => deadline.map_or(Some(drain), |deadline| Some(deadline.min(drain))),
            // Not before what was handed out has had its chance to be written: the owner writes first and looks at the time then.
            Session::Draining { since, .. } if self.pipeline.len() == 0 => Some(since),
            Session::Draining { .. } => deadline,
        }
    }
}

impl Session {
    /// A session of this length, counted from before it was asked for, so that it never ends later than the broker's.
    pub(super) fn new(asked_at: Instant, lifetime: Duration) -> Self {
        let Some(expires) = asked_at.checked_add(lifetime) else { return Self::Endless };
        let margin = (lifetime / DRAIN_FRACTION).min(DRAIN_MAX);
        Self::Until { drain: asked_at + (lifetime - margin), expires }
    }

    pub(super) fn expires(self) -> Option<Instant> {
        match self {
            Self::Endless => None,
            Self::Until { expires, .. } | Self::Draining { expires, .. } => Some(expires),
        }
    }

    fn at(self, now: Now) -> Self {
        match self {
            Self::Until { drain, expires } if drain <= now.mono => Self::Draining { since: drain, expires },
            other => other,
        }
    }
}
