//! Messages of magic 0 and 1, which Kafka wrote before 0.11 (KIP-32) and a broker of any version may still have on its disk (KIP-724). Read only.
//!
//! A message is a batch of its own: either a record, or a wrapper whose value is other messages, compressed as one. What is read is put down as
//! records of magic 2 whose timestamps count from 0, so that one reader hands out the records of every magic.
//!
//! | bytes | field |
//! | --- | --- |
//! | 0-7 | offset; of a wrapper, that of the last message in it |
//! | 8-11 | length of all that follows |
//! | 12-15 | CRC-32 (IEEE) of all that follows |
//! | 16 | magic |
//! | 17 | attributes: codec (bits 0-2), and in magic 1 timestamp type (3) |
//! | 18-25 | timestamp, in magic 1 only |
//! | then | key and value, each after its length of 32 bits, -1 for null |
//!
//! In a wrapper of magic 0 the offsets are those in the partition. In one of magic 1 they count from the first message that was in it, and the
//! wrapper's own offset says where the last one stands. LogAppendTime and its timestamp are the wrapper's, for all in it.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use bytes::{Buf, BytesMut};

use super::attributes::{Attributes, Compression};
use super::batch::{BatchError, Whole, whole_batch};
use super::compressed::DecompressBatchError;
use super::header::BatchHeader;
use super::reader::RecordError;
use super::writer::NewRecord;
use super::{NO_PRODUCER_ID, NO_SEQUENCE, NO_TIMESTAMP, position};
use crate::id::LeaderEpoch;

/// The bytes of a message of magic 0 before its key.
const HEADER_BYTES: usize = 18;

/// The bytes that a timestamp takes.
const TIMESTAMP_BYTES: usize = size_of::<i64>();

/// The fewest bytes that follow the length in a message of magic 0: checksum, magic, attributes and two lengths.
const LENGTH_MIN: usize = 14;

/// The fewest bytes that the smallest batch of any magic has.
pub(super) const BYTES_MIN: usize = position::LENGTH.end + LENGTH_MIN;

/// The magic that has timestamps.
const WITH_TIMESTAMP: i8 = 1;

/// The fewest bytes that a message of this magic has.
pub(super) const fn bytes_min(magic: i8) -> usize {
    if magic < WITH_TIMESTAMP { BYTES_MIN } else { BYTES_MIN + TIMESTAMP_BYTES }
}

/// One message, its checksum right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'a> {
    magic: i8,
    attributes: Attributes,
    offset: i64,
    timestamp: i64,
    key: Option<&'a [u8]>,
    value: Option<&'a [u8]>,
}

impl<'a> Message<'a> {
    /// Reads the message that these are all the bytes of.
    pub(super) fn decode(bytes: &'a [u8]) -> Result<Self, BatchError> {
        let cut = || BatchError::Cut { needed: BYTES_MIN };
        let (mut header, mut rest) = bytes.split_at_checked(HEADER_BYTES).ok_or_else(cut)?;
        let offset = header.get_i64();
        header.advance(position::LENGTH.len());
        let [stored, computed] = [header.get_u32(), checksum(bytes)];
        if stored != computed {
            return Err(BatchError::Crc { stored, computed });
        }
        let magic = header.get_i8();
        let attributes = Attributes::of_message(magic, header.get_i8())?;
        let timestamp = match magic {
            WITH_TIMESTAMP => rest.try_get_i64().map_err(|_| cut())?,
            _ => NO_TIMESTAMP,
        };
        let [key, value] = [take_nullable(&mut rest)?, take_nullable(&mut rest)?];
        match rest.len() {
            0 => Ok(Self { magic, attributes, offset, timestamp, key, value }),
            left => Err(RecordError::TrailingRecordBytes(left).into()),
        }
    }

    /// What there is to say of the message, of so many bytes, as a batch. Of a wrapper, the offset of the first message in it is not known yet.
    pub(super) fn header(&self, size_bytes: usize) -> Result<BatchHeader, BatchError> {
        if self.attributes.compression != Compression::None && self.value.is_none() {
            return Err(BatchError::EmptyWrapper);
        }
        if self.offset == i64::MAX {
            return Err(BatchError::OffsetOverflow { base_offset: self.offset, last_offset_delta: 0 });
        }
        Ok(BatchHeader {
            magic: self.magic,
            size_bytes: size_bytes.saturating_sub(self.value.map_or(0, <[u8]>::len)),
            base_offset: self.offset,
            leader_epoch: LeaderEpoch::UNKNOWN,
            attributes: self.attributes,
            last_offset_delta: 0,
            base_timestamp: 0,
            max_timestamp: self.timestamp,
            producer_id: NO_PRODUCER_ID,
            producer_epoch: -1,
            base_sequence: NO_SEQUENCE,
            record_count: 1,
        })
    }

    /// The message as a record, where it wraps no others.
    pub(super) fn record(&self) -> Option<BytesMut> {
        if self.attributes.compression != Compression::None {
            return None;
        }
        let mut record = BytesMut::new();
        let end = self.put(&mut record, 0, 0);
        record.truncate(end);
        Some(record)
    }

