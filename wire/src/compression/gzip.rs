//! gzip (RFC 1952), by flate2 on zlib-rs.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use flate2::{Compress, Decompress, FlushCompress, FlushDecompress, Status};

use super::error::{CompressError, DecompressError};
use super::limits::Bound;
use crate::record::Compression;

/// The first bytes of a member: its magic, and deflate, the only method there is.
const MEMBER: [u8; 3] = [0x1f, 0x8b, 8];

/// The window of deflate, as a power of two; the largest, which every reader has.
const WINDOW_BITS: u8 = 15;

const LEVEL_DEFAULT: u32 = 6;

/// The least that a buffer grows by.
const GROWTH_BYTES_MIN: usize = 4096;

/// The most bytes that deflate makes of one: a match of 258 bytes in two bits.
const EXPANSION_MAX: usize = 1032;

pub(super) struct Compressor {
    deflate: Compress,
}

impl Compressor {
    pub(super) fn new(level: Option<i32>) -> Self {
        let level = level.and_then(|level| u32::try_from(level).ok()).unwrap_or(LEVEL_DEFAULT);
        Self { deflate: Compress::new_gzip(flate2::Compression::new(level), WINDOW_BITS) }
    }

    pub(super) fn compress(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        let refused = CompressError::Refused(Compression::Gzip);
        self.deflate.reset();
        let mut rest = input;
        loop {
            if out.capacity().saturating_sub(out.len()) < GROWTH_BYTES_MIN {
                out.reserve((rest.len() / 2).max(GROWTH_BYTES_MIN));
            }
            let before = self.deflate.total_in();
            let status = self.deflate.compress_vec(rest, out, FlushCompress::Finish).map_err(|_| refused)?;
            if status == Status::StreamEnd {
                return Ok(());
            }
            rest = after(rest, before, self.deflate.total_in()).ok_or(refused)?;
        }
    }
}

pub(super) fn decompress(mut out: Vec<u8>, input: &[u8], bound: &Bound) -> Result<Vec<u8>, DecompressError> {
    out.clear();
    out.reserve_exact(expected_bytes(input).min(bound.bytes_max).saturating_add(1));
    let mut rest = next_member(input, &mut out, bound)?;
    // Java's reader takes what follows for another member, and for nothing where it does not begin as one.
    while rest.starts_with(&MEMBER) {
        rest = next_member(rest, &mut out, bound)?;
    }
    Ok(out)
}

/// What the last member says about its length (modulo 2^32), held against what so many bytes can hold at all. Only ever a capacity.
fn expected_bytes(input: &[u8]) -> usize {
    let claimed = input.last_chunk().map_or(0, |length| u32::from_le_bytes(*length));
    usize::try_from(claimed).unwrap_or(usize::MAX).min(input.len().saturating_mul(EXPANSION_MAX))
}

/// Appends what the member at the start of `input` holds to `out`, and gives what follows the member.
fn next_member<'a>(input: &'a [u8], out: &mut Vec<u8>, bound: &Bound) -> Result<&'a [u8], DecompressError> {
    if !input.starts_with(&MEMBER) {
        return Err(DecompressError::Foreign(Compression::Gzip));
    }
    let mut inflate = Decompress::new_gzip(WINDOW_BITS);
    let mut rest = input;
    loop {
        grow(out, bound);
        let before = inflate.total_in();
        let status = inflate
            .decompress_vec(rest, out, FlushDecompress::None)
            .map_err(|_| DecompressError::Corrupt(Compression::Gzip))?;
        rest = after(rest, before, inflate.total_in()).ok_or(DecompressError::Corrupt(Compression::Gzip))?;
        if out.len() > bound.bytes_max {
            return Err(bound.exceeded);
        }
        match status {
            Status::StreamEnd => return Ok(rest),
            // With room left, only the end of the input can have stopped it.
            Status::Ok | Status::BufError if out.len() < out.capacity() => {
                return Err(DecompressError::Cut(Compression::Gzip));
            }
            Status::Ok | Status::BufError => {}
        }
    }
}

/// Makes room in a full `out`: twice what it has, and at most one byte over the bound, in which a result that is too long shows.
fn grow(out: &mut Vec<u8>, bound: &Bound) {
    if out.len() == out.capacity() {
        let room = bound.bytes_max.saturating_add(1).saturating_sub(out.len());
        out.reserve_exact(out.len().max(GROWTH_BYTES_MIN).min(room));
    }
}

/// `input` without the bytes taken, by the totals before and after.
fn after(input: &[u8], total_before: u64, total: u64) -> Option<&[u8]> {
    input.get(usize::try_from(total.checked_sub(total_before)?).ok()?..)
}
