//! The short way through a record, which nearly every one takes: no varint of it has more than three bytes, enough bytes of the batch stand behind its
//! first ones, and nothing is wrong with it.
//!
//! It says nothing of what is wrong: whatever it does not take is read again by the long way, which has an error for everything. So the loop over
//! the records of a batch carries no error, looks for the end of the bytes once for all varints that stand together, and takes these out of a
//! register. Where the next record begins is known from the length of this one, before anything else of it is.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use super::reader::{Header, Headers};
use super::varint::unzigzag;

/// A record, its numbers not yet held against those of its batch.
pub(super) struct ShortRecord<'a> {
    pub(super) timestamp_delta: i32,
    pub(super) offset_delta: i32,
    pub(super) key: Option<&'a [u8]>,
    pub(super) value: Option<&'a [u8]>,
    pub(super) headers: Headers<'a>,
    /// What follows the record.
    pub(super) rest: &'a [u8],
}

impl<'a> ShortRecord<'a> {
    /// The record at the start of `bytes`.
    #[inline(always)]
    pub(super) fn first_of(bytes: &'a [u8]) -> Option<Self> {
        let head = bytes.first_chunk()?;
        let mut ahead = Ahead::at(head, 0);
        let length = size(ahead.varint()?)?;
        let (record, rest) = bytes.split_at_checked(ahead.at.wrapping_add(length))?;
        // The record's attributes have no meaning yet.
        ahead.pass(1);
        let timestamp_delta = unzigzag(ahead.varint()?);
        // No more than seven bytes were read.
        let mut ahead = Ahead::at(head, ahead.at);
        let offset_delta = unzigzag(ahead.varint()?);
        let key_length = ahead.varint()?;
        let (key, mut ahead) = if key_length == NULL {
            (None, Ahead::at(head, ahead.at))
        } else {
            let (key, end) = field(record, ahead.at, size(key_length)?)?;
            (Some(key), Ahead { word: u64::from_le_bytes(*bytes.get(end..)?.first_chunk()?), at: end })
        };
        let value_length = ahead.varint()?;
        let (value, end) = if value_length == NULL {
            (None, ahead.at)
        } else {
            let (value, end) = field(record, ahead.at, size(value_length)?)?;
            (Some(value), end)
        };
        let headers = match record.get(end..)? {
            [0] => Headers::new(&[], 0),
            headers => Short::new(headers).headers()?,
        };
        Some(Self { timestamp_delta, offset_delta, key, value, headers, rest })
    }
}

/// So many bytes of the record, and where they end.
#[inline]
fn field(record: &[u8], at: usize, length: usize) -> Option<(&[u8], usize)> {
    let end = at.wrapping_add(length);
    Some((record.get(at..end)?, end))
}

/// The most bytes that the numbers before a key can have, and a word more, in which those before a value without a key are.
const HEAD_BYTES: usize = 24;

/// The next bytes, taken out of a register.
struct Ahead {
    /// The bytes at the place, the first one lowest: enough for two varints and one byte more.
    word: u64,
    at: usize,
}

impl Ahead {
    /// At one of the first 16 places, where no more than two words of varints can have been read.
    #[inline]
    fn at(head: &[u8; HEAD_BYTES], at: usize) -> Self {
        let word = head.get(at & 0xf..).and_then(<[u8]>::first_chunk).copied().unwrap_or_default();
        Self { word: u64::from_le_bytes(word), at }
    }

    /// A varint of up to three bytes, as it stands there.
    #[inline]
    fn varint(&mut self) -> Option<u32> {
        let word = self.word as u32;
        if word & 0x80 == 0 {
            self.pass(1);
            Some(word & 0x7f)
        } else if word & 0x8000 == 0 {
            self.pass(2);
            Some(word & 0x7f | word >> 1 & 0x3f80)
        } else if word & 0x0080_0000 == 0 {
            self.pass(3);
            Some(word & 0x7f | word >> 1 & 0x3f80 | word >> 2 & 0x001f_c000)
        } else {
            None
        }
    }

    #[inline]
    fn pass(&mut self, bytes: u32) {
        self.at = self.at.wrapping_add(bytes as usize);
        self.word = self.word.wrapping_shr(bytes.wrapping_mul(8));
    }
}

/// A place in the headers of a record, all of whose varints have one byte or two, as a rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Short<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Short<'a> {
    #[inline]
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The bytes that were not read.
    #[inline]
    pub(super) fn rest(self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// All that is left of a record.
    #[inline(never)]
    fn headers(mut self) -> Option<Headers<'a>> {
        let count = size(self.varint()?)?;
        let headers = Headers::new(self.rest(), count);
        for _ in 0..count {
            self.header()?;
        }
        (self.at == self.bytes.len()).then_some(headers)
    }

    #[inline]
    pub(super) fn header(&mut self) -> Option<Header<'a>> {
        let key_length = self.varint()?;
        let key = self.nullable(key_length)??;
        let value_length = self.varint()?;
        Some(Header { key, value: self.nullable(value_length)? })
    }

    /// The field after its length, which is a varint still.
    #[inline]
    fn nullable(&mut self, length: u32) -> Option<Option<&'a [u8]>> {
        if length == NULL {
            return Some(None);
        }
        let (field, end) = field(self.bytes, self.at, size(length)?)?;
        self.at = end;
        Some(Some(field))
    }

    #[inline]
    fn varint(&mut self) -> Option<u32> {
        let first = u32::from(self.byte()?);
        if first & 0x80 == 0 {
            return Some(first);
        }
        let second = u32::from(self.byte()?);
        (second & 0x80 == 0).then_some(first & 0x7f | second << 7)
    }

    #[inline]
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at = self.at.wrapping_add(1);
        Some(byte)
    }
}

/// The length -1, zigzag-coded.
const NULL: u32 = 1;

/// The number that is zigzag-coded, if it is none below zero.
#[inline]
const fn size(zigzag: u32) -> Option<usize> {
    if zigzag & 1 == 0 { Some((zigzag >> 1) as usize) } else { None }
}
