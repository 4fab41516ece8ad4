//! Who a producer is to the brokers, and how it numbers the records of each partition (KIP-98).
//!
//! A leader appends the batches of one producer id and epoch in the order of their numbers, each once: a batch that is sent again is known by its
//! numbers, and one that comes before its turn is refused. Where numbers were given to records that no leader will ever have, those behind them are
//! numbered anew: under the next epoch, where a request with the old numbers may still be on its way (KIP-360).

use std::time::{Duration, Instant};

use ottla_wire::ErrorCode;
use ottla_wire::message::{InitProducerIdRequest, InitProducerIdResponse};
use ottla_wire::record::{NO_PRODUCER_ID, ProducerStamp};

use super::{DeliveryCause, ProducerIdRefused};

/// A producer id and its epoch, as a broker has given them out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerId {
    /// The id.
    pub id: i64,
    /// The epoch.
    pub epoch: i16,
}

impl ProducerId {
    /// The request for one, to any broker.
    #[must_use]
    pub fn request() -> InitProducerIdRequest {
        // Who has no transactions names no producer, and the broker answers with another for each request.
        InitProducerIdRequest::default()
            .with_transactional_id(None)
            .with_producer_id(NO_PRODUCER_ID.into())
            .with_producer_epoch(-1)
    }

    /// What a broker has given.
    ///
    /// # Errors
    /// When it refuses.
    pub fn of(response: &InitProducerIdResponse) -> Result<Self, ProducerIdRefused> {
        match ErrorCode(response.error_code) {
            ErrorCode::NONE => Ok(Self { id: response.producer_id.0, epoch: response.producer_epoch }),
            code @ ErrorCode::CLUSTER_AUTHORIZATION_FAILED => Err(ProducerIdRefused::NotAuthorized { code }),
            code => Err(ProducerIdRefused::Code { code }),
        }
    }
}

/// Whom batches are from.
#[derive(Debug)]
pub(super) enum Identity {
    /// From nobody: a leader appends whatever comes, as often as it comes.
    Anonymous,
    /// There is no id yet.
    Wanted {
        asked: bool,
        /// Why nobody has given one.
        trouble: Option<DeliveryCause>,
    },
    Known(ProducerId),
    /// No broker gives one; it is not asked for again before `until`.
    Refused {
        cause: DeliveryCause,
        until: Instant,
    },
}

/// How long a leader is taken to know a producer that sends it nothing. It is the broker's to say (`producer.id.expiration.ms`, a day by default).
const KNOWN_FOR: Duration = Duration::from_secs(60);

/// The numbers of one partition's records.
#[derive(Debug)]
pub(super) struct Sequence {
    producer: ProducerId,
    next: i32,
    /// When the leader last said that it has taken a batch under this epoch. One that knows nothing of the producer takes any number for the first one.
    taken_at: Option<Instant>,
}

impl Identity {
    pub(super) const fn known(&self) -> Option<ProducerId> {
        match self {
            Self::Known(producer) => Some(*producer),
            Self::Anonymous | Self::Wanted { .. } | Self::Refused { .. } => None,
        }
    }

    /// Whether batches can be sent.
    pub(super) const fn is_settled(&self) -> bool {
        matches!(self, Self::Anonymous | Self::Known(_))
    }
}

impl Sequence {
    pub(super) const fn new(producer: ProducerId) -> Self {
        Self { producer, next: 0, taken_at: None }
    }

    pub(super) const fn is_of(&self, producer: ProducerId) -> bool {
        self.producer.id == producer.id
    }

    /// The leader has taken a batch.
    pub(super) const fn handle_taken(&mut self, now: Instant) {
        self.taken_at = Some(now);
    }

    /// Whether the leader knows which number comes next.
    pub(super) fn is_established(&self, now: Instant) -> bool {
        self.taken_at.is_some_and(|taken_at| now.saturating_duration_since(taken_at) < KNOWN_FOR)
    }

    /// The numbers of the next `records`.
    pub(super) fn take(&mut self, records: u32) -> ProducerStamp {
        let stamp = ProducerStamp {
            producer_id: self.producer.id,
            producer_epoch: self.producer.epoch,
            base_sequence: self.next,
            is_transactional: false,
        };
        self.next = after(self.next, records);
        stamp
    }

    /// Gives numbers out again, from `next` on.
    pub(super) fn rewind(&mut self, next: i32) {
        self.next = next;
    }

    /// Numbers begin anew under the next epoch; `None` where there is none.
    pub(super) fn bump(&mut self) -> Option<()> {
        let epoch = self.producer.epoch.checked_add(1)?;
        *self = Self::new(ProducerId { epoch, ..self.producer });
        Some(())
    }
}

/// The number behind `records` of them. Behind the largest comes 0.
pub(super) fn after(sequence: i32, records: u32) -> i32 {
    let next = (i64::from(sequence) + i64::from(records)) % (i64::from(i32::MAX) + 1);
    next as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_the_largest_number_comes_zero() {
        assert_eq!(after(0, 5), 5);
        assert_eq!(after(i32::MAX, 1), 0);
        assert_eq!(after(i32::MAX - 1, 5), 3);
        assert_eq!(after(7, u32::MAX), 6);
    }

    #[test]
    fn the_next_epoch_begins_at_zero_and_the_last_has_no_next() {
        let mut sequence = Sequence::new(ProducerId { id: 9, epoch: i16::MAX - 1 });
        assert_eq!((sequence.take(3).base_sequence, sequence.take(1).base_sequence), (0, 3));
        let now = Instant::now();
        sequence.handle_taken(now);
        assert_eq!(sequence.bump(), Some(()));
        let stamp = sequence.take(1);
        assert_eq!((stamp.producer_epoch, stamp.base_sequence, sequence.is_established(now)), (i16::MAX, 0, false));
        assert_eq!(sequence.bump(), None);
    }
}
