//! What the sender knows of one partition that has something to send.

use std::time::Instant;

use ottla_wire::BrokerId;
use ottla_wire::record::Compression;

use super::accumulator::{Batch, Waiting};
use super::compress::JobId;
use super::{Config, DeliveryCause, Outcome};

/// One partition that has something to send, or in flight.
#[derive(Debug)]
pub(super) struct Lane<D> {
    /// The oldest batch that waits in the accumulator.
    pub(super) waiting: Option<Waiting>,
    /// The batch that was taken out of it to be compressed.
    pub(super) ahead: Ahead<D>,
    /// Whether the lane stands in the queue of those whose oldest batch is to be compressed.
    pub(super) awaits_job: bool,
    /// The batch that may be in flight.
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

/// The batch behind the one in flight, where batches are compressed.
#[derive(Debug)]
pub(super) enum Ahead<D> {
    /// There is none.
    None,
    /// A job has it.
    Compressing {
        /// The job.
        job: JobId,
        /// The batch, whose records the job has.
        batch: Batch<D, ()>,
    },
    /// It is compressed, and goes out next.
    Ready(Batch<D>),
}

impl<D> Ahead<D> {
    pub(super) const fn opened_at(&self) -> Option<Instant> {
        match self {
            Self::None => None,
            Self::Compressing { batch, .. } => Some(batch.opened_at),
            Self::Ready(batch) => Some(batch.opened_at),
        }
    }

    /// The batch, without the records; none is sent any more.
    pub(super) fn into_given_up(self) -> Option<Batch<D, ()>> {
        match self {
            Self::None => None,
            Self::Compressing { batch, .. } => Some(batch),
            Self::Ready(batch) => Some(batch.with(()).0),
        }
    }
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
            ahead: Ahead::None,
            awaits_job: false,
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
        self.waiting.is_none() && matches!((&self.ahead, &self.slot), (Ahead::None, Slot::Free))
    }

    /// When the lane has a batch to send; nothing while one is in flight, and while the next is not compressed. Batches that were opened up to
    /// `flushed` do not linger.
    pub(super) fn ready_at(&self, config: &Config, flushed: Option<Instant>) -> Option<Instant> {
        match (&self.slot, &self.ahead) {
            (Slot::Sent(_) | Slot::Abandoned, _) => None,
            (Slot::Again { at, .. }, _) => Some(*at),
            (Slot::Free, Ahead::Ready(batch)) => Some(batch.opened_at),
            (Slot::Free, Ahead::Compressing { .. }) => None,
            (Slot::Free, Ahead::None) if config.compression == Compression::None => self.due_at(config, flushed),
            (Slot::Free, Ahead::None) => None,
        }
    }

    /// When the oldest batch that waits is to be compressed: one that still grows not before it could be sent.
    pub(super) fn compress_at(&self, config: &Config, flushed: Option<Instant>) -> Option<Instant> {
        match (&self.slot, &self.ahead) {
            _ if config.compression == Compression::None => None,
            (_, Ahead::Compressing { .. } | Ahead::Ready(_)) => None,
            (Slot::Free, Ahead::None) => self.due_at(config, flushed),
            (_, Ahead::None) => self.waiting.filter(|waiting| waiting.is_closed).map(|waiting| waiting.opened_at),
        }
    }

    /// When the oldest batch that waits lingers no more.
    fn due_at(&self, config: &Config, flushed: Option<Instant>) -> Option<Instant> {
        self.waiting.map(|waiting| {
            let goes_now = waiting.is_closed || flushed.is_some_and(|flushed| waiting.opened_at <= flushed);
            if goes_now { waiting.opened_at } else { waiting.opened_at + config.linger }
        })
    }

    /// When the oldest batch must have ended.
    pub(super) fn deadline(&self, config: &Config) -> Option<Instant> {
        let unsent = || self.ahead.opened_at().or(self.waiting.map(|waiting| waiting.opened_at));
        let opened_at = match &self.slot {
            Slot::Sent(attempt) | Slot::Again { attempt, .. } => Some(attempt.batch.opened_at),
            Slot::Free | Slot::Abandoned => unsent(),
        };
        opened_at.map(|opened_at| opened_at + config.delivery_timeout)
    }

    /// The most bytes of the batch that goes out next.
    pub(super) fn next_bytes_max(&self, config: &Config) -> usize {
        match (&self.slot, &self.ahead) {
            (Slot::Again { attempt, .. }, _) => attempt.batch.records.len(),
            (_, Ahead::Ready(batch)) => batch.records.len(),
            _ => config.batch_bytes_max,
        }
    }

    /// How a batch of this lane ends that may take no longer.
    pub(super) fn outcome_of_giving_up(&self, may_be_written: bool) -> Outcome {
        let cause = self.trouble.clone();
        if may_be_written { Outcome::OutcomeUnknown { cause } } else { Outcome::NotSent { cause } }
    }
}
