//! Zstandard by the C library.

use zstd_safe::{CCtx, CParameter, compress_bound};

use super::super::error::DecompressError;
use super::super::limits::Bound;
use super::CORRUPT;
use crate::record::Compression;

/// The level where none is asked for, Kafka's and the library's own.
pub(super) const LEVEL_DEFAULT: i32 = 3;

/// The library's numbers for what went wrong, negated as its functions return them; stable since 1.3.1 (`zstd_errors.h`).
const CHECKSUM_WRONG: usize = 22_usize.wrapping_neg();
const ROOM_TOO_SMALL: usize = 70_usize.wrapping_neg();

/// The shortest match that is looked for at the default level, whatever the length of the input. For some lengths the library would look for
/// shorter ones, which makes records neither smaller nor sooner done.
const MATCH_BYTES_MIN: u32 = 5;

pub(super) struct Compressor {
    context: CCtx<'static>,
}

impl Compressor {
    pub(super) fn new(level: i32) -> Option<Self> {
        let mut context = CCtx::try_create()?;
        context.set_parameter(CParameter::CompressionLevel(level)).ok()?;
        if level == LEVEL_DEFAULT {
            context.set_parameter(CParameter::MinMatch(MATCH_BYTES_MIN)).ok()?;
        }
        Some(Self { context })
    }

    /// The frame of `input`, which stands in `room`.
    pub(super) fn compress<'r>(&mut self, input: &[u8], room: &'r mut Vec<u8>) -> Option<&'r [u8]> {
        room.clear();
        room.reserve(compress_bound(input.len()));
        self.context.compress2(room, input).ok()?;
        Some(room)
    }
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
        // There may have been more room than it was to take.
        Ok(length) if length > bound.bytes_max => Err(bound.exceeded),
        Ok(_) => Ok(()),
        Err(ROOM_TOO_SMALL) if content_bytes_max > bound.bytes_max => Err(bound.exceeded),
        Err(CHECKSUM_WRONG) => Err(DecompressError::Checksum(Compression::Zstd)),
        Err(_) => Err(CORRUPT),
    }
}
