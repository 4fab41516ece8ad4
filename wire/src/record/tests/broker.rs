//! What a broker does to a batch.

use super::*;
use crate::id::LeaderEpoch;

fn produced(stamp: ProducerStamp) -> Batch {
    let mut writer = BatchWriter::new(0);
    for timestamp in [2000, 3000, 1000] {
        writer.append(&NewRecord::new(timestamp, None, Some(b"value"))).unwrap();
    }
    next_batch(&mut writer.finish(stamp)).unwrap().unwrap()
}

fn crc_of(batch: &Batch) -> Vec<u8> {
    batch.to_bytes()[position::CRC].to_vec()
}

/// The batch as a reader of its bytes sees it, which must be as it says of itself.
fn reread(batch: &Batch) -> Batch {
    let again = next_batch(&mut batch.to_bytes()).unwrap().unwrap();
    assert_eq!(again, *batch);
    again
}

fn timestamps(batch: &Batch) -> Vec<i64> {
    batch.records().unwrap().map(|record| record.unwrap().timestamp).collect()
}

#[test]
fn the_place_in_the_log_is_stamped_without_a_new_checksum() {
    let original = produced(ProducerStamp::NONE);
    let stamped = original.clone().restamped(500, LeaderEpoch(7), None);
    let again = reread(&stamped);
    assert_eq!((again.base_offset(), again.next_offset(), again.leader_epoch()), (500, 503, LeaderEpoch(7)));
    assert_eq!(crc_of(&again), crc_of(&original));
    assert_eq!(timestamps(&again), [2000, 3000, 1000]);
    assert_eq!(original.base_offset(), 0);
    assert_eq!(reread(&original).leader_epoch(), LeaderEpoch::UNKNOWN);
}

#[test]
fn the_append_time_is_stamped_with_a_new_checksum() {
    let original = produced(ProducerStamp::NONE);
    let stamped = reread(&original.clone().restamped(500, LeaderEpoch(7), Some(9000)));
    assert_ne!(crc_of(&stamped), crc_of(&original));
    assert_eq!((stamped.timestamp_type(), stamped.max_timestamp()), (TimestampType::LogAppendTime, 9000));
    assert_eq!(stamped.base_timestamp(), original.base_timestamp());
    assert_eq!(timestamps(&stamped), [9000; 3]);
    let back = reread(&stamped.with_max_create_time(3000));
    assert_eq!(back.timestamp_type(), TimestampType::CreateTime);
    assert_eq!(timestamps(&back), [2000, 3000, 1000]);
}

#[test]
fn bytes_that_nobody_else_holds_are_stamped_where_they_are() {
    let batch = produced(ProducerStamp::NONE);
    let place = batch.to_bytes().as_ptr();
    let stamped = batch.restamped(1, LeaderEpoch(1), Some(1));
    assert_eq!(stamped.to_bytes().as_ptr(), place);
    let held = stamped.clone();
    assert_ne!(stamped.restamped(2, LeaderEpoch(2), None).to_bytes().as_ptr(), place);
    assert_eq!(held.base_offset(), 1);
}

#[test]
fn the_records_of_a_large_batch_that_somebody_holds_stay_where_they_are() {
    let large = |stamp| {
        let mut writer = BatchWriter::new(0);
        writer.append(&NewRecord::new(2000, None, Some(&[7; 5000]))).unwrap();
        next_batch(&mut writer.finish(stamp)).unwrap().unwrap()
    };
    let sent = large(ProducerStamp::NONE);
    let records = sent.to_bytes()[BATCH_HEADER_BYTES..].as_ptr();
    let first = sent.clone().restamped(500, LeaderEpoch(7), None);
    let second = first.clone().restamped(600, LeaderEpoch(8), None);
    for (placed, base_offset, epoch) in [(&sent, 0, -1), (&first, 500, 7), (&second, 600, 8)] {
        let again = reread(placed);
        assert_eq!((again.base_offset(), again.leader_epoch()), (base_offset, LeaderEpoch(epoch)));
        let last = placed.pieces().last().unwrap();
        assert_eq!(last[last.len() - (sent.size_bytes() - BATCH_HEADER_BYTES)..].as_ptr(), records);
    }
    let appended = second.clone().restamped(700, LeaderEpoch(9), Some(9000));
    assert_eq!((reread(&appended).base_offset(), timestamps(&appended)), (700, vec![9000]));
    assert_eq!(timestamps(&reread(&second.with_max_create_time(4000))), [2000]);
}

