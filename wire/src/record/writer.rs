//! A batch that is written record by record, into the bytes that will be sent.

use bytes::Bytes;

use super::attributes::{Attributes, Compression};
use super::compressed::{self, CompressBatchError};
use super::header::BatchHeader;
use super::pen::{Pen, SLACK_BYTES, Varints};
use super::reader::Header;
use super::varint::{VARINT_BYTES_MAX, VARLONG_BYTES_MAX, put_varint, put_varlong, varint_bytes, varlong_bytes};
use super::{BATCH_HEADER_BYTES, MAGIC, NO_PRODUCER_ID, NO_SEQUENCE, NO_TIMESTAMP};
use crate::id::LeaderEpoch;

/// A record to append. `H` is its headers, an iterator of [`Header`] that is walked twice: once for their size, and once to write them.
#[derive(Clone, Copy, Debug)]
pub struct NewRecord<'a, H = std::iter::Empty<Header<'a>>> {
    /// The timestamp in milliseconds since 1970.
    pub timestamp: i64,
    /// The key.
    pub key: Option<&'a [u8]>,
    /// The value.
    pub value: Option<&'a [u8]>,
    /// The headers, in order.
    pub headers: H,
}

impl<'a> NewRecord<'a> {
    /// A record without headers.
    #[must_use]
    pub const fn new(timestamp: i64, key: Option<&'a [u8]>, value: Option<&'a [u8]>) -> Self {
        Self { timestamp, key, value, headers: std::iter::empty() }
    }
}

/// The most bytes that a record takes beside its key, value and headers: attributes, timestamp, and five of 32 bits (length, offset, two lengths, count).
const RECORD_OVERHEAD_BYTES_MAX: usize = 5 * VARINT_BYTES_MAX + VARLONG_BYTES_MAX + 1;

impl<'a, H> NewRecord<'a, H>
where
    H: Iterator<Item = Header<'a>> + ExactSizeIterator + Clone,
{
    /// The most bytes that the record takes in any batch, so that its room can be decided before it is appended.
    #[must_use]
    pub fn size_bytes_max(&self) -> usize {
        let fields = [self.key, self.value].into_iter().flatten().map(<[u8]>::len).fold(0, usize::saturating_add);
        RECORD_OVERHEAD_BYTES_MAX.saturating_add(fields).saturating_add(headers_bytes(self.headers.clone()))
    }

    /// How many bytes follow the length of the record.
    fn body_bytes(&self, timestamp_delta: i64, offset_delta: i32) -> usize {
        1_usize
            .saturating_add(varlong_bytes(timestamp_delta))
            .saturating_add(varint_bytes(offset_delta))
            .saturating_add(field_bytes(self.key))
            .saturating_add(field_bytes(self.value))
            .saturating_add(varint_bytes(saturated(self.headers.len())))
            .saturating_add(headers_bytes(self.headers.clone()))
    }

    /// Writes the record into `memory` at `at`, and returns where it ends; none when one of its varints has more than three bytes, or there is no room.
    #[inline]
    fn write_short(&self, memory: &mut [u8], at: usize, timestamp_delta: i64, offset_delta: i32) -> Option<usize> {
        let length_bytes = self.length_bytes(timestamp_delta, offset_delta);
        let (length, body) = memory.get_mut(at..)?.split_at_mut_checked(length_bytes)?;
        let room_bytes = body.len();
        let mut pen = Pen::new(body);
        // A record's attributes have no meaning yet.
        let attributes = Varints::ZERO;
        let offset_delta = Varints::size(usize::try_from(offset_delta).ok()?)?;
        pen.varints(attributes.then(Varints::short(timestamp_delta)?).then(offset_delta))?;
        pen.nullable(self.key)?;
        pen.nullable(self.value)?;
        pen.varints(Varints::size(self.headers.len())?)?;
        for header in self.headers.clone() {
            pen.nullable(Some(header.key))?;
            pen.nullable(header.value)?;
        }
        let body_bytes = room_bytes.wrapping_sub(pen.room_bytes());
        Varints::size(body_bytes)?.fill(length)?;
        let end = at.wrapping_add(length_bytes).wrapping_add(body_bytes);
        (end <= SIZE_BYTES_MAX).then_some(end)
    }

    /// How many bytes the length of the record takes, where no varint of it has more than three. Most records need not be measured for it.
    #[inline]
    fn length_bytes(&self, timestamp_delta: i64, offset_delta: i32) -> usize {
        let least = self.fields_bytes();
        let most = least.wrapping_add(16).wrapping_add(self.headers.len().wrapping_mul(6));
        if least >= 1 << 6 && most < 1 << 13 {
            2
        } else if most < 1 << 6 {
            1
        } else {
            varint_bytes(saturated(self.body_bytes(timestamp_delta, offset_delta)))
        }
    }

    /// How many bytes the fields have, without their lengths.
    #[inline]
    fn fields_bytes(&self) -> usize {
        let fields = [self.key, self.value].map(|field| field.map_or(0, <[u8]>::len));
        let headers =
            self.headers.clone().map(|header| header.key.len().wrapping_add(header.value.map_or(0, <[u8]>::len)));
        headers.chain(fields).fold(0, usize::wrapping_add)
    }

    /// As [`Self::write_short`], whatever the record has, and `memory` grows as need be.
    #[cold]
    #[inline(never)]
    fn write_long(
        &self,
        memory: &mut Vec<u8>,
        at: usize,
        timestamp_delta: i64,
        offset_delta: i32,
    ) -> Result<usize, AppendError> {
        let body_bytes = self.body_bytes(timestamp_delta, offset_delta);
        let size_bytes = at.saturating_add(VARINT_BYTES_MAX).saturating_add(body_bytes);
        // Everything that follows fits 32 bits when the whole batch does.
        if size_bytes > SIZE_BYTES_MAX {
            return Err(AppendError::TooLong { size_bytes });
        }
        memory.truncate(at);
        memory.reserve(size_bytes.saturating_sub(at).saturating_add(SLACK_BYTES));
        put_varint(memory, saturated(body_bytes));
        let body = memory.len();
        memory.push(0);
        put_varlong(memory, timestamp_delta);
        put_varint(memory, offset_delta);
        put_nullable(memory, self.key);
        put_nullable(memory, self.value);
        put_varint(memory, saturated(self.headers.len()));
        for header in self.headers.clone() {
            put_nullable(memory, Some(header.key));
            put_nullable(memory, header.value);
        }
        let end = memory.len();
        // Room for those that follow, a part at a time: what a batch never needs is not set to zero.
        memory.resize(end.saturating_add(GROWTH_BYTES).clamp(end, memory.capacity()), 0);
        if end.saturating_sub(body) == body_bytes { Ok(end) } else { Err(AppendError::Headers) }
    }

    /// Writes the record into `memory` at `at`, and returns where it ends. What stood there is of no meaning, and what stands behind it neither.
    #[inline]
    pub(super) fn write(
        &self,
        memory: &mut Vec<u8>,
        at: usize,
        timestamp_delta: i64,
        offset_delta: i32,
    ) -> Result<usize, AppendError> {
        match self.write_short(memory, at, timestamp_delta, offset_delta) {
            Some(end) => Ok(end),
            None => self.write_long(memory, at, timestamp_delta, offset_delta),
        }
    }
}

