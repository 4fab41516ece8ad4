#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod broker;
mod compressed;
mod hostile;
mod identity;
mod messages;
mod written;

use bytes::{BufMut, Bytes};

use super::*;

/// A batch written field by field, without the writer under test.
#[derive(Clone)]
struct Raw {
    base_offset: i64,
    leader_epoch: i32,
    magic: i8,
    attributes: i16,
    last_offset_delta: i32,
    base_timestamp: i64,
    max_timestamp: i64,
    record_count: i32,
    records: Vec<u8>,
}

/// A batch at offset 100 with two records: no key, no value, no header.
fn two_records() -> Raw {
    Raw {
        base_offset: 100,
        leader_epoch: 5,
        magic: 2,
        attributes: 0,
        last_offset_delta: 1,
        base_timestamp: 1000,
        max_timestamp: 1001,
        record_count: 2,
        records: [record(0, 0), record(1, 1)].concat(),
    }
}

/// A record with one-byte deltas and nothing in it.
fn record(timestamp_delta: u8, offset_delta: u8) -> Vec<u8> {
    vec![6 << 1, 0, timestamp_delta << 1, offset_delta << 1, NULL, NULL, 0]
}

/// The length -1 as a zigzag varint.
const NULL: u8 = 1;

impl Raw {
    fn bytes(&self) -> Bytes {
        let mut bytes = Vec::new();
        bytes.put_i64(self.base_offset);
        bytes.put_i32(i32::try_from(BATCH_HEADER_BYTES + self.records.len() - 12).unwrap());
        bytes.put_i32(self.leader_epoch);
        bytes.put_i8(self.magic);
        bytes.put_u32(0);
        bytes.put_i16(self.attributes);
        bytes.put_i32(self.last_offset_delta);
        bytes.put_i64(self.base_timestamp);
        bytes.put_i64(self.max_timestamp);
        bytes.put_i64(77);
        bytes.put_i16(3);
        bytes.put_i32(40);
        bytes.put_i32(self.record_count);
        bytes.extend_from_slice(&self.records);
        stamp::set_checksum(&mut bytes);
        bytes.into()
    }

    fn decoded(&self) -> Result<Batch, BatchError> {
        next_batch(&mut self.bytes()).map(Option::unwrap)
    }

    /// What reading every record comes to.
    fn read(&self) -> Result<Vec<(i64, i64)>, RecordError> {
        let batch = self.decoded().unwrap();
        batch.records()?.map(|record| record.map(|record| (record.offset, record.timestamp))).collect()
    }
}

#[test]
fn every_field_of_the_header_is_read() {
    let batch = Raw { attributes: 0x10 | 0x20 | 0x40, ..two_records() }.decoded().unwrap();
    assert_eq!((batch.base_offset(), batch.last_offset(), batch.next_offset()), (100, 101, 102));
    assert_eq!((batch.leader_epoch().0, batch.last_offset_delta(), batch.record_count()), (5, 1, 2));
    assert_eq!((batch.base_timestamp(), batch.max_timestamp(), batch.delete_horizon()), (1000, 1001, Some(1000)));
    assert_eq!((batch.producer_id(), batch.producer_epoch(), batch.base_sequence()), (77, 3, 40));
    assert!(batch.is_transactional() && batch.is_control());
    assert_eq!((batch.compression(), batch.timestamp_type()), (Compression::None, TimestampType::CreateTime));
    assert_eq!(batch.size_bytes(), BATCH_HEADER_BYTES + 14);
}

#[test]
fn a_record_counts_from_the_base_offset_and_the_base_timestamp() {
    assert_eq!(two_records().read(), Ok(vec![(100, 1000), (101, 1001)]));
}

#[test]
fn the_append_time_is_that_of_every_record() {
    let batch = Raw { attributes: 0x08, max_timestamp: 5000, ..two_records() };
    assert_eq!(batch.read(), Ok(vec![(100, 5000), (101, 5000)]));
    let extreme = Raw { base_timestamp: i64::MAX, ..batch };
    assert_eq!(extreme.read(), Ok(vec![(100, 5000), (101, 5000)]));
}

#[test]
fn an_empty_compacted_batch_still_moves_the_position_past_all_that_it_had() {
    let empty = Raw { last_offset_delta: 9, record_count: 0, records: Vec::new(), ..two_records() };
    let batch = empty.decoded().unwrap();
    assert_eq!((batch.next_offset(), batch.records().unwrap().count()), (110, 0));
}

#[test]
fn a_compacted_batch_keeps_the_offsets_that_are_left() {
    let batch = Raw { last_offset_delta: 9, record_count: 1, records: record(0, 4), ..two_records() };
    assert_eq!(batch.read(), Ok(vec![(104, 1000)]));
    assert_eq!(batch.decoded().unwrap().next_offset(), 110);
}

#[test]
fn compressed_records_are_refused_by_their_codec_and_the_header_is_read() {
    for codec in [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd] {
        let raw = Raw { attributes: codec as i16, record_count: i32::MAX, ..two_records() };
        let batch = raw.decoded().unwrap();
        assert_eq!(batch.records().err(), Some(RecordError::Compressed(codec)));
        assert_eq!((batch.compression(), batch.next_offset()), (codec, 102));
    }
}

#[test]
fn batches_are_taken_off_one_by_one_without_a_copy() {
    let whole: Bytes = [two_records().bytes(), two_records().bytes()].concat().into();
    let mut rest = whole.clone();
    for at in [0, whole.len() / 2] {
        let batch = next_batch(&mut rest).unwrap().unwrap();
        assert_eq!(batch.to_bytes().as_ptr(), whole[at..].as_ptr());
    }
    assert_eq!(next_batch(&mut rest), Ok(None));
}
