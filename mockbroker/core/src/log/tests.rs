//! What a log answers, held against one that scans.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use ottla_wire::record::{BatchWriter, NewRecord, ProducerStamp, next_batch};

use super::*;

const ROLLING: Rolling = Rolling { bytes_max: 300, age_max_ms: i64::MAX };

/// A log with a batch for each of these, whose records have these timestamps.
fn log_of(batches: &[&[i64]]) -> PartitionLog {
    let mut log = PartitionLog::default();
    for timestamps in batches {
        append(&mut log, timestamps);
    }
    log
}

fn append(log: &mut PartitionLog, timestamps: &[i64]) {
    let mut writer = BatchWriter::new(0);
    for timestamp in timestamps {
        writer.append(&NewRecord::new(*timestamp, Some(b"k"), Some(b"v"))).unwrap();
    }
    let mut bytes = writer.finish(ProducerStamp::NONE);
    let batch = next_batch(&mut bytes).unwrap().unwrap();
    log.append(batch.restamped(log.end_offset(), LeaderEpoch(0), None), ROLLING, 0);
}

fn at(log: &PartitionLog, timestamp: i64) -> Option<i64> {
    log.first_at_or_after(timestamp).map(|found| found.offset)
}

#[test]
fn a_batch_that_does_not_fit_begins_a_segment_and_a_read_ends_with_it() {
    let log = log_of(&[&[1][..]; 10]);
    assert_eq!(log.closed.iter().map(|segment| segment.base_offset).collect::<Vec<_>>(), [0, 4]);
    let batches = |offset| log.read(offset, usize::MAX, true).len();
    assert_eq!([0, 3, 4, 8, 9, 10].map(batches), [4, 1, 4, 2, 1, 0]);
    assert_eq!((log.bytes_in_active(7), log.bytes_in_active(10)), (None, Some(0)));
    assert_eq!(log.bytes_in_active(9), log.batches().next().map(Batch::size_bytes));
}

#[test]
fn the_start_hides_what_is_before_it_from_every_search() {
    let mut log = log_of(&[&[900], &[100, 700], &[300], &[200], &[800], &[400]]);
    assert_eq!((at(&log, 500), log.max_timestamp().unwrap().offset), (Some(0), 0));
    assert!(log.advance_start(2));
    assert_eq!([at(&log, 500), at(&log, 701), at(&log, 0), at(&log, 850)], [Some(2), Some(5), Some(2), None]);
    assert!(log.advance_start(3));
    assert_eq!([at(&log, 500), at(&log, 250), at(&log, 0)], [Some(5), Some(3), Some(3)]);
    assert!(!log.advance_start(3), "it never goes back");
    assert!(!log.advance_start(8), "nor beyond the end");
    assert_eq!(log.batches().count(), 4);
    assert!(log.advance_start(7));
    assert_eq!((at(&log, 0), log.start_offset()), (None, 7));
}
