//! Variable-length integers, zigzag-coded: seven bits a byte, the lowest first.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use bytes::BufMut;

use super::reader::RecordError;

/// A byte that is not the last of its varint has this bit.
const MORE: u8 = 0x80;

/// The bits of a byte that are the number's.
const LOW: u8 = 0x7f;

/// The longest varint of 64 bits.
pub(super) const VARLONG_BYTES_MAX: usize = 10;

/// The longest varint of 32 bits.
pub(super) const VARINT_BYTES_MAX: usize = 5;

/// Takes a zigzag varint of 32 bits off the front of `bytes`.
#[inline]
pub(super) fn take_varint(bytes: &mut &[u8]) -> Result<i32, RecordError> {
    let unsigned = match **bytes {
        [last, ref rest @ ..] if last < MORE => {
            *bytes = rest;
            u32::from(last)
        }
        // Two bytes are the length of a record of 64 to 8191 bytes.
        [first, last, ref rest @ ..] if last < MORE => {
            *bytes = rest;
            u32::from(first & LOW) | u32::from(last) << 7
        }
        _ => {
            let (long, rest) = long_form(bytes, VARINT_BYTES_MAX)?;
            *bytes = rest;
            u32::try_from(long).map_err(|_| RecordError::VarintTooLong)?
        }
    };
    Ok(unzigzag(unsigned))
}

/// Takes a zigzag varint of 64 bits off the front of `bytes`.
#[inline]
pub(super) fn take_varlong(bytes: &mut &[u8]) -> Result<i64, RecordError> {
    let unsigned = match **bytes {
        [last, ref rest @ ..] if last < MORE => {
            *bytes = rest;
            u64::from(last)
        }
        // Two bytes are eight seconds of milliseconds.
        [first, last, ref rest @ ..] if last < MORE => {
            *bytes = rest;
            u64::from(first & LOW) | u64::from(last) << 7
        }
        _ => {
            let (long, rest) = long_form(bytes, VARLONG_BYTES_MAX)?;
            *bytes = rest;
            long
        }
    };
    Ok((unsigned >> 1).cast_signed() ^ (unsigned & 1).cast_signed().wrapping_neg())
}

/// Reads a varint of any length, and what follows it. By value, so that the position of the caller can stay in a register.
#[inline(never)]
fn long_form(bytes: &[u8], bytes_max: usize) -> Result<(u64, &[u8]), RecordError> {
    let mut value = 0_u64;
    let mut shift = 0_u32;
    for (at, byte) in bytes.iter().enumerate().take(bytes_max) {
        let low = u64::from(byte & LOW);
        // The tenth byte has one bit left of the 64.
        if low.leading_zeros() < shift {
            return Err(RecordError::VarintTooLong);
        }
        value |= low.wrapping_shl(shift);
        shift = shift.saturating_add(7);
        if byte & MORE == 0 {
            return Ok((value, bytes.get(at.saturating_add(1)..).unwrap_or_default()));
        }
    }
    Err(if bytes.len() < bytes_max { RecordError::Cut } else { RecordError::VarintTooLong })
}

/// Appends `value` as a zigzag varint.
pub(super) fn put_varint(out: &mut impl BufMut, value: i32) {
    put_unsigned(out, u64::from(zigzag(value)));
}

/// Appends `value` as a zigzag varint.
pub(super) fn put_varlong(out: &mut impl BufMut, value: i64) {
    put_unsigned(out, zigzag_long(value));
}

/// How many bytes `value` takes as a zigzag varint.
#[inline]
pub(super) const fn varint_bytes(value: i32) -> usize {
    unsigned_bytes(zigzag(value) as u64)
}

/// How many bytes `value` takes as a zigzag varint.
#[inline]
pub(super) const fn varlong_bytes(value: i64) -> usize {
    unsigned_bytes(zigzag_long(value))
}

