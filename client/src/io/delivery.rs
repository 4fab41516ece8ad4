//! What became of a record: an index into the outcome of its batch.

mod many;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use ottla_core::producer::{BatchId, Outcome};
use ottla_wire::ErrorCode;

pub(crate) use many::Pending;
pub use many::{Deliveries, DeliveryResults};

use super::cell::Guarded;
use crate::producer::DeliveryError;

/// Where a record is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivered {
    /// The partition.
    pub partition: i32,
    /// The offset of the record.
    pub offset: i64,
    /// The timestamp of the record in milliseconds since 1970: its own, or that of the broker where the topic is configured so.
    pub timestamp: i64,
}

/// Resolves when it is known what became of a record: by its delivery timeout at the latest, also when the producer is dropped.
///
/// Dropping it changes nothing about the record. It allocates nothing of its own: all records of a batch share its outcome.
#[derive(Debug)]
#[must_use = "a delivery says whether the record arrived"]
pub struct Delivery {
    batch: Arc<BatchOutcome>,
    index: u32,
    timestamp: i64,
    /// Where its waker stands among those of the batch.
    place: Option<usize>,
}

/// The outcome that the records of one batch share.
#[derive(Debug)]
pub(crate) struct BatchOutcome {
    pub(crate) id: BatchId,
    pub(crate) topic: Arc<str>,
    pub(crate) partition: i32,
    /// What its records have taken of the producer's room.
    taken_bytes: AtomicUsize,
    state: Guarded<State>,
}

#[derive(Debug)]
enum State {
    Pending { waiting: Vec<Option<Waker>> },
    Ended(Outcome),
}

impl BatchOutcome {
    pub(crate) fn new(id: BatchId, topic: Arc<str>, partition: i32) -> Self {
        let state = Guarded::new(State::Pending { waiting: Vec::new() });
        Self { id, topic, partition, taken_bytes: AtomicUsize::new(0), state }
    }

    /// A record took its place in the batch. Called under the lock of its partition, so before the batch can end.
    pub(crate) fn join(self: Arc<Self>, index: u32, timestamp: i64, taken_bytes: usize) -> Delivery {
        self.taken_bytes.fetch_add(taken_bytes, Ordering::Relaxed);
        Delivery { batch: self, index, timestamp, place: None }
    }

    pub(crate) fn taken_bytes(&self) -> usize {
        self.taken_bytes.load(Ordering::Relaxed)
    }

    /// Tells everybody who waits.
    pub(crate) fn end(&self, outcome: Outcome) {
        let before = self.state.with(|state| std::mem::replace(state, State::Ended(outcome)));
        if let State::Pending { waiting } = before {
            waiting.into_iter().flatten().for_each(Waker::wake);
        }
    }

    /// What became of the record at `index`, whose own timestamp is `timestamp`, where that is known.
    fn ended(&self, index: u32, timestamp: i64) -> Option<Result<Delivered, DeliveryError>> {
        self.state.with(|state| match state {
            State::Pending { .. } => None,
            State::Ended(outcome) => Some(self.result(outcome, index, timestamp)),
        })
    }

    /// What `outcome` means for the record at `index`, whose own timestamp is `timestamp`.
    pub(crate) fn result(&self, outcome: &Outcome, index: u32, timestamp: i64) -> Result<Delivered, DeliveryError> {
        let (topic, partition) = (|| self.topic.to_string(), self.partition);
        match outcome {
            Outcome::Delivered { base_offset, log_append_time } => Ok(Delivered {
                partition,
                offset: base_offset.saturating_add(i64::from(index)),
                timestamp: log_append_time.unwrap_or(timestamp),
            }),
            Outcome::Refused { code, batch_bytes, .. } if TOO_LARGE.contains(code) => {
                Err(DeliveryError::BatchTooLarge { topic: topic(), partition, batch_bytes: *batch_bytes, code: *code })
            }
            Outcome::Refused { code, message, .. } => {
                let message = message.as_ref().map(ToString::to_string);
                Err(DeliveryError::Refused { topic: topic(), partition, code: *code, message })
            }
            Outcome::NotSent { cause } => {
                Err(DeliveryError::NotSent { topic: topic(), partition, cause: cause.clone() })
            }
            Outcome::OutcomeUnknown { cause } => {
                Err(DeliveryError::OutcomeUnknown { topic: topic(), partition, cause: cause.clone() })
            }
        }
    }
}

/// What a broker answers to a batch above `max.message.bytes`, or above its segment size.
const TOO_LARGE: [ErrorCode; 2] = [ErrorCode::MESSAGE_TOO_LARGE, ErrorCode::RECORD_LIST_TOO_LARGE];

impl Delivery {
    /// What became of the record, where that is known.
    fn ended(&self) -> Option<Result<Delivered, DeliveryError>> {
        self.batch.ended(self.index, self.timestamp)
    }
}

