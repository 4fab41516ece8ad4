//! What the sender knows of one partition that has something to send.

use std::time::Instant;

use ottla_wire::BrokerId;
use ottla_wire::record::Compression;

use super::accumulator::{Batch, Waiting};
use super::compress::JobId;
use super::flight::{Flight, Turn};
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
    /// The batches that were sent.
    pub(super) flight: Flight<D>,
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

/// The batch behind those in flight, where batches are compressed.
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

impl<D> Lane<D> {
    pub(super) fn new() -> Self {
        Self {
            waiting: None,
            ahead: Ahead::None,
            awaits_job: false,
            flight: Flight::default(),
            queued_at: None,
            leaderless: 0,
            look_again: None,
            trouble: None,
            timer: None,
        }
    }

    /// Whether there is nothing left to do.
    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_none() && matches!(self.ahead, Ahead::None) && self.flight.is_empty()
    }

    /// When the lane has a batch to send; nothing while as many are in requests as may be, and while the next is not compressed. Batches that were
    /// opened up to `flushed` do not linger.
    pub(super) fn ready_at(&self, config: &Config, slots: usize, flushed: Option<Instant>) -> Option<Instant> {
        match (self.flight.turn(slots), &self.ahead) {
            (Turn::Nothing, _) => None,
            (Turn::Again(at), _) => Some(at),
            (Turn::New, Ahead::Ready(batch)) => Some(batch.opened_at),
            (Turn::New, Ahead::Compressing { .. }) => None,
            (Turn::New, Ahead::None) if config.compression == Compression::None => self.due_at(config, flushed),
            (Turn::New, Ahead::None) => None,
        }
    }

    /// When the oldest batch that waits is to be compressed: one that still grows not before it could be sent.
    pub(super) fn compress_at(&self, config: &Config, slots: usize, flushed: Option<Instant>) -> Option<Instant> {
        match (self.flight.turn(slots), &self.ahead) {
            _ if config.compression == Compression::None => None,
            (_, Ahead::Compressing { .. } | Ahead::Ready(_)) => None,
            (Turn::New, Ahead::None) => self.due_at(config, flushed),
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
        let waiting = || self.waiting.map(|waiting| waiting.opened_at);
        let opened_at = self.flight.opened_at().or_else(|| self.ahead.opened_at()).or_else(waiting);
        opened_at.map(|opened_at| opened_at + config.delivery_timeout)
    }

    /// The most bytes of the batch that goes out next.
    pub(super) fn next_bytes_max(&self, config: &Config) -> usize {
        match (self.flight.again_bytes(), &self.ahead) {
            (Some(bytes), _) => bytes,
            (None, Ahead::Ready(batch)) => batch.records.len(),
            (None, _) => config.batch_bytes_max,
        }
    }

    /// How a batch of this lane ends that may take no longer.
    pub(super) fn outcome_of_giving_up(&self, may_be_written: bool) -> Outcome {
        let cause = self.trouble.clone();
        if may_be_written { Outcome::OutcomeUnknown { cause } } else { Outcome::NotSent { cause } }
    }
}
