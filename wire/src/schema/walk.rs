//! The walk over a message's bytes by its layout.
//!
//! It allocates nothing and reads each byte once. What it lets pass, the generated decoder reads to the same end: that decoder believes the count of an
//! array before it has seen an element, ignores the declared size of a tagged field that it knows, and lets the last byte of a varint overflow.

use super::layout::{Field, Kind, Message, Struct};
use crate::codec::DecodeError;

/// What a tagged field that is not known is taken to cost in memory, in bytes: the first one of a struct makes a node of a B-tree, of eleven slots.
const UNKNOWN_TAG_BYTES: usize = 512;

/// Walks the whole of `body`; decoded, it may take `memory_max` bytes.
pub(super) fn message(message: &Message, version: i16, memory_max: usize, body: &[u8]) -> Result<(), DecodeError> {
    let flexible = message.flexible.contains(version);
    let mut walk = Walk { rest: body, version, flexible, memory_left: memory_max, memory_max };
    walk.charge(message.body.memory_bytes)?;
    walk.fields(&message.body)?;
    match walk.rest.len() {
        0 => Ok(()),
        trailing => Err(DecodeError::Trailing(trailing)),
    }
}

struct Walk<'a> {
    rest: &'a [u8],
    version: i16,
    flexible: bool,
    memory_left: usize,
    memory_max: usize,
}

impl<'a> Walk<'a> {
    fn fields(&mut self, layout: &Struct) -> Result<(), DecodeError> {
        let version = self.version;
        // Neighbours of a fixed size are taken together.
        let mut fixed = 0_usize;
        for field in layout.fields.iter().filter(|field| field.in_place(version)) {
            if let Some(bytes) = field.kind.fixed_bytes() {
                fixed = fixed.saturating_add(bytes);
            } else {
                self.take(std::mem::take(&mut fixed))?;
                self.field(field)?;
            }
        }
        self.take(fixed)?;
        if self.flexible { self.tagged_fields(layout) } else { Ok(()) }
    }

    fn field(&mut self, field: &Field) -> Result<(), DecodeError> {
        self.value(field.kind, field.nullable.contains(self.version), field.name)
    }

    fn value(&mut self, kind: Kind, nullable: bool, name: &'static str) -> Result<(), DecodeError> {
        if let Some(bytes) = kind.fixed_bytes() {
            return self.take(bytes).map(drop);
        }
        if let Kind::Struct(layout) = kind {
            return self.fields(layout);
        }
        match (self.length(kind)?, kind) {
            (Some(count), Kind::Array(element)) => self.elements(*element, count, name),
            (Some(bytes), Kind::String) => {
                std::str::from_utf8(self.take(bytes)?).map(drop).map_err(|_| DecodeError::NotUtf8)
            }
            (Some(bytes), _) => self.take(bytes).map(drop),
            (None, _) if nullable => Ok(()),
            (None, _) => Err(DecodeError::Null { field: name }),
        }
    }

    fn elements(&mut self, element: Kind, count: usize, name: &'static str) -> Result<(), DecodeError> {
        // No element takes less than a byte, so a count that cannot be true is refused before a loop believes it.
        let bytes = count.saturating_mul(element.fixed_bytes().unwrap_or(1));
        if bytes > self.rest.len() {
            return Err(DecodeError::Cut);
        }
        self.charge(count.saturating_mul(element.memory_bytes()))?;
        if element.fixed_bytes().is_some() {
            return self.take(bytes).map(drop);
        }
        for _ in 0..count {
            self.value(element, false, name)?;
        }
        Ok(())
    }

    /// Walks the tagged fields of a struct, whose numbers ascend (KIP-482).
    fn tagged_fields(&mut self, layout: &Struct) -> Result<(), DecodeError> {
        let mut lowest = 0;
        for _ in 0..self.varint()? {
            let tag = self.varint()?;
            // As in Kafka, tags end where an int does; the generated structs keep them in one.
            if tag < lowest || i32::try_from(tag).is_err() {
                return Err(DecodeError::TagOrder { tag });
            }
            lowest = tag.saturating_add(1);
            let size = self.varint()? as usize;
            let content = self.take(size)?;
            self.tagged_field(layout, tag, content)?;
        }
        Ok(())
    }

    fn tagged_field(&mut self, layout: &Struct, tag: u32, content: &'a [u8]) -> Result<(), DecodeError> {
        let mut tagged = layout.fields.iter().filter_map(|field| Some((field, field.tag?)));
        let Some((field, known)) = tagged.find(|(_, known)| known.number == tag) else {
            return self.charge(UNKNOWN_TAG_BYTES);
        };
        if !known.versions.contains(self.version) {
            return Err(DecodeError::TagVersion { tag });
        }
        // The content may use its declared size, no more and no less.
        let after = std::mem::replace(&mut self.rest, content);
        match self.field(field) {
            Ok(()) if self.rest.is_empty() => {}
            Ok(()) | Err(DecodeError::Cut) => return Err(DecodeError::TagSize { tag, declared: content.len() }),
            Err(error) => return Err(error),
        }
        self.rest = after;
        Ok(())
    }

    /// Reads the length of a string, byte string or array; none is null.
    fn length(&mut self, kind: Kind) -> Result<Option<usize>, DecodeError> {
        if self.flexible {
            return Ok((self.varint()? as usize).checked_sub(1));
        }
        let length = match kind {
            Kind::String => i16::from_be_bytes(self.chunk()?).into(),
            _ => i32::from_be_bytes(self.chunk()?),
        };
        match usize::try_from(length) {
            Ok(length) => Ok(Some(length)),
            Err(_) if length == -1 => Ok(None),
            Err(_) => Err(DecodeError::NegativeLength(length.into())),
        }
    }

    fn varint(&mut self) -> Result<u32, DecodeError> {
        // Most counts and lengths take one byte.
        if let [byte @ ..0x80, rest @ ..] = self.rest {
            self.rest = rest;
            return Ok((*byte).into());
        }
        self.long_varint()
    }

    fn long_varint(&mut self) -> Result<u32, DecodeError> {
        let mut value = 0_u64;
        for shift in [0, 7, 14, 21, 28] {
            let [byte] = self.chunk()?;
            value |= u64::from(byte & 0x7f).wrapping_shl(shift);
            if byte & 0x80 == 0 {
                return u32::try_from(value).map_err(|_| DecodeError::VarintTooLong);
            }
        }
        Err(DecodeError::VarintTooLong)
    }

    fn chunk<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (chunk, rest) = self.rest.split_first_chunk().ok_or(DecodeError::Cut)?;
        self.rest = rest;
        Ok(*chunk)
    }

    fn take(&mut self, bytes: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.rest.split_at_checked(bytes).ok_or(DecodeError::Cut)?;
        self.rest = rest;
        Ok(taken)
    }

    fn charge(&mut self, bytes: usize) -> Result<(), DecodeError> {
        self.memory_left = self.memory_left.checked_sub(bytes).ok_or(DecodeError::TooLarge { max: self.memory_max })?;
        Ok(())
    }
}
