//! Records written into memory that is there already.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use super::varint::zigzag_long;

/// Some varints, of eight bytes at most together; nearly every one has three or fewer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Varints {
    /// Their bytes, the first one lowest; the others are zero.
    word: u64,
    bits: u32,
}

impl Varints {
    /// One zero.
    pub(super) const ZERO: Self = Self { word: 0, bits: 8 };

    /// The length -1, which says null.
    pub(super) const NULL: Self = Self { word: 1, bits: 8 };

    /// The length of a field; none when it takes more than three bytes.
    #[inline]
    pub(super) fn length(field: Option<&[u8]>) -> Option<Self> {
        field.map_or(Some(Self::NULL), |bytes| Self::size(bytes.len()))
    }

    /// One number; none when it takes more than three bytes.
    #[inline]
    pub(super) const fn short(value: i64) -> Option<Self> {
        Self::unsigned(zigzag_long(value))
    }

    /// One number that is not below zero; none when it takes more than three bytes.
    #[inline]
    pub(super) const fn size(value: usize) -> Option<Self> {
        // Zigzag-coded, it is doubled; the largest are too long anyhow.
        if value < 1 << 20 { Self::unsigned((value << 1) as u64) } else { None }
    }

    #[inline]
    const fn unsigned(value: u64) -> Option<Self> {
        if value < 1 << 7 {
            Some(Self { word: value, bits: 8 })
        } else if value < 1 << 14 {
            Some(Self { word: value.wrapping_add(value & 0x3f80) | 0x80, bits: 16 })
        } else if value < 1 << 21 {
            Some(Self { word: value & 0x7f | (value & 0x3f80) << 1 | (value & 0x001f_c000) << 2 | 0x8080, bits: 24 })
        } else {
            None
        }
    }

    /// One zigzag-coded number; none when it takes more than two bytes.
    #[inline(always)]
    pub(super) const fn pair(zigzag: u64) -> Option<Self> {
        if zigzag < 1 << 7 {
            Some(Self { word: zigzag, bits: 8 })
        } else if zigzag < 1 << 14 {
            Some(Self { word: zigzag.wrapping_add(zigzag & 0x3f80) | 0x80, bits: 16 })
        } else {
            None
        }
    }

    /// These, and `next` after them: eight bytes at most together, or some are lost.
    #[inline]
    pub(super) const fn then(self, next: Self) -> Self {
        Self { word: self.word | next.word.wrapping_shl(self.bits), bits: self.bits.wrapping_add(next.bits) }
    }

    /// Writes them over all of `place`, if they take as many bytes.
    #[inline]
    pub(super) fn fill(self, place: &mut [u8]) -> Option<()> {
        if self.size_bytes() != place.len() {
            return None;
        }
        let bytes = self.word.to_le_bytes();
        match place {
            [first] => [*first, ..] = bytes,
            [first, second] => [*first, *second, ..] = bytes,
            [first, second, third] => [*first, *second, *third, ..] = bytes,
            _ => return None,
        }
        Some(())
    }

    /// How many bytes they take.
    #[inline]
    pub(super) const fn size_bytes(self) -> usize {
        (self.bits >> 3) as usize
    }
}

/// How many bytes past what is written must be there too: varints are written as words, with all the bytes that they could have.
pub(super) const SLACK_BYTES: usize = 24;

/// What is left of the memory of a batch. What does not fit is not written.
#[derive(Debug)]
pub(super) struct Pen<'a> {
    room: &'a mut [u8],
}

impl<'a> Pen<'a> {
    #[inline]
    pub(super) const fn new(room: &'a mut [u8]) -> Self {
        Self { room }
    }

    /// How many bytes are left.
    #[inline]
    pub(super) const fn room_bytes(&self) -> usize {
        self.room.len()
    }

    /// Up to three words, all but the last of which have eight bytes at most: the room is looked up once for all.
    #[inline]
    pub(super) fn varints<const N: usize>(&mut self, words: [Varints; N]) -> Option<()> {
        let head: &mut [u8; SLACK_BYTES] = self.room.first_chunk_mut()?;
        let mut at = 0_usize;
        for varints in words {
            *head.get_mut(at & 0xf..)?.first_chunk_mut()? = varints.word.to_le_bytes();
            at = at.wrapping_add(varints.size_bytes());
        }
        self.pass(at)?;
        Some(())
    }

    #[inline]
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Option<()> {
        copy(bytes, self.pass(bytes.len())?);
        Some(())
    }

    /// All of `bytes`, and one byte more.
    #[inline]
    pub(super) fn bytes_before(&mut self, bytes: &[u8], after: u8) -> Option<()> {
        *self.room.get_mut(bytes.len())? = after;
        self.bytes(bytes)
    }

    /// A field that may be null, after its length.
    #[inline]
    pub(super) fn nullable(&mut self, field: Option<&[u8]>) -> Option<()> {
        self.varints([Varints::length(field)?])?;
        self.bytes(field.unwrap_or_default())
    }

    #[inline]
    fn pass(&mut self, bytes: usize) -> Option<&'a mut [u8]> {
        let (passed, room) = std::mem::take(&mut self.room).split_at_mut_checked(bytes)?;
        self.room = room;
        Some(passed)
    }
}

/// Copies all of `from` to `to`, which is as long. For most keys and values a call would take longer than the moves.
#[inline(always)]
fn copy(from: &[u8], to: &mut [u8]) {
    let copied = match from.len() {
        16..=32 => copy_ends::<16>(from, to),
        33..=64 => copy_ends::<32>(from, to),
        65..=128 => copy_ends::<64>(from, to),
        _ => None,
    };
    if copied.is_none() {
        to.copy_from_slice(from);
    }
}

/// Copies the first `N` bytes and the last, which are all where there are no more than twice as many.
#[inline(always)]
fn copy_ends<const N: usize>(from: &[u8], to: &mut [u8]) -> Option<()> {
    *to.first_chunk_mut()? = *from.first_chunk::<N>()?;
    *to.last_chunk_mut()? = *from.last_chunk::<N>()?;
    Some(())
}