/// The most bytes that a batch may have, for its length field has 32 bits.
const SIZE_BYTES_MAX: usize = i32::MAX as usize;

/// How much memory is made ready at a time.
const GROWTH_BYTES: usize = 4096;

/// Why a record cannot be appended. The batch is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The batch would be longer than its length field can say. In a batch of its own the record may have room.
    #[error("with the record, the batch would have {size_bytes} bytes, more than its length field can say")]
    TooLong {
        /// What the batch would have.
        size_bytes: usize,
    },
    /// The batch has as many records as its count can say.
    #[error("the batch has as many records as its count can say")]
    TooMany,
    /// The timestamp is too far from that of the batch's first record. In a batch of its own the record has room.
    #[error("timestamp {timestamp} is too far from {base}, that of the batch's first record")]
    TimestampRange {
        /// The timestamp of the record.
        timestamp: i64,
        /// The timestamp of the batch's first record.
        base: i64,
    },
    /// The headers were not the same when they were walked again.
    #[error("the headers are not the same each time that they are walked")]
    Headers,
}

/// What a batch says of the producer that sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerStamp {
    /// The producer's id, or [`NO_PRODUCER_ID`].
    pub producer_id: i64,
    /// The producer's epoch; -1 without an id.
    pub producer_epoch: i16,
    /// The sequence number of the first record; -1 without an id.
    pub base_sequence: i32,
    /// Whether the batch belongs to a transaction.
    pub is_transactional: bool,
}

impl ProducerStamp {
    /// A producer that is not idempotent.
    pub const NONE: Self =
        Self { producer_id: NO_PRODUCER_ID, producer_epoch: -1, base_sequence: NO_SEQUENCE, is_transactional: false };
}

impl Default for ProducerStamp {
    fn default() -> Self {
        Self::NONE
    }
}

/// A batch that grows by records; its base offset is 0, and its leader epoch unknown, as a producer sends it.
#[derive(Debug)]
pub struct BatchWriter {
    /// Room for the header, the records, and some more, which is of no meaning.
    memory: Vec<u8>,
    /// Of the header and the records.
    size_bytes: usize,
    record_count: u32,
    base_timestamp: i64,
    max_timestamp: i64,
}

impl BatchWriter {
    /// An empty batch with room for `capacity_bytes` bytes, header included, before its memory must move.
    #[must_use]
    pub fn new(capacity_bytes: usize) -> Self {
        Self::in_memory(Vec::with_capacity(capacity_bytes.max(BATCH_HEADER_BYTES).saturating_add(SLACK_BYTES)))
    }

