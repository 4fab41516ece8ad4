//! A batch that is written record by record, into the bytes that will be sent.

use bytes::{BufMut, Bytes, BytesMut};

use super::attributes::{Attributes, Compression};
use super::compressed::{self, CompressBatchError};
use super::header::BatchHeader;
use super::pen::{Pen, SLACK_BYTES, Varints};
use super::reader::Header;
use super::varint::{
    VARINT_BYTES_MAX, VARLONG_BYTES_MAX, put_varint, put_varlong, varint_bytes, varlong_bytes, zigzag_long,
};
use super::{BATCH_HEADER_BYTES, MAGIC, NO_PRODUCER_ID, NO_SEQUENCE, NO_TIMESTAMP};
use crate::compression::Compressor;
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

    /// How many bytes follow the length of the record, of which the numbers before its fields take so many.
    fn body_bytes(&self, numbers_bytes: usize) -> usize {
        numbers_bytes
            .saturating_add(field_bytes(self.key))
            .saturating_add(field_bytes(self.value))
            .saturating_add(varint_bytes(saturated(self.headers.len())))
            .saturating_add(headers_bytes(self.headers.clone()))
    }

    /// Writes the record into `memory` at `at`, and returns where it ends. What stood there is of no meaning, and what stands behind it neither.
    #[inline(always)]
    pub(super) fn write(
        &self,
        memory: &mut BytesMut,
        at: usize,
        timestamp_delta: i64,
        offset_delta: i32,
    ) -> Result<usize, AppendError> {
        match self.write_bare(memory, at, timestamp_delta, offset_delta) {
            Some(end) => Ok(end),
            // By value, so that the record of the caller need not be in memory.
            None => Self { timestamp: self.timestamp, key: self.key, value: self.value, headers: self.headers.clone() }
                .write_other(memory, at, timestamp_delta, offset_delta),
        }
    }

    /// Writes a record with a value and without headers, none of whose varints has more than two bytes, as nearly every one is; none when it is another,
    /// or there is no room.
    #[inline(always)]
    fn write_bare(&self, memory: &mut [u8], at: usize, timestamp_delta: i64, offset_delta: i32) -> Option<usize> {
        let value = self.value.filter(|_| self.headers.len() == 0)?;
        // A record's attributes have no meaning yet.
        let numbers = Varints::ZERO
            .then(Varints::pair(zigzag_long(timestamp_delta))?)
            .then(Varints::pair(zigzag_long(i64::from(offset_delta)))?);
        let value_length = Varints::pair(zigzag_length(value))?;
        match self.key {
            None => {
                let numbers = numbers.then(Varints::NULL).then(value_length);
                let (mut pen, end) = pen_for_bare(memory, at, numbers, value.len())?;
                pen.bytes_before(value, 0)?;
                Some(end)
            }
            Some(key) => {
                let numbers = numbers.then(Varints::pair(zigzag_length(key))?);
                let fields_bytes = value_length.size_bytes().wrapping_add(key.len()).wrapping_add(value.len());
                let (mut pen, end) = pen_for_bare(memory, at, numbers, fields_bytes)?;
                pen.bytes(key)?;
                pen.varints([value_length])?;
                pen.bytes_before(value, 0)?;
                Some(end)
            }
        }
    }

    /// As [`Self::write`], whatever the record has.
    #[inline(never)]
    fn write_other(
        self,
        memory: &mut BytesMut,
        at: usize,
        timestamp_delta: i64,
        offset_delta: i32,
    ) -> Result<usize, AppendError> {
        match self.write_short(memory, at, timestamp_delta, offset_delta) {
            Some(end) => Ok(end),
            None => self.write_long(memory, at, timestamp_delta, offset_delta),
        }
    }

    /// Writes a record none of whose varints has more than three bytes; none when it is another, or there is no room.
    #[inline]
    fn write_short(&self, memory: &mut [u8], at: usize, timestamp_delta: i64, offset_delta: i32) -> Option<usize> {
        let offset_delta = Varints::size(usize::try_from(offset_delta).ok()?)?;
        // A record's attributes have no meaning yet.
        let numbers = Varints::ZERO.then(Varints::short(timestamp_delta)?).then(offset_delta);
        let length_bytes = self.length_bytes(numbers);
        let (length, body) = memory.get_mut(at..)?.split_at_mut_checked(length_bytes)?;
        let room_bytes = body.len();
        let mut pen = Pen::new(body);
        pen.varints([numbers])?;
        pen.nullable(self.key)?;
        pen.nullable(self.value)?;
        pen.varints([Varints::size(self.headers.len())?])?;
        for header in self.headers.clone() {
            pen.nullable(Some(header.key))?;
            pen.nullable(header.value)?;
        }
        let body_bytes = room_bytes.wrapping_sub(pen.room_bytes());
        Varints::size(body_bytes)?.fill(length)?;
        let end = at.wrapping_add(length_bytes).wrapping_add(body_bytes);
        Some(end)
    }

    /// How many bytes the length of the record takes, where no varint of it has more than three. Most records need not be measured for it.
    #[inline]
    fn length_bytes(&self, numbers: Varints) -> usize {
        let least = self.fields_bytes();
        let most = least.wrapping_add(16).wrapping_add(self.headers.len().wrapping_mul(6));
        if least >= 1 << 6 && most < 1 << 13 {
            2
        } else if most < 1 << 6 {
            1
        } else {
            varint_bytes(saturated(self.body_bytes(numbers.size_bytes())))
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

    /// As [`Self::write_other`], and `memory` grows as need be.
    #[cold]
    #[inline(never)]
    fn write_long(
        &self,
        memory: &mut BytesMut,
        at: usize,
        timestamp_delta: i64,
        offset_delta: i32,
    ) -> Result<usize, AppendError> {
        let body_bytes = self.body_bytes(1 + varlong_bytes(timestamp_delta) + varint_bytes(offset_delta));
        let size_bytes = at.saturating_add(VARINT_BYTES_MAX).saturating_add(body_bytes);
        // Everything that follows fits 32 bits when the whole batch does.
        if size_bytes > SIZE_BYTES_MAX {
            return Err(AppendError::TooLong { size_bytes });
        }
        memory.truncate(at);
        memory.reserve(size_bytes.saturating_sub(at).saturating_add(SLACK_BYTES));
        put_varint(memory, saturated(body_bytes));
        let body = memory.len();
        memory.put_u8(0);
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
        memory.resize(end.saturating_add(GROWTH_BYTES).clamp(end, memory.capacity().min(MEMORY_BYTES_MAX)), 0);
        if end.saturating_sub(body) == body_bytes { Ok(end) } else { Err(AppendError::Headers) }
    }
}

/// Writes the length and the first `numbers` of a record without headers, which `fields_bytes` follow. Returns where these go, and where the record ends.
#[inline(always)]
fn pen_for_bare(memory: &mut [u8], at: usize, numbers: Varints, fields_bytes: usize) -> Option<(Pen<'_>, usize)> {
    // The last byte says that there are no headers.
    let body_bytes = numbers.size_bytes().wrapping_add(fields_bytes).wrapping_add(1);
    let length = Varints::pair((body_bytes as u64).wrapping_shl(1))?;
    let record_bytes = length.size_bytes().wrapping_add(body_bytes);
    let mut pen = Pen::new(memory.get_mut(at..)?.get_mut(..record_bytes.wrapping_add(SLACK_BYTES))?);
    pen.varints([length, numbers])?;
    Some((pen, at.wrapping_add(record_bytes)))
}

/// The most bytes that a batch may have, for its length field has 32 bits.
const SIZE_BYTES_MAX: usize = i32::MAX as usize;

/// With no more memory than this, what has room does not make a batch too long.
const MEMORY_BYTES_MAX: usize = SIZE_BYTES_MAX + SLACK_BYTES;

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
    memory: BytesMut,
    /// Of the header and the records.
    size_bytes: usize,
    record_count: u32,
    /// Of no meaning without a record, and so is the next.
    base_timestamp: i64,
    max_timestamp: i64,
}

