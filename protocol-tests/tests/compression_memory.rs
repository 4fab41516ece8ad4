//! How much memory a decompression takes, whatever its input says: the bound, and what the codec keeps for itself.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ottla_wire::compression::{DecompressError, Limits, compress, decompress};
use ottla_wire::record::Compression;

#[global_allocator]
static ALLOC: dhat::Alloc = dhat::Alloc;

/// What a codec keeps while it reads: its tables, and deflate's window.
const STATE_BYTES_MAX: usize = 1024 * 1024;

const CODECS: [Compression; 4] = [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];

const MIB: usize = 1024 * 1024;

/// The most bytes that were allocated at once while `work` ran, beyond those before.
fn peak_bytes<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let profiler = dhat::Profiler::builder().testing().build();
    let done = work();
    let peak = dhat::HeapStats::get().max_bytes;
    drop(profiler);
    (done, peak)
}

/// `mebibytes` of zeros, compressed.
fn bomb(codec: Compression, mebibytes: usize) -> Vec<u8> {
    let mut out = Vec::new();
    compress(codec, None, &vec![0; mebibytes * MIB], &mut out).unwrap();
    out
}

/// A zstd frame of `mebibytes` of zeros, in as many bytes as the format needs for them: blocks of 128 KiB that are one byte, repeated.
fn bomb_of_runs(mebibytes: u32) -> Vec<u8> {
    const WINDOW_128_KIB: u8 = 7 << 3;
    const RUN: u32 = 1;
    let blocks = mebibytes * 8;
    let header = |block| (128 * 1024) << 3 | RUN << 1 | u32::from(block + 1 == blocks);
    let run = |block| [&u32::to_le_bytes(header(block))[..3], &[0]].concat();
    [0x28, 0xb5, 0x2f, 0xfd, 0x00, WINDOW_128_KIB].into_iter().chain((0..blocks).flat_map(run)).collect()
}

/// One rule after the other: the allocator counts for the whole process.
#[test]
fn memory_is_bounded() {
    a_bomb_of_8_kib_that_wants_256_mib_is_refused_at_the_bound();
    every_bomb_is_refused_with_no_more_memory_than_the_bound();
    a_frame_that_claims_much_gets_no_memory_for_its_claim();
    what_fits_takes_no_more_than_itself();
}

fn a_bomb_of_8_kib_that_wants_256_mib_is_refused_at_the_bound() {
    let input = bomb_of_runs(256);
    assert_eq!(input.len(), 8 * 1024 + 6);
    for bytes_max in [MIB, 10 * MIB] {
        let limits = Limits { bytes_max, ..Limits::default() };
        let (read, peak) = peak_bytes(|| decompress(Compression::Zstd, &input, &limits));
        assert_eq!(read, Err(DecompressError::TooLong { codec: Compression::Zstd, bytes_max }));
        assert!(peak <= bytes_max + STATE_BYTES_MAX, "{peak} bytes for a bound of {bytes_max}");
    }
    let (read, peak) = peak_bytes(|| decompress(Compression::Zstd, &input, &Limits::default()));
    assert!(matches!(read, Err(DecompressError::RatioTooHigh { .. })), "{read:?}");
    assert!(peak <= 16 * MIB + STATE_BYTES_MAX, "{peak} bytes with the default limits");
}

fn every_bomb_is_refused_with_no_more_memory_than_the_bound() {
    for codec in CODECS {
        let input = bomb(codec, 24);
        for bytes_max in [0, 1000, 100_000, 3 * MIB, 20 * MIB] {
            let limits = Limits { bytes_max, ..Limits::default() };
            let (read, peak) = peak_bytes(|| decompress(codec, &input, &limits));
            assert!(
                matches!(read, Err(DecompressError::TooLong { .. } | DecompressError::RatioTooHigh { .. })),
                "{codec}"
            );
            assert!(peak <= bytes_max + STATE_BYTES_MAX, "{codec}: {peak} bytes for a bound of {bytes_max}");
        }
    }
}

fn a_frame_that_claims_much_gets_no_memory_for_its_claim() {
    let claims: [(Compression, &[u8]); 3] = [
        // A raw block of 4 GiB less one.
        (Compression::Snappy, &[0xff, 0xff, 0xff, 0xff, 0x0f, 0x00]),
        // A content of 4 GiB less one, in a block of one byte.
        (Compression::Zstd, &[0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0xff, 0xff, 0xff, 0xff, 0x09, 0x00, 0x00, 0x00]),
        // A member that ends with a length of 4 GiB less one.
        (Compression::Gzip, &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]),
    ];
    let limits = Limits { bytes_max: usize::MAX, ratio_max: usize::MAX };
    for (codec, input) in claims {
        let (read, peak) = peak_bytes(|| decompress(codec, input, &limits));
        assert!(read.is_err(), "{codec}");
        assert!(peak <= STATE_BYTES_MAX, "{codec}: {peak} bytes");
    }
}

fn what_fits_takes_no_more_than_itself() {
    for codec in CODECS {
        let input = bomb(codec, 8);
        let (read, peak) = peak_bytes(|| decompress(codec, &input, &Limits::default()));
        let read = read.unwrap();
        assert_eq!((read.len(), read.capacity() - read.len() <= 64), (8 * MIB, true), "{codec}");
        assert!((8 * MIB..=8 * MIB + STATE_BYTES_MAX).contains(&peak), "{codec}: {peak} bytes for 8 MiB");
    }
}