    /// An empty batch in memory that was used before, such as that of a batch that was sent: `Vec::from` takes it out of its [`Bytes`] without a copy
    /// where nobody else holds them. What stands in it is of no meaning.
    #[must_use]
    pub fn in_memory(mut memory: Vec<u8>) -> Self {
        memory.resize(memory.len().max(BATCH_HEADER_BYTES), 0);
        Self {
            memory,
            size_bytes: BATCH_HEADER_BYTES,
            record_count: 0,
            base_timestamp: NO_TIMESTAMP,
            max_timestamp: NO_TIMESTAMP,
        }
    }

    /// How many bytes the batch has so far, header included.
    #[must_use]
    pub const fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    /// How many records the batch has so far.
    #[must_use]
    pub const fn record_count(&self) -> u32 {
        self.record_count
    }

    /// Whether the batch has no record yet.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.record_count == 0
    }

    /// The largest timestamp so far; [`NO_TIMESTAMP`] without a record.
    #[must_use]
    pub const fn max_timestamp(&self) -> i64 {
        self.max_timestamp
    }

    /// Appends a record and returns its place in the batch, which is also its offset less that of the batch.
    ///
    /// # Errors
    /// When the record has no room in this batch; the batch is as it was.
    pub fn append<'r, H>(&mut self, record: &NewRecord<'r, H>) -> Result<u32, AppendError>
    where
        H: Iterator<Item = Header<'r>> + ExactSizeIterator + Clone,
    {
        let index = self.record_count;
        let base = if index == 0 { record.timestamp } else { self.base_timestamp };
        let too_far = AppendError::TimestampRange { timestamp: record.timestamp, base };
        let timestamp_delta = record.timestamp.checked_sub(base).ok_or(too_far)?;
        let offset_delta = i32::try_from(index).ok().filter(|delta| *delta < i32::MAX).ok_or(AppendError::TooMany)?;

        self.size_bytes = record.write(&mut self.memory, self.size_bytes, timestamp_delta, offset_delta)?;
        self.base_timestamp = base;
        self.max_timestamp = if index == 0 { record.timestamp } else { self.max_timestamp.max(record.timestamp) };
        self.record_count = index.saturating_add(1);
        Ok(index)
    }

    /// Writes the header and hands the bytes out; none when there is no record, for Kafka has no such batch of a producer.
    #[must_use]
    pub fn finish(mut self, producer: ProducerStamp) -> Bytes {
        if self.is_empty() {
            return Bytes::new();
        }
        self.memory.truncate(self.size_bytes);
        self.header(producer, Compression::None).encode(&mut self.memory);
        Bytes::from(self.memory)
    }

    /// As [`BatchWriter::finish`], with the records compressed as one. Without a `level`, Kafka's default for the codec is taken.
    ///
    /// # Errors
    /// When the codec does not have the level, or does not take the records. They are gone then; who wants to keep them finishes the batch in
    /// plain, and hands it to [`compressed`](super::compressed).
    pub fn finish_compressed(
        self,
        producer: ProducerStamp,
        codec: Compression,
        level: Option<i32>,
    ) -> Result<Bytes, CompressBatchError> {
        if self.is_empty() {
            return Ok(Bytes::new());
        }
        let records = self.memory.get(BATCH_HEADER_BYTES..self.size_bytes).unwrap_or_default();
        compressed::encode(&self.header(producer, codec), records, level).map(Bytes::from)
    }

    fn header(&self, producer: ProducerStamp, compression: Compression) -> BatchHeader {
        let is_transactional = producer.is_transactional;
        BatchHeader {
            magic: MAGIC,
            size_bytes: BATCH_HEADER_BYTES,
            base_offset: 0,
            leader_epoch: LeaderEpoch::UNKNOWN,
            attributes: Attributes { compression, is_transactional, ..Attributes::default() },
            last_offset_delta: saturated(self.record_count.saturating_sub(1) as usize),
            base_timestamp: self.base_timestamp,
            max_timestamp: self.max_timestamp,
            producer_id: producer.producer_id,
            producer_epoch: producer.producer_epoch,
            base_sequence: producer.base_sequence,
            record_count: saturated(self.record_count as usize),
        }
    }
}

/// What `append` has held below the largest.
fn saturated(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// The length of a field that `append` has measured; -1 is null.
#[inline]
fn length_of(field: Option<&[u8]>) -> i32 {
    field.map_or(-1, |bytes| saturated(bytes.len()))
}

#[inline]
fn field_bytes(field: Option<&[u8]>) -> usize {
    varint_bytes(length_of(field)).saturating_add(field.map_or(0, <[u8]>::len))
}

#[inline]
fn headers_bytes<'a>(headers: impl Iterator<Item = Header<'a>>) -> usize {
    headers.fold(0, |sum, header| {
        sum.saturating_add(field_bytes(Some(header.key))).saturating_add(field_bytes(header.value))
    })
}

fn put_nullable(out: &mut Vec<u8>, field: Option<&[u8]>) {
    put_varint(out, length_of(field));
    out.extend_from_slice(field.unwrap_or_default());
}
