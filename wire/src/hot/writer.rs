//! The fields of a message, with pieces that are not copied in between.

use bytes::{BufMut, Bytes, BytesMut};

use crate::codec::EncodeError;
use crate::segments::Segments;

/// The longest string that Kafka writes, flexible or not.
const STRING_BYTES_MAX: usize = i16::MAX as usize;

/// Writes fields in the order of the schema; lengths are compact where the version is flexible (KIP-482).
pub(super) struct SegmentWriter {
    /// The fields since the last piece.
    pub(super) fields: BytesMut,
    segments: Segments,
    is_flexible: bool,
}

impl SegmentWriter {
    pub(super) fn new(is_flexible: bool, fields_bytes: usize) -> Self {
        Self { fields: BytesMut::with_capacity(fields_bytes), segments: Segments::new(), is_flexible }
    }

    pub(super) fn string(&mut self, text: &str) -> Result<(), EncodeError> {
        if text.len() > STRING_BYTES_MAX {
            return Err(EncodeError::TooLong { bytes: text.len() });
        }
        if self.is_flexible {
            self.compact_length(text.len())?
        } else {
            self.fields.put_u16(text.len() as u16)
        }
        self.fields.put_slice(text.as_bytes());
        Ok(())
    }

    pub(super) fn nullable_string(&mut self, text: Option<&str>) -> Result<(), EncodeError> {
        match text {
            Some(text) => self.string(text)?,
            None if self.is_flexible => self.fields.put_u8(0),
            None => self.fields.put_i16(-1),
        }
        Ok(())
    }

    /// The number of an array's elements, or the length of a byte string.
    pub(super) fn length(&mut self, length: usize) -> Result<(), EncodeError> {
        if self.is_flexible {
            return self.compact_length(length);
        }
        self.fields.put_i32(i32::try_from(length).map_err(|_| EncodeError::TooLong { bytes: length })?);
        Ok(())
    }

    pub(super) fn null_array(&mut self) {
        if self.is_flexible { self.fields.put_u8(0) } else { self.fields.put_i32(-1) }
    }

    /// Record batches, as the pieces that they are.
    pub(super) fn records<'a>(
        &mut self,
        length: usize,
        pieces: impl IntoIterator<Item = &'a Bytes>,
    ) -> Result<(), EncodeError> {
        self.length(length)?;
        self.segments.push(self.fields.split());
        self.segments.extend(pieces.into_iter().cloned());
        Ok(())
    }

    /// The tagged fields at the end of a structure, each with its tag and its bytes. There are none where the version is not flexible.
    pub(super) fn tagged(&mut self, fields: &[(u32, Bytes)]) -> Result<(), EncodeError> {
        if !self.is_flexible {
            return Ok(());
        }
        self.unsigned_varint(fields.len() as u32);
        for (tag, field) in fields {
            self.unsigned_varint(*tag);
            self.unsigned_varint(u32::try_from(field.len()).map_err(|_| EncodeError::TooLong { bytes: field.len() })?);
            self.fields.put_slice(field);
        }
        Ok(())
    }

    pub(super) fn no_tagged(&mut self) {
        if self.is_flexible {
            self.fields.put_u8(0);
        }
    }

    pub(super) fn finish(mut self) -> Segments {
        self.segments.push(self.fields);
        self.segments
    }

    /// Zero is null, so that a length is written as one more.
    fn compact_length(&mut self, length: usize) -> Result<(), EncodeError> {
        let known = i32::try_from(length).map_err(|_| EncodeError::TooLong { bytes: length })?;
        self.unsigned_varint(known.unsigned_abs() + 1);
        Ok(())
    }

    fn unsigned_varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.fields.put_u8((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.fields.put_u8(value as u8);
    }
}
