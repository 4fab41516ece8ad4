//! Bytes that lie, end early, or hold more than they should.

use super::*;

const CODECS: [Compression; 4] = [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];

#[test]
fn what_is_cut_off_anywhere_is_never_read_as_whole() {
    let input = record_like(70_000);
    for codec in CODECS {
        let whole = compressed(codec, None, &input);
        let near_the_ends = (0..200).chain(whole.len() - 200..whole.len());
        for end in near_the_ends.chain((200..whole.len() - 200).step_by(97)) {
            match plain(codec, &whole[..end]) {
                Err(
                    DecompressError::Cut(of)
                    | DecompressError::Foreign(of)
                    | DecompressError::Corrupt(of)
                    | DecompressError::WrongLength(of),
                ) => assert_eq!(of, codec),
                // The framing of snappy says nowhere how much there is: between two blocks, it is whole.
                Ok(read) if codec == Compression::Snappy => {
                    assert!(read.len() % 32_768 == 0 && input.starts_with(&read))
                }
                Ok(read) if codec == Compression::Zstd => assert!(end == 0 && read.is_empty()),
                other => panic!("{codec} cut at {end} of {}: {other:?}", whole.len()),
            }
        }
    }
}

#[test]
fn bytes_of_another_codec_are_foreign() {
    for codec in [Compression::Gzip, Compression::Lz4, Compression::Zstd] {
        for other in CODECS.into_iter().filter(|other| *other != codec) {
            let bytes = compressed(other, None, b"records");
            assert_eq!(plain(codec, &bytes), Err(DecompressError::Foreign(codec)));
        }
    }
}

#[test]
fn the_bound_in_bytes_is_kept_to_the_byte() {
    let input = record_like(100_000);
    for codec in Compression::ALL {
        let bytes = compressed(codec, None, &input);
        let limits = |bytes_max| Limits { bytes_max, ..Limits::default() };
        assert!(decompress(codec, &bytes, &limits(input.len())) == Ok(input.clone()), "{codec}");
        for bytes_max in [0, 1, 65_536, input.len() - 1] {
            let refused = Err(DecompressError::TooLong { codec, bytes_max });
            assert_eq!(decompress(codec, &bytes, &limits(bytes_max)), refused);
        }
    }
}

#[test]
fn the_bound_in_ratio_holds_above_what_is_always_free() {
    let limits = Limits { bytes_max: usize::MAX, ratio_max: 10 };
    for codec in CODECS {
        let free = compressed(codec, None, &vec![0; RATIO_FREE_BYTES]);
        assert!(decompress(codec, &free, &limits).is_ok(), "{codec}");
        let more = compressed(codec, None, &vec![0; RATIO_FREE_BYTES + 1]);
        let refused = DecompressError::RatioTooHigh { codec, compressed_bytes: more.len(), ratio_max: 10 };
        assert_eq!(decompress(codec, &more, &limits), Err(refused));
    }
}

#[test]
fn the_default_ratio_refuses_only_what_zstd_alone_can_do() {
    let zeros = vec![0; RATIO_FREE_BYTES + 1];
    for codec in CODECS {
        let read = plain(codec, &compressed(codec, None, &zeros));
        let is_refused = matches!(read, Err(DecompressError::RatioTooHigh { .. }));
        assert_eq!(is_refused, codec == Compression::Zstd, "{codec}");
    }
}

#[test]
fn a_snappy_block_that_claims_more_than_it_can_hold_is_refused() {
    // Six bytes that claim 4 GiB less one.
    let raw = [0xff, 0xff, 0xff, 0xff, 0x0f, 0x00];
    let limits = Limits { bytes_max: usize::MAX, ratio_max: usize::MAX };
    let refused = Err(DecompressError::WrongLength(Compression::Snappy));
    assert_eq!(decompress(Compression::Snappy, &raw, &limits), refused);
}

#[test]
fn a_zstd_frame_that_claims_more_than_its_blocks_hold_is_refused() {
    // One segment that claims 4 GiB less one, of one block with one byte.
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0xff, 0xff, 0xff, 0xff, 0x09, 0x00, 0x00, 0x00];
    let limits = Limits { bytes_max: usize::MAX, ratio_max: usize::MAX };
    let refused = Err(DecompressError::WrongLength(Compression::Zstd));
    assert_eq!(decompress(Compression::Zstd, &frame, &limits), refused);
}

#[test]
fn a_zstd_frame_with_a_window_that_no_decoder_need_have_is_refused() {
    // A window of 256 MiB, and an empty last block.
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 18 << 3, 0x01, 0x00, 0x00];
    let refused = DecompressError::ZstdWindow { bytes: 1 << 28, bytes_max: 1 << 27 };
    assert_eq!(plain(Compression::Zstd, &frame), Err(refused));
    let widest = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, 0x01, 0x00, 0x00];
    assert_eq!(plain(Compression::Zstd, &widest).unwrap(), b"");
}

#[test]
fn a_zstd_frame_that_needs_a_dictionary_is_refused() {
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x21, 7, 0x00, 0x01, 0x00, 0x00];
    assert_eq!(plain(Compression::Zstd, &frame), Err(DecompressError::ZstdDictionary(7)));
}

#[test]
fn an_lz4_block_longer_than_the_frame_allows_is_refused() {
    let mut input = compressed(Compression::Lz4, None, b"records");
    input[7..11].copy_from_slice(&(64 * 1024 + 1_u32).to_le_bytes());
    let refused = DecompressError::Lz4Block { bytes: 65_537, bytes_max: 65_536 };
    assert_eq!(plain(Compression::Lz4, &input), Err(refused));
}

#[test]
fn a_member_of_gzip_with_a_wrong_length_or_checksum_is_corrupt() {
    let whole = compressed(Compression::Gzip, None, b"records");
    for from_the_end in 1..=8 {
        let mut wrong = whole.clone();
        let at = wrong.len() - from_the_end;
        wrong[at] ^= 1;
        assert_eq!(plain(Compression::Gzip, &wrong), Err(DecompressError::Corrupt(Compression::Gzip)));
    }
}
