//! Decompression in the memory of the batch before.

use bytes::Bytes;

use super::{DecompressError, Limits, decompress_in};
use crate::record::Compression;

/// The most memory that is kept for the next result.
const KEPT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Decompresses one input after the other; where nobody holds the last result any more, the next takes its memory.
///
/// It keeps at most 4 MiB, and no more than the last result had.
#[derive(Debug, Default)]
pub struct Decompressor {
    last: Bytes,
}

impl Decompressor {
    /// As [`decompress`](super::decompress).
    ///
    /// # Errors
    ///
    /// As [`decompress`](super::decompress).
    pub fn decompress(&mut self, codec: Compression, input: &[u8], limits: &Limits) -> Result<Bytes, DecompressError> {
        let last = std::mem::take(&mut self.last);
        // Only of what nobody else holds the memory is had without a copy.
        let memory = if last.is_unique() { Vec::from(last) } else { Vec::new() };
        let out = decompress_in(memory, codec, input, limits)?;
        let is_kept = out.capacity() <= KEPT_BYTES_MAX;
        let out = Bytes::from(out);
        if is_kept {
            self.last = out.clone();
        }
        Ok(out)
    }
}
