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
    let mut walk = Walk { version, flexible, memory_left: memory_max, memory_max, refusal: None };
    match walk.charge(message.body.memory_bytes).and_then(|()| walk.fields(&message.body, body)) {
        Ok([]) => Ok(()),
        Ok(rest) => Err(DecodeError::Trailing(rest.len())),
        Err(Stop) => Err(walk.refusal.unwrap_or(DecodeError::Cut)),
    }
}

struct Walk {
    version: i16,
    flexible: bool,
    memory_left: usize,
    memory_max: usize,
    /// Why the walk stopped; `None` where the bytes ended too early.
    refusal: Option<DecodeError>,
}

/// The walk goes no further. Unlike the reason, it leaves room for what a step returns in the processor's registers.
#[derive(Debug)]
struct Stop;

/// The bytes after what was walked. They go from step to step by value, so that they stay in registers.
type Rest<'a> = Result<&'a [u8], Stop>;

impl Walk {
    fn fields<'a>(&mut self, layout: &Struct, bytes: &'a [u8]) -> Rest<'a> {
        self.fields_by(layout.steps(self.version), layout, bytes)
    }

    /// Walks a struct by its `steps`, which are the same for all the elements of an array.
    fn fields_by<'a>(&mut self, steps: &[Step], layout: &Struct, bytes: &'a [u8]) -> Rest<'a> {
        let rest = self.steps(steps, bytes)?;
        if !self.flexible {
            return Ok(rest);
        }
        match rest {
            [0, rest @ ..] => Ok(rest),
            rest => self.tagged_fields(layout, rest),
        }
    }

    fn steps<'a>(&mut self, steps: &[Step], bytes: &'a [u8]) -> Rest<'a> {
        let mut rest = bytes;
        for step in steps {
            rest = match *step {
                Step::Fixed { bytes } => rest.get(bytes..).ok_or(Stop)?,
                Step::Text { field } => self.text(field, rest)?,
                Step::ClassicText { field } => {
                    let (bytes, rest) = self.short_length(field, rest)?;
                    self.utf8(bytes, rest)?
                }
                Step::Bytes { field } => {
                    let (bytes, rest) = self.length(field, rest)?;
                    rest.get(bytes..).ok_or(Stop)?
                }
                Step::FixedElements { field, bytes } => {
                    let (count, rest) = self.length(field, rest)?;
                    let bytes = count.saturating_mul(bytes);
                    let rest = rest.get(bytes..).ok_or(Stop)?;
                    // A number takes the same in memory.
                    self.charge(bytes)?;
                    rest
                }
                Step::Structs { field, layout } => self.structs(field, layout, rest)?,
                Step::Elements { field, element } => self.elements(field, *element, rest)?,
                Step::Struct { field, layout } => self.inner(field, layout, rest)?,
            }
        }
        Ok(rest)
    }

    fn text<'a>(&mut self, field: Named, bytes: &'a [u8]) -> Rest<'a> {
        let (bytes, rest) = if self.flexible { self.length(field, bytes)? } else { self.short_length(field, bytes)? };
        self.utf8(bytes, rest)
    }

    fn utf8<'a>(&mut self, bytes: usize, rest: &'a [u8]) -> Rest<'a> {
        let (text, rest) = rest.split_at_checked(bytes).ok_or(Stop)?;
        match std::str::from_utf8(text) {
            Ok(_) => Ok(rest),
            Err(_) => Err(self.refuse(DecodeError::NotUtf8)),
        }
    }

    fn structs<'a>(&mut self, field: Named, layout: &Struct, bytes: &'a [u8]) -> Rest<'a> {
        let (count, mut rest) = self.length(field, bytes)?;
        self.believe(count, layout.memory_bytes, rest)?;
        let steps = layout.steps(self.version);
        for _ in 0..count {
            rest = self.fields_by(steps, layout, rest)?;
        }
        Ok(rest)
    }

    fn elements<'a>(&mut self, field: Named, element: Kind, bytes: &'a [u8]) -> Rest<'a> {
        let (count, mut rest) = self.length(field, bytes)?;
        self.believe(count, element.memory_bytes(), rest)?;
        let step = [Step::over(element, Named { nullable: false, ..field })];
        for _ in 0..count {
            rest = self.steps(&step, rest)?;
        }
        Ok(rest)
    }

    /// Walks a struct in place, and the byte before it where it may be null (KIP-893).
    fn inner<'a>(&mut self, field: Named, layout: &Struct, bytes: &'a [u8]) -> Rest<'a> {
        if !field.nullable {
            return self.fields(layout, bytes);
        }
        let ([marker], rest) = bytes.split_first_chunk().ok_or(Stop)?;
        match i8::from_be_bytes([*marker]) {
            1 => self.fields(layout, rest),
            -1 => Ok(rest),
            marker => Err(self.refuse(DecodeError::NullMarker { marker })),
        }
    }

    /// Refuses a count that cannot be true before a loop believes it: no element takes less than a byte.
    fn believe(&mut self, count: usize, memory_bytes: usize, rest: &[u8]) -> Result<(), Stop> {
        if count > rest.len() {
            return Err(Stop);
        }
        self.charge(count.saturating_mul(memory_bytes))
    }

    /// Walks the tagged fields of a struct, whose numbers ascend (KIP-482).
    fn tagged_fields<'a>(&mut self, layout: &Struct, bytes: &'a [u8]) -> Rest<'a> {
        let mut lowest = 0;
        let (count, mut rest) = self.varint(bytes)?;
        for _ in 0..count {
            let (tag, after) = self.varint(rest)?;
            // As in Kafka, tags end where an int does; the generated structs keep them in one.
            if tag < lowest || i32::try_from(tag).is_err() {
                return Err(self.refuse(DecodeError::TagOrder { tag }));
            }
            lowest = tag.saturating_add(1);
            let (size, after) = self.varint(after)?;
            let (content, after) = after.split_at_checked(size as usize).ok_or(Stop)?;
            self.tagged_field(layout, tag, content)?;
            rest = after;
        }
        Ok(rest)
    }

    fn tagged_field(&mut self, layout: &Struct, tag: u32, content: &[u8]) -> Result<(), Stop> {
        let mut tagged = layout.fields.iter().filter_map(|field| Some((field, field.tag?)));
        let Some((field, known)) = tagged.find(|(_, known)| known.number == tag) else {
            return self.charge(UNKNOWN_TAG_BYTES);
        };
        if !known.versions.contains(self.version) {
            return Err(self.refuse(DecodeError::TagVersion { tag }));
        }
        // The content may use its declared size, no more and no less.
        match self.steps(&[field.step(self.version)], content) {
            Ok([]) => Ok(()),
            Err(Stop) if self.refusal.is_some() => Err(Stop),
            _ => Err(self.refuse(DecodeError::TagSize { tag, declared: content.len() })),
        }
    }

    /// Reads the length of a string where it takes two bytes; that of null is 0, for both are walked alike.
    #[inline]
    fn short_length<'a>(&mut self, field: Named, bytes: &'a [u8]) -> Result<(usize, &'a [u8]), Stop> {
        let (length, rest) = bytes.split_first_chunk().ok_or(Stop)?;
        let length = i16::from_be_bytes(*length);
        match usize::try_from(length) {
            Ok(length) => Ok((length, rest)),
            Err(_) => self.negative(length.into(), field).map(|length| (length, rest)),
        }
    }

    /// Reads the length of bytes or of an array, or of a string where the version is flexible; that of null is 0.
    #[inline]
    fn length<'a>(&mut self, field: Named, bytes: &'a [u8]) -> Result<(usize, &'a [u8]), Stop> {
        if self.flexible {
            let (length, rest) = self.varint(bytes)?;
            return match (length as usize).checked_sub(1) {
                Some(length) => Ok((length, rest)),
                None => self.negative(-1, field).map(|length| (length, rest)),
            };
        }
        let (length, rest) = bytes.split_first_chunk().ok_or(Stop)?;
        let length = i32::from_be_bytes(*length);
        match usize::try_from(length) {
            Ok(length) => Ok((length, rest)),
            Err(_) => self.negative(length, field).map(|length| (length, rest)),
        }
    }

    /// What a length below zero says: -1 is null, where the field may be.
    fn negative(&mut self, length: i32, field: Named) -> Result<usize, Stop> {
        match length {
            -1 if field.nullable => Ok(0),
            -1 => Err(self.refuse(DecodeError::Null { field: field.name })),
            _ => Err(self.refuse(DecodeError::NegativeLength(length.into()))),
        }
    }

    #[inline]
    fn varint<'a>(&mut self, bytes: &'a [u8]) -> Result<(u32, &'a [u8]), Stop> {
        match bytes {
            // Most counts and lengths take one byte.
            [byte @ ..0x80, rest @ ..] => Ok(((*byte).into(), rest)),
            _ => self.long_varint(bytes),
        }
    }

    fn long_varint<'a>(&mut self, bytes: &'a [u8]) -> Result<(u32, &'a [u8]), Stop> {
        let (mut value, mut rest) = (0_u64, bytes);
        for shift in [0, 7, 14, 21, 28] {
            let (byte, after) = rest.split_first().ok_or(Stop)?;
            rest = after;
            value |= u64::from(byte & 0x7f).wrapping_shl(shift);
            if byte & 0x80 == 0 {
                let value = u32::try_from(value).map_err(|_| self.refuse(DecodeError::VarintTooLong))?;
                return Ok((value, rest));
            }
        }
        Err(self.refuse(DecodeError::VarintTooLong))
    }

    #[inline]
    fn charge(&mut self, bytes: usize) -> Result<(), Stop> {
        match self.memory_left.checked_sub(bytes) {
            Some(left) => {
                self.memory_left = left;
                Ok(())
            }
            None => Err(self.refuse(DecodeError::TooLarge { max: self.memory_max })),
        }
    }

    #[cold]
    fn refuse(&mut self, reason: DecodeError) -> Stop {
        self.refusal = Some(reason);
        Stop
    }
}
