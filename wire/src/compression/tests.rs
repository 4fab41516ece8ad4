#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod framing;
mod hostile;

use proptest::prelude::*;

use super::*;

/// The lengths at which the blocks of snappy and lz4 end, and those of zstd.
const EDGES: [usize; 13] =
    [0, 1, 2, 32_767, 32_768, 32_769, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 1 << 20];

fn compressed(codec: Compression, level: Option<i32>, input: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    compress(codec, level, input, &mut out).unwrap();
    out
}

fn plain(codec: Compression, input: &[u8]) -> Result<Vec<u8>, DecompressError> {
    decompress(codec, input, &Limits::default())
}

/// Bytes in which some stretches repeat and others do not, as in records.
fn record_like(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    };
    let fields = (0..).flat_map(|at| format!("{{\"id\":{at},\"amount\":{},\"state\":\"open\"}}", next()).into_bytes());
    fields.take(bytes).collect()
}

fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(bytes).collect()
}

#[test]
fn what_is_compressed_is_read_back_at_every_edge_of_a_block() {
    for (codec, bytes) in Compression::ALL.into_iter().flat_map(|codec| EDGES.map(|bytes| (codec, bytes))) {
        for input in [record_like(bytes), noise(bytes), vec![0; bytes]] {
            assert!(plain(codec, &compressed(codec, None, &input)) == Ok(input), "{codec}, {bytes} bytes");
        }
    }
}

#[test]
fn what_is_compressed_stands_behind_what_was_there() {
    for codec in Compression::ALL {
        let mut out = b"before".to_vec();
        compress(codec, None, b"records", &mut out).unwrap();
        assert_eq!(plain(codec, out.strip_prefix(b"before").unwrap()).unwrap(), b"records");
    }
}

#[test]
fn every_level_that_kafka_has_is_written_and_read_by_everyone() {
    let input = record_like(40_000);
    let levels = (-1..=22).chain([-131_072, -7]);
    for (codec, level) in Compression::ALL.into_iter().flat_map(|codec| levels.clone().map(move |level| (codec, level)))
    {
        if check_level(codec, Some(level)).is_ok() {
            assert!(plain(codec, &compressed(codec, Some(level), &input)) == Ok(input.clone()), "{codec} {level}");
        }
    }
}

#[test]
fn a_higher_level_of_gzip_makes_it_smaller() {
    let input = record_like(200_000);
    let sizes = [1, 6, 9].map(|level| compressed(Compression::Gzip, Some(level), &input).len());
    assert!(sizes.is_sorted_by(|larger, smaller| larger > smaller), "{sizes:?}");
    assert_eq!(compressed(Compression::Gzip, None, &input).len(), sizes[1]);
    assert_eq!(compressed(Compression::Gzip, Some(-1), &input).len(), sizes[1]);
}

#[test]
fn a_level_that_kafka_has_not_leaves_the_output_as_it_was() {
    let mut out = b"before".to_vec();
    let refused = compress(Compression::Gzip, Some(10), b"records", &mut out);
    assert_eq!(refused, Err(CompressError::Level { codec: Compression::Gzip, level: 10 }));
    assert_eq!(out, b"before");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_compressed_is_read_back(
        stretches in prop::collection::vec((any::<u8>(), 0_usize..40_000, any::<bool>()), 0..8),
        level in prop::option::of(1_i32..=9),
    ) {
        let input: Vec<u8> = stretches
            .into_iter()
            .flat_map(|(seed, bytes, repeats)| (0..bytes).map(move |at| if repeats { seed } else { ((at * 31) ^ (at >> 3)) as u8 ^ seed }))
            .collect();
        for codec in Compression::ALL {
            let level = level.filter(|level| check_level(codec, Some(*level)).is_ok());
            prop_assert!(plain(codec, &compressed(codec, level, &input)) == Ok(input.clone()), "{}", codec);
        }
    }

    /// A codec without a checksum may read other bytes out of other bytes; the checksum of the batch is what finds that.
    #[test]
    fn mutated_bytes_are_refused_or_read_within_the_bound(
        codec in prop::sample::select(Compression::ALL.to_vec()),
        bytes in 0_usize..100_000,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut input = compressed(codec, None, &record_like(bytes));
        for (at, byte) in changes {
            if !input.is_empty() {
                let at = at.index(input.len());
                input[at] = byte;
            }
        }
        let limits = Limits { bytes_max: 150_000, ..Limits::default() };
        if let Ok(read) = decompress(codec, &input, &limits) {
            prop_assert!(read.len() <= limits.bytes_max);
        }
    }
}

#[test]
fn a_compressor_that_was_used_writes_what_a_new_one_writes() {
    for codec in Compression::ALL {
        let mut used = Compressor::new(codec, None).unwrap();
        for bytes in [100_000, 10, 40_000, 1 << 20, 0, 65_535, 65_534, 200_000] {
            for input in [record_like(bytes), noise(bytes)] {
                let mut out = b"before".to_vec();
                used.compress(&input, &mut out).unwrap();
                assert!(
                    out.strip_prefix(b"before") == Some(&*compressed(codec, None, &input)),
                    "{codec}, {bytes} bytes"
                );
            }
        }
    }
}

#[test]
fn a_decompressor_gives_the_same_in_the_memory_of_the_result_before_and_never_in_that_of_one_that_is_held() {
    let mut used = Decompressor::default();
    let mut held = Vec::new();
    for bytes in [70_000, 10, 300_000, 0, 65_536] {
        for codec in Compression::ALL {
            for input in [record_like(bytes), noise(bytes)] {
                let result = used.decompress(codec, &compressed(codec, None, &input), &Limits::default()).unwrap();
                assert!(result == input, "{codec}, {bytes} bytes");
                held.push((result.clone(), input));
                let dropped = used.decompress(codec, &compressed(codec, None, b"other"), &Limits::default());
                assert_eq!(dropped.unwrap(), "other");
            }
        }
    }
    assert!(held.iter().all(|(result, input)| result == input));
}

#[test]
fn a_decompressor_is_bound_by_its_limits_however_much_memory_it_has() {
    for codec in Compression::ALL {
        let input = compressed(codec, None, &record_like(100_000));
        let mut decompressor = Decompressor::default();
        drop(decompressor.decompress(
            Compression::Lz4,
            &compressed(Compression::Lz4, None, &vec![0; 1 << 20]),
            &Limits::default(),
        ));
        for (bytes_max, fits) in [(99_999, false), (100_000, true)] {
            let limits = Limits { bytes_max, ..Limits::default() };
            assert_eq!(decompressor.decompress(codec, &input, &limits).is_ok(), fits, "{codec}");
        }
    }
}
