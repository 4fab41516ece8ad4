//! Bytes that lie.

use proptest::prelude::*;

use super::*;
use crate::compression::Limits;

#[test]
fn every_prefix_of_a_batch_is_cut_and_stays_as_it_was() {
    let whole = two_records().bytes();
    for end in 1..whole.len() {
        let mut prefix = whole.slice(..end);
        let needed = if end < 12 { message::BYTES_MIN } else { whole.len() };
        assert_eq!(next_batch(&mut prefix), Err(BatchError::Cut { needed }), "after {end} bytes");
        assert!(BatchError::Cut { needed }.is_cut());
        assert_eq!(prefix, whole.slice(..end));
    }
    assert_eq!(next_batch(&mut Bytes::new()), Ok(None));
}

#[test]
fn a_cut_batch_never_loses_the_ones_before_it() {
    let one = two_records().bytes();
    for end in 1..one.len() {
        let mut bytes: Bytes = [&one[..], &one[..], &one[..end]].concat().into();
        let good: Vec<Batch> = std::iter::from_fn(|| next_batch(&mut bytes).ok().flatten()).collect();
        assert_eq!(good.len(), 2, "before {end} bytes of a third");
        assert!(good.iter().all(|batch| batch.records().unwrap().all(|record| record.is_ok())));
        assert!(matches!(next_batch(&mut bytes), Err(BatchError::Cut { .. })));
        assert_eq!(bytes, one.slice(..end));
    }
}

#[test]
fn every_byte_that_the_checksum_covers_is_covered() {
    let whole = two_records().bytes();
    for at in position::ATTRIBUTES.start..whole.len() {
        let mut bytes = whole.to_vec();
        bytes[at] ^= 0x10;
        let computed = checksum(&bytes);
        let stored = checksum(&whole);
        assert_eq!(next_batch(&mut bytes.into()), Err(BatchError::Crc { stored, computed }), "byte {at}");
        assert_ne!(stored, computed);
    }
}

#[test]
fn a_length_that_lies_has_an_error_of_its_own() {
    let with_length = |length: i32| {
        let mut bytes = two_records().bytes().to_vec();
        bytes[position::LENGTH].copy_from_slice(&length.to_be_bytes());
        next_batch(&mut bytes.into()).unwrap_err()
    };
    assert_eq!(with_length(-1), BatchError::NegativeLength(-1));
    assert_eq!(with_length(i32::MIN), BatchError::NegativeLength(i32::MIN));
    assert_eq!(with_length(0), BatchError::TooShort(0));
    assert_eq!(with_length(48), BatchError::TooShort(48));
    assert!(matches!(with_length(49), BatchError::Crc { .. }));
    assert_eq!(with_length(64), BatchError::Cut { needed: 76 });
    assert_eq!(with_length(i32::MAX), BatchError::TooLong { size_bytes: i32::MAX as usize + 12, max: BATCH_BYTES_MAX });
}

#[test]
fn a_magic_that_is_old_is_told_from_one_that_is_none() {
    for magic in i8::MIN..=i8::MAX {
        let refused = Raw { magic, ..two_records() }.decoded();
        match magic {
            2 => assert!(refused.is_ok()),
            // These bytes are no message, whose checksum stands elsewhere.
            0 | 1 => assert!(matches!(refused, Err(BatchError::Crc { .. }))),
            _ => assert_eq!(refused, Err(BatchError::UnknownMagic(magic))),
        }
    }
}

#[test]
fn a_header_that_lies_has_an_error_of_its_own() {
    let refused = |raw: Raw| raw.decoded().unwrap_err();
    assert_eq!(refused(Raw { attributes: 0x80, ..two_records() }), BatchError::ReservedAttributes(0x80));
    assert_eq!(refused(Raw { attributes: -1, ..two_records() }), BatchError::ReservedAttributes(-1));
    assert_eq!(refused(Raw { attributes: 5, ..two_records() }), BatchError::UnknownCodec(5));
    assert_eq!(refused(Raw { last_offset_delta: -1, ..two_records() }), BatchError::NegativeLastOffsetDelta(-1));
    assert_eq!(refused(Raw { record_count: -1, ..two_records() }), BatchError::NegativeRecordCount(-1));
    assert_eq!(
        refused(Raw { record_count: i32::MAX, ..two_records() }),
        BatchError::RecordCount { claimed: i32::MAX as u32, available: 14 }
    );
}

