//! The LZ4 frame as Kafka writes it: blocks of 64 KiB that do not depend on one another, no checksums, no content size.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use lz4_flex::block::{CompressTable, compress_into_with_table, decompress_into, get_maximum_output_size};
use twox_hash::XxHash32;

use super::error::{CompressError, DecompressError};
use super::limits::Bound;
use crate::record::Compression;

const MAGIC: [u8; 4] = 0x184d_2204_u32.to_le_bytes();

/// The bits of the first byte of the descriptor.
mod flag {
    pub(super) const VERSION: u8 = 0xc0;
    pub(super) const VERSION_1: u8 = 0x40;
    pub(super) const INDEPENDENT_BLOCKS: u8 = 0x20;
    pub(super) const BLOCK_CHECKSUMS: u8 = 0x10;
    pub(super) const CONTENT_SIZE: u8 = 0x08;
    pub(super) const CONTENT_CHECKSUM: u8 = 0x04;
    /// A reserved bit, and the one for a dictionary, which Kafka does not have.
    pub(super) const UNKNOWN: u8 = 0x03;
}

/// The second byte of the descriptor of what is written: blocks of 64 KiB.
const DESCRIPTOR_64_KIB: u8 = 0x40;
const BLOCK_BYTES: usize = 64 * 1024;

/// What is as long needs the large table.
const SMALL_BYTES_END: usize = u16::MAX as usize;

/// The bit of a block's length that says that its bytes are not compressed.
const NOT_COMPRESSED: u32 = 1 << 31;

/// The most bytes that LZ4 makes of one: one more byte of a match's length.
const EXPANSION_MAX: usize = 255;

/// What is done about the checksum of the frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderChecksum {
    Verified,
    PassedOver,
}

pub(super) struct Compressor {
    /// For what is shorter than a block: the faster to make ready, and what it finds depends on it.
    small: CompressTable,
    large: CompressTable,
    /// Room for the largest block that comes out.
    room: Vec<u8>,
}

impl Compressor {
    pub(super) fn new() -> Self {
        Self { small: CompressTable::small(), large: CompressTable::large(), room: Vec::new() }
    }

    pub(super) fn compress(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        let descriptor = [flag::VERSION_1 | flag::INDEPENDENT_BLOCKS, DESCRIPTOR_64_KIB];
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&descriptor);
        out.push(checksum_of_header(&descriptor));
        let block_bytes_max = get_maximum_output_size(input.len().min(BLOCK_BYTES));
        self.room.resize(self.room.len().max(block_bytes_max), 0);
        let table = if input.len() < SMALL_BYTES_END { &mut self.small } else { &mut self.large };
        for block in input.chunks(BLOCK_BYTES) {
            write_block(block, table, &mut self.room, out).ok_or(CompressError::Refused(Compression::Lz4))?;
        }
        out.extend_from_slice(&0_u32.to_le_bytes());
        Ok(())
    }
}

/// Appends one block; as it is, where LZ4 makes it no shorter.
fn write_block(block: &[u8], table: &mut CompressTable, room: &mut [u8], out: &mut Vec<u8>) -> Option<()> {
    let written = compress_into_with_table(block, room, table).ok()?;
    let (mark, body) = if written < block.len() { (0, room.get(..written)?) } else { (NOT_COMPRESSED, block) };
    out.extend_from_slice(&(u32::try_from(body.len()).ok()? | mark).to_le_bytes());
    out.extend_from_slice(body);
    Some(())
}

/// What follows the end of the frame is passed over, as Java does.
pub(super) fn decompress(
    mut out: Vec<u8>,
    input: &[u8],
    header_checksum: HeaderChecksum,
    bound: &Bound,
) -> Result<Vec<u8>, DecompressError> {
    let corrupt = DecompressError::Corrupt(Compression::Lz4);
    let frame = Frame::of(input, header_checksum)?;
    let content_bytes_max = frame.content_bytes_max()?;
    out.resize(content_bytes_max.min(bound.bytes_max), 0);
    let out_of_room = if content_bytes_max > bound.bytes_max { bound.exceeded } else { corrupt };
    let (mut written, mut rest): (usize, _) = (0, frame.blocks);
    while let Some(block) = frame.next_block(&mut rest)? {
        let room = out.get_mut(written..).unwrap_or_default();
        let longer = if room.len() < frame.block_bytes_max { out_of_room } else { corrupt };
        let room = room.get_mut(..frame.block_bytes_max.min(room.len())).unwrap_or_default();
        let length =
            block.write_to(room).map_err(|fault| if fault == BlockFault::Longer { longer } else { corrupt })?;
        written = written.saturating_add(length);
    }
    out.truncate(written);
    frame.verify_content(&out, rest)?;
    Ok(out)
}

/// The frame's header, read, and what follows it.
struct Frame<'a> {
    blocks: &'a [u8],
    block_bytes_max: usize,
    has_block_checksums: bool,
    has_content_checksum: bool,
}

