//! Zstandard in Rust without unsafe code, by zrip.

use zrip::{CompressContext, DecompressContext, compress_bound};

use super::super::error::DecompressError;
use super::super::limits::Bound;
use super::{BLOCK_BYTES_MAX, CORRUPT, CUT};
use crate::record::Compression;

/// The level where none is asked for: records come out as small as with level 3 of the C library, and sooner than with level 3 of this one.
pub(super) const LEVEL_DEFAULT: i32 = 1;

/// The levels there are; others are written as the nearest of these.
const LEVEL_MIN: i32 = -7;
const LEVEL_MAX: i32 = 4;

/// What zrip keeps free behind its output, to copy in steps.
const SLACK_BYTES: usize = 64;

pub(super) struct Compressor {
    context: CompressContext,
}

impl Compressor {
    pub(super) fn new(level: i32) -> Option<Self> {
        Some(Self { context: CompressContext::new(level.clamp(LEVEL_MIN, LEVEL_MAX)).ok()? })
    }

    /// The frame of `input`, which stands in `room`.
    pub(super) fn compress<'r>(&mut self, input: &[u8], room: &'r mut Vec<u8>) -> Option<&'r [u8]> {
        // What stands in the room is of no meaning, and need not be made ready again.
        room.resize(room.len().max(compress_bound(input.len())), 0);
        let written = self.context.compress_into(input, room).ok()?;
        room.get(..written)
    }
}

/// Appends the content of `input`, which is at most `content_bytes_max`, to `out`.
pub(super) fn decompress(
    input: &[u8],
    content_bytes_max: usize,
    bound: &Bound,
    out: &mut Vec<u8>,
) -> Result<(), DecompressError> {
    // A block that does not fit whole is corrupt to zrip, so what crosses the bound needs room for its block.
    let room = bound.bytes_max.saturating_add(BLOCK_BYTES_MAX);
    out.reserve_exact(content_bytes_max.min(room).saturating_add(SLACK_BYTES));
    let read = DecompressContext::new().decompress_into_with_limit(input, out, room);
    if out.len() > bound.bytes_max {
        return Err(bound.exceeded);
    }
    match read {
        Ok(_) => Ok(()),
        Err(zrip::DecompressError::OutputTooSmall) => Err(bound.exceeded),
        Err(zrip::DecompressError::InputExhausted) => Err(CUT),
        Err(zrip::DecompressError::ChecksumMismatch { .. }) => Err(DecompressError::Checksum(Compression::Zstd)),
        Err(zrip::DecompressError::FrameSizeMismatch) => Err(DecompressError::WrongLength(Compression::Zstd)),
        Err(_) => Err(CORRUPT),
    }
}
