//! One batch off the front of a partition's bytes, with its header parsed once.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use bytes::{Buf, Bytes};

use super::attributes::{Attributes, Compression, TimestampType};
use super::reader::{RecordError, Records};
use super::{BATCH_BYTES_MAX, BATCH_HEADER_BYTES, MAGIC, RECORD_BYTES_MIN, checksum, position};
use crate::id::LeaderEpoch;

/// The bytes before those that a batch's length counts: base offset and the length itself.
const LENGTH_END: usize = position::LENGTH.end;

/// The length of the smallest message of magic 0, which no batch of any magic is below.
const LENGTH_MIN: usize = 14;

/// What a batch says where its records are not numbered.
const NO_SEQUENCE: i32 = -1;

/// Why there is no batch at the front of the bytes. The bytes stay as they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// The bytes end inside the batch; a Fetch response that is full ends so.
    #[error("the bytes end inside a batch that needs at least {needed}")]
    Cut {
        /// How many bytes the batch needs at the least, from its first.
        needed: usize,
    },
    /// The length is below zero.
    #[error("batch length {0} is negative")]
    NegativeLength(i32),
    /// The length has no room for the batch's own header.
    #[error("batch length {0} has no room for a header")]
    TooShort(usize),
    /// The length is above the bound.
    #[error("a batch of {size_bytes} bytes is above the bound of {max} bytes")]
    TooLong {
        /// What the length says, as bytes of the whole batch.
        size_bytes: usize,
        /// The bound that it was held against.
        max: usize,
    },
    /// The batch is a message set of magic 0 or 1, as producers before Kafka 0.11 wrote.
    #[error("the batch is a message set of magic {0}")]
    OldMagic(i8),
    /// The batch is of no magic that Kafka has.
    #[error("magic {0} is not known")]
    UnknownMagic(i8),
    /// The checksum is not that of the bytes.
    #[error("checksum {stored:#010x} is not {computed:#010x}, that of the bytes")]
    Crc {
        /// What the batch says.
        stored: u32,
        /// What the bytes have.
        computed: u32,
    },
    /// A bit is set in the attributes that must be zero.
    #[error("attributes {0:#06x} have a reserved bit set")]
    ReservedAttributes(i16),
    /// The codec is none that Kafka has.
    #[error("compression codec {0} is not known")]
    UnknownCodec(i16),
    /// The last offset is below the base offset.
    #[error("last offset delta {0} is negative")]
    NegativeLastOffsetDelta(i32),
    /// The offset after the batch is above what an offset can be.
    #[error("offset {base_offset} + {last_offset_delta} + 1 is above the largest offset")]
    OffsetOverflow {
        /// The base offset.
        base_offset: i64,
        /// The last offset less the base offset.
        last_offset_delta: i32,
    },
    /// The number of records is below zero.
    #[error("record count {0} is negative")]
    NegativeRecordCount(i32),
    /// The batch says that it has more records than its bytes can hold.
    #[error("{claimed} records cannot stand in {available} bytes")]
    RecordCount {
        /// How many records the batch claims.
        claimed: u32,
        /// How many bytes there are for them.
        available: usize,
    },
}

impl BatchError {
    /// Whether only more bytes are needed.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        matches!(self, Self::Cut { .. })
    }
}

/// Takes the batch at the front off `bytes`, without a copy; `None` when no byte is left.
///
/// # Errors
/// When no valid batch stands there. The bytes stay as they were, so that the batches before one that is cut or corrupt are never lost.
pub fn next_batch(bytes: &mut Bytes) -> Result<Option<Batch>, BatchError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let size = whole_batch(bytes)?;
    let header = Header::decode(bytes.get(..size).unwrap_or_default())?;
    Ok(Some(Batch { header, bytes: bytes.split_to(size) }))
}