impl BatchWriter {
    /// An empty batch with room for `capacity_bytes` bytes, header included, before its memory must move.
    #[must_use]
    pub fn new(capacity_bytes: usize) -> Self {
        Self::in_memory(BytesMut::with_capacity(capacity_bytes.max(BATCH_HEADER_BYTES).saturating_add(SLACK_BYTES)))
    }

    /// An empty batch in the memory of one that is not needed, such as one that was sent, if nobody else holds it. Else in new memory, as much.
    #[must_use]
    pub fn in_place_of(batch: Bytes) -> Self {
        match batch.try_into_mut() {
            Ok(memory) => Self::in_memory(memory),
            Err(shared) => Self::new(shared.len()),
        }
    }

    /// What stands in the memory is of no meaning.
    fn in_memory(mut memory: BytesMut) -> Self {
        memory.resize(memory.len().clamp(BATCH_HEADER_BYTES, MEMORY_BYTES_MAX), 0);
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
        if self.is_empty() { NO_TIMESTAMP } else { self.max_timestamp }
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
        let NewRecord { timestamp, .. } = *record;
        if index == 0 {
            (self.base_timestamp, self.max_timestamp) = (timestamp, timestamp);
        }
        let too_far = AppendError::TimestampRange { timestamp, base: self.base_timestamp };
        let timestamp_delta = timestamp.checked_sub(self.base_timestamp).ok_or(too_far)?;
        let offset_delta = i32::try_from(index).ok().filter(|delta| *delta < i32::MAX).ok_or(AppendError::TooMany)?;

        self.size_bytes = record.write(&mut self.memory, self.size_bytes, timestamp_delta, offset_delta)?;
        self.max_timestamp = self.max_timestamp.max(timestamp);
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
        self.memory.freeze()
    }

