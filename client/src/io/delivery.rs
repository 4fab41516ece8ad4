//! What became of a record: an index into the outcome of its batch.

mod many;

use std::collections::BTreeMap;
use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use ottla_core::producer::{BatchId, Outcome, Part};
use ottla_wire::ErrorCode;

pub(crate) use many::Pending;
pub use many::{Deliveries, DeliveryResults};

use super::cell::Guarded;
use super::span::BatchSpan;
use crate::producer::DeliveryError;

/// Where a record is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivered {
    /// The partition.
    pub partition: i32,
    /// The offset of the record; -1 where no leader tells, as with [`Acks::None`](crate::Acks::None).
    pub offset: i64,
    /// The timestamp of the record in milliseconds since 1970: its own, or that of the broker where the topic is configured so.
    pub timestamp: i64,
}

/// Resolves when it is known what became of a record: by its delivery timeout at the latest, also when the producer is dropped.
///
/// Dropping it changes nothing about the record. It allocates nothing of its own: all records of a batch share its outcome, or one for each part that
/// a batch was split in because the broker found it too large.
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
    pub(super) span: BatchSpan,
}

#[derive(Debug)]
enum State {
    Pending {
        waiting: Vec<Option<Waker>>,
    },
    Ended(Outcome),
    /// The leader found it too large, and it was sent in parts; those that have ended, by their first records.
    InParts {
        ended: BTreeMap<u32, Ended>,
        waiting: Vec<Option<Waker>>,
    },
}

/// The end of a part of a batch.
#[derive(Debug)]
struct Ended {
    part: Part,
    outcome: Outcome,
}

impl Ended {
    /// How many of these records it tells of.
    fn overlap(&self, records: &Range<u32>) -> usize {
        let Range { start, end } = self.part.records;
        (start.max(records.start)..end.min(records.end)).len()
    }
}

impl BatchOutcome {
    pub(crate) fn new(id: BatchId, topic: Arc<str>, partition: i32) -> Self {
        let state = Guarded::new(State::Pending { waiting: Vec::new() });
        Self { id, topic, partition, taken_bytes: AtomicUsize::new(0), state, span: BatchSpan::default() }
    }

    /// A record took its place in the batch. Called under the lock of its partition, so before the batch can end.
    pub(crate) fn join(self: Arc<Self>, index: u32, timestamp: i64, taken_bytes: usize) -> Delivery {
        self.taken_bytes.fetch_add(taken_bytes, Ordering::Relaxed);
        Delivery { batch: self, index, timestamp, place: None }
    }

    pub(crate) fn taken_bytes(&self) -> usize {
        self.taken_bytes.load(Ordering::Relaxed)
    }

    /// A part of the batch has ended, or all of it; tells everybody who waits, and says whether nothing is left that has not ended.
    pub(crate) fn end(&self, part: Part, outcome: Outcome) -> bool {
        self.span.record(&part, &outcome);
        let (woken, is_over) = self.state.with(|state| state.end(part, outcome));
        if is_over {
            self.span.close();
        }
        woken.into_iter().flatten().for_each(Waker::wake);
        is_over
    }

    /// What became of the record at `index`, whose own timestamp is `timestamp`, where that is known.
    fn ended(&self, index: u32, timestamp: i64) -> Option<Result<Delivered, DeliveryError>> {
        self.state.with(|state| {
            let (outcome, index) = state.ended(index).ok()?;
            Some(self.result(outcome, index, timestamp))
        })
    }

    /// The error of the first of these records that has ended with one.
    fn error_in(&self, records: &Range<u32>) -> Option<DeliveryError> {
        self.state.with(|state| state.outcomes(records).find_map(|outcome| self.result(outcome, 0, 0).err()))
    }

