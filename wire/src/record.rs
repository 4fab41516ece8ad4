//! Record batches (magic 2, KIP-98): read in place, appended in place. The messages before them (magic 0 and 1) are read too.
//!
//! - [`next_batch`] takes one [`Batch`] after the other off the bytes of a partition; a batch that is not whole is [`BatchError::Cut`], which is
//!   how a Fetch response that is full ends, and never the same as one that is corrupt.
//! - [`Batch::decompress`] has the records of a compressed batch in plain, within [`Limits`](crate::compression::Limits); [`compressed`] puts them
//!   into a codec.
//! - [`extent`] says how far the whole batches go, from their headers alone.
//! - [`Batch::records`] hands out [`Record`]s that borrow from the batch. Each is validated whole before it is handed out, and none is allocated.
//! - [`Batch::control`] says what a control batch is for.
//! - [`BatchWriter`] appends records straight into the bytes that will be sent.
//! - [`Batch::restamped`] and [`stamp`] do what a broker does to a batch that it appends to its log, and [`Batch::validate_produced`] says
//!   whether it may; [`Batch::retaining`] has what compaction leaves of it.
//!
//! | bytes | field | |
//! | --- | --- | --- |
//! | 0-7 | base offset | outside the checksum |
//! | 8-11 | length of all that follows | outside the checksum |
//! | 12-15 | partition leader epoch | outside the checksum |
//! | 16 | magic | outside the checksum |
//! | 17-20 | CRC-32C of all that follows | |
//! | 21-22 | attributes: codec (bits 0-2), timestamp type (3), transactional (4), control (5), delete horizon (6) | |
//! | 23-26 | offset of the last record less the base offset; stays when compaction takes that record away | |
//! | 27-34 | base timestamp | |
//! | 35-42 | largest timestamp; the timestamp of every record where the type is LogAppendTime | |
//! | 43-50, 51-52, 53-56 | producer id, producer epoch, base sequence | |
//! | 57-60 | number of records | |
//! | 61- | the records, compressed as one | |

mod attributes;
mod batch;
mod compressed;
mod control;
mod extent;
mod header;
mod message;
mod pen;
mod reader;
mod retain;
mod short;
pub mod stamp;
mod validate;
mod varint;
mod writer;

pub use attributes::{Attributes, Compression, TimestampType};
pub use batch::{Batch, BatchError, next_batch};
pub use compressed::{CompressBatchError, DecompressBatchError, compressed};
pub use control::{Control, ControlError};
pub use extent::{Extent, extent};
pub use reader::{Header, Headers, Record, RecordError, Records};
pub use retain::RetainError;
pub use validate::InvalidBatch;
pub use writer::{AppendError, BatchWriter, NewRecord, ProducerStamp};

/// The bytes of a batch before its first record.
pub const BATCH_HEADER_BYTES: usize = 61;

/// The largest batch that is read: the largest frame, for no batch comes outside one.
pub const BATCH_BYTES_MAX: usize = crate::frame::FRAME_BYTES_MAX;

/// What a record batch says where a producer is not idempotent.
pub const NO_PRODUCER_ID: i64 = -1;

/// What Kafka writes where a record has no timestamp.
pub const NO_TIMESTAMP: i64 = -1;

/// What a batch says where its records are not numbered.
pub const NO_SEQUENCE: i32 = -1;

/// The magic of the batches that are written here, and of most that are read.
const MAGIC: i8 = 2;

/// The fewest bytes that a record takes: its length, attributes, two deltas, two lengths and a header count, of one byte each.
const RECORD_BYTES_MIN: usize = 7;

/// Where the fields stand that are patched in place.
mod position {
    use std::ops::Range;

    pub(super) const BASE_OFFSET: Range<usize> = 0..8;
    pub(super) const LENGTH: Range<usize> = 8..12;
    pub(super) const LEADER_EPOCH: Range<usize> = 12..16;
    pub(super) const MAGIC: usize = 16;
    pub(super) const CRC: Range<usize> = 17..21;
    pub(super) const ATTRIBUTES: Range<usize> = 21..23;
    pub(super) const LAST_OFFSET_DELTA: Range<usize> = 23..27;
    pub(super) const MAX_TIMESTAMP: Range<usize> = 35..43;
    pub(super) const PRODUCER_ID: Range<usize> = 43..51;
    pub(super) const PRODUCER_EPOCH: Range<usize> = 51..53;
    pub(super) const BASE_SEQUENCE: Range<usize> = 53..57;
}

/// The CRC-32C of everything that the checksum of `batch` covers: from the attributes to the end.
fn checksum(batch: &[u8]) -> u32 {
    crc32c(batch.get(position::ATTRIBUTES.start..).unwrap_or_default())
}

/// The CRC-32C (Castagnoli) of bytes, by which Kafka holds batches true, and names subscriptions to metrics (KIP-714).
#[must_use]
pub fn crc32c(bytes: &[u8]) -> u32 {
    // The upper half of what crc-fast returns is zero for a checksum of 32 bits.
    (crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, bytes) & u64::from(u32::MAX)) as u32
}

#[cfg(test)]
mod tests;
