//! Messages of magic 0 and 1, written byte by byte.

use proptest::prelude::*;

use super::hostile::read_all;
use super::*;
use crate::compression::{DecompressError, Limits, compress};

/// The codecs that messages may have.
const CODECS: [Compression; 3] = [Compression::Gzip, Compression::Snappy, Compression::Lz4];

/// A message, written field by field.
#[derive(Clone, Debug)]
struct Old {
    offset: i64,
    magic: i8,
    attributes: i8,
    timestamp: i64,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
}

/// At offset 100, with a key and a value.
fn message(magic: i8) -> Old {
    Old { offset: 100, magic, attributes: 0, timestamp: 1000, key: Some(b"key".into()), value: Some(b"value".into()) }
}

impl Old {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.put_i64(self.offset);
        bytes.put_i32(0);
        bytes.put_u32(0);
        bytes.put_i8(self.magic);
        bytes.put_i8(self.attributes);
        if self.magic == 1 {
            bytes.put_i64(self.timestamp);
        }
        for field in [&self.key, &self.value] {
            bytes.put_i32(field.as_ref().map_or(-1, |field| field.len() as i32));
            bytes.extend_from_slice(field.as_deref().unwrap_or_default());
        }
        repair(&mut bytes);
        bytes
    }

    fn decoded(&self) -> Result<Batch, BatchError> {
        next_batch(&mut self.bytes().into()).map(Option::unwrap)
    }

    fn decompressed(&self) -> Result<Batch, DecompressBatchError> {
        self.decoded().unwrap().decompress(&Limits::default())
    }

    /// Around others: the key is null, as Kafka writes it.
    fn wrapping(self, codec: Compression, inner: &[u8]) -> Self {
        let mut value = Vec::new();
        compress(codec, None, inner, &mut value).unwrap();
        Self { attributes: self.attributes | codec as i8, key: None, value: Some(value), ..self }
    }
}

/// Makes length and checksum of a message those of its bytes.
fn repair(bytes: &mut [u8]) {
    let length = bytes.len() as i32 - 12;
    bytes[position::LENGTH].copy_from_slice(&length.to_be_bytes());
    let crc = super::super::message::checksum(bytes);
    bytes[12..16].copy_from_slice(&crc.to_be_bytes());
}

/// One message after the other, at these offsets, their timestamps 1000 and on.
fn inner(magic: i8, offsets: &[i64]) -> Vec<u8> {
    let at = |(index, offset): (i64, &i64)| Old { offset: *offset, timestamp: 1000 + index, ..message(magic) }.bytes();
    (0..).zip(offsets).flat_map(at).collect()
}

fn read(batch: &Batch) -> Vec<(i64, i64)> {
    batch.records().unwrap().map(Result::unwrap).map(|record| (record.offset, record.timestamp)).collect()
}

#[test]
fn a_message_is_a_batch_of_one_record() {
    for (magic, timestamp) in [(0, NO_TIMESTAMP), (1, 1000)] {
        let batch = message(magic).decoded().unwrap();
        assert_eq!(
            (batch.magic(), batch.base_offset(), batch.last_offset(), batch.next_offset()),
            (magic, 100, 100, 101)
        );
        assert_eq!(
            (batch.max_timestamp(), batch.record_count(), batch.leader_epoch()),
            (timestamp, 1, crate::LeaderEpoch::UNKNOWN)
        );
        assert_eq!(
            (batch.producer_id(), batch.producer_epoch(), batch.base_sequence(), batch.last_sequence()),
            (-1, -1, -1, -1)
        );
        assert!(
            !batch.is_control()
                && !batch.is_transactional()
                && batch.delete_horizon().is_none()
                && batch.control().is_none()
        );
        assert_eq!(batch.to_bytes()[..], message(magic).bytes());
        let record = batch.records().unwrap().next().unwrap().unwrap();
        assert_eq!((record.offset, record.timestamp, record.headers().len()), (100, timestamp, 0));
        assert_eq!((record.key, record.value), (Some(&b"key"[..]), Some(&b"value"[..])));
        assert_eq!(batch.clone().decompress(&Limits { bytes_max: 0, ratio_max: 0 }), Ok(batch));
    }
}