    /// Writes the message as a record into `records` from `at` on, and returns where it ends.
    fn put(&self, records: &mut BytesMut, at: usize, offset_delta: i32) -> usize {
        let record = NewRecord::new(self.timestamp, self.key, self.value);
        // It came in a batch, so that a batch has room for it.
        record.write(records, at, self.timestamp, offset_delta).unwrap_or(at)
    }
}

/// Puts the messages of a wrapper down as records, and what is known of the batch now.
pub(super) fn unwrapped(
    wrapper: &BatchHeader,
    messages: &[u8],
) -> Result<(BatchHeader, BytesMut), DecompressBatchError> {
    let header = placed(wrapper, messages)?;
    let mut records = BytesMut::with_capacity(messages.len());
    let (mut size_bytes, mut first_offset, mut last_delta, mut record_count) = (0, None, -1_i32, 0_i32);
    for (index, bytes) in (0_u32..).zip(Messages { rest: messages }) {
        let at = |reason| DecompressBatchError::Message { index, reason };
        let message = bytes.and_then(Message::decode).map_err(at)?;
        if message.magic != wrapper.magic {
            return Err(DecompressBatchError::MixedMagic { index, magic: message.magic, wrapper: wrapper.magic });
        }
        if message.attributes.compression != Compression::None {
            return Err(DecompressBatchError::Nested { index, codec: message.attributes.compression });
        }
        let first = *first_offset.get_or_insert(message.offset);
        let delta = message.offset.checked_sub(first).and_then(|delta| i32::try_from(delta).ok());
        let is_next = |delta: &i32| (last_delta.saturating_add(1)..=header.last_offset_delta).contains(delta);
        let misplaced = DecompressBatchError::Offset { index, offset: message.offset, wrapper: wrapper.base_offset };
        last_delta = delta.filter(is_next).ok_or(misplaced)?;
        size_bytes = message.put(&mut records, size_bytes, last_delta);
        record_count = record_count.saturating_add(1);
    }
    records.truncate(size_bytes);
    Ok((BatchHeader { record_count, ..header }, records))
}

/// The header of the batch, with the offsets that the first and the last message in the wrapper give it.
fn placed(wrapper: &BatchHeader, messages: &[u8]) -> Result<BatchHeader, DecompressBatchError> {
    let (mut first, mut last, mut index) = (None, 0, 0_u32);
    for bytes in (Messages { rest: messages }) {
        let mut bytes = bytes.map_err(|reason| DecompressBatchError::Message { index, reason })?;
        last = bytes.get_i64();
        first.get_or_insert(last);
        index = index.saturating_add(1);
    }
    let first = first.ok_or(DecompressBatchError::NoMessage)?;
    let relative = wrapper.magic >= WITH_TIMESTAMP;
    // Old producers of librdkafka left the offset of a wrapper at 0, whatever is in it; Kafka reads such a one from 0 on.
    let last_offset = if relative && wrapper.base_offset == 0 { last } else { wrapper.base_offset };
    let base_offset =
        if relative { last_offset.checked_sub(last).and_then(|base| base.checked_add(first)) } else { Some(first) };
    // Without an offset after the last one, a reader would stay at it for ever.
    let in_range = last <= last_offset && last_offset < i64::MAX;
    let placed = base_offset.filter(|_| in_range).and_then(|base_offset| {
        let last_offset_delta =
            i32::try_from(last_offset.checked_sub(base_offset)?).ok().filter(|delta| *delta >= 0)?;
        Some(BatchHeader { base_offset, last_offset_delta, ..*wrapper })
    });
    placed.ok_or(DecompressBatchError::Offset {
        index: index.saturating_sub(1),
        offset: last,
        wrapper: wrapper.base_offset,
    })
}

/// The bytes of one message after the other.
struct Messages<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Messages<'a> {
    type Item = Result<&'a [u8], BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let Whole { size_bytes, magic } = match whole_batch(self.rest) {
            Ok(whole) => whole,
            Err(error) => return Some(Err(error)),
        };
        let message = self.rest.split_off(..size_bytes).unwrap_or_default();
        // One of magic 2 is none of these.
        Some(if magic > WITH_TIMESTAMP { Err(BatchError::UnknownMagic(magic)) } else { Ok(message) })
    }
}

fn take_nullable<'a>(bytes: &mut &'a [u8]) -> Result<Option<&'a [u8]>, RecordError> {
    match bytes.try_get_i32().map_err(|_| RecordError::Cut)? {
        -1 => Ok(None),
        length => {
            let length = usize::try_from(length).map_err(|_| RecordError::NegativeLength(length))?;
            bytes.split_off(..length).map(Some).ok_or(RecordError::Cut)
        }
    }
}

/// The CRC-32 of everything that the checksum of a message covers: from the magic to the end.
pub(super) fn checksum(message: &[u8]) -> u32 {
    let covered = message.get(position::MAGIC..).unwrap_or_default();
    // The upper half of what crc-fast returns is zero for a checksum of 32 bits.
    (crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, covered) & u64::from(u32::MAX)) as u32
}
