//! The codecs of record batches: bytes in, bytes out, and every one of them bounded.
//!
//! - [`compress`], or a [`Compressor`] that is kept, appends what a Kafka client in Java reads; a level is held to Kafka's ranges (KIP-390, KIP-780).
//! - [`decompress`] gives back the whole of it, or says which bound it broke or what is wrong with it. What a peer claims about a length is
//!   never memory before it is held against [`Limits`] and against what the codec can make of that many bytes.
//!
//! | codec | written | read as well |
//! | --- | --- | --- |
//! | gzip | one member (RFC 1952) | members one after the other; what follows the last is passed over, as Java does |
//! | snappy | xerial's framing, blocks of 32 KiB | one block without framing, as librdkafka writes; streams one after the other |
//! | lz4 | frame of independent blocks of 64 KiB, no checksums, no content size | block sizes up to 4 MiB, checksums (verified), content size (passed over); dependent blocks are refused, as by Java |
//! | zstd | one frame with its content size (RFC 8878) | frames one after the other, skippable frames |
//!
//! Zstandard is written and read in Rust; with the feature `zstd-c` by the C library, which has every level.

mod error;
mod gzip;
mod level;
mod limits;
mod lz4;
mod snappy;
mod zstd;

use crate::record::Compression;

pub use error::{CompressError, DecompressError};
pub use level::check_level;
pub use limits::{BYTES_MAX, Limits, RATIO_FREE_BYTES, RATIO_MAX};

/// Appends `input`, compressed, to `out`. Without a `level`, the codec's default is taken ([`check_level`]).
///
/// The levels of lz4 (1-17) are accepted and all written by the fast compressor, Kafka's default: levels differ in size and speed, never in who
/// can read them. The levels of zstd outside -7..=4 are written as the nearest of these, unless the feature `zstd-c` is on.
///
/// Who compresses many batches keeps a [`Compressor`].
///
/// # Errors
///
/// When Kafka would refuse the level ([`check_level`]), or the codec the input. `out` is then as it was.
pub fn compress(codec: Compression, level: Option<i32>, input: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
    Compressor::new(codec, level)?.compress(input, out)
}

/// A codec at a level, with its tables and buffers, which its owner keeps from batch to batch.
///
/// What it writes does not depend on what it wrote before. It keeps less than 1 MiB, and with zstd as much again as its largest input.
#[derive(Debug)]
pub struct Compressor {
    codec: Codec,
}

#[derive(Debug)]
enum Codec {
    None,
    Gzip(gzip::Compressor),
    Snappy(snappy::Compressor),
    Lz4(lz4::Compressor),
    Zstd(zstd::Compressor),
}

impl Compressor {
    /// The codec at this level, or at its default ([`check_level`]).
    ///
    /// # Errors
    ///
    /// When Kafka would refuse the level.
    pub fn new(codec: Compression, level: Option<i32>) -> Result<Self, CompressError> {
        check_level(codec, level)?;
        let codec = match codec {
            Compression::None => Codec::None,
            Compression::Gzip => Codec::Gzip(gzip::Compressor::new(level)),
            Compression::Snappy => Codec::Snappy(snappy::Compressor::new()),
            Compression::Lz4 => Codec::Lz4(lz4::Compressor::new()),
            Compression::Zstd => Codec::Zstd(zstd::Compressor::new(level)),
        };
        Ok(Self { codec })
    }

    /// What it compresses with.
    #[must_use]
    pub const fn codec(&self) -> Compression {
        match self.codec {
            Codec::None => Compression::None,
            Codec::Gzip(_) => Compression::Gzip,
            Codec::Snappy(_) => Compression::Snappy,
            Codec::Lz4(_) => Compression::Lz4,
            Codec::Zstd(_) => Compression::Zstd,
        }
    }

    /// Appends `input`, compressed, to `out`.
    ///
    /// # Errors
    ///
    /// When the codec refuses the input. `out` is then as it was.
    pub fn compress(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(), CompressError> {
        let before = out.len();
        let compressed = match &mut self.codec {
            Codec::None => {
                out.extend_from_slice(input);
                Ok(())
            }
            Codec::Gzip(gzip) => gzip.compress(input, out),
            Codec::Snappy(snappy) => snappy.compress(input, out),
            Codec::Lz4(lz4) => lz4.compress(input, out),
            Codec::Zstd(zstd) => zstd.compress(input, out),
        };
        if compressed.is_err() {
            out.truncate(before);
        }
        compressed
    }
}

/// The most memory of a result that is kept though nothing is in it: one part in so many of what is. To give back a few pages of each batch, and take
/// them anew for the next, costs as much as to decompress them.
const SLACK_PARTS: usize = 16;

/// Gives the memory back that nothing is in, where it is much.
fn without_slack(mut out: Vec<u8>) -> Vec<u8> {
    if out.capacity().saturating_sub(out.len()) > out.len() / SLACK_PARTS {
        out.shrink_to_fit();
    }
    out
}

/// How much shorter records become, at the least as a rule. Only ever a capacity.
const RATIO_EXPECTED: usize = 2;

/// The first so many bytes of a buffer that is kept, which grows where it has fewer. What stands in them is of no meaning.
fn room(kept: &mut Vec<u8>, bytes: usize) -> &mut [u8] {
    if kept.len() < bytes {
        kept.resize(bytes, 0);
    }
    kept.get_mut(..bytes).unwrap_or_default()
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
    let bound = limits.bound(codec, input.len());
    match codec {
        Compression::None if input.len() > bound.bytes_max => Err(bound.exceeded),
        Compression::None => Ok(input.to_vec()),
        Compression::Gzip => gzip::decompress(input, &bound),
        Compression::Snappy => snappy::decompress(input, &bound),
        Compression::Lz4 => lz4::decompress(input, lz4::HeaderChecksum::Verified, &bound),
        Compression::Zstd => zstd::decompress(input, &bound),
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
    lz4::decompress(input, lz4::HeaderChecksum::PassedOver, &bound)
}

#[cfg(test)]
mod tests;