    /// What `outcome` means for the record at `index` of those that have it, whose own timestamp is `timestamp`.
    pub(crate) fn result(&self, outcome: &Outcome, index: u32, timestamp: i64) -> Result<Delivered, DeliveryError> {
        let (topic, partition) = (|| self.topic.to_string(), self.partition);
        match outcome {
            Outcome::Delivered { base_offset, log_append_time } => Ok(Delivered {
                partition,
                offset: if *base_offset < 0 { *base_offset } else { base_offset.saturating_add(i64::from(index)) },
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

impl State {
    /// Gives back who is to be woken, and whether all has ended. Those of another part stand in line again, in the place that they had.
    fn end(&mut self, part: Part, outcome: Outcome) -> (Vec<Option<Waker>>, bool) {
        let is_whole = part.record_count() == part.of;
        let (mut waiting, mut ended) = match std::mem::replace(self, Self::Ended(outcome.clone())) {
            Self::Pending { waiting } => (waiting, BTreeMap::new()),
            Self::InParts { ended, waiting } => (waiting, ended),
            Self::Ended(_) => return (Vec::new(), false),
        };
        if is_whole {
            return (waiting, true);
        }
        let woken = waiting.iter_mut().map(Option::take).collect();
        let of = part.of;
        ended.insert(part.records.start, Ended { part, outcome });
        let count: u32 = ended.values().map(|ended| ended.part.record_count()).sum();
        *self = Self::InParts { ended, waiting };
        (woken, count == of)
    }

    /// How those of these records have ended that have.
    fn outcomes(&self, records: &Range<u32>) -> impl Iterator<Item = &Outcome> {
        let (whole, parts) = match self {
            Self::Pending { .. } => (None, None),
            Self::Ended(outcome) => (Some(outcome), None),
            Self::InParts { ended, .. } => (None, Some(ended)),
        };
        let parts = parts.into_iter().flat_map(BTreeMap::values).filter(|ended| ended.overlap(records) > 0);
        whole.into_iter().chain(parts.map(|ended| &ended.outcome))
    }

    /// Who waits, unless each of these records has ended.
    fn waiting_for(&mut self, records: &Range<u32>) -> Option<&mut Vec<Option<Waker>>> {
        match self {
            Self::Pending { waiting } => Some(waiting),
            Self::Ended(_) => None,
            Self::InParts { ended, waiting } => {
                let count: usize = ended.values().map(|ended| ended.overlap(records)).sum();
                (count < records.len()).then_some(waiting)
            }
        }
    }

    /// How the record at `index` has ended, and its place in the part that it was sent in; otherwise who waits.
    fn ended(&mut self, index: u32) -> Result<(&Outcome, u32), &mut Vec<Option<Waker>>> {
        match self {
            Self::Pending { waiting } => Err(waiting),
            Self::Ended(outcome) => Ok((outcome, index)),
            Self::InParts { ended, waiting } => {
                let before = ended.range(..=index).next_back().map(|(_, ended)| ended);
                let ended = before.filter(|ended| ended.part.records.contains(&index)).ok_or(waiting)?;
                Ok((&ended.outcome, index - ended.part.records.start))
            }
        }
    }
}

/// What a broker answers to a batch above `max.message.bytes`, or above its segment size.
const TOO_LARGE: [ErrorCode; 2] = [ErrorCode::MESSAGE_TOO_LARGE, ErrorCode::RECORD_LIST_TOO_LARGE];

impl Delivery {
    /// The batch that the record is in, and whether it is its first.
    pub(super) const fn batch(&self) -> (&Arc<BatchOutcome>, bool) {
        (&self.batch, self.index == 0)
    }

    /// The places of so many records from this one on.
    const fn places(&self, count: u32) -> Range<u32> {
        self.index..self.index.saturating_add(count)
    }

    /// Waits for so many records from this one on.
    fn poll_run(&mut self, count: u32, context: &Context<'_>) -> Poll<()> {
        let records = self.places(count);
        let Self { batch, place, .. } = self;
        let (polled, _before) = batch.state.with(|state| match state.waiting_for(&records) {
            Some(waiting) => (Poll::Pending, enlist(waiting, place, context.waker())),
            None => (Poll::Ready(()), None),
        });
        polled
    }
}

impl Future for Delivery {
    type Output = Result<Delivered, DeliveryError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { batch, index, timestamp, place } = self.get_mut();
        // A waker is dropped when the lock is free: that may run code of its executor, which may drop another delivery of this batch.
        let (polled, _before) = batch.state.with(|state| match state.ended(*index) {
            Err(waiting) => (Poll::Pending, enlist(waiting, place, context.waker())),
            Ok((outcome, index)) => (Poll::Ready(batch.result(outcome, index, *timestamp)), None),
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
            State::Pending { waiting } | State::InParts { waiting, .. } => {
                waiting.get_mut(place).and_then(Option::take)
            }
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

    fn part(records: Range<u32>) -> Part {
        Part { records, of: 3 }
    }

    #[test]
    fn a_record_of_a_part_ends_with_it_at_its_own_offset_and_the_others_wait_on() {
        let batch = batch();
        let counters = [(); 3].map(|()| Arc::new(Counter::default()));
        let mut deliveries = [0, 1, 2].map(|index| Arc::clone(&batch).join(index, 50, 10));
        for (delivery, counter) in deliveries.iter_mut().zip(&counters) {
            assert!(poll(delivery, counter).is_pending());
        }
        let code = ErrorCode::MESSAGE_TOO_LARGE;
        assert!(!batch.end(part(1..3), Outcome::Delivered { base_offset: 100, log_append_time: None }));
        let [first, second, third] = &mut deliveries;
        assert!(poll(first, &counters[0]).is_pending());
        for (delivery, offset) in [(second, 100), (third, 101)] {
            let Poll::Ready(Ok(delivered)) = poll(delivery, &counters[1]) else { unreachable!("it has ended") };
            assert_eq!(delivered.offset, offset);
        }
        assert!(batch.end(part(0..1), Outcome::Refused { code, message: None, batch_bytes: 70 }));
        assert_eq!(counters[0].0.load(Ordering::Relaxed), 2, "with its own part, and with the other");
        assert!(matches!(
            poll(first, &counters[0]),
            Poll::Ready(Err(DeliveryError::BatchTooLarge { batch_bytes: 70, .. }))
        ));
    }

    #[test]
    fn records_that_are_awaited_together_have_ended_when_each_part_of_theirs_has() {
        let batch = batch();
        let mut deliveries = Deliveries::default();
        (0..3).for_each(|index| deliveries.push(Arc::clone(&batch).join(index, 50, 10)));
        let counter = Arc::new(Counter::default());
        let waker = Waker::from(Arc::clone(&counter));
        let mut context = Context::from_waker(&waker);
        assert!(Pin::new(&mut deliveries).poll(&mut context).is_pending());
        batch.end(part(0..2), Outcome::Delivered { base_offset: 100, log_append_time: None });
        assert!(Pin::new(&mut deliveries).poll(&mut context).is_pending());
        batch.end(part(2..3), Outcome::NotSent { cause: None });
        let Poll::Ready(results) = Pin::new(&mut deliveries).poll(&mut context) else { unreachable!("all have ended") };
        let offsets: Vec<_> = results.iter().map(|result| result.ok().map(|delivered| delivered.offset)).collect();
        assert_eq!((offsets, counter.0.load(Ordering::Relaxed)), (vec![Some(100), Some(101), None], 2));
        assert!(matches!(batch.error_in(&(0..3)), Some(DeliveryError::NotSent { .. })));
        assert!(batch.error_in(&(0..2)).is_none());
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
        assert!(batch.end(part(0..3), Outcome::Delivered { base_offset: 100, log_append_time: None }));
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
        batch.end(part(0..3), Outcome::Delivered { base_offset: 0, log_append_time: None });
    }

    #[test]
    fn the_brokers_timestamp_replaces_the_records_where_the_topic_says_so() {
        let outcome = Outcome::Delivered { base_offset: 0, log_append_time: Some(99) };
        assert_eq!(batch().result(&outcome, 0, 50).map(|delivered| delivered.timestamp).ok(), Some(99));
    }
}