impl Future for Delivery {
    type Output = Result<Delivered, DeliveryError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { batch, index, timestamp, place } = self.get_mut();
        // A waker is dropped when the lock is free: that may run code of its executor, which may drop another delivery of this batch.
        let (polled, _before) = batch.state.with(|state| match state {
            State::Pending { waiting } => (Poll::Pending, enlist(waiting, place, context.waker())),
            State::Ended(outcome) => (Poll::Ready(batch.result(outcome, *index, *timestamp)), None),
        });
        polled
    }
}

/// Puts `waker` where this delivery stands, or at the end of the row; gives back the one that stood there.
fn enlist(waiting: &mut Vec<Option<Waker>>, place: &mut Option<usize>, waker: &Waker) -> Option<Waker> {
    match place.and_then(|place| waiting.get_mut(place)) {
        Some(Some(before)) if before.will_wake(waker) => None,
        Some(before) => before.replace(waker.clone()),
        None => {
            *place = Some(waiting.len());
            waiting.push(Some(waker.clone()));
            None
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        let Some(place) = self.place else { return };
        let _waker = self.batch.state.with(|state| match state {
            State::Pending { waiting } => waiting.get_mut(place).and_then(Option::take),
            State::Ended(_) => None,
        });
    }
}

/// How many records of one producer ended without being acknowledged because it was closed or dropped.
#[derive(Clone, Debug, Default)]
pub struct LostRecords(Arc<AtomicU64>);

impl LostRecords {
    /// The count so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, records: u64) {
        self.0.fetch_add(records, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::task::Wake;

    use ottla_core::producer::Outstanding;

    use super::*;

    #[derive(Default)]
    struct Counter(AtomicUsize);

    impl Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn batch() -> Arc<BatchOutcome> {
        Arc::new(BatchOutcome::new(Outstanding::default().handle_opened(), "events".into(), 3))
    }

    fn poll(delivery: &mut Delivery, counter: &Arc<Counter>) -> Poll<Result<Delivered, DeliveryError>> {
        let waker = Waker::from(Arc::clone(counter));
        Pin::new(delivery).poll(&mut Context::from_waker(&waker))
    }

    #[test]
    fn each_that_waits_is_woken_once_however_often_it_was_polled_and_none_that_was_dropped() {
        let batch = batch();
        let [first, second, dropped] = [(); 3].map(|()| Arc::new(Counter::default()));
        let [mut one, mut two, mut gone] = [0, 1, 2].map(|index| Arc::clone(&batch).join(index, 50, 10));
        for _ in 0..3 {
            assert!(poll(&mut one, &first).is_pending());
            assert!(poll(&mut two, &second).is_pending());
        }
        assert!(poll(&mut gone, &dropped).is_pending());
        drop(gone);
        assert_eq!(batch.taken_bytes(), 30);
        batch.end(Outcome::Delivered { base_offset: 100, log_append_time: None });
        let woken = [first, second, dropped].map(|counter| counter.0.load(Ordering::Relaxed));
        assert_eq!(woken, [1, 1, 0]);
        let counter = Arc::default();
        let Poll::Ready(Ok(delivered)) = poll(&mut two, &counter) else { unreachable!("it has ended") };
        assert_eq!(delivered, Delivered { partition: 3, offset: 101, timestamp: 50 });
    }

    /// An executor that drops its task, and the delivery in it, with the last waker.
    struct Holds(Guarded<Option<Delivery>>);

    impl Wake for Holds {
        fn wake(self: Arc<Self>) {}
    }

    impl Drop for Holds {
        fn drop(&mut self) {
            drop(self.0.with(Option::take));
        }
    }

    #[test]
    fn a_waker_that_drops_another_delivery_of_the_batch_is_no_deadlock() {
        let batch = batch();
        let [mut one, mut two, other] = [0, 1, 2].map(|index| Arc::clone(&batch).join(index, 50, 10));
        assert!(poll(&mut two, &Arc::default()).is_pending());
        let waker = Waker::from(Arc::new(Holds(Guarded::new(Some(two)))));
        assert!(Pin::new(&mut one).poll(&mut Context::from_waker(&waker)).is_pending());
        drop(waker);
        assert!(poll(&mut one, &Arc::default()).is_pending());
        let waker = Waker::from(Arc::new(Holds(Guarded::new(Some(other)))));
        assert!(Pin::new(&mut one).poll(&mut Context::from_waker(&waker)).is_pending());
        drop((waker, one));
        batch.end(Outcome::Delivered { base_offset: 0, log_append_time: None });
    }

    #[test]
    fn the_brokers_timestamp_replaces_the_records_where_the_topic_says_so() {
        let outcome = Outcome::Delivered { base_offset: 0, log_append_time: Some(99) };
        assert_eq!(batch().result(&outcome, 0, 50).map(|delivered| delivered.timestamp).ok(), Some(99));
    }
}