#[test]
fn a_largest_create_time_that_is_right_changes_nothing() {
    let batch = produced(ProducerStamp::NONE);
    let place = batch.to_bytes().as_ptr();
    let held = batch.clone();
    assert_eq!(batch.with_max_create_time(3000).to_bytes().as_ptr(), place);
    assert_eq!(reread(&held.with_max_create_time(4000)).max_timestamp(), 4000);
}

#[test]
fn an_offset_at_the_edge_is_cut_down_and_never_a_panic() {
    let batch = produced(ProducerStamp::NONE).restamped(i64::MAX, LeaderEpoch(0), None);
    assert_eq!((batch.last_offset(), batch.next_offset()), (i64::MAX, i64::MAX));
    assert_eq!(batch.records().unwrap().count(), 3);
}

#[test]
fn what_a_producer_writes_may_be_appended() {
    for producer_id in [NO_PRODUCER_ID, 0, 9] {
        let stamp = ProducerStamp { producer_id, base_sequence: 0, ..ProducerStamp::NONE };
        for topic_type in [TimestampType::CreateTime, TimestampType::LogAppendTime] {
            assert_eq!(produced(stamp).validate_produced(topic_type), Ok(1000..=3000));
        }
    }
}

#[test]
fn what_no_producer_may_write_is_refused() {
    let good = Raw { base_offset: 0, ..two_records() };
    let refused = |raw: Raw| raw.decoded().unwrap().validate_produced(TimestampType::CreateTime);
    assert_eq!(refused(good.clone()), Ok(1000..=1001));
    assert_eq!(refused(two_records()), Err(InvalidBatch::BaseOffset(100)));
    assert_eq!(refused(Raw { record_count: 0, records: Vec::new(), ..good.clone() }), Err(InvalidBatch::Empty));
    assert_eq!(
        refused(Raw { last_offset_delta: 2, ..good.clone() }),
        Err(InvalidBatch::OffsetRange { last_offset_delta: 2, record_count: 2 })
    );
    assert_eq!(refused(Raw { attributes: 0x20, ..good.clone() }), Err(InvalidBatch::Control));
    let unsequenced = ProducerStamp { producer_id: 0, base_sequence: -1, ..ProducerStamp::NONE };
    assert_eq!(produced(unsequenced).validate_produced(TimestampType::CreateTime), Err(InvalidBatch::BaseSequence(-1)));
    assert_eq!(
        refused(Raw { records: [record(0, 0), record(1, 0)].concat(), ..good.clone() }),
        Err(InvalidBatch::RecordOffset { index: 1, delta: 0 })
    );
    assert_eq!(
        refused(Raw { records: [record(0, 0), vec![0; 7]].concat(), ..good }),
        Err(InvalidBatch::Record { index: 1, reason: RecordError::TrailingBatchBytes(6) })
    );
}

#[test]
fn an_append_time_of_the_producer_is_refused_where_it_could_be_believed() {
    let appended = Raw { base_offset: 0, attributes: 0x08, ..two_records() };
    let validate = |raw: &Raw, topic_type| raw.decoded().unwrap().validate_produced(topic_type);
    assert_eq!(validate(&appended, TimestampType::LogAppendTime), Err(InvalidBatch::LogAppendTime));
    assert_eq!(validate(&appended, TimestampType::CreateTime), Ok(1001..=1001));
    let timeless = Raw { max_timestamp: NO_TIMESTAMP, ..appended };
    assert_eq!(validate(&timeless, TimestampType::CreateTime), Err(InvalidBatch::LogAppendTime));
}

#[test]
fn the_header_of_a_compressed_batch_is_validated() {
    let gzip = Raw { base_offset: 0, attributes: 1, records: vec![1, 2, 3], ..two_records() };
    assert_eq!(gzip.decoded().unwrap().validate_produced(TimestampType::CreateTime), Ok(1001..=1001));
    let empty = Raw { record_count: 0, ..gzip };
    assert_eq!(empty.decoded().unwrap().validate_produced(TimestampType::CreateTime), Err(InvalidBatch::Empty));
}
