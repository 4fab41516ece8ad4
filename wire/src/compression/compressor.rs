//! A codec with its memory, for batch after batch.

use super::{CompressError, check_level, gzip, lz4, snappy, zstd};
use crate::record::Compression;

/// A codec at a level, and the memory that it works in, which every use after the first finds ready.
///
/// It keeps below 1 MiB, and for zstd at most 4 MiB for what comes out, and, with the feature `zstd-c`, what the C library's level wants: 1 to 4 MiB
/// at the default, some hundred MiB at the highest. What comes out is the same however often it was used.
///
/// The levels of lz4 (1-17) are accepted and all written by the fast compressor, Kafka's default: levels differ in size and speed, never in who
/// can read them. The levels of zstd outside -7..=4 are written as the nearest of these, unless the feature `zstd-c` is on.
#[derive(Debug)]
pub struct Compressor {
    codec: Codec,
    /// How long the last input was, and what came of it.
    last: (usize, usize),
}

enum Codec {
    None,
    Gzip(gzip::Compressor),
    Snappy(snappy::Compressor),
    Lz4(lz4::Compressor),
    Zstd(Box<zstd::Compressor>),
}

impl Compressor {
    /// Without a `level`, the codec's default is taken ([`check_level`]).
    ///
    /// # Errors
    ///
    /// When Kafka would refuse the level ([`check_level`]).
    pub fn new(codec: Compression, level: Option<i32>) -> Result<Self, CompressError> {
        check_level(codec, level)?;
        let codec = match codec {
            Compression::None => Codec::None,
            Compression::Gzip => Codec::Gzip(gzip::Compressor::new(level)),
            Compression::Snappy => Codec::Snappy(snappy::Compressor::new()),
            Compression::Lz4 => Codec::Lz4(lz4::Compressor::new()),
            Compression::Zstd => Codec::Zstd(Box::new(zstd::Compressor::new(level)?)),
        };
        Ok(Self { codec, last: (1, 1) })
    }

    /// What it compresses with.
    #[must_use]
    pub const fn codec(&self) -> Compression {
        self.codec.kind()
    }

    /// Appends `input`, compressed, to `out`.
    ///
    /// # Errors
    ///
    /// When the codec does not take the input. `out` is then as it was.
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
        match compressed {
            Ok(()) => self.last = (input.len().max(1), out.len().saturating_sub(before)),
            Err(_) => out.truncate(before),
        }
        compressed
    }

    /// How many bytes `input_bytes` likely become, by what came of the last; some more, so that a little less luck costs no second buffer.
    pub(crate) fn expected_bytes(&self, input_bytes: usize) -> usize {
        let (input, output) = self.last;
        let expected = input_bytes.saturating_mul(output).checked_div(input).unwrap_or(input_bytes);
        expected.saturating_add(expected / 8).min(input_bytes)
    }
}

impl Codec {
    const fn kind(&self) -> Compression {
        match self {
            Self::None => Compression::None,
            Self::Gzip(_) => Compression::Gzip,
            Self::Snappy(_) => Compression::Snappy,
            Self::Lz4(_) => Compression::Lz4,
            Self::Zstd(_) => Compression::Zstd,
        }
    }
}

impl std::fmt::Debug for Codec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.kind().fmt(f)
    }
}
