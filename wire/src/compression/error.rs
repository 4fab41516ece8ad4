//! What can be wrong with compressed bytes, and with the wish to compress some.

use crate::record::Compression;

/// Why bytes were not compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompressError {
    /// The codec has levels, and this is none of them.
    #[error("{codec} has no level {level}")]
    Level {
        /// The codec.
        codec: Compression,
        /// The level asked for.
        level: i32,
    },
    /// The codec has no levels.
    #[error("{0} takes no level")]
    Levelless(Compression),
    /// The codec did not take the input, which is then longer than it can write.
    #[error("{0} did not take the input")]
    Refused(Compression),
}

/// Why compressed bytes were not read. The fault lies with who wrote them, unless it is a bound that this side set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecompressError {
    /// There is more in it than the bound in bytes allows.
    #[error("more than {bytes_max} bytes are in this {codec}")]
    TooLong {
        /// The codec.
        codec: Compression,
        /// The bound, [`Limits::bytes_max`](super::Limits::bytes_max).
        bytes_max: usize,
    },
    /// There is more in it than the bound in ratio allows.
    #[error("the {compressed_bytes} bytes of this {codec} hold more than {ratio_max} times as many")]
    RatioTooHigh {
        /// The codec.
        codec: Compression,
        /// The length of the input.
        compressed_bytes: usize,
        /// The bound, [`Limits::ratio_max`](super::Limits::ratio_max).
        ratio_max: usize,
    },
    /// The input ends before what it began.
    #[error("the {0} is cut off")]
    Cut(Compression),
    /// The input does not begin as the codec begins.
    #[error("these bytes are no {0}")]
    Foreign(Compression),
    /// The input is nothing that the codec writes.
    #[error("the {0} is corrupt")]
    Corrupt(Compression),
    /// The input says that it holds another number of bytes than it does, or than so few bytes ever could.
    #[error("the {0} says a wrong length of itself")]
    WrongLength(Compression),
    /// A checksum is not that of the bytes it stands for.
    #[error("a checksum in the {0} is wrong")]
    Checksum(Compression),
    /// The blocks of the LZ4 frame depend on one another; Kafka's are independent.
    #[error("the blocks of the lz4 frame depend on one another")]
    DependentBlocks,
    /// The header of the LZ4 frame asks for what Kafka has not: another version, a dictionary, a reserved bit, an unknown block size.
    #[error("an lz4 frame with flags {flags:#04x} and block descriptor {block_descriptor:#04x}")]
    Lz4Descriptor {
        /// The flags.
        flags: u8,
        /// The block descriptor.
        block_descriptor: u8,
    },
    /// A block of the LZ4 frame is longer than the frame says that any is.
    #[error("an lz4 block of {bytes} bytes, over the frame's {bytes_max}")]
    Lz4Block {
        /// The length of the block.
        bytes: usize,
        /// The length that the frame allows.
        bytes_max: usize,
    },
    /// The framing of the snappy blocks is of a version that is not known.
    #[error("snappy framing of version {0}")]
    SnappyVersion(i32),
    /// The zstd frame wants a window beyond the one that a decoder need have.
    #[error("a zstd window of {bytes} bytes, over {bytes_max}")]
    ZstdWindow {
        /// The window asked for.
        bytes: u64,
        /// The largest that is given.
        bytes_max: u64,
    },
    /// The zstd frame was written with a dictionary, and Kafka has none.
    #[error("the zstd needs the dictionary {0}")]
    ZstdDictionary(u32),
}
