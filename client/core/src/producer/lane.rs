//! What the sender knows of one partition that has something to send.

use std::time::Instant;

use ottla_wire::BrokerId;

use super::accumulator::{Batch, Waiting};
use super::{Config, DeliveryCause, Outcome};

/// One partition that has something to send, or in flight.
#[derive(Debug)]
pub(super) struct Lane<D> {
    /// The oldest batch that waits in the accumulator.
    pub(super) waiting: Option<Waiting>,
    /// The batch that was taken out of it.
    pub(super) slot: Slot<D>,
    /// The broker in whose queue the lane stands.
    pub(super) queued_at: Option<BrokerId>,
    /// How often the partition was found without a leader, one after the other.
    pub(super) leaderless: u32,
    /// When to look for a leader again.
    pub(super) look_again: Option<Instant>,
    /// What was last in the way.
    pub(super) trouble: Option<DeliveryCause>,
    /// The time that stands for this lane among the sender's timers.
    pub(super) timer: Option<Instant>,
}

/// The one batch of a partition that may be in flight.
#[derive(Debug)]
pub(super) enum Slot<D> {
    /// There is none.
    Free,
    /// It is in a request that has not ended.
    Sent(Attempt<D>),
    /// Its records have ended by their deadline; the request has not, and to send on before it has could change the order.
    Abandoned,
    /// It goes out again, not before `at`.
    Again {
        /// The batch.
        attempt: Attempt<D>,
        /// The end of its backoff.
        at: Instant,
    },
}

/// A batch that was tried.
#[derive(Debug)]
pub(super) struct Attempt<D> {
    pub(super) batch: Batch<D>,
    /// How many tries have failed.
    pub(super) failures: u32,
    /// Whether a try has ended so that it may be in the log.
    pub(super) may_be_written: bool,
}

impl<D> Lane<D> {
    pub(super) fn new() -> Self {
        Self {
            waiting: None,
            slot: Slot::Free,
            queued_at: None,
            leaderless: 0,
            look_again: None,
            trouble: None,
            timer: None,
        }
    }

    /// Whether there is nothing left to do.
    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_none() && matches!(self.slot, Slot::Free)
    }

    /// When the lane has a batch to send; nothing while one is in flight. Batches that were opened up to `flushed` do not linger.
    pub(super) fn ready_at(&self, config: &Config, flushed: Option<Instant>) -> Option<Instant> {
        match &self.slot {
            Slot::Sent(_) | Slot::Abandoned => None,
            Slot::Again { at, .. } => Some(*at),
            Slot::Free => self.waiting.map(|waiting| {
                let goes_now = waiting.is_closed || flushed.is_some_and(|flushed| waiting.opened_at <= flushed);
                if goes_now { waiting.opened_at } else { waiting.opened_at + config.linger }
            }),
        }
    }

    /// When the oldest batch must have ended.
    pub(super) fn deadline(&self, config: &Config) -> Option<Instant> {
        let waiting = || self.waiting.map(|waiting| waiting.opened_at);
        let opened_at = match &self.slot {
            Slot::Sent(attempt) | Slot::Again { attempt, .. } => Some(attempt.batch.opened_at),
            Slot::Free | Slot::Abandoned => waiting(),
        };
        opened_at.map(|opened_at| opened_at + config.delivery_timeout)
    }

    /// How a batch of this lane ends that may take no longer.
    pub(super) fn outcome_of_giving_up(&self, may_be_written: bool) -> Outcome {
        let cause = self.trouble.clone();
        if may_be_written { Outcome::OutcomeUnknown { cause } } else { Outcome::NotSent { cause } }
    }
}
