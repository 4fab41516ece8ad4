//! The bytes around the compressed ones: as Java writes them, and as others do.

use twox_hash::XxHash32;

use super::*;

const XERIAL_HEADER: [u8; 16] = *b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01";

/// Magic, version 1 with independent blocks, blocks of 64 KiB, and the checksum of these two bytes.
const LZ4_HEADER: [u8; 7] = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];

#[test]
fn members_of_gzip_are_read_one_after_the_other() {
    let input =
        [compressed(Compression::Gzip, None, b"first "), compressed(Compression::Gzip, None, b"second")].concat();
    assert_eq!(plain(Compression::Gzip, &input).unwrap(), b"first second");
}

#[test]
fn what_follows_the_last_member_of_gzip_is_passed_over_as_java_does() {
    let mut input = compressed(Compression::Gzip, None, b"records");
    input.extend_from_slice(&[0; 20]);
    assert_eq!(plain(Compression::Gzip, &input).unwrap(), b"records");
}

#[test]
fn snappy_is_framed_as_xerial_does() {
    let input = noise(32 * 1024 + 5);
    let framed = compressed(Compression::Snappy, None, &input);
    assert_eq!(framed[..16], XERIAL_HEADER);
    let mut rest = &framed[16..];
    for block in [&input[..32 * 1024], &input[32 * 1024..]] {
        let (length, behind) = rest.split_first_chunk().unwrap();
        let (body, behind) = behind.split_at(u32::from_be_bytes(*length) as usize);
        assert!(snap::raw::Decoder::new().decompress_vec(body).unwrap() == block);
        rest = behind;
    }
    assert!(rest.is_empty());
    assert_eq!(compressed(Compression::Snappy, None, b""), XERIAL_HEADER);
}

#[test]
fn snappy_without_framing_is_read_as_one_block() {
    for input in [record_like(3), record_like(100_000)] {
        let raw = snap::raw::Encoder::new().compress_vec(&input).unwrap();
        assert!(plain(Compression::Snappy, &raw) == Ok(input));
    }
}

#[test]
fn streams_of_snappy_are_read_one_after_the_other() {
    let streams = [b"first ".as_slice(), b"", b"second", b""];
    let input = streams.map(|stream| compressed(Compression::Snappy, None, stream)).concat();
    assert_eq!(plain(Compression::Snappy, &input).unwrap(), b"first second");
}

#[test]
fn snappy_of_an_unknown_version_is_refused() {
    let mut input = compressed(Compression::Snappy, None, b"records");
    input[11] = 0;
    assert_eq!(plain(Compression::Snappy, &input), Err(DecompressError::SnappyVersion(0)));
}

#[test]
fn lz4_is_framed_as_kafka_does() {
    let input = [noise(64 * 1024), vec![7; 100]].concat();
    let framed = compressed(Compression::Lz4, None, &input);
    assert_eq!(framed[..7], LZ4_HEADER);
    let (length, behind) = framed[7..].split_first_chunk().unwrap();
    assert_eq!(u32::from_le_bytes(*length), (1 << 31) | (64 * 1024), "noise is not compressed");
    assert!(behind[..64 * 1024] == input[..64 * 1024]);
    let (length, behind) = behind[64 * 1024..].split_first_chunk().unwrap();
    let (body, end) = behind.split_at(u32::from_le_bytes(*length) as usize);
    assert_eq!(lz4_flex::block::decompress(body, 100).unwrap(), vec![7; 100]);
    assert_eq!(end, [0; 4]);
    assert_eq!(compressed(Compression::Lz4, None, b""), [&LZ4_HEADER[..], &[0; 4]].concat());
}

/// A frame of one block that is not compressed, with what `flags` say it has.
fn lz4_frame(flags: u8, block_descriptor: u8, content: &[u8]) -> Vec<u8> {
    let mut descriptor = vec![flags, block_descriptor];
    if flags & 0x08 != 0 {
        descriptor.extend_from_slice(&(content.len() as u64).to_le_bytes());
    }
    let checksum = (XxHash32::oneshot(0, &descriptor) >> 8) as u8;
    let hash = XxHash32::oneshot(0, content).to_le_bytes();
    let length = (content.len() as u32 | (1 << 31)).to_le_bytes();
    let mut frame = [&LZ4_HEADER[..4], &descriptor, &[checksum], &length, content].concat();
    frame.extend_from_slice(if flags & 0x10 == 0 { &[] } else { &hash });
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(if flags & 0x04 == 0 { &[] } else { &hash });
    frame
}

#[test]
fn lz4_with_every_checksum_size_and_block_size_is_read() {
    for flags in [0x60, 0x64, 0x68, 0x70, 0x7c] {
        for block_descriptor in [0x40, 0x50, 0x60, 0x70] {
            let frame = lz4_frame(flags, block_descriptor, b"records");
            assert_eq!(plain(Compression::Lz4, &frame).unwrap(), b"records", "{flags:#x} {block_descriptor:#x}");
        }
    }
}

#[test]
fn a_wrong_checksum_in_lz4_is_found() {
    let frame = lz4_frame(0x74, 0x40, b"records");
    let (block, content) = (frame.len() - 12, frame.len() - 4);
    for at in [6, block, content] {
        let mut wrong = frame.clone();
        wrong[at] ^= 1;
        assert_eq!(plain(Compression::Lz4, &wrong), Err(DecompressError::Checksum(Compression::Lz4)), "byte {at}");
    }
}

#[test]
fn lz4_that_kafka_cannot_read_is_refused_by_name() {
    assert_eq!(plain(Compression::Lz4, &lz4_frame(0x40, 0x40, b"")), Err(DecompressError::DependentBlocks));
    for (flags, block_descriptor) in
        [(0xa0, 0x40), (0x61, 0x40), (0x62, 0x40), (0x60, 0x30), (0x60, 0x41), (0x60, 0xc0)]
    {
        let refused = DecompressError::Lz4Descriptor { flags, block_descriptor };
        assert_eq!(plain(Compression::Lz4, &lz4_frame(flags, block_descriptor, b"")), Err(refused));
    }
}

#[test]
fn the_old_header_checksum_of_lz4_is_read_only_where_it_is_expected() {
    let mut old = compressed(Compression::Lz4, None, b"records");
    let right = decompress_old_lz4(&old, &Limits::default());
    // Kafka hashed the magic too (KAFKA-3160).
    old[6] = (XxHash32::oneshot(0, &old[..6]) >> 8) as u8;
    assert_ne!(old[6], LZ4_HEADER[6]);
    assert_eq!(plain(Compression::Lz4, &old), Err(DecompressError::Checksum(Compression::Lz4)));
    assert_eq!(decompress_old_lz4(&old, &Limits::default()).as_deref(), Ok(b"records".as_slice()));
    assert_eq!(right.as_deref(), Ok(b"records".as_slice()));
}

#[test]
fn frames_of_zstd_are_read_one_after_the_other_and_skippable_ones_passed_over() {
    let skippable = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
    let frames = [compressed(Compression::Zstd, None, b"first "), compressed(Compression::Zstd, None, b"second")];
    let input = [&skippable, frames[0].as_slice(), &skippable, &frames[1]].concat();
    assert_eq!(plain(Compression::Zstd, &input).unwrap(), b"first second");
    assert_eq!(plain(Compression::Zstd, &[]).unwrap(), b"");
}
