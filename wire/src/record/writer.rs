//! A batch that is written record by record, into the bytes that will be sent.

use bytes::Bytes;

use super::attributes::{Attributes, Compression};
use super::compressed::{self, CompressBatchError};
use super::header::BatchHeader;
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
    #[inline]
    pub(super) fn body_bytes(&self, timestamp_delta: i64, offset_delta: i32) -> usize {
        1_usize
            .saturating_add(varlong_bytes(timestamp_delta))
            .saturating_add(varint_bytes(offset_delta))
            .saturating_add(field_bytes(self.key))
            .saturating_add(field_bytes(self.value))
            .saturating_add(varint_bytes(saturated(self.headers.len())))
            .saturating_add(headers_bytes(self.headers.clone()))
    }

    /// Appends the record to `out`; its body fits 32 bits.
    #[inline]
    pub(super) fn put(&self, out: &mut Vec<u8>, timestamp_delta: i64, offset_delta: i32, body_bytes: usize) {
        out.reserve(body_bytes.saturating_add(VARINT_BYTES_MAX));
        put_varint(out, saturated(body_bytes));
        out.push(0);
        put_varlong(out, timestamp_delta);
        put_varint(out, offset_delta);
        put_nullable(out, self.key);
        put_nullable(out, self.value);
        put_headers(out, self.headers.clone());
    }
}

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
    /// Room for the header, and the records.
    bytes: Vec<u8>,
    record_count: u32,
    base_timestamp: i64,
    max_timestamp: i64,
}

impl BatchWriter {
    /// An empty batch with room for `capacity_bytes` bytes, header included, before its memory must move.
    #[must_use]
    pub fn new(capacity_bytes: usize) -> Self {
        let mut bytes = Vec::with_capacity(capacity_bytes.max(BATCH_HEADER_BYTES));
        bytes.resize(BATCH_HEADER_BYTES, 0);
        Self { bytes, record_count: 0, base_timestamp: NO_TIMESTAMP, max_timestamp: NO_TIMESTAMP }
    }

    /// How many bytes the batch has so far, header included.
    #[must_use]
    pub const fn size_bytes(&self) -> usize {
        self.bytes.len()
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

        let body_bytes = record.body_bytes(timestamp_delta, offset_delta);
        let size_bytes = self.bytes.len().saturating_add(VARINT_BYTES_MAX).saturating_add(body_bytes);
        // Everything that follows fits 32 bits when the whole batch does.
        if size_bytes > i32::MAX as usize {
            return Err(AppendError::TooLong { size_bytes });
        }
        record.put(&mut self.bytes, timestamp_delta, offset_delta, body_bytes);

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
        self.header(producer, Compression::None).encode(&mut self.bytes);
        Bytes::from(self.bytes)
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
        let records = self.bytes.get(BATCH_HEADER_BYTES..).unwrap_or_default();
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

#[inline]
fn put_nullable(out: &mut Vec<u8>, field: Option<&[u8]>) {
    put_varint(out, length_of(field));
    if let Some(bytes) = field {
        out.extend_from_slice(bytes);
    }
}

#[inline]
fn put_headers<'a>(out: &mut Vec<u8>, headers: impl ExactSizeIterator<Item = Header<'a>>) {
    put_varint(out, saturated(headers.len()));
    for header in headers {
        put_nullable(out, Some(header.key));
        put_nullable(out, header.value);
    }
}
