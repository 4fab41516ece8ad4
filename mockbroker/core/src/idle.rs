//! When connections are closed because nothing moves on them: `connections.max.idle.ms`.
//!
//! Each connection stands in one queue, under the time at which it would be idle for too long by what had moved when it was put there. What moves
//! later is looked up when that time has come; so a frame costs nothing here, and a wake-up what is due, however many connections are open.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::cluster::ConnId;
use crate::connection::Connection;

/// The connections that may become idle for too long.
#[derive(Debug)]
pub(crate) struct Idle {
    /// How long a connection may be idle; none where it may be for ever.
    max: Option<Duration>,
    queue: BTreeSet<(Instant, ConnId)>,
}

/// What moved on a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Movement {
    /// When something came or went the last time.
    pub(crate) last: Instant,
    /// The time that the connection stands under in the queue; none where it does not.
    queued: Option<Instant>,
}

impl Movement {
    pub(crate) const fn at(now: Instant) -> Self {
        Self { last: now, queued: None }
    }
}

impl Idle {
    pub(crate) const fn new(max: Option<Duration>) -> Self {
        Self { max, queue: BTreeSet::new() }
    }

    /// Puts a connection into the queue, unless it is idle for too long already; whether it is not.
    pub(crate) fn insert(&mut self, connection: &mut Connection, now: Instant) -> bool {
        let due = self.max.and_then(|max| connection.movement.last.checked_add(max));
        let is_idle = due.is_some_and(|due| due <= now);
        connection.movement.queued = due.filter(|_| !is_idle);
        self.queue.extend(connection.movement.queued.map(|due| (due, connection.id)));
        !is_idle
    }

    pub(crate) fn remove(&mut self, connection: &mut Connection) {
        if let Some(due) = connection.movement.queued.take() {
            self.queue.remove(&(due, connection.id));
        }
    }

    /// When the first of them may be idle for too long.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.queue.first().map(|(due, _)| *due)
    }

    /// Takes the first whose time has come out of the queue.
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<ConnId> {
        self.queue.first().is_some_and(|(due, _)| *due <= now).then(|| self.queue.pop_first())?.map(|(_, conn)| conn)
    }
}