#[test]
fn a_null_field_is_not_an_empty_one() {
    for magic in [0, 1] {
        for key in [None, Some(Vec::new())] {
            for value in [None, Some(Vec::new())] {
                let batch = Old { key: key.clone(), value: value.clone(), ..message(magic) }.decoded().unwrap();
                let record = batch.records().unwrap().next().unwrap().unwrap();
                assert_eq!((record.key.map(<[u8]>::to_vec), record.value.map(<[u8]>::to_vec)), (key.clone(), value));
            }
        }
    }
}

#[test]
fn the_offsets_in_a_wrapper_of_magic_0_are_those_of_the_partition() {
    for codec in CODECS {
        let wrapper = Old { offset: 105, ..message(0) }.wrapping(codec, &inner(0, &[100, 103, 105]));
        let batch = wrapper.decoded().unwrap();
        assert_eq!((batch.base_offset(), batch.next_offset(), batch.compression()), (105, 106, codec));
        assert_eq!(batch.records().err(), Some(RecordError::Compressed(codec)));
        let batch = wrapper.decompressed().unwrap();
        assert_eq!(read(&batch), [(100, -1), (103, -1), (105, -1)]);
        assert_eq!((batch.base_offset(), batch.last_offset(), batch.record_count()), (100, 105, 3));
        assert_eq!(batch.to_bytes()[..], wrapper.bytes());
    }
}

#[test]
fn the_offsets_in_a_wrapper_of_magic_1_count_from_the_first_that_was_in_it() {
    for codec in CODECS {
        let read = |offset, offsets: &[i64]| {
            read(&Old { offset, ..message(1) }.wrapping(codec, &inner(1, offsets)).decompressed().unwrap())
        };
        assert_eq!(read(102, &[0, 1, 2]), [(100, 1000), (101, 1001), (102, 1002)]);
        assert_eq!(read(0, &[0]), [(0, 1000)]);
        // Compaction took away the first, and one between.
        assert_eq!(read(105, &[2, 3, 5]), [(102, 1000), (103, 1001), (105, 1002)]);
        // As old producers of librdkafka left it.
        assert_eq!(read(0, &[0, 1, 2]), [(0, 1000), (1, 1001), (2, 1002)]);
    }
}

#[test]
fn the_append_time_of_a_wrapper_is_that_of_all_in_it() {
    let appended = Old { attributes: 0x08, timestamp: 5000, offset: 102, ..message(1) };
    assert_eq!(read(&appended.decoded().unwrap()), [(102, 5000)]);
    let batch = appended.wrapping(Compression::Gzip, &inner(1, &[0, 1, 2])).decompressed().unwrap();
    assert_eq!((batch.timestamp_type(), batch.max_timestamp()), (TimestampType::LogAppendTime, 5000));
    assert_eq!(read(&batch), [(100, 5000), (101, 5000), (102, 5000)]);
    // The bit of a message in the wrapper is of no meaning.
    let bit = Old { attributes: 0x08, offset: 0, ..message(1) }.bytes();
    assert_eq!(read(&message(1).wrapping(Compression::Gzip, &bit).decompressed().unwrap()), [(100, 1000)]);
}

#[test]
fn the_edges_of_time_and_of_offsets_stand_side_by_side() {
    let at = |offset, timestamp| Old { offset, timestamp, ..message(1) };
    let times = [i64::MIN, -1, 0, i64::MAX];
    let inner: Vec<u8> = (0..).zip(times).flat_map(|(offset, time)| at(offset, time).bytes()).collect();
    let last = i64::MAX - 1;
    let batch = at(last, i64::MAX).wrapping(Compression::Snappy, &inner).decompressed().unwrap();
    assert_eq!(read(&batch), (0..4).zip(times).map(|(back, time)| (last - 3 + back, time)).collect::<Vec<_>>());
    assert_eq!(batch.next_offset(), i64::MAX);
    for magic in [0, 1] {
        let overflow = BatchError::OffsetOverflow { base_offset: i64::MAX, last_offset_delta: 0 };
        assert_eq!(Old { offset: i64::MAX, ..message(magic) }.decoded(), Err(overflow));
    }
    assert_eq!(read(&at(i64::MIN, 0).decoded().unwrap()), [(i64::MIN, 0)]);
}

