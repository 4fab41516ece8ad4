//! The decompressors: what is read is held to its bound to the byte, and can be written and read again.

use ottla_wire::compression::{DecompressError, Limits, compress, decompress, decompress_old_lz4};
use ottla_wire::record::Compression;

const LIMITS: Limits = Limits { bytes_max: 1024 * 1024, ratio_max: usize::MAX };

/// Members of gzip are read within the bound; what is read can be written, and read again.
pub fn gzip(data: &[u8]) {
    decompressor(Compression::Gzip, data);
}

/// As [`gzip`], for snappy with and without framing.
pub fn snappy(data: &[u8]) {
    decompressor(Compression::Snappy, data);
}

/// As [`gzip`], for lz4 frames; one whose header checksum is right is read alike where that is passed over.
pub fn lz4(data: &[u8]) {
    decompressor(Compression::Lz4, data);
    let (new, old) = (decompress(Compression::Lz4, data, &LIMITS), decompress_old_lz4(data, &LIMITS));
    match new {
        Ok(_) => assert_eq!(new, old),
        Err(_) => held_to_the_bound(Compression::Lz4, old, |limits| decompress_old_lz4(data, limits)),
    }
}

/// As [`gzip`], for zstd frames.
pub fn zstd(data: &[u8]) {
    decompressor(Compression::Zstd, data);
}

fn decompressor(codec: Compression, data: &[u8]) {
    held_to_the_bound(codec, decompress(codec, data, &LIMITS), |limits| decompress(codec, data, limits));
}

/// What was `read` fits into its own length and into no less, and comes back when it is written.
fn held_to_the_bound(
    codec: Compression,
    read: Result<Vec<u8>, DecompressError>,
    again: impl Fn(&Limits) -> Result<Vec<u8>, DecompressError>,
) {
    let Ok(read) = read else { return };
    assert!(read.len() <= LIMITS.bytes_max);
    assert_eq!(again(&Limits { bytes_max: read.len(), ..LIMITS }).as_ref(), Ok(&read));
    if let Some(bytes_max) = read.len().checked_sub(1) {
        assert_eq!(again(&Limits { bytes_max, ..LIMITS }), Err(DecompressError::TooLong { codec, bytes_max }));
    }
    let mut written = Vec::new();
    compress(codec, None, &read, &mut written).expect("what was read can be written");
    assert_eq!(decompress(codec, &written, &LIMITS), Ok(read));
}