/// The size of the batch at the front of `bytes`, all of which are there.
pub(super) fn whole_batch(bytes: &[u8]) -> Result<usize, BatchError> {
    let Some(mut length) = bytes.get(position::LENGTH) else {
        return Err(BatchError::Cut { needed: BATCH_HEADER_BYTES });
    };
    let claimed = length.get_i32();
    let length = usize::try_from(claimed).map_err(|_| BatchError::NegativeLength(claimed))?;
    let size_bytes = length.saturating_add(LENGTH_END);
    if length < LENGTH_MIN {
        return Err(BatchError::TooShort(length));
    }
    if size_bytes > BATCH_BYTES_MAX {
        return Err(BatchError::TooLong { size_bytes, max: BATCH_BYTES_MAX });
    }
    // The magic of a batch that is cut is looked at too: more bytes make no batch of one that is unknown.
    match bytes.get(position::MAGIC).map(|magic| magic.cast_signed()) {
        Some(MAGIC) if size_bytes < BATCH_HEADER_BYTES => Err(BatchError::TooShort(length)),
        Some(magic) if !(0..=MAGIC).contains(&magic) => Err(BatchError::UnknownMagic(magic)),
        _ if bytes.len() < size_bytes => Err(BatchError::Cut { needed: size_bytes }),
        Some(magic @ ..MAGIC) => Err(BatchError::OldMagic(magic)),
        _ => Ok(size_bytes),
    }
}

/// A record batch, all of whose header is valid and whose checksum is right. Cloning shares the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    pub(super) header: Header,
    pub(super) bytes: Bytes,
}

/// The fields before the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) base_offset: i64,
    pub(super) leader_epoch: LeaderEpoch,
    pub(super) attributes: Attributes,
    pub(super) last_offset_delta: i32,
    pub(super) base_timestamp: i64,
    pub(super) max_timestamp: i64,
    pub(super) producer_id: i64,
    pub(super) producer_epoch: i16,
    pub(super) base_sequence: i32,
    pub(super) record_count: i32,
}

impl Header {
    fn decode(batch: &[u8]) -> Result<Self, BatchError> {
        let Some((mut fields, records)) = batch.split_at_checked(BATCH_HEADER_BYTES) else {
            return Err(BatchError::Cut { needed: BATCH_HEADER_BYTES });
        };
        let base_offset = fields.get_i64();
        fields.advance(position::LENGTH.len());
        let leader_epoch = LeaderEpoch(fields.get_i32());
        fields.advance(size_of_val(&MAGIC));
        let [stored, computed] = [fields.get_u32(), checksum(batch)];
        if stored != computed {
            return Err(BatchError::Crc { stored, computed });
        }
        Self {
            base_offset,
            leader_epoch,
            attributes: Attributes::from_bits(fields.get_i16())?,
            last_offset_delta: fields.get_i32(),
            base_timestamp: fields.get_i64(),
            max_timestamp: fields.get_i64(),
            producer_id: fields.get_i64(),
            producer_epoch: fields.get_i16(),
            base_sequence: fields.get_i32(),
            record_count: fields.get_i32(),
        }
        .checked(records)
    }

    fn checked(self, records: &[u8]) -> Result<Self, BatchError> {
        let Self { base_offset, last_offset_delta, record_count, .. } = self;
        if last_offset_delta < 0 {
            return Err(BatchError::NegativeLastOffsetDelta(last_offset_delta));
        }
        // Both an offset and the one after it must be sayable, or a reader would stay at the last offset for ever.
        if base_offset.checked_add(i64::from(last_offset_delta)).is_none_or(|last| last == i64::MAX) {
            return Err(BatchError::OffsetOverflow { base_offset, last_offset_delta });
        }
        let claimed = u32::try_from(record_count).map_err(|_| BatchError::NegativeRecordCount(record_count))?;
        let fits = (claimed as usize).saturating_mul(RECORD_BYTES_MIN) <= records.len();
        if self.attributes.compression == Compression::None && !fits {
            return Err(BatchError::RecordCount { claimed, available: records.len() });
        }
        Ok(self)
    }
}

impl Batch {
    /// The offset that the deltas of the records count from. That of the first record, unless compaction took it away.
    #[must_use]
    pub const fn base_offset(&self) -> i64 {
        self.header.base_offset
    }

