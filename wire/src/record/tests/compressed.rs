//! What is compressed is what is decompressed.

use proptest::prelude::*;

use super::hostile::{mutated, read_all, rich_batch};
use super::identity::{owned, read, writer};
use super::*;
use crate::compression::{CompressError, DecompressError, Limits};

const CODECS: [Compression; 4] = [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];

fn decoded(bytes: &Bytes) -> Batch {
    next_batch(&mut bytes.clone()).unwrap().unwrap()
}

fn plain_batch() -> Batch {
    decoded(&rich_batch())
}

proptest! {
    #[test]
    fn what_is_written_in_a_codec_is_what_is_read_from_it(
        records in prop::collection::vec(owned(), 1..20), codec in prop::sample::select(&Compression::ALL[..]),
        producer_id: i64, producer_epoch: i16, base_sequence: i32, is_transactional: bool,
    ) {
        let stamp = ProducerStamp { producer_id, producer_epoch, base_sequence, is_transactional };
        let plain = decoded(&writer(&records).finish(stamp));
        let bytes = writer(&records).finish_compressed(stamp, codec, None).unwrap();
        let batch = decoded(&bytes);
        let attributes = Attributes { compression: codec, ..plain.attributes() };
        prop_assert_eq!(batch.header, header::BatchHeader { attributes, ..plain.header });
        let batch = batch.decompress(&Limits::default()).unwrap();
        prop_assert_eq!(batch.to_bytes(), &bytes);
        prop_assert_eq!(read(&batch), Ok(records));
        prop_assert_eq!(compressed(batch, Compression::None, None), Ok(plain.clone()));
        prop_assert_eq!(compressed(plain, codec, None).map(|batch| batch.to_bytes()), Ok(bytes));
    }

    #[test]
    fn any_mutation_of_a_compressed_batch_with_the_checksum_repaired_fails_or_is_a_batch(
        codec in prop::sample::select(&CODECS[..]), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let whole = compressed(plain_batch(), codec, None).unwrap().to_bytes();
        read_all(mutated(&whole, |bytes| {
            for (at, value) in &changes {
                let at = at.index(bytes.len());
                bytes[at] = *value;
            }
        }));
    }
}

#[test]
fn every_byte_of_a_compressed_batch_at_some_values_with_the_checksum_repaired_fails_or_is_a_batch() {
    for codec in CODECS {
        let whole = compressed(plain_batch(), codec, None).unwrap().to_bytes();
        for at in position::ATTRIBUTES.start..whole.len() {
            for flip in [0x01, 0x08, 0x80, 0xff] {
                read_all(mutated(&whole, |bytes| bytes[at] ^= flip));
            }
        }
    }
}

#[test]
fn every_prefix_of_a_compressed_batch_is_cut() {
    for codec in CODECS {
        let whole = compressed(plain_batch(), codec, None).unwrap().to_bytes();
        for end in 1..whole.len() {
            assert!(next_batch(&mut whole.slice(..end)).unwrap_err().is_cut(), "{codec} after {end} bytes");
        }
    }
}

#[test]
fn another_codec_changes_nothing_else_that_a_batch_says() {
    let placed = plain_batch().restamped(500, crate::LeaderEpoch(7), Some(9000));
    for codec in CODECS {
        let batch = compressed(placed.clone(), codec, None).unwrap();
        assert_eq!(decoded(&batch.to_bytes()), batch);
        assert_eq!((batch.compression(), batch.base_offset(), batch.leader_epoch().0), (codec, 500, 7));
        assert_eq!((batch.timestamp_type(), batch.max_timestamp()), (TimestampType::LogAppendTime, 9000));
        let batch = batch.decompress(&Limits::default()).unwrap();
        assert!(batch.records().unwrap().all(|record| record.unwrap().timestamp == 9000));
        assert_eq!(compressed(batch, Compression::None, None), Ok(placed.clone()));
    }
}

#[test]
fn a_batch_that_was_decompressed_keeps_its_records_where_it_is_stamped() {
    let batch = compressed(plain_batch(), Compression::Lz4, None).unwrap().decompress(&Limits::default()).unwrap();
    let stamped = batch.clone().restamped(500, crate::LeaderEpoch(7), Some(9000));
    let offsets: Vec<_> =
        stamped.records().unwrap().map(Result::unwrap).map(|record| (record.offset, record.timestamp)).collect();
    assert_eq!(offsets, [(500, 9000), (501, 9000)]);
    assert_eq!(compressed(stamped, Compression::Lz4, None).unwrap().to_bytes().len(), batch.size_bytes());
    assert_eq!(batch.held_bytes(), batch.size_bytes() + plain_batch().size_bytes() - BATCH_HEADER_BYTES);
}

