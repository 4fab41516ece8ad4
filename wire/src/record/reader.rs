//! The records of one batch, lazily and borrowed.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::iter::FusedIterator;
use std::str::Utf8Error;

use super::attributes::{Compression, TimestampType};
use super::header::BatchHeader;
use super::short::{Short, ShortRecord};
use super::varint::{take_varint, take_varlong};

/// Why the records of a batch cannot be read, or not on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The records are compressed.
    #[error("the records are compressed with {0}")]
    Compressed(Compression),
    /// The batch ends before the number of its records is reached.
    #[error("the batch ends, and {missing} of its records are missing")]
    Missing {
        /// How many records the batch claims beyond those that are there.
        missing: u32,
    },
    /// Bytes are left in the batch after its last record.
    #[error("{0} bytes are left after the last record")]
    TrailingBatchBytes(usize),
    /// Bytes are left in a record after its last header.
    #[error("{0} bytes are left in a record after its last field")]
    TrailingRecordBytes(usize),
    /// A field goes on past the end of its record, or a record past the end of its batch.
    #[error("a field goes on past the end of its record")]
    Cut,
    /// A varint goes on past the bits that its field has.
    #[error("a varint does not end")]
    VarintTooLong,
    /// A length is below zero, and not the -1 that says null where null may stand.
    #[error("length {0} is negative")]
    NegativeLength(i32),
    /// A record says that it has more headers than its bytes can hold, or fewer than none.
    #[error("{claimed} headers cannot stand in {available} bytes")]
    HeaderCount {
        /// How many headers the record claims.
        claimed: i32,
        /// How many bytes there are for them.
        available: usize,
    },
    /// The offset of a record is outside those that the batch says it has.
    #[error("offset delta {delta} is not in 0..={last}")]
    OffsetDelta {
        /// The offset of the record less the base offset.
        delta: i32,
        /// The last offset of the batch less the base offset.
        last: i32,
    },
    /// The timestamp of a record is more than a timestamp can be.
    #[error("timestamp {base} + {delta} is none")]
    TimestampOverflow {
        /// The base timestamp of the batch.
        base: i64,
        /// The timestamp of the record less the base timestamp.
        delta: i64,
    },
}

/// The records of a batch. Ends after the first error.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    rest: &'a [u8],
    left: u32,
    base_offset: i64,
    last_offset_delta: i32,
    base_timestamp: i64,
    /// All bits, or none where the broker gave the timestamp, so that what the records say counts for nothing.
    timestamp_delta_bits: i64,
}

impl<'a> Records<'a> {
    pub(super) fn new(header: &BatchHeader, records: &'a [u8]) -> Self {
        let (base_timestamp, timestamp_delta_bits) = match header.attributes.timestamp_type {
            TimestampType::CreateTime => (header.base_timestamp, -1),
            TimestampType::LogAppendTime => (header.max_timestamp, 0),
        };
        Self {
            rest: records,
            left: u32::try_from(header.record_count).unwrap_or_default(),
            base_offset: header.base_offset,
            last_offset_delta: header.last_offset_delta,
            base_timestamp,
            timestamp_delta_bits,
        }
    }

    /// Reads the next record by the short way, if it can be.
    #[inline(always)]
    fn read_short(&mut self) -> Option<Record<'a>> {
        let left = self.left.checked_sub(1)?;
        let ShortRecord { timestamp_delta, offset_delta, key, value, headers, rest } =
            ShortRecord::first_of(self.rest)?;
        let offset = self.offset(offset_delta).ok()?;
        let timestamp = self.timestamp(i64::from(timestamp_delta)).ok()?;
        if left == 0 && !rest.is_empty() {
            return None;
        }
        (self.left, self.rest) = (left, rest);
        Some(Record { offset, timestamp, key, value, headers })
    }

    /// Reads on by the long way. By value, so that the short one's state need not be in memory.
    #[cold]
    #[inline(never)]
    pub(super) fn read_long(mut self) -> (Option<Result<Record<'a>, RecordError>>, Self) {
        if self.left == 0 && self.rest.is_empty() {
            return (None, self);
        }
        let record = if self.left == 0 { Err(RecordError::TrailingBatchBytes(self.rest.len())) } else { self.read() };
        if record.is_err() {
            self.left = 0;
            self.rest = &[];
        }
        (Some(record), self)
    }

    fn read(&mut self) -> Result<Record<'a>, RecordError> {
        if self.rest.is_empty() {
            return Err(RecordError::Missing { missing: self.left });
        }
        let length = take_varint(&mut self.rest)?;
        let mut body = take(&mut self.rest, length)?;
        self.left = self.left.saturating_sub(1);
        if self.left == 0 && !self.rest.is_empty() {
            return Err(RecordError::TrailingBatchBytes(self.rest.len()));
        }
        let body = &mut body;
        // A record's attributes have no meaning yet, and are not looked at, as in Kafka.
        let (_attributes, after) = body.split_first().ok_or(RecordError::Cut)?;
        *body = after;
        Ok(Record {
            timestamp: self.timestamp(take_varlong(body)?)?,
            offset: self.offset(take_varint(body)?)?,
            key: take_nullable(body)?,
            value: take_nullable(body)?,
            headers: take_headers(body)?,
        })
    }

    #[inline]
    fn offset(&self, delta: i32) -> Result<i64, RecordError> {
        if delta < 0 || delta > self.last_offset_delta {
            return Err(RecordError::OffsetDelta { delta, last: self.last_offset_delta });
        }
        // The batch's last offset does not overflow, and this one is not above it.
        Ok(self.base_offset.wrapping_add(i64::from(delta)))
    }

    #[inline]
    fn timestamp(&self, delta: i64) -> Result<i64, RecordError> {
        let delta = delta & self.timestamp_delta_bits;
        let base = self.base_timestamp;
        base.checked_add(delta).ok_or(RecordError::TimestampOverflow { base, delta })
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, RecordError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if let Some(record) = self.read_short() {
            return Some(Ok(record));
        }
        let (record, after) = self.clone().read_long();
        *self = after;
        record
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // A claim of the peer is no lower bound, for memory may be set aside by it.
        (0, Some(self.left.max(1) as usize))
    }
}

