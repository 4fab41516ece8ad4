//! What the owner of a connection must be told.

use std::collections::VecDeque;

use ottla_core::connection::{Connection, Event};
use ottla_core::{Outgoing, RequestError, RequestId};

/// The requests of a connection that have not ended, and how far the connection is.
#[derive(Default)]
pub struct Owner {
    ids: u64,
    /// Taken, and not handed out.
    unsent: VecDeque<Request>,
    /// Handed out, and awaiting their answer.
    in_flight: VecDeque<RequestId>,
    /// Those that end without an answer: handed out where none will come, or never taken.
    ending: VecDeque<(RequestId, Ending)>,
    was_ready: bool,
    asked_for_credentials: bool,
    is_over: bool,
}

struct Request {
    id: RequestId,
    is_answered: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Refused,
    HandedOut,
}

impl Owner {
    pub fn next_id(&mut self) -> u64 {
        self.ids += 1;
        self.ids
    }

    /// A request is about to be sent. Where the connection has no room, it ends at once.
    pub fn sends(&mut self, outgoing: &Outgoing, connection: &Connection) {
        let Outgoing { id, answered: is_answered, .. } = *outgoing;
        if connection.can_send() {
            self.unsent.push_back(Request { id, is_answered });
        } else {
            self.ending.push_back((id, Ending::Refused));
        }
    }

    /// A message was handed out: the next request, once the connection is ready.
    pub fn transmitted(&mut self, connection: &mut Connection) {
        assert!(!self.is_over, "a message after the end");
        if connection.versions().is_some() {
            let request = self.unsent.pop_front().expect("a message is a request");
            match request.is_answered {
                true => self.in_flight.push_back(request.id),
                false => self.ending.push_back((request.id, Ending::HandedOut)),
            }
        }
    }

    /// Takes what the connection says.
    pub fn hear(&mut self, connection: &mut Connection) {
        while let Some(event) = connection.poll_event() {
            let is_late = self.is_over && !matches!(event, Event::Ended { .. });
            assert!(!is_late, "{event:?} after the end");
            match event {
                Event::Wanted(_) => {
                    // Once for the first session, and once for each that takes its place.
                    assert!(self.is_idle() && !self.asked_for_credentials);
                    self.asked_for_credentials = true;
                }
                Event::Ready => {
                    assert!(!self.was_ready);
                    self.was_ready = true;
                    self.asked_for_credentials = false;
                }
                Event::Renewed => {
                    assert!(self.was_ready && self.is_idle() && self.asked_for_credentials);
                    self.asked_for_credentials = false;
                }
                Event::Ended { id, result } => self.ended(id, result.err()),
                Event::Failed(_) => {
                    assert!(!self.was_ready);
                    self.is_over = true;
                }
                Event::Closed(_) => {
                    assert!(self.was_ready && self.is_idle());
                    self.is_over = true;
                }
            }
        }
    }

    /// Whether no request that was taken is open.
    fn is_idle(&self) -> bool {
        self.unsent.is_empty() && self.in_flight.is_empty()
    }

    fn ended(&mut self, id: RequestId, error: Option<RequestError>) {
        if let Some(at) = self.ending.iter().position(|(ending, _)| *ending == id) {
            let ending = self.ending.remove(at).map(|(_, ending)| ending);
            let expected = if error.is_none() { Ending::HandedOut } else { Ending::Refused };
            return assert_eq!(ending, Some(expected));
        }
        match error {
            // An answer is that of the oldest request.
            None | Some(RequestError::OutcomeUnknown { .. }) => assert_eq!(self.in_flight.pop_front(), Some(id)),
            Some(RequestError::NotSent { .. }) => {
                assert_eq!(self.unsent.pop_front().map(|request| request.id), Some(id));
            }
            Some(other) => panic!("{other}"),
        }
    }

    /// The connection is over, and so is each of its requests.
    pub fn is_told_all(&self, connection: &mut Connection) {
        assert!(self.is_over && self.is_idle() && self.ending.is_empty());
        assert!(connection.poll_transmit().is_none() && connection.poll_timeout().is_none());
        assert!(!connection.can_send() && connection.versions().is_none());
    }
}
