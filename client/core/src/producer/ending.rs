//! How batches end.

use std::mem;
use std::time::Instant;

use ottla_wire::ErrorCode;

use super::accumulator::Batch;
use super::answer::Verdict;
use super::flight::{AttemptId, Exhausted, Fate, Over};
use super::lane::{Ahead, Lane};
use super::sender::{Batches, Sender};
use super::sequence::{Identity, Sequence};
use super::{DeliveryCause, Outcome, PartitionKey};

impl<D> Sender<D> {
    /// Ends the batches of a lane whose deadline has come; all of them when the producer is closed.
    pub(super) fn expire(&mut self, now: Instant, key: PartitionKey, batches: &mut impl Batches<D>) {
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        while lane.deadline(&self.config).is_some_and(|deadline| self.is_closed || deadline <= now) {
            if self.is_closed {
                lane.trouble.get_or_insert(DeliveryCause::Closed);
            }
            if let Identity::Wanted { trouble: Some(trouble), .. } = &self.identity {
                lane.trouble.get_or_insert_with(|| trouble.clone());
            }
            let (batch, may_be_written) = match lane.flight.give_up() {
                Some(Over { batch, may_be_written }) => (batch.map(|batch| batch.with(()).0), may_be_written),
                // What a job makes of it is of no use any more.
                None => (lane.give_up_unsent(key, batches), false),
            };
            let outcome = lane.outcome_of_giving_up(may_be_written);
            self.events.extend(batch.map(|batch| batch.ended(outcome)));
        }
    }

    /// Ends what a lane has not sent, where no broker gives a producer id.
    pub(super) fn refuse(&mut self, now: Instant, key: PartitionKey, batches: &mut impl Batches<D>) {
        let Identity::Refused { cause, until } = &self.identity else { return };
        let Some(lane) = self.lanes.get_mut(&key).filter(|_| now < *until) else { return };
        while let Some(batch) = lane.give_up_unsent(key, batches) {
            self.events.push_back(batch.ended(Outcome::NotSent { cause: Some(cause.clone()) }));
        }
    }

    /// Numbers the batches of a lane anew, where it has to be and can be now.
    pub(super) fn renumber(&mut self, now: Instant, key: PartitionKey) {
        let Some(lane) = self.lanes.get_mut(&key).filter(|lane| lane.flight.has_gap_to_close()) else { return };
        let Some(producer) = self.identity.known() else { return };
        let sequence = self.sequences.entry(key).or_insert_with(|| Sequence::new(producer));
        if let Err(Exhausted) = lane.flight.close_gap(sequence) {
            self.sequences.remove(&key);
            self.identity = Identity::Wanted { asked: false, trouble: None };
            self.want_producer_id(now);
        }
    }

    /// Ends an attempt, or sets it to go out again.
    pub(super) fn conclude(&mut self, now: Instant, key: PartitionKey, attempt: AttemptId, verdict: Verdict) {
        if let Verdict::Again { refresh: true, .. } = verdict {
            self.refresh_metadata(key.topic);
        }
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        let (fate, cause) = match &verdict {
            Verdict::Again { cause, may_be_written, .. } => {
                lane.trouble = Some(cause.clone());
                return self.try_again(now, key, attempt, *may_be_written);
            }
            Verdict::Misnumbered { cause } => {
                lane.trouble = Some(cause.clone());
                lane.flight.misnumbered(attempt);
                return self.try_again(now, key, attempt, false);
            }
            Verdict::Refused { code: code @ ErrorCode::MESSAGE_TOO_LARGE, .. } if lane.flight.too_large(attempt) => {
                lane.trouble = Some(DeliveryCause::Code(*code));
                return self.to_split.push_back((key, attempt));
            }
            Verdict::Delivered { .. } => (Fate::Written, None),
            Verdict::Refused { code, .. } => (Fate::Refused, Some(DeliveryCause::Code(*code))),
            Verdict::Over { cause, may_be_written: false } => (Fate::Refused, Some(cause.clone())),
            Verdict::Over { cause, may_be_written: true } => (Fate::Unknown, Some(cause.clone())),
        };
        let Some(Over { batch, may_be_written }) = lane.flight.end(attempt, fate) else { return };
        let outcome = match verdict {
            Verdict::Delivered { base_offset, log_append_time } => {
                lane.trouble = None;
                if let Some(sequence) = self.sequences.get_mut(&key) {
                    sequence.handle_taken(now);
                }
                Outcome::Delivered { base_offset, log_append_time }
            }
            _ if may_be_written => Outcome::OutcomeUnknown { cause },
            Verdict::Refused { code, message } => {
                let batch_bytes = batch.as_ref().map_or(0, |batch| batch.records.len());
                Outcome::Refused { code, message, batch_bytes }
            }
            _ => Outcome::NotSent { cause },
        };
        self.events.extend(batch.map(|batch| batch.ended(outcome)));
    }

    fn try_again(&mut self, now: Instant, key: PartitionKey, attempt: AttemptId, may_be_written: bool) {
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        let failures = lane.flight.failed(attempt, may_be_written);
        let pause = self.config.retry_backoff.after(failures, self.dice.roll());
        #[cfg(feature = "planted-bugs")]
        lane.flight.plant_in_retry(self.config.planted_bug, attempt);
        lane.flight.again(attempt, now + pause);
    }
}

impl<D> Lane<D> {
    /// Takes out the oldest batch that was not sent, which never will be.
    fn give_up_unsent(&mut self, key: PartitionKey, batches: &mut impl Batches<D>) -> Option<Batch<D, ()>> {
        let ahead = mem::replace(&mut self.ahead, Ahead::None).into_given_up();
        ahead.or_else(|| Some(self.take(key, batches)?.with(()).0))
    }
}