/// The number that a varint of 32 bits stands for.
#[inline]
pub(super) const fn unzigzag(unsigned: u32) -> i32 {
    (unsigned >> 1).cast_signed() ^ (unsigned & 1).cast_signed().wrapping_neg()
}

const fn zigzag(value: i32) -> u32 {
    (value.wrapping_shl(1) ^ (value >> 31)).cast_unsigned()
}

#[inline]
pub(super) const fn zigzag_long(value: i64) -> u64 {
    (value.wrapping_shl(1) ^ (value >> 63)).cast_unsigned()
}

/// One byte for each seven bits, begun or full; `(9 * bits + 64) / 64` is that for 1 to 64 bits, without a division by 7.
const fn unsigned_bytes(value: u64) -> usize {
    let bits = 64_u32.saturating_sub((value | 1).leading_zeros());
    (bits.saturating_mul(9).saturating_add(64) >> 6) as usize
}

fn put_unsigned(out: &mut impl BufMut, mut value: u64) {
    while value >= u64::from(MORE) {
        out.put_u8((value & u64::from(LOW)) as u8 | MORE);
        value >>= 7;
    }
    out.put_u8((value & u64::from(LOW)) as u8);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_varint_comes_back_and_its_size_is_known_before(value in any::<i32>(), shift in 0..32) {
            let value = value >> shift;
            let mut out = Vec::new();
            put_varint(&mut out, value);
            prop_assert_eq!(out.len(), varint_bytes(value));
            prop_assert_eq!(take_varint(&mut &out[..]), Ok(value));
            prop_assert_eq!(take_varlong(&mut &out[..]), Ok(i64::from(value)));
        }

        #[test]
        fn a_varlong_comes_back_and_its_size_is_known_before(value in any::<i64>(), shift in 0..64) {
            let value = value >> shift;
            let mut out = Vec::new();
            put_varlong(&mut out, value);
            prop_assert_eq!(out.len(), varlong_bytes(value));
            prop_assert_eq!(take_varlong(&mut &out[..]), Ok(value));
        }
    }

    #[test]
    fn the_edges_come_back() {
        for value in [i64::MIN, i64::MAX, 0, -1, 63, 64, -64, -65, 8191, 8192] {
            let mut out = Vec::new();
            put_varlong(&mut out, value);
            assert_eq!((take_varlong(&mut &out[..]), out.len()), (Ok(value), varlong_bytes(value)));
        }
        for value in [i32::MIN, i32::MAX] {
            let mut out = Vec::new();
            put_varint(&mut out, value);
            assert_eq!((take_varint(&mut &out[..]), out.len()), (Ok(value), VARINT_BYTES_MAX));
        }
    }

    #[test]
    fn a_varint_that_does_not_end_is_cut_or_too_long_and_one_above_32_bits_is_too_long() {
        for length in 0..VARINT_BYTES_MAX {
            assert_eq!(take_varint(&mut &vec![0xff; length][..]), Err(RecordError::Cut));
        }
        assert_eq!(take_varint(&mut &[0xff; 5][..]), Err(RecordError::VarintTooLong));
        assert_eq!(take_varint(&mut &[0xff, 0xff, 0xff, 0xff, 0x10][..]), Err(RecordError::VarintTooLong));
        assert_eq!(take_varlong(&mut &[0xff; 9][..]), Err(RecordError::Cut));
        assert_eq!(take_varlong(&mut &[0xff; 11][..]), Err(RecordError::VarintTooLong));
        let mut above = [0xff; 10];
        above[9] = 0x02;
        assert_eq!(take_varlong(&mut &above[..]), Err(RecordError::VarintTooLong));
    }

    #[test]
    fn a_varint_leaves_what_follows_it() {
        let mut bytes: &[u8] = &[0x02, 0x80, 0x01, 0x80, 0x80, 0x01, 9];
        assert_eq!(
            [take_varint(&mut bytes), take_varint(&mut bytes), take_varint(&mut bytes)],
            [Ok(1), Ok(64), Ok(8192)]
        );
        assert_eq!(bytes, [9]);
    }
}
