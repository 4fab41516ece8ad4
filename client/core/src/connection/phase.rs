//! The three phases of a connection: handshake, ready, ended. When its session is to be renewed, it goes back to the first.

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
    /// Before the first session, or between two: nothing is in flight, and no request is let in.
    Handshaking(Handshaking),
    Ready(Ready),
    Ended(Disconnected),
}

#[derive(Debug)]
pub(super) struct Handshaking {
    pub(super) attempt: Attempt,
    pub(super) handshake: Handshake,
    pub(super) deadline: Deadline,
    pub(super) unsent: Option<Segments>,
}

/// Which of a connection's sessions a handshake is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    First,
    Renewal,
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
    /// Until the broker's session must be renewed.
    Until { drain: Instant, expires: Instant, then: Then },
    /// None is let in any more; those in flight are waited for.
    Draining { since: Instant, expires: Instant, then: Then },
}

/// What comes when nothing is in flight any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    Renew,
    /// The session is too short to be renewed.
    End,
}

/// A session as the broker granted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Granted {
    pub(super) asked_at: Instant,
    pub(super) lifetime: Duration,
}

/// What is due by the time.
#[derive(Debug)]
pub(super) enum Due {
    Renewal,
    End(Disconnected),
}

/// When a session is renewed, in thousandths of its length; where between the two is left to chance, as in Kafka's own client, so that many
/// connections do not renew at once.
const RENEWAL_MIN: u32 = 850;
const RENEWAL_MAX: u32 = 950;

/// A broker takes no renewal sooner than this after the session began (KIP-368).
const RENEWAL_INTERVAL_MIN: Duration = Duration::from_secs(1);

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
    pub(super) fn new(now: Now, attempt: Attempt, timeout: Duration, handshake: Handshake, first: Segments) -> Self {
        let deadline = Deadline { after: timeout, at: now.mono.checked_add(timeout) };
        Self { attempt, handshake, deadline, unsent: Some(first) }
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

    pub(super) fn handle_timeout(&mut self, now: Now) -> Option<Due> {
        self.session = self.session.at(now);
        if let Some(after) = self.pipeline.overdue(now) {
            return Some(Due::End(Disconnected::Timeout { after }));
        }
        match self.session {
            Session::Draining { then: Then::Renew, .. } if self.pipeline.len() == 0 => Some(Due::Renewal),
            Session::Draining { then: Then::End, .. } if self.pipeline.len() == 0 => {
                Some(Due::End(Disconnected::SessionEnds))
            }
            _ => None,
        }
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
    /// A session that begins now. It is counted from before it was asked for, so that it never ends later than the broker's.
    pub(super) fn new(now: Now, granted: Option<Granted>, draw: u64) -> Self {
        let Some(Granted { asked_at, lifetime }) = granted else { return Self::Endless };
        let Some(expires) = asked_at.checked_add(lifetime) else { return Self::Endless };
        let thousandths = RENEWAL_MIN + (draw % u64::from(RENEWAL_MAX - RENEWAL_MIN + 1)) as u32;
        let wanted = asked_at + lifetime / 1000 * thousandths;
        let allowed = now.mono + RENEWAL_INTERVAL_MIN;
        if allowed < expires {
            Self::Until { drain: wanted.max(allowed), expires, then: Then::Renew }
        } else {
            Self::Until { drain: wanted, expires, then: Then::End }
        }
    }

    pub(super) fn expires(self) -> Option<Instant> {
        match self {
            Self::Endless => None,
            Self::Until { expires, .. } | Self::Draining { expires, .. } => Some(expires),
        }
    }

    fn at(self, now: Now) -> Self {
        match self {
            Self::Until { drain, expires, then } if drain <= now.mono => Self::Draining { since: drain, expires, then },
            other => other,
        }
    }
}
