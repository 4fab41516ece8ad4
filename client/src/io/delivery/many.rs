//! What became of many records: runs of records that share a batch, and a timestamp.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::{Delivered, Delivery};
use crate::producer::DeliveryError;

/// Resolves when it is known what became of each of many records: by the delivery timeout of the last at the latest, also when the producer is dropped.
///
/// Dropping it changes nothing about the records. Records that follow each other into one batch share a place in it, so that it takes memory for each
/// batch rather than for each record, where their partitions do not alternate.
#[derive(Debug, Default)]
#[must_use = "a delivery says whether the records arrived"]
pub struct Deliveries {
    runs: Vec<Run>,
    record_count: usize,
    /// How many of the first runs have ended.
    ended: usize,
}

/// What became of many records, in the order in which they were sent.
#[derive(Debug)]
pub struct DeliveryResults {
    runs: Vec<Run>,
    record_count: usize,
}

/// Records that follow each other in one batch and have one timestamp.
#[derive(Debug)]
struct Run {
    first: Delivery,
    count: u32,
}

impl Run {
    const fn new(first: Delivery) -> Self {
        Self { first, count: 1 }
    }

    /// Takes in the record that follows; gives it back where it belongs to another run.
    fn join(&mut self, next: Delivery) -> Option<Delivery> {
        let follows = next.index.checked_sub(self.first.index) == Some(self.count);
        let is_alike = next.timestamp == self.first.timestamp && Arc::ptr_eq(&next.batch, &self.first.batch);
        if !(follows && is_alike) {
            return Some(next);
        }
        self.count += 1;
        None
    }

    /// Waits for all of its records.
    fn poll_ended(&mut self, context: &Context<'_>) -> Poll<()> {
        self.first.poll_run(self.count, context)
    }

    fn has_ended(&self) -> bool {
        let Self { first, count } = self;
        first.batch.state.with(|state| state.waiting_for(&first.places(*count)).is_none())
    }

    fn error(&self) -> Option<DeliveryError> {
        self.first.batch.error_in(&self.first.places(self.count))
    }

    /// The result of each record that has one.
    fn results(&self) -> impl Iterator<Item = Result<Delivered, DeliveryError>> {
        let Delivery { batch, index, timestamp, .. } = &self.first;
        (0..self.count).filter_map(move |nth| batch.ended(index.saturating_add(nth), *timestamp))
    }
}

impl Deliveries {
    pub(crate) fn push(&mut self, delivery: Delivery) {
        self.record_count += 1;
        let other = match self.runs.last_mut() {
            Some(last) => last.join(delivery),
            None => Some(delivery),
        };
        self.runs.extend(other.map(Run::new));
    }

    /// Of how many records it tells.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.record_count
    }

    /// Whether it tells of no record.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.record_count == 0
    }
}

impl Future for Deliveries {
    type Output = DeliveryResults;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        while let Some(run) = this.runs.get_mut(this.ended) {
            if run.poll_ended(context).is_pending() {
                return Poll::Pending;
            }
            this.ended += 1;
        }
        let Self { runs, record_count, .. } = std::mem::take(this);
        Poll::Ready(DeliveryResults { runs, record_count })
    }
}

impl DeliveryResults {
    /// How many records it tells of.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.record_count
    }

    /// Whether it tells of no record.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.record_count == 0
    }

    /// How many records are in the log; the others have ended with an error.
    #[must_use]
    pub fn delivered(&self) -> usize {
        self.iter().filter(Result::is_ok).count()
    }

    /// What became of each record, in the order in which they were sent.
    pub fn iter(&self) -> impl Iterator<Item = Result<Delivered, DeliveryError>> {
        self.runs.iter().flat_map(Run::results)
    }

    /// Where all records are in the log.
    ///
    /// # Errors
    /// That of the first record that is not, or not known to be.
    pub fn all(&self) -> Result<Vec<Delivered>, DeliveryError> {
        self.iter().collect()
    }
}

/// Deliveries that come and end without an end: what has ended is forgotten, but for the first error.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    runs: VecDeque<Run>,
    error: Option<DeliveryError>,
}

impl Pending {
    /// Takes in another delivery, and forgets those at the front that have ended.
    pub(crate) fn push(&mut self, delivery: Delivery) {
        let other = match self.runs.back_mut() {
            Some(last) => last.join(delivery),
            None => Some(delivery),
        };
        let Some(other) = other else { return };
        self.runs.push_back(Run::new(other));
        while self.runs.front().is_some_and(Run::has_ended) {
            self.forget_front();
        }
    }

    /// Whether all have ended.
    pub(crate) fn poll_ended(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while let Some(run) = self.runs.front_mut() {
            if run.poll_ended(context).is_pending() {
                return Poll::Pending;
            }
            self.forget_front();
        }
        Poll::Ready(())
    }

    /// The first error since it was last asked.
    pub(crate) const fn take_error(&mut self) -> Option<DeliveryError> {
        self.error.take()
    }

    fn forget_front(&mut self) {
        let error = self.runs.pop_front().and_then(|run| run.error());
        if self.error.is_none() {
            self.error = error;
        }
    }
}
