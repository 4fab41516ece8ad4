//! What holds of every batch that is read, whatever its magic and codec.

use bytes::Bytes;
use ottla_wire::LeaderEpoch;
use ottla_wire::compression::Limits;
use ottla_wire::record::{
    Batch, BatchWriter, Compression, Extent, Header, NO_TIMESTAMP, NewRecord, ProducerStamp, Record, RecordError,
    TimestampType, compressed, extent, next_batch,
};

/// Above what the batches of an input may be for good reason, and far below what a bomb holds.
pub const LIMITS: Limits = Limits { bytes_max: 256 * 1024, ratio_max: 1_100 };

/// A base offset, and a time in milliseconds, that a leader gives to what it appends.
const BASE_OFFSET: i64 = 7;
const APPEND_TIME: i64 = 1_767_323_045_000;

/// Takes the batches off the front, one after the other, and holds each to the laws.
pub fn each_batch(bytes: impl Into<Bytes>) {
    let bytes = bytes.into();
    let (mut rest, mut next_offset) = (bytes.clone(), None);
    while let Ok(Some(batch)) = next_batch(&mut rest) {
        next_offset = Some(batch.next_offset());
        one_batch(&batch);
    }
    let size_bytes = bytes.len() - rest.len();
    assert_eq!(extent(&bytes[..size_bytes]), Extent { size_bytes, next_offset, end: None });
}

fn one_batch(batch: &Batch) {
    offsets_ascend(batch);
    let _ = batch.control();
    let restamped = batch.clone().restamped(BASE_OFFSET, LeaderEpoch(0), Some(APPEND_TIME));
    for stamped in [batch.clone(), restamped, batch.clone().with_max_create_time(APPEND_TIME)] {
        assert_eq!(next_batch(&mut stamped.to_bytes()), Ok(Some(stamped)));
    }
    let Ok(plain) = batch.clone().decompress(&LIMITS) else { return };
    offsets_ascend(&plain);
    records(&plain);
    let renewed = compressed(plain.clone(), Compression::None, None).expect("what was read has room in a batch");
    assert_same_records(&renewed, &plain);
}

fn offsets_ascend(batch: &Batch) {
    assert!(batch.base_offset() <= batch.last_offset() && batch.last_offset() < batch.next_offset());
}

/// A record, with its headers set apart, so that it can be compared.
type Fields<'a> = (i64, i64, Option<&'a [u8]>, Option<&'a [u8]>, Vec<Header<'a>>);

fn fields<'a>(record: &Record<'a>) -> Fields<'a> {
    (record.offset, record.timestamp, record.key, record.value, record.headers().collect())
}

/// The records of a batch that is not compressed any more, up to the first that cannot be read.
pub fn read(batch: &Batch) -> Vec<Result<Fields<'_>, RecordError>> {
    let records = batch.records().expect("not compressed");
    records.map(|record| record.map(|record| fields(&record))).collect()
}

/// Two batches hold the same records, or cannot be read for the same reason.
pub fn assert_same_records(one: &Batch, other: &Batch) {
    assert_eq!(read(one), read(other));
}

fn records(plain: &Batch) {
    let records: Result<Vec<_>, _> = read(plain).into_iter().collect();
    let validated = plain.validate_produced(TimestampType::CreateTime);
    let Ok(records) = records else { return assert!(validated.is_err(), "a broken batch is never appended") };
    assert_eq!(records.len(), plain.record_count() as usize);
    for (offset, ..) in &records {
        assert!((plain.base_offset()..=plain.last_offset()).contains(offset));
    }
    if let Ok(timestamps) = validated {
        let of_records = || records.iter().map(|(_, timestamp, ..)| *timestamp);
        assert_eq!(Some(*timestamps.start()), of_records().min());
        assert_eq!(Some(*timestamps.end()), of_records().max().map(|largest| largest.max(NO_TIMESTAMP)));
    }
    // Kafka has no batch of a producer without a record, so none is written.
    if !plain.is_control() && !records.is_empty() {
        written_and_read_again(&records);
    }
}

fn written_and_read_again(records: &[Fields<'_>]) {
    let mut writer = BatchWriter::new(0);
    for (_, timestamp, key, value, headers) in records {
        let headers = headers.iter().copied();
        let appended = writer.append(&NewRecord { timestamp: *timestamp, key: *key, value: *value, headers });
        if appended.is_err() {
            return;
        }
    }
    let mut written = writer.finish(ProducerStamp::default());
    let again = next_batch(&mut written).expect("what was written can be read").expect("a batch");
    let again: Vec<_> = read(&again).into_iter().map(|record| record.expect("a record")).collect();
    assert_eq!(again.len(), records.len());
    // The offsets are those of a producer, from 0 on.
    for (offset, (again, (_, timestamp, key, value, headers))) in (0..).zip(again.into_iter().zip(records)) {
        assert_eq!(again, (offset, *timestamp, *key, *value, headers.clone()));
    }
}