impl FusedIterator for Records<'_> {}

/// A record, borrowed from its batch.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The offset in the partition.
    pub offset: i64,
    /// The timestamp in milliseconds since 1970; the batch's where the broker gave it.
    pub timestamp: i64,
    /// The key.
    pub key: Option<&'a [u8]>,
    /// The value; a record of a compacted topic without one takes its key away.
    pub value: Option<&'a [u8]>,
    headers: Headers<'a>,
}

impl<'a> Record<'a> {
    /// The headers, in order; a key may stand more than once (KIP-82).
    #[must_use]
    pub const fn headers(&self) -> Headers<'a> {
        self.headers
    }
}

/// The headers of a record, in order.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a> {
    rest: &'a [u8],
    left: usize,
}

impl<'a> Headers<'a> {
    /// So many headers, all of which were read before.
    #[inline]
    pub(super) const fn new(rest: &'a [u8], left: usize) -> Self {
        Self { rest, left }
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = Header<'a>;

    #[inline]
    fn next(&mut self) -> Option<Header<'a>> {
        self.left = self.left.checked_sub(1)?;
        let mut at = Short::new(self.rest);
        if let Some(header) = at.header() {
            self.rest = at.rest();
            return Some(header);
        }
        // Read once already, when the record was: it cannot fail.
        let (header, rest) = split_header(self.rest)?;
        self.rest = rest;
        Some(header)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Headers<'_> {}
impl FusedIterator for Headers<'_> {}

/// One header of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header<'a> {
    /// The key as it stands in the record: UTF-8 from every Kafka client, and any bytes from a program that is none.
    pub key: &'a [u8],
    /// The value.
    pub value: Option<&'a [u8]>,
}

impl<'a> Header<'a> {
    /// The key as text.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub const fn key_str(&self) -> Result<&'a str, Utf8Error> {
        str::from_utf8(self.key)
    }
}

#[inline]
fn take<'a>(bytes: &mut &'a [u8], length: i32) -> Result<&'a [u8], RecordError> {
    let length = usize::try_from(length).map_err(|_| RecordError::NegativeLength(length))?;
    let (taken, rest) = bytes.split_at_checked(length).ok_or(RecordError::Cut)?;
    *bytes = rest;
    Ok(taken)
}

#[inline]
fn take_nullable<'a>(bytes: &mut &'a [u8]) -> Result<Option<&'a [u8]>, RecordError> {
    match take_varint(bytes)? {
        -1 => Ok(None),
        length => take(bytes, length).map(Some),
    }
}

/// Takes all that is left of a record: its headers, each of which is walked.
#[inline]
fn take_headers<'a>(body: &mut &'a [u8]) -> Result<Headers<'a>, RecordError> {
    let claimed = take_varint(body)?;
    let available = body.len();
    let count = usize::try_from(claimed).ok().filter(|count| count.saturating_mul(HEADER_BYTES_MIN) <= available);
    let left = count.ok_or(RecordError::HeaderCount { claimed, available })?;
    let headers = Headers::new(body, left);
    for _ in 0..left {
        take_header(body)?;
    }
    if body.is_empty() { Ok(headers) } else { Err(RecordError::TrailingRecordBytes(body.len())) }
}

/// The fewest bytes that a header takes: two lengths of one byte each.
const HEADER_BYTES_MIN: usize = 2;

#[inline]
fn take_header<'a>(bytes: &mut &'a [u8]) -> Result<Header<'a>, RecordError> {
    let key_length = take_varint(bytes)?;
    Ok(Header { key: take(bytes, key_length)?, value: take_nullable(bytes)? })
}

#[cold]
#[inline(never)]
fn split_header(mut bytes: &[u8]) -> Option<(Header<'_>, &[u8])> {
    let header = take_header(&mut bytes).ok()?;
    Some((header, bytes))
}
