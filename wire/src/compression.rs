//! The codecs of record batches: bytes in, bytes out, and every one of them bounded.
//!
//! - [`compress`] appends what a Kafka client in Java reads; a level is held to Kafka's ranges (KIP-390, KIP-780). A [`Compressor`] does so for one
//!   batch after the other, in the same memory.
//! - [`decompress`] gives back the whole of it, or says which bound it broke or what is wrong with it. What a peer claims about a length is
//!   never memory before it is held against [`Limits`] and against what the codec can make of that many bytes. A [`Decompressor`] does so in the
//!   memory of the result before, where nobody holds that any more.
//!
//! | codec | written | read as well |
//! | --- | --- | --- |
//! | gzip | one member (RFC 1952) | members one after the other; what follows the last is passed over, as Java does |
//! | snappy | xerial's framing, blocks of 32 KiB | one block without framing, as librdkafka writes; streams one after the other |
//! | lz4 | frame of independent blocks of 64 KiB, no checksums, no content size | block sizes up to 4 MiB, checksums (verified), content size (passed over); dependent blocks are refused, as by Java |
//! | zstd | one frame with its content size (RFC 8878) | frames one after the other, skippable frames |
//!
//! Zstandard is written and read in Rust; with the feature `zstd-c` by the C library, which has every level.

mod compressor;
mod decompressor;
mod error;
mod gzip;
mod level;
mod limits;
mod lz4;
mod snappy;
mod zstd;

use crate::record::Compression;

pub use compressor::Compressor;
pub use decompressor::Decompressor;
pub use error::{CompressError, DecompressError};
pub use level::check_level;
pub use limits::{BYTES_MAX, Limits, RATIO_FREE_BYTES, RATIO_MAX};

/// Appends `input`, compressed, to `out`, once: a [`Compressor`] keeps its memory. Without a `level`, the codec's default is taken ([`check_level`]).
///
/// # Errors
///
/// When Kafka would refuse the level ([`check_level`]), or the codec the input. `out` is then as it was.
pub fn compress(codec: Compression, level: Option<i32>, input: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
    Compressor::new(codec, level)?.compress(input, out)
}

/// All that `input` holds, decompressed.
///
/// Takes no more memory than the bound that `limits` gives for an input of this length and the codec's own state, which is below 1 MiB. While the
/// result grows, the allocator may hold the smaller buffer beside it.
///
/// # Errors
///
/// When `input` holds more than `limits` allow, ends early, fails a checksum, or is nothing that the codec writes.
pub fn decompress(codec: Compression, input: &[u8], limits: &Limits) -> Result<Vec<u8>, DecompressError> {
    let mut out = decompress_in(Vec::new(), codec, input, limits)?;
    out.shrink_to_fit();
    Ok(out)
}

/// As [`decompress`], in `memory` and what it must grow by; what stands there is of no meaning.
fn decompress_in(
    memory: Vec<u8>,
    codec: Compression,
    input: &[u8],
    limits: &Limits,
) -> Result<Vec<u8>, DecompressError> {
    let bound = limits.bound(codec, input.len());
    match codec {
        Compression::None if input.len() > bound.bytes_max => Err(bound.exceeded),
        Compression::None => Ok(input.to_vec()),
        Compression::Gzip => gzip::decompress(memory, input, &bound),
        Compression::Snappy => snappy::decompress(memory, input, &bound),
        Compression::Lz4 => lz4::decompress(memory, input, lz4::HeaderChecksum::Verified, &bound),
        Compression::Zstd => zstd::decompress(memory, input, &bound),
    }
}

/// As [`decompress`], for the lz4 frames of message sets of magic 0, whose header checksum Kafka computed over the wrong bytes (KAFKA-3160). It is
/// passed over, as Java does. Message sets of magic 1 have the right one.
///
/// # Errors
///
/// As [`decompress`].
pub fn decompress_old_lz4(input: &[u8], limits: &Limits) -> Result<Vec<u8>, DecompressError> {
    let bound = limits.bound(Compression::Lz4, input.len());
    let mut out = lz4::decompress(Vec::new(), input, lz4::HeaderChecksum::PassedOver, &bound)?;
    out.shrink_to_fit();
    Ok(out)
}

#[cfg(test)]
mod tests;
