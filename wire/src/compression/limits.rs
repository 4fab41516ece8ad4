//! How much may come out of how little.

use super::error::DecompressError;
use crate::record::{BATCH_BYTES_MAX, Compression};

/// The most bytes that one decompression gives by default: the largest batch that is read uncompressed.
pub const BYTES_MAX: usize = BATCH_BYTES_MAX;

/// The largest ratio of decompressed to compressed bytes by default.
///
/// Above what deflate (1,032), LZ4 (255) and snappy (22) can reach at all, so it only ever stops zstd, which reaches 32,768 on bytes that repeat.
pub const RATIO_MAX: usize = 1_100;

/// What any input may become, whatever its ratio: a batch of zeros is legal, and 16 MiB of records are 16 times what Kafka's producer puts into
/// a request by default (`max.request.size`, counted before compression).
pub const RATIO_FREE_BYTES: usize = 16 * 1024 * 1024;

/// How much one decompression may give; the lower of the two bounds counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most decompressed bytes. Default: [`BYTES_MAX`], 100 MiB. More costs as much memory while a batch is read.
    pub bytes_max: usize,
    /// The most decompressed bytes for each compressed one, where the result is longer than [`RATIO_FREE_BYTES`]. Default: [`RATIO_MAX`].
    pub ratio_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes_max: BYTES_MAX, ratio_max: RATIO_MAX }
    }
}

impl Limits {
    /// What these limits come to for an input of `compressed_bytes`.
    pub(super) fn bound(&self, codec: Compression, compressed_bytes: usize) -> Bound {
        let by_ratio = compressed_bytes.saturating_mul(self.ratio_max).max(RATIO_FREE_BYTES);
        if by_ratio < self.bytes_max {
            let exceeded = DecompressError::RatioTooHigh { codec, compressed_bytes, ratio_max: self.ratio_max };
            Bound { bytes_max: by_ratio, exceeded }
        } else {
            let exceeded = DecompressError::TooLong { codec, bytes_max: self.bytes_max };
            Bound { bytes_max: self.bytes_max, exceeded }
        }
    }
}

/// The most that one decompression may give, and the error where it would give more.
pub(super) struct Bound {
    pub(super) bytes_max: usize,
    pub(super) exceeded: DecompressError,
}
