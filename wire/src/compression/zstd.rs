//! Zstandard (RFC 8878), by zrip, or by the C library with the feature `zstd-c`.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

#[cfg_attr(feature = "zstd-c", path = "zstd/c.rs")]
#[cfg_attr(not(feature = "zstd-c"), path = "zstd/pure.rs")]
mod library;

use zrip::frame::header::{FrameHeader, parse_frame_header};

use super::error::{CompressError, DecompressError};
use super::limits::Bound;
use crate::record::Compression;

/// What a frame begins with, and, but for its lowest four bits, a skippable one.
const MAGIC: u32 = 0xfd2f_b528;
const SKIPPABLE_MAGIC: u32 = 0x184d_2a50;

/// The largest window that a frame may want, which is what the C library gives without being told to. Frames are decoded whole, into their
/// result, so a window costs no memory beside it.
const WINDOW_BYTES_MAX: u64 = 1 << 27;

/// The most that a block holds.
const BLOCK_BYTES_MAX: usize = 128 * 1024;

/// The types of a block.
const RAW: u32 = 0;
const RUN: u32 = 1;
const COMPRESSED: u32 = 2;

const CUT: DecompressError = DecompressError::Cut(Compression::Zstd);
const CORRUPT: DecompressError = DecompressError::Corrupt(Compression::Zstd);

/// The most room that is kept for what comes out, while there is nothing to compress.
const ROOM_KEPT_BYTES_MAX: usize = 4 * 1024 * 1024;

pub(super) struct Compressor {
    library: library::Compressor,
    /// Room for what comes out.
    room: Vec<u8>,
}

impl Compressor {
    pub(super) fn new(level: Option<i32>) -> Result<Self, CompressError> {
        // The format's own tool and library take 0 for the default, and so does Kafka.
        let level = level.filter(|level| *level != 0).unwrap_or(library::LEVEL_DEFAULT);
        let library = library::Compressor::new(level).ok_or(CompressError::Refused(Compression::Zstd))?;
        Ok(Self { library, room: Vec::new() })
    }

    pub(super) fn compress(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        let compressed = self.library.compress(input, &mut self.room).ok_or(CompressError::Refused(Compression::Zstd));
        let compressed = compressed.map(|frame| out.extend_from_slice(frame));
        if self.room.capacity() > ROOM_KEPT_BYTES_MAX {
            self.room = Vec::new();
        }
        compressed
    }
}

pub(super) fn decompress(mut out: Vec<u8>, input: &[u8], bound: &Bound) -> Result<Vec<u8>, DecompressError> {
    let content_bytes_max = content_bytes_max(input)?;
    out.clear();
    library::decompress(input, content_bytes_max, bound, &mut out)?;
    Ok(out)
}

/// The most that the frames can hold, by the headers of their blocks.
fn content_bytes_max(mut input: &[u8]) -> Result<usize, DecompressError> {
    let mut total: usize = 0;
    while !input.is_empty() {
        let magic = input.first_chunk().map(|magic| u32::from_le_bytes(*magic)).ok_or(CUT)?;
        total = total.saturating_add(match magic {
            MAGIC => frame_content_bytes_max(&mut input)?,
            _ if magic & !0xf == SKIPPABLE_MAGIC => skip(&mut input)?,
            _ => return Err(DecompressError::Foreign(Compression::Zstd)),
        });
    }
    Ok(total)
}

/// Takes a skippable frame off `input`; it holds nothing.
fn skip(input: &mut &[u8]) -> Result<usize, DecompressError> {
    take(input, size_of::<u32>())?;
    let length = input.first_chunk().map(|length| u32::from_le_bytes(*length)).ok_or(CUT)?;
    take(input, size_of::<u32>())?;
    take(input, usize::try_from(length).unwrap_or(usize::MAX))?;
    Ok(0)
}

/// Takes a frame off `input`, and gives the most that it can hold.
fn frame_content_bytes_max(input: &mut &[u8]) -> Result<usize, DecompressError> {
    let header = parse_frame_header(input).map_err(|_| CORRUPT)?;
    refuse_unreadable(&header)?;
    take(input, header.header_size)?;
    let mut total: usize = 0;
    loop {
        let block = BlockHeader::take_from(input)?;
        take(input, block.bytes)?;
        total = total.saturating_add(block.content_bytes_max);
        if block.is_last {
            break;
        }
    }
    if header.content_checksum {
        take(input, size_of::<u32>())?;
    }
    match header.frame_content_size.map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX)) {
        Some(claimed) if claimed > total => Err(DecompressError::WrongLength(Compression::Zstd)),
        Some(claimed) => Ok(claimed),
        None => Ok(total),
    }
}

/// Refuses a frame whose window is too large, or which was written with a dictionary.
fn refuse_unreadable(header: &FrameHeader) -> Result<(), DecompressError> {
    if let Some(dictionary) = header.dict_id {
        return Err(DecompressError::ZstdDictionary(dictionary));
    }
    // The window of a single segment is its content, which the limits bound.
    if !header.single_segment && header.window_size > WINDOW_BYTES_MAX {
        return Err(DecompressError::ZstdWindow { bytes: header.window_size, bytes_max: WINDOW_BYTES_MAX });
    }
    Ok(())
}

struct BlockHeader {
    is_last: bool,
    /// The length of what follows the header.
    bytes: usize,
    content_bytes_max: usize,
}

impl BlockHeader {
    fn take_from(input: &mut &[u8]) -> Result<Self, DecompressError> {
        let [low, middle, high] = *take(input, 3)? else { return Err(CUT) };
        let bits = u32::from_le_bytes([low, middle, high, 0]);
        let size = usize::try_from(bits >> 3).unwrap_or(usize::MAX);
        let (bytes, content_bytes_max) = match (bits >> 1) & 0b11 {
            RAW => (size, size),
            RUN => (1, size),
            COMPRESSED => (size, BLOCK_BYTES_MAX),
            _ => return Err(CORRUPT),
        };
        Ok(Self { is_last: bits & 1 == 1, bytes, content_bytes_max })
    }
}

fn take<'a>(input: &mut &'a [u8], bytes: usize) -> Result<&'a [u8], DecompressError> {
    let (taken, rest) = input.split_at_checked(bytes).ok_or(CUT)?;
    *input = rest;
    Ok(taken)
}