#[test]
fn offsets_that_are_not_in_order_or_above_the_wrapper_s_are_refused() {
    let refused = |magic, offset, offsets: &[i64]| {
        Old { offset, ..message(magic) }.wrapping(Compression::Gzip, &inner(magic, offsets)).decompressed().unwrap_err()
    };
    let error = |index, offset, wrapper| DecompressBatchError::Offset { index, offset, wrapper };
    for magic in [0, 1] {
        assert_eq!(refused(magic, 105, &[3, 3]), error(1, 3, 105));
        assert_eq!(refused(magic, 105, &[3, 2, 4]), error(1, 2, 105));
        assert_eq!(refused(magic, 105, &[0, 106]), error(1, 106, 105));
        assert_eq!(refused(magic, i64::MAX - 1, &[i64::MIN, i64::MAX - 1]), error(1, i64::MAX - 1, i64::MAX - 1));
    }
    // The last one says how far those of magic 1 go.
    assert_eq!(refused(0, 105, &[3, 7, 4]), error(2, 4, 105));
    assert_eq!(refused(1, 105, &[3, 7, 4]), error(1, 7, 105));
    assert_eq!(refused(0, 1 << 40, &[0]), error(0, 0, 1 << 40));
    assert_eq!(refused(1, i64::MIN, &[i64::MIN + 1]), error(0, i64::MIN + 1, i64::MIN));
}

#[test]
fn a_wrapper_at_offset_0_reaches_to_the_largest_offset_that_has_one_after_it() {
    let at_0 = |last| Old { offset: 0, ..message(1) }.wrapping(Compression::Gzip, &inner(1, &[last])).decompressed();
    assert_eq!(at_0(i64::MAX - 1).unwrap().next_offset(), i64::MAX);
    let refused = DecompressBatchError::Offset { index: 0, offset: i64::MAX, wrapper: 0 };
    assert_eq!(at_0(i64::MAX).unwrap_err(), refused);
}

#[test]
fn a_header_checksum_of_lz4_counts_since_magic_1() {
    // Magic, flags and block descriptor come before it.
    const HEADER_CHECKSUM: usize = 6;
    let wrapped = |magic| {
        let mut wrapper = message(magic).wrapping(Compression::Lz4, &inner(magic, &[100]));
        wrapper.value.as_mut().unwrap()[HEADER_CHECKSUM] ^= 0xff;
        wrapper.decompressed()
    };
    assert_eq!(read(&wrapped(0).unwrap()), [(100, -1)]);
    assert_eq!(wrapped(1).unwrap_err(), DecompressError::Checksum(Compression::Lz4).into());
}

#[test]
fn an_attribute_that_a_message_cannot_have_has_an_error_of_its_own() {
    for attributes in i8::MIN..=i8::MAX {
        for magic in [0, 1] {
            let decoded = Old { attributes, ..message(magic) }.decoded();
            let reserved = if magic == 0 { !0x07 } else { !0x0f };
            match attributes & 0x07 {
                _ if attributes & reserved != 0 => {
                    assert_eq!(decoded, Err(BatchError::ReservedAttributes(i16::from(attributes))));
                }
                codec @ 0..=3 => assert_eq!(decoded.unwrap().compression() as i8, codec),
                4 => assert_eq!(decoded, Err(BatchError::ZstdMessage(magic))),
                codec => assert_eq!(decoded, Err(BatchError::UnknownCodec(i16::from(codec)))),
            }
        }
    }
}

#[test]
fn a_wrapper_with_nothing_in_it_or_what_may_not_be_in_it_has_an_error_of_its_own() {
    for magic in [0, 1] {
        let wrapping = |inner: &[u8]| message(magic).wrapping(Compression::Gzip, inner).decompressed().unwrap_err();
        let null = Old { value: None, ..message(magic).wrapping(Compression::Gzip, &[]) };
        assert_eq!(null.decoded(), Err(BatchError::EmptyWrapper));
        assert_eq!(wrapping(&[]), DecompressBatchError::NoMessage);

        let nested = message(magic).wrapping(Compression::Snappy, &inner(magic, &[100])).bytes();
        assert_eq!(wrapping(&nested), DecompressBatchError::Nested { index: 0, codec: Compression::Snappy });
        let other = 1 - magic;
        let mixed = [Old { offset: 99, ..message(magic) }.bytes(), message(other).bytes()].concat();
        assert_eq!(wrapping(&mixed), DecompressBatchError::MixedMagic { index: 1, magic: other, wrapper: magic });
        let in_it = |reason| DecompressBatchError::Message { index: 0, reason };
        assert_eq!(wrapping(&two_records().bytes()), in_it(BatchError::UnknownMagic(2)));
        let garbage = Old { value: Some(b"garbage".into()), attributes: 1, ..message(magic) };
        assert!(matches!(garbage.decompressed(), Err(DecompressBatchError::Decompress(_))));

        let good = inner(magic, &[100]);
        for end in 1..good.len() {
            let cut = wrapping(&good[..end]);
            assert!(matches!(cut, DecompressBatchError::Message { index: 0, reason: BatchError::Cut { .. } }), "{cut}");
        }
        let mut damaged = good;
        *damaged.last_mut().unwrap() ^= 1;
        assert!(matches!(
            wrapping(&damaged),
            DecompressBatchError::Message { index: 0, reason: BatchError::Crc { .. } }
        ));
    }
}