    /// The offset of the last record that was in the batch when it was written, whether compaction took it away or not.
    #[must_use]
    pub const fn last_offset(&self) -> i64 {
        self.header.base_offset.saturating_add(self.header.last_offset_delta as i64)
    }

    /// The offset at which to read on after this batch, even where it has no record left.
    #[must_use]
    pub const fn next_offset(&self) -> i64 {
        self.last_offset().saturating_add(1)
    }

    /// The last offset less the base offset.
    #[must_use]
    pub const fn last_offset_delta(&self) -> i32 {
        self.header.last_offset_delta
    }

    /// The epoch of the leader that appended the batch.
    #[must_use]
    pub const fn leader_epoch(&self) -> LeaderEpoch {
        self.header.leader_epoch
    }

    /// What the attribute bits say.
    #[must_use]
    pub const fn attributes(&self) -> Attributes {
        self.header.attributes
    }

    /// The codec of the records.
    #[must_use]
    pub const fn compression(&self) -> Compression {
        self.header.attributes.compression
    }

    /// Who gave the records their timestamps.
    #[must_use]
    pub const fn timestamp_type(&self) -> TimestampType {
        self.header.attributes.timestamp_type
    }

    /// Whether the batch belongs to a transaction.
    #[must_use]
    pub const fn is_transactional(&self) -> bool {
        self.header.attributes.is_transactional
    }

    /// Whether the records are markers for the client and none of the application's.
    #[must_use]
    pub const fn is_control(&self) -> bool {
        self.header.attributes.is_control
    }

    /// The time in milliseconds from which compaction may take the tombstones away (KIP-534).
    #[must_use]
    pub const fn delete_horizon(&self) -> Option<i64> {
        if self.header.attributes.has_delete_horizon { Some(self.header.base_timestamp) } else { None }
    }

    /// The timestamp that the deltas of the records count from, in milliseconds since 1970.
    #[must_use]
    pub const fn base_timestamp(&self) -> i64 {
        self.header.base_timestamp
    }

    /// The largest timestamp, in milliseconds since 1970; that of every record where the broker gave it.
    #[must_use]
    pub const fn max_timestamp(&self) -> i64 {
        self.header.max_timestamp
    }

    /// The producer's id; [`NO_PRODUCER_ID`](super::NO_PRODUCER_ID) where it is not idempotent.
    #[must_use]
    pub const fn producer_id(&self) -> i64 {
        self.header.producer_id
    }

    /// The producer's epoch; -1 where it is not idempotent.
    #[must_use]
    pub const fn producer_epoch(&self) -> i16 {
        self.header.producer_epoch
    }

    /// The sequence number of the record at the base offset; -1 where the producer is not idempotent.
    #[must_use]
    pub const fn base_sequence(&self) -> i32 {
        self.header.base_sequence
    }

    /// The sequence number of the record at the last offset, which goes on at 0 after the largest; -1 where the producer is not idempotent.
    #[must_use]
    pub const fn last_sequence(&self) -> i32 {
        let Header { base_sequence, last_offset_delta, .. } = self.header;
        match base_sequence {
            NO_SEQUENCE => NO_SEQUENCE,
            _ => base_sequence.wrapping_add(last_offset_delta) & i32::MAX,
        }
    }

    /// How many records the batch says it has. Held against the bytes where they are not compressed; never below zero.
    #[must_use]
    pub const fn record_count(&self) -> i32 {
        self.header.record_count
    }

    /// All bytes of the batch, header included.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// All bytes of the batch, header included, as their owner.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// How many bytes the batch has, header included.
    #[must_use]
    pub const fn size_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The records, lazily, borrowed from the batch's bytes.
    ///
    /// # Errors
    /// When they are compressed.
    pub fn records(&self) -> Result<Records<'_>, RecordError> {
        match self.compression() {
            Compression::None => {
                Ok(Records::new(&self.header, self.bytes.get(BATCH_HEADER_BYTES..).unwrap_or_default()))
            }
            codec => Err(RecordError::Compressed(codec)),
        }
    }
}