    /// As [`BatchWriter::finish`], with the records compressed as one. Without a `level`, Kafka's default for the codec is taken.
    ///
    /// # Errors
    /// When the codec does not have the level, or does not take the records. They are gone then; who wants to keep them has them
    /// [`compressed`](BatchWriter::compressed).
    pub fn finish_compressed(
        self,
        producer: ProducerStamp,
        codec: Compression,
        level: Option<i32>,
    ) -> Result<Bytes, CompressBatchError> {
        self.compressed(producer, &mut Compressor::new(codec, level)?)
    }

    /// The batch with its records compressed as one; none when there is no record. They stay here as they were.
    ///
    /// # Errors
    /// When the codec does not take the records.
    pub fn compressed(
        &self,
        producer: ProducerStamp,
        compressor: &mut Compressor,
    ) -> Result<Bytes, CompressBatchError> {
        if self.is_empty() {
            return Ok(Bytes::new());
        }
        let records = self.memory.get(BATCH_HEADER_BYTES..self.size_bytes).unwrap_or_default();
        compressed::encode(&self.header(producer, compressor.codec()), records, compressor)
    }

    /// An empty batch, in the memory of this one.
    pub const fn clear(&mut self) {
        (self.size_bytes, self.record_count) = (BATCH_HEADER_BYTES, 0);
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

/// The length of a field, zigzag-coded. No slice is so long that it could not be doubled.
#[inline]
const fn zigzag_length(field: &[u8]) -> u64 {
    (field.len() as u64).wrapping_shl(1)
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

fn put_nullable(out: &mut BytesMut, field: Option<&[u8]>) {
    put_varint(out, length_of(field));
    out.extend_from_slice(field.unwrap_or_default());
}
