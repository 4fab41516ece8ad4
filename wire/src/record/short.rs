//! The short way through a record, which nearly every one takes: no varint of it has more than three bytes, eight bytes of the batch follow wherever
//! one begins, and nothing is wrong with it.
//!
//! It says nothing of what is wrong: whatever it does not take is read again by the long way, which has an error for everything. So the loop over
//! the records of a batch carries no error, looks for the end of the bytes once for every two varints, and takes these out of a register.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use super::reader::{Header, Headers};
use super::varint::unzigzag;

/// A place in the records of a batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Short<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The bytes at the place, the first one lowest: enough for two varints and one byte more. Looked up by [`Short::look`].
    ahead: u64,
}

/// A record, its numbers not yet held against those of its batch.
pub(super) struct ShortRecord<'a> {
    pub(super) timestamp_delta: i32,
    pub(super) offset_delta: i32,
    pub(super) key: Option<&'a [u8]>,
    pub(super) value: Option<&'a [u8]>,
    pub(super) headers: Headers<'a>,
}

impl<'a> Short<'a> {
    #[inline]
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, ahead: 0 }
    }

    /// The bytes that were not read.
    #[inline]
    pub(super) fn rest(self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    #[inline]
    pub(super) fn record(&mut self) -> Option<ShortRecord<'a>> {
        self.look()?;
        let length = size(self.varint()?)?;
        let end = self.at.wrapping_add(length);
        // The record's attributes have no meaning yet.
        self.pass(1);
        let timestamp_delta = unzigzag(self.varint()?);
        self.look()?;
        let offset_delta = unzigzag(self.varint()?);
        let key_length = self.varint()?;
        let key = self.nullable(key_length)?;
        self.look()?;
        let value_length = self.varint()?;
        let value = self.nullable(value_length)?;
        let headers = self.headers(end)?;
        // Nothing goes back, so that all of it stood inside the record when its end is right.
        (self.at == end).then_some(ShortRecord { timestamp_delta, offset_delta, key, value, headers })
    }

    #[inline]
    fn headers(&mut self, end: usize) -> Option<Headers<'a>> {
        let count = size(self.byte_or_two()?)?;
        if count == 0 {
            return Some(Headers::new(&[], 0));
        }
        let headers = Headers::new(self.bytes.get(self.at..end)?, count);
        for _ in 0..count {
            self.header()?;
        }
        Some(headers)
    }

    #[inline]
    pub(super) fn header(&mut self) -> Option<Header<'a>> {
        let key_length = self.byte_or_two()?;
        let key = self.nullable(key_length)??;
        let value_length = self.byte_or_two()?;
        Some(Header { key, value: self.nullable(value_length)? })
    }

    /// The field after its length, which is a varint still.
    #[inline]
    fn nullable(&mut self, length: u32) -> Option<Option<&'a [u8]>> {
        if length == NULL {
            return Some(None);
        }
        let end = self.at.wrapping_add(size(length)?);
        let field = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(Some(field))
    }

    #[inline]
    fn look(&mut self) -> Option<()> {
        self.ahead = u64::from_le_bytes(*self.bytes.get(self.at..)?.first_chunk()?);
        Some(())
    }

    /// A varint of up to three bytes, out of those that were looked up.
    #[inline]
    fn varint(&mut self) -> Option<u32> {
        let ahead = self.ahead as u32;
        if ahead & 0x80 == 0 {
            self.pass(1);
            Some(ahead & 0x7f)
        } else if ahead & 0x8000 == 0 {
            self.pass(2);
            Some(ahead & 0x7f | ahead >> 1 & 0x3f80)
        } else if ahead & 0x0080_0000 == 0 {
            self.pass(3);
            Some(ahead & 0x7f | ahead >> 1 & 0x3f80 | ahead >> 2 & 0x001f_c000)
        } else {
            None
        }
    }

    #[inline]
    fn pass(&mut self, bytes: u32) {
        self.at = self.at.wrapping_add(bytes as usize);
        self.ahead = self.ahead.wrapping_shr(bytes.wrapping_mul(8));
    }

    /// A varint of one byte or two, without a look ahead: that is all of a header's, as a rule.
    #[inline]
    fn byte_or_two(&mut self) -> Option<u32> {
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