#[test]
fn an_offset_that_has_none_after_it_is_refused() {
    let at = |base_offset| Raw { base_offset, ..two_records() };
    assert_eq!(at(i64::MAX - 2).read(), Ok(vec![(i64::MAX - 2, 1000), (i64::MAX - 1, 1001)]));
    assert_eq!(at(i64::MAX - 2).decoded().unwrap().next_offset(), i64::MAX);
    for base_offset in [i64::MAX - 1, i64::MAX] {
        let overflow = BatchError::OffsetOverflow { base_offset, last_offset_delta: 1 };
        assert_eq!(at(base_offset).decoded(), Err(overflow));
    }
    assert_eq!(at(i64::MIN).decoded().unwrap().next_offset(), i64::MIN + 2);
}

#[test]
fn a_record_count_that_lies_is_missing_records_or_bytes_too_many() {
    let key = [9 << 1, b'k', b'k', b'k', b'k', b'k', b'k', b'k', b'k', b'k'];
    let long_record = [&[15 << 1, 0, 0, 0][..], &key, &[NULL, 0]].concat();
    let one_of_two = Raw { records: long_record, ..two_records() };
    assert_eq!(one_of_two.read(), Err(RecordError::Missing { missing: 1 }));
    let of_no_byte =
        Raw { record_count: 4, records: [record(0, 0), record(1, 1), vec![0; 14]].concat(), ..two_records() };
    assert_eq!(of_no_byte.read(), Err(RecordError::Cut));
    assert_eq!(Raw { record_count: 1, ..two_records() }.read(), Err(RecordError::TrailingBatchBytes(7)));
    assert_eq!(Raw { record_count: 0, ..two_records() }.read(), Err(RecordError::TrailingBatchBytes(14)));
}

/// Reads one record whose body, after attributes and deltas, is `fields`.
fn read_fields(fields: &[u8]) -> Result<Vec<(i64, i64)>, RecordError> {
    read_body(&[&[0, 0, 0], fields].concat())
}

fn read_body(body: &[u8]) -> Result<Vec<(i64, i64)>, RecordError> {
    let mut records = vec![(body.len() as u8) << 1];
    records.extend_from_slice(body);
    Raw { record_count: 1, last_offset_delta: 0, records, ..two_records() }.read()
}

#[test]
fn a_field_that_lies_has_an_error_of_its_own() {
    let (minus_two, long, endless) = (3, 40 << 1, [0xff; 5]);
    assert_eq!(read_fields(&[NULL, NULL, 0]), Ok(vec![(100, 1000)]));
    assert_eq!(read_fields(&[minus_two, NULL, 0]), Err(RecordError::NegativeLength(-2)));
    assert_eq!(read_fields(&[NULL, minus_two, 0]), Err(RecordError::NegativeLength(-2)));
    assert_eq!(read_fields(&[long, NULL, 0]), Err(RecordError::Cut));
    assert_eq!(read_fields(&[NULL, long, 0]), Err(RecordError::Cut));
    assert_eq!(read_fields(&endless), Err(RecordError::VarintTooLong));
    assert_eq!(read_fields(&[NULL, NULL, 0, 9]), Err(RecordError::TrailingRecordBytes(1)));
    assert_eq!(read_body(&[&[0], &[0xff; 10][..], &[0, NULL, NULL, 0]].concat()), Err(RecordError::VarintTooLong));
}

#[test]
fn a_header_count_or_a_header_that_lies_has_an_error_of_its_own() {
    let claims = |count: u8, rest: &[u8]| read_fields(&[&[NULL, NULL, count], rest].concat());
    assert_eq!(claims(NULL, &[]), Err(RecordError::HeaderCount { claimed: -1, available: 0 }));
    assert_eq!(claims(2 << 1, &[0, 0, 0]), Err(RecordError::HeaderCount { claimed: 2, available: 3 }));
    assert_eq!(claims(1 << 1, &[NULL, 0]), Err(RecordError::NegativeLength(-1)), "a header key is never null");
    assert_eq!(claims(1 << 1, &[0, 3]), Err(RecordError::NegativeLength(-2)));
    assert_eq!(claims(1 << 1, &[9 << 1, 0]), Err(RecordError::Cut));
    assert_eq!(claims(1 << 1, &[0, NULL, 0]), Err(RecordError::TrailingRecordBytes(1)));
    assert_eq!(claims(1 << 1, &[0, NULL]), Ok(vec![(100, 1000)]));
    let most = [&[NULL, NULL, 0xfe, 0xff, 0xff, 0xff, 0x0f][..]].concat();
    assert_eq!(read_fields(&most), Err(RecordError::HeaderCount { claimed: i32::MAX, available: 0 }));
}

#[test]
fn an_offset_outside_the_batch_and_a_time_outside_time_are_refused() {
    let below = read_body(&[0, 0, 1, NULL, NULL, 0]);
    assert_eq!(below, Err(RecordError::OffsetDelta { delta: -1, last: 0 }));
    let above = read_body(&[0, 0, 1 << 1, NULL, NULL, 0]);
    assert_eq!(above, Err(RecordError::OffsetDelta { delta: 1, last: 0 }));
    let late = Raw { base_timestamp: i64::MAX, ..two_records() };
    assert_eq!(late.read(), Err(RecordError::TimestampOverflow { base: i64::MAX, delta: 1 }));
}

