//! One batch off the front of a partition's bytes, with its header parsed once.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use bytes::{Buf, Bytes};

use super::attributes::{Attributes, Compression, TimestampType};
use super::header::BatchHeader;
use super::message::{self, Message};
use super::reader::{RecordError, Records};
use super::{BATCH_BYTES_MAX, BATCH_HEADER_BYTES, MAGIC, NO_SEQUENCE, position};
use crate::id::LeaderEpoch;

/// The bytes before those that a batch's length counts: base offset and the length itself.
const LENGTH_END: usize = position::LENGTH.end;

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
    /// The batch is a message of magic 0 or 1, and compressed with zstd, which came after them (KIP-110).
    #[error("a message of magic {0} is compressed with zstd")]
    ZstdMessage(i8),
    /// The batch is a compressed message of magic 0 or 1 without the messages that it should wrap.
    #[error("a compressed message has no value")]
    EmptyWrapper,
    /// The batch is a message of magic 0 or 1 whose record cannot be read.
    #[error("the message cannot be read: {0}")]
    Message(#[from] RecordError),
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

/// Takes the batch at the front off `bytes`; `None` when no byte is left. Nothing is copied, except the record of a message of magic 0 or 1.
///
/// # Errors
/// When no valid batch stands there. The bytes stay as they were, so that the batches before one that is cut or corrupt are never lost.
pub fn next_batch(bytes: &mut Bytes) -> Result<Option<Batch>, BatchError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let Whole { size_bytes, magic } = whole_batch(bytes)?;
    let whole = bytes.get(..size_bytes).unwrap_or_default();
    let (header, plain) = if magic < MAGIC {
        let message = Message::decode(whole)?;
        (message.header(size_bytes)?, message.record().map(Bytes::from))
    } else {
        (BatchHeader::decode(whole)?, None)
    };
    Ok(Some(Batch { header, front: None, bytes: bytes.split_to(size_bytes), plain }))
}

/// What the length and the magic of a batch say, all of whose bytes are there.
pub(super) struct Whole {
    /// Of the batch, with what its length does not count.
    pub(super) size_bytes: usize,
    /// Between 0 and 2, and the bytes are no fewer than its header takes.
    pub(super) magic: i8,
}

/// Looks for a whole batch at the front of `bytes`.
pub(super) fn whole_batch(bytes: &[u8]) -> Result<Whole, BatchError> {
    let Some(mut length) = bytes.get(position::LENGTH) else {
        return Err(BatchError::Cut { needed: message::BYTES_MIN });
    };
    let claimed = length.get_i32();
    let length = usize::try_from(claimed).map_err(|_| BatchError::NegativeLength(claimed))?;
    let size_bytes = length.saturating_add(LENGTH_END);
    if size_bytes < message::BYTES_MIN {
        return Err(BatchError::TooShort(length));
    }
    if size_bytes > BATCH_BYTES_MAX {
        return Err(BatchError::TooLong { size_bytes, max: BATCH_BYTES_MAX });
    }
    let cut = BatchError::Cut { needed: size_bytes };
    // The magic of a batch that is cut is looked at too: more bytes make no batch of one that is unknown.
    let Some(magic) = bytes.get(position::MAGIC).map(|magic| magic.cast_signed()) else { return Err(cut) };
    let bytes_min = match magic {
        MAGIC => BATCH_HEADER_BYTES,
        0..MAGIC => message::bytes_min(magic),
        _ => return Err(BatchError::UnknownMagic(magic)),
    };
    match size_bytes {
        _ if size_bytes < bytes_min => Err(BatchError::TooShort(length)),
        _ if bytes.len() < size_bytes => Err(cut),
        _ => Ok(Whole { size_bytes, magic }),
    }
}

/// A record batch, all of whose header is valid and whose checksum is right. Cloning shares the bytes.
#[derive(Clone, Debug)]
pub struct Batch {
    pub(super) header: BatchHeader,
    /// The first bytes, where they stand apart from the others, which somebody else holds too.
    pub(super) front: Option<Box<Bytes>>,
    /// The bytes after those.
    pub(super) bytes: Bytes,
    /// The records, where they do not stand in `bytes` as they are read.
    pub(super) plain: Option<Bytes>,
}

impl Batch {
    /// The number of the format: 2 since Kafka 0.11, and 0 or 1 for a message of one before.
    #[must_use]
    pub const fn magic(&self) -> i8 {
        self.header.magic
    }

    /// The offset that the deltas of the records count from. That of the first record, unless compaction took it away.
    ///
    /// A compressed message of magic 0 or 1 says only its last offset before it is decompressed, and then this is the same.
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

    /// The timestamp that the deltas of the records count from, in milliseconds since 1970; 0 in magic 0 and 1, which have no deltas.
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
        let BatchHeader { base_sequence, last_offset_delta, .. } = self.header;
        match base_sequence {
            NO_SEQUENCE => NO_SEQUENCE,
            _ => base_sequence.wrapping_add(last_offset_delta) & i32::MAX,
        }
    }

    /// How many records the batch says it has. Held against the bytes where they are not compressed; never below zero.
    ///
    /// A compressed message of magic 0 or 1 says 1 before it is decompressed, and then how many it wraps.
    #[must_use]
    pub const fn record_count(&self) -> i32 {
        self.header.record_count
    }

    /// All bytes of the batch, header included. They are shared, or copied where a broker gave the batch a place and somebody else holds what its
    /// producer sent.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        match &self.front {
            None => self.bytes.clone(),
            Some(front) => [&***front, &*self.bytes].concat().into(),
        }
    }

    /// All bytes of the batch, header included, as one piece or two, which are shared and not copied.
    pub fn pieces(&self) -> impl Iterator<Item = &Bytes> {
        self.front.as_deref().into_iter().chain([&self.bytes])
    }

    /// How many bytes the batch has, header included.
    #[must_use]
    pub const fn size_bytes(&self) -> usize {
        self.front_bytes().saturating_add(self.bytes.len())
    }

    const fn front_bytes(&self) -> usize {
        match &self.front {
            Some(front) => front.len(),
            None => 0,
        }
    }

    /// How many bytes the batch keeps in memory: its own, and those of its records where they were decompressed.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.size_bytes().saturating_add(self.plain.as_ref().map_or(0, Bytes::len))
    }

    /// The records, lazily, borrowed from the batch.
    ///
    /// # Errors
    /// When they are compressed, and [`Batch::decompress`] was not called.
    pub fn records(&self) -> Result<Records<'_>, RecordError> {
        Ok(Records::new(&self.header, self.plain()?))
    }

    /// The bytes of the records, not compressed.
    pub(super) fn plain(&self) -> Result<&[u8], RecordError> {
        match (&self.plain, self.compression()) {
            (Some(plain), _) => Ok(plain),
            (None, Compression::None) => Ok(self.encoded()),
            (None, codec) => Err(RecordError::Compressed(codec)),
        }
    }

    /// The bytes after the header, in the codec that it says.
    pub(super) fn encoded(&self) -> &[u8] {
        self.bytes.get(self.header.size_bytes.saturating_sub(self.front_bytes())..).unwrap_or_default()
    }
}

/// Two batches are the same when their bytes are, in however many pieces, and both are decompressed or neither.
impl PartialEq for Batch {
    fn eq(&self, other: &Self) -> bool {
        self.header == other.header && self.encoded() == other.encoded() && self.plain == other.plain
    }
}

impl Eq for Batch {}
