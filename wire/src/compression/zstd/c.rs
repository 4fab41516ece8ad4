//! Zstandard by the C library.

use super::super::error::DecompressError;
use super::super::limits::Bound;
use super::CORRUPT;
use crate::record::Compression;

/// The level where none is asked for, Kafka's and the library's own.
pub(super) const LEVEL_DEFAULT: i32 = 3;

/// The library's numbers for what went wrong, negated as its functions return them; stable since 1.3.1 (`zstd_errors.h`).
const CHECKSUM_WRONG: usize = 22_usize.wrapping_neg();
const ROOM_TOO_SMALL: usize = 70_usize.wrapping_neg();

pub(super) fn compressed_bytes_max(input_bytes: usize) -> usize {
    zstd_safe::compress_bound(input_bytes)
}

/// Writes `input` to the start of `out`, and gives its length there.
pub(super) fn compress(level: i32, input: &[u8], out: &mut [u8]) -> Option<usize> {
    zstd_safe::compress(out, input, level).ok()
}

/// Appends the content of `input`, which is at most `content_bytes_max`, to `out`.
pub(super) fn decompress(
    input: &[u8],
    content_bytes_max: usize,
    bound: &Bound,
    out: &mut Vec<u8>,
) -> Result<(), DecompressError> {
    out.reserve_exact(content_bytes_max.min(bound.bytes_max));
    match zstd_safe::decompress(out, input) {
        Ok(_) => Ok(()),
        Err(ROOM_TOO_SMALL) if content_bytes_max > bound.bytes_max => Err(bound.exceeded),
        Err(CHECKSUM_WRONG) => Err(DecompressError::Checksum(Compression::Zstd)),
        Err(_) => Err(CORRUPT),
    }
}