impl<'a> Frame<'a> {
    fn of(input: &'a [u8], header_checksum: HeaderChecksum) -> Result<Self, DecompressError> {
        let cut = DecompressError::Cut(Compression::Lz4);
        let (magic, descriptor) = input.split_first_chunk().ok_or(cut)?;
        if *magic != MAGIC {
            return Err(DecompressError::Foreign(Compression::Lz4));
        }
        let [flags, block_descriptor, ..] = *descriptor else { return Err(cut) };
        let block_bytes_max = block_bytes_max(flags, block_descriptor)?;
        let content_size_bytes = if flags & flag::CONTENT_SIZE == 0 { 0 } else { size_of::<u64>() };
        let described = size_of::<[u8; 2]>().saturating_add(content_size_bytes);
        let (described, behind) = descriptor.split_at_checked(described).ok_or(cut)?;
        let (checksum, blocks) = behind.split_first().ok_or(cut)?;
        if header_checksum == HeaderChecksum::Verified && *checksum != checksum_of_header(described) {
            return Err(DecompressError::Checksum(Compression::Lz4));
        }
        Ok(Self {
            blocks,
            block_bytes_max,
            has_block_checksums: flags & flag::BLOCK_CHECKSUMS != 0,
            has_content_checksum: flags & flag::CONTENT_CHECKSUM != 0,
        })
    }

    /// The most that the blocks can hold, by their lengths.
    fn content_bytes_max(&self) -> Result<usize, DecompressError> {
        let (mut total, mut rest): (usize, _) = (0, self.blocks);
        while let Some(block) = self.next_block(&mut rest)? {
            total = total.saturating_add(block.content_bytes_max().min(self.block_bytes_max));
        }
        Ok(total)
    }

    /// The block at the start of `rest`, which then stands behind it; none at the end of the frame.
    fn next_block(&self, rest: &mut &'a [u8]) -> Result<Option<Block<'a>>, DecompressError> {
        let length = take_u32(rest)?;
        let bytes = usize::try_from(length & !NOT_COMPRESSED).unwrap_or(usize::MAX);
        if bytes == 0 {
            return Ok(None);
        }
        if bytes > self.block_bytes_max {
            return Err(DecompressError::Lz4Block { bytes, bytes_max: self.block_bytes_max });
        }
        let (block, behind) = rest.split_at_checked(bytes).ok_or(DecompressError::Cut(Compression::Lz4))?;
        *rest = behind;
        if self.has_block_checksums {
            verify(take_u32(rest)?, block)?;
        }
        Ok(Some(if length & NOT_COMPRESSED == 0 { Block::Compressed(block) } else { Block::Plain(block) }))
    }

    /// Holds the content against its checksum, where the frame has one behind its end mark.
    fn verify_content(&self, content: &[u8], mut behind: &[u8]) -> Result<(), DecompressError> {
        if self.has_content_checksum { verify(take_u32(&mut behind)?, content) } else { Ok(()) }
    }
}

/// The longest block of a frame with this descriptor; refuses all that Kafka has not.
fn block_bytes_max(flags: u8, block_descriptor: u8) -> Result<usize, DecompressError> {
    let unknown = DecompressError::Lz4Descriptor { flags, block_descriptor };
    if flags & flag::VERSION != flag::VERSION_1 || flags & flag::UNKNOWN != 0 {
        return Err(unknown);
    }
    if flags & flag::INDEPENDENT_BLOCKS == 0 {
        return Err(DecompressError::DependentBlocks);
    }
    match block_descriptor {
        0x40 => Ok(BLOCK_BYTES),
        0x50 => Ok(256 * 1024),
        0x60 => Ok(1024 * 1024),
        0x70 => Ok(4 * 1024 * 1024),
        _ => Err(unknown),
    }
}

#[derive(Clone, Copy)]
enum Block<'a> {
    Plain(&'a [u8]),
    Compressed(&'a [u8]),
}

/// Why a block was not written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BlockFault {
    /// Its content is longer than the room for it.
    Longer,
    Corrupt,
}

impl Block<'_> {
    fn content_bytes_max(self) -> usize {
        match self {
            Self::Plain(bytes) => bytes.len(),
            Self::Compressed(bytes) => bytes.len().saturating_mul(EXPANSION_MAX),
        }
    }

    /// Writes the content to the start of `room`, and gives its length.
    fn write_to(self, room: &mut [u8]) -> Result<usize, BlockFault> {
        match self {
            Self::Plain(bytes) => {
                room.get_mut(..bytes.len()).ok_or(BlockFault::Longer)?.copy_from_slice(bytes);
                Ok(bytes.len())
            }
            Self::Compressed(bytes) => decompress_into(bytes, room).map_err(|error| match error {
                lz4_flex::block::DecompressError::OutputTooSmall { .. } => BlockFault::Longer,
                _ => BlockFault::Corrupt,
            }),
        }
    }
}

/// The second byte of the hash of the descriptor.
fn checksum_of_header(descriptor: &[u8]) -> u8 {
    let [_, second, ..] = XxHash32::oneshot(0, descriptor).to_le_bytes();
    second
}

fn verify(checksum: u32, bytes: &[u8]) -> Result<(), DecompressError> {
    if XxHash32::oneshot(0, bytes) == checksum { Ok(()) } else { Err(DecompressError::Checksum(Compression::Lz4)) }
}

fn take_u32(rest: &mut &[u8]) -> Result<u32, DecompressError> {
    let (number, behind) = rest.split_first_chunk().ok_or(DecompressError::Cut(Compression::Lz4))?;
    *rest = behind;
    Ok(u32::from_le_bytes(*number))
}
