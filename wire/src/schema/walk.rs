//! The walk over a message's bytes by its layout.
//!
//! It allocates nothing and reads each byte once. What it lets pass, the generated decoder reads to the same end: that decoder believes the count of an
//! array before it has seen an element, ignores the declared size of a tagged field that it knows, and lets the last byte of a varint overflow.

use super::layout::{Kind, Message, Struct};
use super::plan::{Named, Step};
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
        self.steps(layout.steps(self.version), layout)
    }

    fn steps(&mut self, steps: &[Step], layout: &Struct) -> Result<(), DecodeError> {
        for step in steps {
            self.step(step)?;
        }
        if self.flexible { self.tagged_fields(layout) } else { Ok(()) }
    }

    fn step(&mut self, step: &Step) -> Result<(), DecodeError> {
        match *step {
            Step::Fixed { bytes } => self.take(bytes).map(drop),
            Step::Text { field } => match self.text_length(field)? {
                Some(bytes) => self.text(bytes),
                None => Ok(()),
            },
            Step::ClassicText { field } => match self.short_length(field)? {
                Some(bytes) => self.text(bytes),
                None => Ok(()),
            },
            Step::Bytes { field } => match self.length(field)? {
                Some(bytes) => self.take(bytes).map(drop),
                None => Ok(()),
            },
            Step::FixedElements { field, bytes } => match self.length(field)? {
                Some(count) => self.fixed_elements(count, bytes),
                None => Ok(()),
            },
            Step::Structs { field, layout } => match self.length(field)? {
                Some(count) => self.structs(count, layout),
                None => Ok(()),
            },
            Step::Elements { field, element } => match self.length(field)? {
                Some(count) => self.elements(count, *element, field.name),
                None => Ok(()),
            },
            Step::Struct { field, layout } => {
                if field.nullable && self.is_null()? {
                    return Ok(());
                }
                self.fields(layout)
            }
        }
    }

    fn text(&mut self, bytes: usize) -> Result<(), DecodeError> {
        std::str::from_utf8(self.take(bytes)?).map(drop).map_err(|_| DecodeError::NotUtf8)
    }

    fn fixed_elements(&mut self, count: usize, bytes: usize) -> Result<(), DecodeError> {
        let bytes = count.saturating_mul(bytes);
        self.take(bytes)?;
        // A number takes the same in memory.
        self.charge(bytes)
    }

    fn structs(&mut self, count: usize, layout: &Struct) -> Result<(), DecodeError> {
        self.believe(count, layout.memory_bytes)?;
        let steps = layout.steps(self.version);
        for _ in 0..count {
            self.steps(steps, layout)?;
        }
        Ok(())
    }

    fn elements(&mut self, count: usize, element: Kind, name: &'static str) -> Result<(), DecodeError> {
        self.believe(count, element.memory_bytes())?;
        let step = Step::over(element, Named { name, nullable: false });
        for _ in 0..count {
            self.step(&step)?;
        }
        Ok(())
    }

    /// Refuses a count that cannot be true before a loop believes it: no element takes less than a byte.
    fn believe(&mut self, count: usize, memory_bytes: usize) -> Result<(), DecodeError> {
        if count > self.rest.len() {
            return Err(DecodeError::Cut);
        }
        self.charge(count.saturating_mul(memory_bytes))
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
        match self.step(&field.step(self.version)) {
            Ok(()) if self.rest.is_empty() => {}
            Ok(()) | Err(DecodeError::Cut) => return Err(DecodeError::TagSize { tag, declared: content.len() }),
            Err(error) => return Err(error),
        }
        self.rest = after;
        Ok(())
    }

    /// Reads the byte before a struct that may be null (KIP-893).
    fn is_null(&mut self) -> Result<bool, DecodeError> {
        let [marker] = self.chunk()?;
        match i8::from_be_bytes([marker]) {
            1 => Ok(false),
            -1 => Ok(true),
            marker => Err(DecodeError::NullMarker { marker }),
        }
    }

    /// Reads the length of a string; none is null.
    fn text_length(&mut self, field: Named) -> Result<Option<usize>, DecodeError> {
        if self.flexible { self.length(field) } else { self.short_length(field) }
    }

    fn short_length(&mut self, field: Named) -> Result<Option<usize>, DecodeError> {
        let length = i16::from_be_bytes(self.chunk()?);
        match usize::try_from(length) {
            Ok(length) => Ok(Some(length)),
            Err(_) => negative(length.into(), field),
        }
    }

    /// Reads the length of bytes or of an array; none is null.
    fn length(&mut self, field: Named) -> Result<Option<usize>, DecodeError> {
        if self.flexible {
            return match (self.varint()? as usize).checked_sub(1) {
                None => negative(-1, field),
                length => Ok(length),
            };
        }
        let length = i32::from_be_bytes(self.chunk()?);
        match usize::try_from(length) {
            Ok(length) => Ok(Some(length)),
            Err(_) => negative(length, field),
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

/// What a length below zero says: -1 is null, where the field may be.
fn negative(length: i32, field: Named) -> Result<Option<usize>, DecodeError> {
    match length {
        -1 if field.nullable => Ok(None),
        -1 => Err(DecodeError::Null { field: field.name }),
        _ => Err(DecodeError::NegativeLength(length.into())),
    }
}