#[test]
fn a_batch_that_can_be_read_is_not_decompressed_again() {
    let plain = plain_batch();
    assert_eq!(plain.clone().decompress(&Limits { bytes_max: 0, ratio_max: 0 }), Ok(plain.clone()));
    assert_eq!(plain.held_bytes(), plain.size_bytes());
    let batch = compressed(plain, Compression::Gzip, None).unwrap().decompress(&Limits::default()).unwrap();
    assert_eq!(batch.clone().decompress(&Limits { bytes_max: 0, ratio_max: 0 }), Ok(batch));
}

#[test]
fn what_is_compressed_is_not_compressed_again_unread() {
    let batch = compressed(plain_batch(), Compression::Snappy, None).unwrap();
    let refused = compressed(batch, Compression::Gzip, None);
    assert_eq!(refused, Err(CompressBatchError::Compressed(Compression::Snappy)));
}

#[test]
fn a_level_that_the_codec_does_not_have_is_refused() {
    let level = |codec, level| compressed(plain_batch(), codec, Some(level)).map(|batch| batch.compression());
    assert_eq!(level(Compression::Gzip, 9), Ok(Compression::Gzip));
    let refused = CompressError::Level { codec: Compression::Gzip, level: 10 };
    assert_eq!(level(Compression::Gzip, 10), Err(refused.into()));
}

#[test]
fn an_empty_writer_compresses_to_no_bytes() {
    assert_eq!(BatchWriter::new(0).finish_compressed(ProducerStamp::NONE, Compression::Zstd, None), Ok(Bytes::new()));
}

#[test]
fn more_than_the_limits_allow_is_refused_and_no_more_is_not() {
    for codec in CODECS {
        let batch = compressed(plain_batch(), codec, None).unwrap();
        let bytes_max = plain_batch().size_bytes() - BATCH_HEADER_BYTES;
        let limits = |bytes_max| Limits { bytes_max, ..Limits::default() };
        assert!(batch.clone().decompress(&limits(bytes_max)).is_ok(), "{codec}");
        let refused = DecompressError::TooLong { codec, bytes_max: bytes_max - 1 };
        assert_eq!(batch.decompress(&limits(bytes_max - 1)), Err(refused.into()));
    }
}

/// A batch of this codec whose header is that of `raw`, and whose records are those of `raw`, compressed.
fn compressed_raw(raw: &Raw, codec: Compression) -> Batch {
    let mut records = Vec::new();
    crate::compression::compress(codec, None, &raw.records, &mut records).unwrap();
    Raw { attributes: raw.attributes | codec as i16, records, ..raw.clone() }.decoded().unwrap()
}

#[test]
fn a_record_count_that_lies_is_found_once_the_records_are_there() {
    for codec in CODECS {
        let decompressed = |record_count| {
            let raw = Raw { record_count, ..two_records() };
            compressed_raw(&raw, codec).decompress(&Limits::default())
        };
        let claimed = i32::MAX as u32;
        assert_eq!(decompressed(i32::MAX), Err(DecompressBatchError::RecordCount { claimed, available: 14 }));
        let last = |record_count| {
            let batch = decompressed(record_count).unwrap();
            batch.records().unwrap().last().unwrap().map(|record| record.offset)
        };
        assert_eq!(last(1), Err(RecordError::TrailingBatchBytes(7)));
        assert_eq!(last(2), Ok(101));
    }
}

#[test]
fn a_batch_that_compaction_emptied_may_keep_its_codec_without_a_byte_of_it() {
    for codec in CODECS {
        let empty = Raw { attributes: codec as i16, record_count: 0, records: Vec::new(), ..two_records() };
        let batch = empty.decoded().unwrap().decompress(&Limits::default()).unwrap();
        assert_eq!((batch.records().unwrap().count(), batch.next_offset()), (0, 102));
        let nothing = compressed_raw(&Raw { record_count: 0, records: Vec::new(), ..two_records() }, codec);
        assert_eq!(nothing.decompress(&Limits::default()).unwrap().records().unwrap().count(), 0);
    }
}