#[test]
fn what_is_in_a_wrapper_is_bounded() {
    for magic in [0, 1] {
        let one = inner(magic, &[100]);
        for codec in CODECS {
            let batch = message(magic).wrapping(codec, &one).decoded().unwrap();
            let limits = |bytes_max| Limits { bytes_max, ..Limits::default() };
            assert!(batch.clone().decompress(&limits(one.len())).is_ok());
            let bytes_max = one.len() - 1;
            assert_eq!(batch.decompress(&limits(bytes_max)), Err(DecompressError::TooLong { codec, bytes_max }.into()));
        }
    }
}

#[test]
fn a_length_that_lies_has_an_error_of_its_own() {
    for (magic, header_bytes) in [(0, 18), (1, 26)] {
        let with_field_length = |length: i32| {
            let mut bytes = message(magic).bytes();
            bytes[header_bytes..header_bytes + 4].copy_from_slice(&length.to_be_bytes());
            repair(&mut bytes);
            next_batch(&mut bytes.into()).unwrap_err()
        };
        assert_eq!(with_field_length(-2), BatchError::Message(RecordError::NegativeLength(-2)));
        assert_eq!(with_field_length(i32::MAX), BatchError::Message(RecordError::Cut));
        assert_eq!(with_field_length(9), BatchError::Message(RecordError::Cut));
        let mut longer = [message(magic).bytes(), vec![0]].concat();
        repair(&mut longer);
        assert_eq!(next_batch(&mut longer.into()), Err(BatchError::Message(RecordError::TrailingRecordBytes(1))));

        let with_length = |length: i32| {
            let mut bytes = message(magic).bytes();
            bytes[position::LENGTH].copy_from_slice(&length.to_be_bytes());
            next_batch(&mut bytes.into()).unwrap_err()
        };
        let least = header_bytes as i32 - 12 + 8;
        assert_eq!(with_length(least - 1), BatchError::TooShort(least as usize - 1));
        assert!(matches!(with_length(least), BatchError::Crc { .. }));
        assert_eq!(with_length(-1), BatchError::NegativeLength(-1));
    }
}

#[test]
fn every_byte_that_the_checksum_of_a_message_covers_is_covered() {
    for magic in [0, 1] {
        let whole = message(magic).bytes();
        for at in position::MAGIC + 1..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            assert!(matches!(next_batch(&mut bytes.into()), Err(BatchError::Crc { .. })), "byte {at}");
        }
    }
}

#[test]
fn every_prefix_is_cut_and_never_loses_the_batches_before_it() {
    let wrapper = |magic| message(magic).wrapping(Compression::Gzip, &inner(magic, &[100])).bytes();
    let all = [message(0).bytes(), wrapper(0), message(1).bytes(), two_records().bytes().to_vec(), wrapper(1)];
    for last in &all {
        for end in 1..last.len() {
            let before = all.concat();
            let mut bytes: Bytes = [&before[..], &last[..end]].concat().into();
            let extent = extent(&bytes);
            let good: Vec<_> = std::iter::from_fn(|| next_batch(&mut bytes).ok().flatten()).collect();
            assert_eq!(good.iter().map(Batch::magic).collect::<Vec<_>>(), [0, 0, 1, 2, 1]);
            assert!(good.iter().all(|batch| batch.clone().decompress(&Limits::default()).is_ok()));
            let cut = next_batch(&mut bytes).unwrap_err();
            assert!(cut.is_cut(), "after {end} bytes: {cut}");
            assert_eq!(bytes[..], last[..end]);
            assert_eq!((extent.size_bytes, extent.next_offset, extent.end), (before.len(), Some(101), Some(cut)));
        }
    }
}