#[test]
fn a_record_length_that_lies_is_cut_or_negative_and_nothing_follows_an_error() {
    let mut raw = two_records();
    raw.records[0] = 1;
    assert_eq!(raw.read(), Err(RecordError::NegativeLength(-1)));
    raw.records[0] = 60 << 1;
    assert_eq!(raw.read(), Err(RecordError::Cut));
    let batch = raw.decoded().unwrap();
    let mut records = batch.records().unwrap();
    assert!(records.next().unwrap().is_err());
    assert!(records.next().is_none() && records.next().is_none());
}

#[test]
fn a_claimed_count_is_no_lower_bound_of_what_comes() {
    let batch = two_records().decoded().unwrap();
    assert_eq!(batch.records().unwrap().size_hint(), (0, Some(2)));
}

/// A batch with keys, values and headers of one and of two length bytes.
pub(super) fn rich_batch() -> Bytes {
    let long = [b'v'; 90];
    let headers = [Header { key: b"h", value: Some(b"1") }, Header { key: b"h", value: None }];
    let mut writer = BatchWriter::new(0);
    writer.append(&NewRecord::new(1_000, Some(b"key"), Some(&long))).unwrap();
    let with_headers = NewRecord { timestamp: 90_000, key: None, value: None, headers: headers.into_iter() };
    writer.append(&with_headers).unwrap();
    writer.finish(ProducerStamp::NONE)
}

/// Enough for what is read here.
const LIMITS: Limits = Limits { bytes_max: 1 << 20, ratio_max: 1_000 };

/// Reads everything, and holds what is read against what the batch says of itself.
pub(super) fn read_all(bytes: Vec<u8>) {
    let mut bytes = Bytes::from(bytes);
    let Ok(Some(batch)) = next_batch(&mut bytes) else { return };
    let Ok(batch) = batch.decompress(&LIMITS) else { return };
    let records = batch.records().unwrap();
    both_ways_are_one(&records);
    let (mut count, mut failed) = (0, false);
    for record in records {
        let Ok(record) = record else {
            failed = true;
            continue;
        };
        assert!((batch.base_offset()..=batch.last_offset()).contains(&record.offset));
        assert_eq!(record.headers().count(), record.headers().len(), "a header that was validated is there");
        count += 1;
    }
    assert!(failed || count == batch.record_count(), "all records or an error");
}

/// The short way through a record hands out what the long one does, or leaves it to that.
pub(super) fn both_ways_are_one(records: &Records<'_>) {
    let mut long = records.clone();
    for short in records.clone() {
        let (record, after) = long.read_long();
        long = after;
        match (short, record.unwrap()) {
            (Ok(short), Ok(long)) => {
                assert_eq!((short.offset, short.timestamp), (long.offset, long.timestamp));
                assert_eq!((short.key, short.value), (long.key, long.value));
                assert!(short.headers().eq(long.headers()));
            }
            (short, long) => assert_eq!(short.err(), long.err()),
        }
    }
    assert!(long.read_long().0.is_none());
}

pub(super) fn mutated(bytes: &[u8], mutate: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    mutate(&mut bytes);
    if bytes.len() >= BATCH_HEADER_BYTES {
        stamp::set_checksum(&mut bytes);
    }
    bytes
}

#[test]
fn every_byte_at_every_value_with_the_checksum_repaired_fails_or_is_a_batch() {
    let whole = rich_batch();
    for at in 0..whole.len() {
        for value in 0..=u8::MAX {
            read_all(mutated(&whole, |bytes| bytes[at] = value));
        }
    }
}

proptest! {
    #[test]
    fn any_mutation_with_the_checksum_repaired_fails_or_is_a_batch(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        end in any::<prop::sample::Index>(), tail in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let whole = rich_batch();
        read_all(mutated(&whole, |bytes| {
            for (at, value) in &changes {
                let at = at.index(bytes.len());
                bytes[at] = *value;
            }
            bytes.truncate(end.index(bytes.len()) + 1);
            bytes.extend_from_slice(&tail);
            if let Some(length) = bytes.len().checked_sub(12) {
                bytes[position::LENGTH].copy_from_slice(&(length as i32).to_be_bytes());
            }
        }));
    }

    #[test]
    fn any_bytes_as_records_fail_or_are_records(records in prop::collection::vec(any::<u8>(), 0..60), record_count in 0..9) {
        read_all(Raw { records, record_count, last_offset_delta: 8, ..two_records() }.bytes().to_vec());
    }
}
