//! Snappy, in the framing of xerial's snappy-java: a header, then blocks, each behind its length.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use snap::raw::{Decoder, Encoder, decompress_len, max_compress_len};

use super::error::{CompressError, DecompressError};
use super::limits::Bound;
use crate::record::Compression;

/// What xerial's framing begins with; no block of plain snappy can.
const MAGIC: [u8; 8] = *b"\x82SNAPPY\0";

/// The version of the framing, and the oldest that can read it.
const VERSION: i32 = 1;

/// The length of the magic and of the two versions.
const HEADER_BYTES: usize = 16;

/// How much Kafka puts into one block.
const BLOCK_BYTES: usize = 32 * 1024;

/// The most bytes that snappy makes of one: a copy of 64 bytes in three.
const EXPANSION_MAX: usize = 22;

pub(super) struct Compressor {
    encoder: Box<Encoder>,
    /// Room for the largest block that comes out.
    room: Vec<u8>,
}

impl Compressor {
    pub(super) fn new() -> Self {
        Self { encoder: Box::new(Encoder::new()), room: Vec::new() }
    }

    pub(super) fn compress(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        let refused = CompressError::Refused(Compression::Snappy);
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&VERSION.to_be_bytes());
        out.extend_from_slice(&VERSION.to_be_bytes());
        let block_bytes_max = max_compress_len(input.len().min(BLOCK_BYTES));
        self.room.resize(self.room.len().max(block_bytes_max), 0);
        for block in input.chunks(BLOCK_BYTES) {
            let length = self.encoder.compress(block, &mut self.room).map_err(|_| refused)?;
            out.extend_from_slice(&u32::try_from(length).map_err(|_| refused)?.to_be_bytes());
            out.extend_from_slice(self.room.get(..length).ok_or(refused)?);
        }
        Ok(())
    }
}

pub(super) fn decompress(mut out: Vec<u8>, input: &[u8], bound: &Bound) -> Result<Vec<u8>, DecompressError> {
    let blocks = Blocks::of(input)?;
    let total = blocks.clone().try_fold(0_usize, |total, block| {
        let total = total.saturating_add(content_bytes(block?)?);
        if total > bound.bytes_max { Err(bound.exceeded) } else { Ok(total) }
    })?;
    out.resize(total, 0);
    let mut room = out.as_mut_slice();
    for block in blocks {
        let corrupt = DecompressError::Corrupt(Compression::Snappy);
        let written = Decoder::new().decompress(block?, room).map_err(|_| corrupt)?;
        room = room.get_mut(written..).ok_or(corrupt)?;
    }
    Ok(out)
}

/// The length that a block says its content has, unless so short a block cannot hold as much.
fn content_bytes(block: &[u8]) -> Result<usize, DecompressError> {
    let claimed = match decompress_len(block) {
        Ok(claimed) if !block.is_empty() => claimed,
        _ => return Err(DecompressError::Corrupt(Compression::Snappy)),
    };
    if claimed > block.len().saturating_mul(EXPANSION_MAX) {
        return Err(DecompressError::WrongLength(Compression::Snappy));
    }
    Ok(claimed)
}

/// The blocks of an input, framed or not.
#[derive(Clone)]
enum Blocks<'a> {
    Framed(&'a [u8]),
    /// One block without framing, until it is taken.
    Raw(Option<&'a [u8]>),
}

impl<'a> Blocks<'a> {
    fn of(input: &'a [u8]) -> Result<Self, DecompressError> {
        Ok(match after_header(input)? {
            Some(blocks) => Self::Framed(after_headers(blocks)?),
            None => Self::Raw(Some(input)),
        })
    }
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Result<&'a [u8], DecompressError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Raw(block) => block.take().map(Ok),
            Self::Framed([]) => None,
            Self::Framed(rest) => {
                let block = next_block(rest);
                if block.is_err() {
                    *rest = &[];
                }
                Some(block)
            }
        }
    }
}

/// The block at the start of `rest`, which then stands behind it.
fn next_block<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], DecompressError> {
    let cut = DecompressError::Cut(Compression::Snappy);
    let (length, behind) = rest.split_first_chunk().ok_or(cut)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| cut)?;
    let (block, behind) = behind.split_at_checked(length).ok_or(cut)?;
    *rest = after_headers(behind)?;
    Ok(block)
}

/// `blocks` without the headers before the first; where one stream ends, another may begin.
fn after_headers(mut blocks: &[u8]) -> Result<&[u8], DecompressError> {
    while let Some(behind) = after_header(blocks)? {
        blocks = behind;
    }
    Ok(blocks)
}

/// What follows the header of the framing, where there is one.
fn after_header(input: &[u8]) -> Result<Option<&[u8]>, DecompressError> {
    let Some((header, blocks)) = input.split_first_chunk::<HEADER_BYTES>() else { return Ok(None) };
    let Some(version) = header.strip_prefix(&MAGIC).and_then(<[u8]>::first_chunk) else { return Ok(None) };
    match i32::from_be_bytes(*version) {
        ..VERSION => Err(DecompressError::SnappyVersion(i32::from_be_bytes(*version))),
        _ => Ok(Some(blocks)),
    }
}
