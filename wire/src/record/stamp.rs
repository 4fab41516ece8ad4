//! What is written over a batch that is there: by a broker that appends it to its log, and by a producer that numbers it.
//!
//! Base offset and leader epoch stand outside the checksum. The timestamp and the producer stand inside it, so that setting them computes the checksum
//! again.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use bytes::{Bytes, BytesMut};

use super::attributes::TimestampType;
use super::batch::Batch;
use super::header::BatchHeader;
use super::{Attributes, BATCH_HEADER_BYTES, MAGIC, ProducerStamp, checksum, position};
use crate::id::LeaderEpoch;

/// A batch of so many bytes shares them with who holds them, and has a header of its own; a smaller one is copied, for which one piece is cheaper
/// than two.
const SHARED_BYTES_MIN: usize = 4096;

/// Writes the base offset over that of `batch`, whose header must be there.
pub fn set_base_offset(batch: &mut [u8], base_offset: i64) {
    put(batch, position::BASE_OFFSET, &base_offset.to_be_bytes());
}

/// Writes the leader epoch over that of `batch`, whose header must be there.
pub fn set_leader_epoch(batch: &mut [u8], leader_epoch: LeaderEpoch) {
    put(batch, position::LEADER_EPOCH, &leader_epoch.0.to_be_bytes());
}

/// Writes the largest timestamp, in milliseconds since 1970, and who gave it over those of `batch`, whose header must be there.
///
/// Computes the checksum again.
pub fn set_max_timestamp(batch: &mut [u8], timestamp_type: TimestampType, max_timestamp: i64) {
    let Some(&[high, low]) = batch.get(position::ATTRIBUTES).and_then(|bits| bits.first_chunk()) else { return };
    let bits = Attributes::with_timestamp_type(i16::from_be_bytes([high, low]), timestamp_type);
    put(batch, position::ATTRIBUTES, &bits.to_be_bytes());
    put(batch, position::MAX_TIMESTAMP, &max_timestamp.to_be_bytes());
    set_checksum(batch);
}

/// Writes the producer, its epoch, the sequence number and whether there is a transaction over those of `batch`, whose header must be there.
///
/// Computes the checksum again.
pub fn set_producer(batch: &mut [u8], producer: ProducerStamp) {
    let Some(&[high, low]) = batch.get(position::ATTRIBUTES).and_then(|bits| bits.first_chunk()) else { return };
    let bits = Attributes::with_transactional(i16::from_be_bytes([high, low]), producer.is_transactional);
    put(batch, position::ATTRIBUTES, &bits.to_be_bytes());
    put(batch, position::PRODUCER_ID, &producer.producer_id.to_be_bytes());
    put(batch, position::PRODUCER_EPOCH, &producer.producer_epoch.to_be_bytes());
    put(batch, position::BASE_SEQUENCE, &producer.base_sequence.to_be_bytes());
    set_checksum(batch);
}

/// Makes the checksum of `batch`, whose header must be there, that of its bytes.
pub fn set_checksum(batch: &mut [u8]) {
    let crc = checksum(batch);
    put(batch, position::CRC, &crc.to_be_bytes());
}

fn put(batch: &mut [u8], at: std::ops::Range<usize>, field: &[u8]) {
    debug_assert!(batch.len() >= BATCH_HEADER_BYTES, "a batch has a whole header");
    if let Some(place) = batch.get_mut(at) {
        place.copy_from_slice(field);
    }
}

impl Batch {
    /// The batch at the place that a broker gives it in its log, and with the broker's timestamp where the topic's type is LogAppendTime.
    ///
    /// The bytes are patched in place where nobody else holds them. Otherwise the header of a large batch is copied and patched, and its records stay
    /// shared; all of the batch is copied where it is small, or where the timestamp is the broker's. Offsets above the largest one are cut down to it.
    /// A message of magic 0 or 1 stays as it is: no broker appends one ([`Batch::validate_produced`]).
    #[must_use]
    pub fn restamped(self, base_offset: i64, leader_epoch: LeaderEpoch, log_append_time: Option<i64>) -> Self {
        if self.magic() < MAGIC {
            return self;
        }
        let keeps_records = log_append_time.is_none() && self.size_bytes() >= SHARED_BYTES_MIN;
        self.patched(keeps_records, |header, bytes| {
            header.base_offset = base_offset;
            header.leader_epoch = leader_epoch;
            set_base_offset(bytes, base_offset);
            set_leader_epoch(bytes, leader_epoch);
            if let Some(time) = log_append_time {
                header.attributes.timestamp_type = TimestampType::LogAppendTime;
                header.max_timestamp = time;
                set_max_timestamp(bytes, TimestampType::LogAppendTime, time);
            }
        })
    }

    /// The batch with this as its largest timestamp, given by its producer: a broker sets what the records have, whatever the producer wrote.
    ///
    /// The bytes are as they were when the timestamp is. A message of magic 0 or 1 stays as it is.
    #[must_use]
    pub fn with_max_create_time(self, max_timestamp: i64) -> Self {
        let wanted = (TimestampType::CreateTime, max_timestamp);
        if self.magic() < MAGIC || (self.timestamp_type(), self.max_timestamp()) == wanted {
            return self;
        }
        self.patched(false, |header, bytes| {
            (header.attributes.timestamp_type, header.max_timestamp) = wanted;
            set_max_timestamp(bytes, TimestampType::CreateTime, max_timestamp);
        })
    }

    /// The batch with something written over its bytes; over those of its header alone, where it `keeps_records`.
    fn patched(self, keeps_records: bool, patch: impl FnOnce(&mut BatchHeader, &mut [u8])) -> Self {
        let Self { mut header, front, bytes, plain } = self;
        let whole = if front.is_none() { bytes.try_into_mut() } else { Err(bytes) };
        let (mut own, shared) = whole.map_or_else(
            |mut shared| {
                let front = front.as_deref().map_or(&[][..], |front| front);
                let header_bytes = BATCH_HEADER_BYTES.saturating_sub(front.len());
                let copied = shared.split_to(shared.len().min(if keeps_records { header_bytes } else { usize::MAX }));
                let mut own = BytesMut::with_capacity(front.len().saturating_add(copied.len()));
                own.extend_from_slice(front);
                own.extend_from_slice(&copied);
                (own, shared)
            },
            |own| (own, Bytes::new()),
        );
        patch(&mut header, &mut own);
        let own = own.freeze();
        let (front, bytes) = if shared.is_empty() { (None, own) } else { (Some(Box::new(own)), shared) };
        Self { header, front, bytes, plain }
    }
}
