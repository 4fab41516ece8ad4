//! A batch's records out of their codec, and into one.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use bytes::Bytes;

use super::attributes::{Attributes, Compression};
use super::batch::{Batch, BatchError};
use super::header::{BatchHeader, can_stand};
use super::message;
use super::{BATCH_BYTES_MAX, BATCH_HEADER_BYTES, MAGIC};
use crate::compression::{
    CompressError, Compressor, DecompressError, Decompressor, Limits, decompress, decompress_old_lz4,
};

/// Why the records of a batch, whose header is valid, cannot be decompressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecompressBatchError {
    /// The compressed bytes cannot be read, or hold more than is allowed.
    #[error(transparent)]
    Decompress(#[from] DecompressError),
    /// The batch says that it has more records than its decompressed bytes can hold.
    #[error("{claimed} records cannot stand in {available} bytes")]
    RecordCount {
        /// How many records the batch claims.
        claimed: u32,
        /// How many bytes there are for them.
        available: usize,
    },
    /// No message is in a compressed one of magic 0 or 1.
    #[error("a compressed message has no message in it")]
    NoMessage,
    /// A message in a compressed one of magic 0 or 1 cannot be read.
    #[error("message {index}: {reason}")]
    Message {
        /// The message's place in the one around it, from 0.
        index: u32,
        /// What is wrong with it.
        reason: BatchError,
    },
    /// A message is not of the magic of the one around it.
    #[error("message {index} has magic {magic}, and the one around it {wrapper}")]
    MixedMagic {
        /// The message's place in the one around it, from 0.
        index: u32,
        /// Its magic.
        magic: i8,
        /// The magic of the message around it.
        wrapper: i8,
    },
    /// A message in a compressed one is compressed itself.
    #[error("message {index} is compressed with {codec}, and the one around it too")]
    Nested {
        /// The message's place in the one around it, from 0.
        index: u32,
        /// Its codec.
        codec: Compression,
    },
    /// The offset of a message is not above the one before it, or comes to more than the last offset, which is that of the message around it,
    /// or to the largest offset that there is.
    #[error("message {index} has offset {offset}, and the one around it {wrapper}")]
    Offset {
        /// The message's place in the one around it, from 0.
        index: u32,
        /// Its offset, as it stands in it.
        offset: i64,
        /// The offset of the message around it.
        wrapper: i64,
    },
}

/// Why records are not compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompressBatchError {
    /// The records are compressed already, and [`Batch::decompress`] was not called.
    #[error("the records are compressed with {0} already")]
    Compressed(Compression),
    /// The codec does not have the level, or does not take the records.
    #[error(transparent)]
    Compress(#[from] CompressError),
    /// What came out is larger than any batch may be.
    #[error("the compressed batch has {size_bytes} bytes, above the bound of {BATCH_BYTES_MAX}")]
    TooLong {
        /// What the batch would have.
        size_bytes: usize,
    },
}

impl Batch {
    /// The batch with its records decompressed, so that they can be read; [`Batch::to_bytes`] stays what the broker sent. As it was when the records can
    /// be read already.
    ///
    /// The records of a message of magic 0 or 1 are written anew, for which as much memory is taken once more.
    ///
    /// # Errors
    /// When the records cannot be decompressed within the `limits`, or are not what the batch says they are.
    pub fn decompress(self, limits: &Limits) -> Result<Self, DecompressBatchError> {
        self.decompress_by(|codec, records| Ok(decompress(codec, records, limits)?.into()), limits)
    }

    /// As [`Batch::decompress`], in memory that the one before needs no more.
    ///
    /// # Errors
    /// As [`Batch::decompress`].
    pub fn decompress_with(
        self,
        decompressor: &mut Decompressor,
        limits: &Limits,
    ) -> Result<Self, DecompressBatchError> {
        self.decompress_by(|codec, records| decompressor.decompress(codec, records, limits), limits)
    }

    fn decompress_by(
        self,
        decompress: impl FnOnce(Compression, &[u8]) -> Result<Bytes, DecompressError>,
        limits: &Limits,
    ) -> Result<Self, DecompressBatchError> {
        if self.plain().is_ok() {
            return Ok(self);
        }
        let (header, plain) = match (self.magic(), self.compression(), self.encoded()) {
            // A batch that compaction emptied may keep its codec without a byte of it.
            (MAGIC, _, []) if self.record_count() == 0 => (self.header, Bytes::new()),
            (MAGIC, codec, records) => (self.header, decompress(codec, records)?),
            // The first clients that wrote lz4 computed the checksum of its header wrongly; those of magic 1 do not (KIP-57).
            (0, Compression::Lz4, messages) => self.unwrapped(&decompress_old_lz4(messages, limits)?)?,
            (_, codec, messages) => self.unwrapped(&decompress(codec, messages)?)?,
        };
        let claimed = header.record_count.unsigned_abs();
        if !can_stand(claimed, &plain) {
            return Err(DecompressBatchError::RecordCount { claimed, available: plain.len() });
        }
        Ok(Self { header, plain: Some(plain), ..self })
    }

    fn unwrapped(&self, messages: &[u8]) -> Result<(BatchHeader, Bytes), DecompressBatchError> {
        let (header, records) = message::unwrapped(&self.header, messages)?;
        Ok((header, records.freeze()))
    }
}

/// The batch with its records in another codec, or in none; everything else that it says of itself stays. Without a `level`, Kafka's default for the
/// codec is taken. A message of magic 0 or 1 becomes a batch of magic 2.
///
/// Its records are not read, and those of the result must be decompressed before they can be.
///
/// # Errors
/// When the records are compressed still, or the codec does not take them.
pub fn compressed(batch: Batch, codec: Compression, level: Option<i32>) -> Result<Batch, CompressBatchError> {
    let records = batch.plain().map_err(|_| CompressBatchError::Compressed(batch.compression()))?;
    let attributes = Attributes { compression: codec, ..batch.attributes() };
    let header = BatchHeader { magic: MAGIC, size_bytes: BATCH_HEADER_BYTES, attributes, ..batch.header };
    let bytes = encode(&header, records, &mut Compressor::new(codec, level)?)?;
    Ok(Batch { header, front: None, bytes, plain: None })
}

/// A whole batch: the header, which names the codec, and the records in it.
pub(super) fn encode(
    header: &BatchHeader,
    records: &[u8],
    compressor: &mut Compressor,
) -> Result<Bytes, CompressBatchError> {
    let expected_bytes = compressor.expected_bytes(records.len());
    let mut batch = Vec::with_capacity(BATCH_HEADER_BYTES.saturating_add(expected_bytes));
    batch.resize(BATCH_HEADER_BYTES, 0);
    compressor.compress(records, &mut batch)?;
    if batch.len() > BATCH_BYTES_MAX {
        return Err(CompressBatchError::TooLong { size_bytes: batch.len() });
    }
    header.encode(&mut batch);
    Ok(batch.into())
}
