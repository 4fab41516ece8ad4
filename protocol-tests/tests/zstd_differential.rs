//! The Zstandard in Rust against the C library: each reads what the other writes, and neither reads what the other refuses.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ottla_wire::compression::{DecompressError, Limits, compress, decompress};
use ottla_wire::record::Compression;
use proptest::prelude::*;

/// More than any input here holds.
const ROOM_BYTES: usize = 4 * 1024 * 1024;

fn ours(level: Option<i32>, input: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    compress(Compression::Zstd, level, input, &mut out).unwrap();
    out
}

fn read_by_us(input: &[u8]) -> Option<Vec<u8>> {
    let limits = Limits { bytes_max: ROOM_BYTES, ratio_max: usize::MAX };
    decompress(Compression::Zstd, input, &limits).ok()
}

fn by_c(level: i32, input: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(zstd_safe::compress_bound(input.len()));
    zstd_safe::compress(&mut out, input, level).unwrap();
    out
}

/// As Java's client writes: in a stream, which does not know its length when it begins.
fn by_c_in_a_stream(level: i32, with_checksum: bool, input: &[u8]) -> Vec<u8> {
    let mut context = zstd_safe::CCtx::create();
    context.set_parameter(zstd_safe::CParameter::CompressionLevel(level)).unwrap();
    context.set_parameter(zstd_safe::CParameter::ChecksumFlag(with_checksum)).unwrap();
    let mut out = Vec::with_capacity(zstd_safe::compress_bound(input.len()) + 1024);
    let mut to = zstd_safe::OutBuffer::around(&mut out);
    for part in input.chunks(16 * 1024) {
        let mut from = zstd_safe::InBuffer::around(part);
        while from.pos() < part.len() {
            context.compress_stream(&mut to, &mut from).unwrap();
        }
    }
    assert_eq!(context.end_stream(&mut to).unwrap(), 0, "all of it fits");
    out
}

fn read_by_c(input: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(ROOM_BYTES);
    zstd_safe::decompress(&mut out, input).ok()?;
    Some(out)
}

/// Stretches that repeat themselves, each from another seed, and stretches that hardly do.
fn record_like() -> impl Strategy<Value = Vec<u8>> {
    let stretch =
        (any::<u64>(), 1_usize..400, 0_usize..300, prop::bool::ANY).prop_map(|(seed, period, times, is_text)| {
            let mut state = seed | 1;
            let mut next = move || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let byte = (state >> 56) as u8;
                if is_text { b'a' + byte % 20 } else { byte }
            };
            let once: Vec<u8> = std::iter::repeat_with(&mut next).take(period).collect();
            once.repeat(times)
        });
    prop::collection::vec(stretch, 0..12).prop_map(|stretches| stretches.concat())
}

const EDGES: [usize; 10] = [0, 1, 255, 256, 65_791, 65_792, 131_071, 131_072, 131_073, 1 << 20];

#[test]
fn each_reads_what_the_other_writes_at_the_edges_of_blocks_and_lengths() {
    for bytes in EDGES {
        let text = b"a record and another record, and the next one. ".iter().copied().cycle();
        let counted = (0_u32..).flat_map(u32::to_le_bytes);
        for input in [text.take(bytes).collect::<Vec<u8>>(), counted.take(bytes).collect(), vec![0; bytes]] {
            for level in [-7, -1, 1, 2, 3, 4] {
                assert!(
                    read_by_c(&ours(Some(level), &input)).as_ref() == Some(&input),
                    "ours, {bytes} bytes, level {level}"
                );
            }
            for level in [-5, 1, 3, 9, 19] {
                assert!(read_by_us(&by_c(level, &input)).as_ref() == Some(&input), "C's, {bytes} bytes, level {level}");
                let streamed = by_c_in_a_stream(level, true, &input);
                assert!(read_by_us(&streamed).as_ref() == Some(&input), "streamed, {bytes} bytes, level {level}");
            }
        }
    }
}

#[test]
fn a_frame_that_does_not_say_its_length_is_held_to_the_bound_to_the_byte() {
    let input: Vec<u8> = b"a record and another record. ".iter().copied().cycle().take(200_000).collect();
    let frame = by_c_in_a_stream(3, false, &input);
    let within = |bytes_max| decompress(Compression::Zstd, &frame, &Limits { bytes_max, ratio_max: usize::MAX });
    assert!(within(input.len()) == Ok(input.clone()));
    for bytes_max in [0, 1, 100_000, 131_072, 150_000, input.len() - 1] {
        assert_eq!(within(bytes_max), Err(DecompressError::TooLong { codec: Compression::Zstd, bytes_max }));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn c_reads_what_we_write(input in record_like(), level in prop::option::of(-8_i32..=5)) {
        prop_assert!(read_by_c(&ours(level, &input)) == Some(input));
    }

    #[test]
    fn we_read_what_c_writes(input in record_like(), level in -10_i32..=12, with_checksum in any::<bool>()) {
        prop_assert!(read_by_us(&by_c(level, &input)).as_ref() == Some(&input));
        prop_assert!(read_by_us(&by_c_in_a_stream(level, with_checksum, &input)) == Some(input));
    }

    /// What both read, they read alike. That C reads what we refuse may be: the window and the dictionary are held to Kafka's.
    #[test]
    fn we_read_nothing_that_c_reads_otherwise_or_refuses(
        input in record_like(),
        level in -5_i32..=12,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut frame = by_c(level, &input);
        for (at, byte) in changes {
            let at = at.index(frame.len());
            frame[at] = byte;
        }
        if let Some(cut) = cut {
            frame.truncate(cut.index(frame.len()));
        }
        if let Some(read) = read_by_us(&frame) {
            prop_assert!(read_by_c(&frame) == Some(read));
        }
    }
}
