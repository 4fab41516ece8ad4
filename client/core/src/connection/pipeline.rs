//! The requests of a connection that is ready: those not handed out yet, and those whose answer is awaited.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ottla_wire::{EncodeError, Segments};

use super::exchange::{Exchange, Writer};
use crate::request::{Answer, Disconnected, Outgoing, RequestError, RequestId};
use crate::time::Now;

/// Requests in the order they were taken. An answer belongs to the oldest that was handed out.
#[derive(Debug, Default)]
pub(super) struct Pipeline {
    unsent: VecDeque<(Taken, Segments)>,
    in_flight: VecDeque<Taken>,
}

#[derive(Debug)]
struct Taken {
    id: RequestId,
    exchange: Exchange,
    answered: bool,
    timeout: Duration,
    /// Nothing where the moment is further away than the clock counts.
    deadline: Option<Instant>,
}

impl Pipeline {
    pub(super) fn len(&self) -> usize {
        self.unsent.len() + self.in_flight.len()
    }

    pub(super) fn awaits_answer(&self) -> bool {
        !self.in_flight.is_empty()
    }

    #[cfg(test)]
    pub(super) fn has_unsent(&self) -> bool {
        !self.unsent.is_empty()
    }

    pub(super) fn push(&mut self, now: Now, outgoing: Outgoing, writer: &mut Writer) -> Result<(), EncodeError> {
        let Outgoing { id, api, version, body, timeout, answered } = outgoing;
        let (exchange, message) = writer.write(api, version, body)?;
        let deadline = now.mono.checked_add(timeout);
        self.unsent.push_back((Taken { id, exchange, answered, timeout, deadline }, message));
        Ok(())
    }

    /// The next message, and the end of its request where no answer will come.
    pub(super) fn poll_transmit(&mut self) -> Option<(Segments, Option<(RequestId, Answer)>)> {
        let (taken, message) = self.unsent.pop_front()?;
        if taken.answered {
            self.in_flight.push_back(taken);
            return Some((message, None));
        }
        let end = (taken.id, taken.answer(Bytes::new()));
        Some((message, Some(end)))
    }

    pub(super) fn handle_answer(&mut self, frame: Bytes) -> Result<(RequestId, Answer), Disconnected> {
        let Some(oldest) = self.in_flight.front() else {
            return Err(Disconnected::Protocol("an answer where none was awaited".to_owned()));
        };
        let body = oldest.exchange.answer(frame)?;
        let end = (oldest.id, oldest.answer(body));
        self.in_flight.pop_front();
        Ok(end)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.all().filter_map(|taken| taken.deadline).min()
    }

    /// How long a request has waited whose time is over.
    pub(super) fn overdue(&self, now: Now) -> Option<Duration> {
        self.all().find(|taken| taken.deadline.is_some_and(|deadline| deadline <= now.mono)).map(|taken| taken.timeout)
    }

    /// The end of each request when the connection ends.
    pub(super) fn end(self, reason: &Disconnected) -> impl Iterator<Item = (RequestId, RequestError)> {
        let lost = self.in_flight.into_iter().map(|taken| {
            let api = taken.exchange.api;
            (taken.id, RequestError::OutcomeUnknown { api, reason: reason.clone() })
        });
        let not_sent = self.unsent.into_iter().map(|(taken, _)| {
            let api = taken.exchange.api;
            (taken.id, RequestError::NotSent { api, reason: reason.clone() })
        });
        lost.chain(not_sent)
    }

    fn all(&self) -> impl Iterator<Item = &Taken> {
        self.in_flight.iter().chain(self.unsent.iter().map(|(taken, _)| taken))
    }
}

impl Taken {
    fn answer(&self, body: Bytes) -> Answer {
        Answer { api: self.exchange.api, version: self.exchange.version, body }
    }
}