#[test]
fn the_extent_ends_where_a_message_has_no_offset_after_it() {
    let edge = Old { offset: i64::MAX, ..message(1) };
    let bytes = [message(0).bytes(), edge.bytes()].concat();
    let end = BatchError::OffsetOverflow { base_offset: i64::MAX, last_offset_delta: 0 };
    let whole = Extent { size_bytes: message(0).bytes().len(), next_offset: Some(101), end: Some(end) };
    assert_eq!(extent(&bytes), whole);
}

#[test]
fn no_broker_appends_a_message_and_none_is_stamped() {
    for magic in [0, 1] {
        let batch = Old { offset: 0, ..message(magic) }.decoded().unwrap();
        assert_eq!(batch.validate_produced(TimestampType::CreateTime), Err(InvalidBatch::OldMagic(magic)));
        assert_eq!(batch.clone().restamped(7, crate::LeaderEpoch(7), Some(7)), batch);
        assert_eq!(batch.clone().with_max_create_time(7), batch);
    }
}

#[test]
fn a_message_becomes_a_batch_of_magic_2_where_it_is_compressed_anew() {
    let wrapper = Old { offset: 102, timestamp: 1002, ..message(1) }.wrapping(Compression::Gzip, &inner(1, &[0, 1, 2]));
    for codec in Compression::ALL {
        let batch = compressed(wrapper.decompressed().unwrap(), codec, None).unwrap();
        let again = next_batch(&mut batch.to_bytes()).unwrap().unwrap();
        assert_eq!(again, batch);
        assert_eq!((again.magic(), again.compression(), again.record_count()), (2, codec, 3));
        let again = again.decompress(&Limits::default()).unwrap();
        assert_eq!(read(&again), [(100, 1000), (101, 1001), (102, 1002)]);
    }
}

proptest! {
    #[test]
    fn what_messages_say_is_what_is_read(
        magic in 0..=1_i8, codec in prop::sample::select(&CODECS[..]), wrapper_offset in 0..i64::MAX - 1,
        fields in prop::collection::vec((any::<i64>(), prop::option::of(any::<Vec<u8>>()), prop::option::of(any::<Vec<u8>>()), 1..9_i64), 1..9),
    ) {
        let mut offset = -1;
        let mut messages = Vec::new();
        for (timestamp, key, value, step) in fields {
            offset += step;
            messages.push(Old { offset, magic, attributes: 0, timestamp, key, value });
        }
        let last = if magic == 0 { offset } else { wrapper_offset.max(offset) };
        let bytes: Vec<u8> = messages.iter().flat_map(Old::bytes).collect();
        let batch = Old { offset: last, ..message(magic) }.wrapping(codec, &bytes).decompressed().unwrap();
        prop_assert_eq!((batch.last_offset(), batch.record_count() as usize), (last, messages.len()));
        for (record, expected) in batch.records().unwrap().map(Result::unwrap).zip(&messages) {
            let timestamp = if magic == 0 { NO_TIMESTAMP } else { expected.timestamp };
            prop_assert_eq!((record.offset, record.timestamp), (expected.offset + last - offset, timestamp));
            prop_assert_eq!((record.key, record.value), (expected.key.as_deref(), expected.value.as_deref()));
        }
    }

    #[test]
    fn any_mutation_of_a_message_with_the_checksum_repaired_fails_or_is_a_batch(
        magic in 0..=1_i8, codec in prop::sample::select(&[Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4][..]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), end in any::<prop::sample::Index>(),
    ) {
        let old = if codec == Compression::None { message(magic) } else { message(magic).wrapping(codec, &inner(magic, &[98, 100])) };
        let mut bytes = old.bytes();
        for (at, value) in &changes {
            let at = at.index(bytes.len());
            bytes[at] = *value;
        }
        bytes.truncate(end.index(2 * bytes.len()).max(20));
        repair(&mut bytes);
        read_all(bytes);
    }

    #[test]
    fn any_mutation_inside_a_wrapper_with_the_checksums_repaired_fails_or_is_a_batch(
        magic in 0..=1_i8, changes in prop::collection::vec((0..2_usize, any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut messages = [98, 100].map(|offset| Old { offset, ..message(magic) }.bytes());
        for (of, at, value) in &changes {
            let at = at.index(messages[*of].len());
            messages[*of][at] = *value;
        }
        messages.iter_mut().for_each(|message| repair(message));
        read_all(message(magic).wrapping(Compression::Snappy, &messages.concat()).bytes());
    }
}
