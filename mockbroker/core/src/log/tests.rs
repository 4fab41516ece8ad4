//! What a log answers, held against one that scans.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use ottla_wire::record::{BatchWriter, NewRecord, ProducerStamp, next_batch};
use proptest::prelude::*;

use super::*;

const ROLLING: Rolling = Rolling { bytes_max: 300, age_max_ms: i64::MAX };

const COMPACTION: Compaction = Compaction {
    dirty_ratio_min: 0.5,
    lag_min_ms: 0,
    lag_max_ms: i64::MAX,
    delete_retention_ms: 0,
    segment_bytes: 600,
};

/// A log with a batch for each of these, whose records have these timestamps.
fn log_of(batches: &[&[i64]]) -> PartitionLog {
    let mut log = PartitionLog::default();
    for timestamps in batches {
        append(&mut log, timestamps.iter().map(|timestamp| (*timestamp, 0, true)));
    }
    log
}

/// Appends a batch of records with these timestamps and keys, and with values or without.
fn append(log: &mut PartitionLog, records: impl IntoIterator<Item = (i64, u8, bool)>) {
    let mut writer = BatchWriter::new(0);
    for (timestamp, key, has_value) in records {
        let value = has_value.then_some(&b"v"[..]);
        writer.append(&NewRecord::new(timestamp, Some(&[key]), value)).unwrap();
    }
    let mut bytes = writer.finish(ProducerStamp::NONE);
    let batch = next_batch(&mut bytes).unwrap().unwrap();
    log.append(batch.restamped(log.end_offset(), LeaderEpoch(0), None), ROLLING, 0);
}

fn at(log: &PartitionLog, timestamp: i64) -> Option<i64> {
    log.first_at_or_after(timestamp).map(|found| found.offset)
}

/// The offsets of all records that a reader gets, read by read.
fn read_all(log: &PartitionLog) -> Vec<i64> {
    let (read, end) = read_on(log);
    assert_eq!(end, log.end_offset(), "a reader comes to the end");
    read
}

/// The offsets of all records that a reader gets, and where it stays.
fn read_on(log: &PartitionLog) -> (Vec<i64>, i64) {
    let mut offset = log.start_offset();
    let mut read = Vec::new();
    while let Some(mut bytes) = Some(log.read(offset, i64::MAX, 1, true)).filter(|pieces| !pieces.is_empty()) {
        let batch = next_batch(&mut bytes[0]).unwrap().unwrap();
        assert!(batch.next_offset() > offset, "a reader gets on");
        read.extend(batch.records().unwrap().map(|record| record.unwrap().offset).filter(|record| *record >= offset));
        offset = batch.next_offset();
    }
    (read, offset)
}

#[test]
fn a_batch_that_does_not_fit_begins_a_segment_and_a_read_ends_with_it() {
    let log = log_of(&[&[1][..]; 10]);
    assert_eq!(log.closed.iter().map(|segment| segment.base_offset).collect::<Vec<_>>(), [0, 4]);
    let batches = |offset| log.read(offset, i64::MAX, usize::MAX, true).len();
    assert_eq!([0, 3, 4, 8, 9, 10].map(batches), [4, 1, 4, 2, 1, 0]);
    assert_eq!((log.bytes_between(7, 10), log.bytes_between(10, 10)), (None, Some(0)));
    assert_eq!(log.bytes_between(9, 10), log.batches().next().map(Batch::size_bytes));
}

#[test]
fn the_start_hides_what_is_before_it_from_every_search() {
    let mut log = log_of(&[&[900], &[100, 700], &[300], &[200], &[800], &[400]]);
    assert_eq!((at(&log, 500), log.max_timestamp().unwrap().offset), (Some(0), 0));
    assert!(log.advance_start(2));
    assert_eq!([at(&log, 500), at(&log, 701), at(&log, 0), at(&log, 850)], [Some(2), Some(5), Some(2), None]);
    assert_eq!(log.max_timestamp().unwrap().offset, 5);
    assert!(log.advance_start(3));
    assert_eq!([at(&log, 500), at(&log, 250), at(&log, 0)], [Some(5), Some(3), Some(3)]);
    assert!(!log.advance_start(3), "it never goes back");
    assert!(!log.advance_start(8), "nor beyond the end");
    assert_eq!(log.batches().count(), 4);
    assert!(log.advance_start(7));
    assert_eq!((at(&log, 0), log.start_offset()), (None, 7));
}

#[test]
fn whole_segments_go_and_the_last_one_too() {
    let sizes = |log: &PartitionLog| (log.start_offset(), log.size_bytes());
    let keep = |bytes_max, age_max_ms| Retention { deletes: true, bytes_max, age_max_ms };
    let batch = log_of(&[&[1]]).size_bytes();
    let mut log = log_of(&[&[10][..]; 10]);
    log.delete_old(keep(-1, -1), i64::MAX, 1_000);
    log.delete_old(keep(7 * i64::try_from(batch).unwrap(), -1), i64::MAX, 1_000);
    assert_eq!(sizes(&log), (0, 10 * batch), "there would be less than is kept without the first one");
    log.delete_old(keep(6 * i64::try_from(batch).unwrap(), 990), i64::MAX, 1_000);
    assert_eq!(sizes(&log), (4, 6 * batch));
    log.delete_old(keep(-1, 989), i64::MAX, 1_000);
    assert_eq!((sizes(&log), log.end_offset()), ((10, 0), 10));
    append(&mut log, [(0, 0, true)]);
    assert_eq!(read_all(&log), [10]);
}

#[test]
fn only_what_is_before_the_start_goes_without_the_policy() {
    let mut log = log_of(&[&[10][..]; 10]);
    let keep = Retention { deletes: false, bytes_max: 0, age_max_ms: 0 };
    log.delete_old(keep, i64::MAX, 1_000);
    assert_eq!((log.start_offset(), log.closed.len()), (0, 2));
    log.advance_start(7);
    log.delete_old(keep, i64::MAX, 1_000);
    assert_eq!((log.start_offset(), log.closed.len()), (7, 1), "a segment with the start in it stays");
}

#[test]
fn a_segment_whose_records_have_no_time_is_as_old_as_its_last_append() {
    let mut log = log_of(&[&[-1][..]; 5]);
    let keep = Retention { deletes: true, bytes_max: -1, age_max_ms: 50 };
    log.delete_old(keep, i64::MAX, 50);
    assert_eq!(log.start_offset(), 0);
    log.delete_old(keep, i64::MAX, 51);
    assert_eq!(log.start_offset(), 5);
}

#[test]
fn a_segment_ends_when_its_time_is_over() {
    let rolling = Rolling { bytes_max: usize::MAX, age_max_ms: 100 };
    let mut log = PartitionLog::default();
    for timestamp in [1_000, 1_100, 900, 1_101, 1_150] {
        let mut writer = BatchWriter::new(0);
        writer.append(&NewRecord::new(timestamp, None, Some(b"v"))).unwrap();
        let batch = next_batch(&mut writer.finish(ProducerStamp::NONE)).unwrap().unwrap();
        log.append(batch.restamped(log.end_offset(), LeaderEpoch(0), None), rolling, 0);
    }
    assert_eq!((log.closed.len(), log.active.base_offset), (1, 3));
}

#[test]
fn a_log_is_compacted_when_it_is_dirty_enough_or_late() {
    let bases = |log: &PartitionLog| log.closed.iter().map(|segment| segment.base_offset).collect::<Vec<_>>();
    let none = BTreeMap::new();
    let mut log = log_of(&[&[10][..]; 10]);
    let young = Compaction { lag_min_ms: 100, ..COMPACTION };
    log.compact(&young, Due::WhenDirty, &none, 50);
    assert_eq!(log.batches().count(), 10, "all is too young");
    log.compact(&COMPACTION, Due::WhenDirty, &none, 50);
    assert_eq!((read_all(&log), bases(&log)), (vec![7, 8, 9], vec![0]), "the active segment stays");
    for _ in 0..4 {
        append(&mut log, [(10, 1, true)]);
    }
    let tidy = Compaction { dirty_ratio_min: 1.0, ..COMPACTION };
    log.compact(&tidy, Due::WhenDirty, &none, 50);
    assert_eq!(read_all(&log).len(), 7, "not all of it is dirty");
    let late = Compaction { lag_max_ms: 30, ..tidy };
    log.compact(&late, Due::WhenDirty, &none, 50);
    assert_eq!(read_all(&log), [9, 11, 12, 13]);
}

#[test]
fn the_last_batch_of_a_producer_and_of_a_run_stay_without_records() {
    let mut log = log_of(&[&[10][..]; 9]);
    log.compact(&COMPACTION, Due::Always, &BTreeMap::from([(-1, 2)]), 50);
    let kept: Vec<_> = log.batches().map(|batch| (batch.base_offset(), batch.record_count())).collect();
    assert_eq!(kept, [(2, 0), (7, 1), (8, 1)]);
    append(&mut log, [(10, 0, true)]);
    log.roll();
    log.compact(&COMPACTION, Due::Always, &BTreeMap::new(), 50);
    let kept: Vec<_> = log.batches().map(|batch| (batch.base_offset(), batch.record_count())).collect();
    assert_eq!(kept, [(9, 1)]);
}

/// A log that is a list of records: offset, timestamp, key, whether there is a value, and whether it was met by a compaction.
#[derive(Debug, Default)]
struct Naive {
    records: Vec<(i64, i64, u8, bool, bool)>,
    start: i64,
    end: i64,
}

impl Naive {
    fn shown(&self) -> impl Iterator<Item = &(i64, i64, u8, bool, bool)> {
        self.records.iter().filter(|(offset, ..)| *offset >= self.start)
    }

    fn compact(&mut self) {
        let last: BTreeMap<u8, i64> = self.shown().map(|(offset, _, key, ..)| (*key, *offset)).collect();
        self.records.retain(|(offset, _, key, has_value, was_met)| {
            last.get(key).is_none_or(|last| offset >= last) && (*has_value || !was_met)
        });
        self.records.iter_mut().for_each(|(.., was_met)| *was_met = true);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<(i64, u8, bool)>),
    AdvanceStart(i64),
    DeleteAbove(i64),
    DeleteBefore(i64),
    Compact,
    Cut(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let record = (0..1_000_i64, 0..6_u8, any::<bool>());
    prop_oneof![
        8 => prop::collection::vec(record, 1..5).prop_map(Step::Append),
        1 => (0..4_i64).prop_map(Step::AdvanceStart),
        1 => (0..2_000_i64).prop_map(Step::DeleteAbove),
        1 => (0..1_000_i64).prop_map(Step::DeleteBefore),
        2 => Just(Step::Compact),
        1 => (0..4_i64).prop_map(Step::Cut),
    ]
}

/// Takes the step in both, and what was deleted from the one that decides it.
fn take(step: &Step, log: &mut PartitionLog, naive: &mut Naive) {
    let retention = Retention { deletes: true, bytes_max: -1, age_max_ms: -1 };
    match step {
        Step::Append(records) => {
            append(log, records.iter().copied());
            let records =
                records.iter().zip(naive.end..).map(|((time, key, value), at)| (at, *time, *key, *value, false));
            naive.records.extend(records);
            naive.end = log.end_offset();
        }
        Step::AdvanceStart(by) => {
            let to = naive.start + by;
            assert_eq!(log.advance_start(to), *by > 0 && to <= naive.end);
        }
        Step::DeleteAbove(bytes_max) => log.delete_old(Retention { bytes_max: *bytes_max, ..retention }, i64::MAX, 0),
        Step::DeleteBefore(age_max_ms) => {
            log.delete_old(Retention { age_max_ms: *age_max_ms, ..retention }, i64::MAX, 1_000)
        }
        Step::Compact => {
            log.roll();
            log.compact(&COMPACTION, Due::Always, &BTreeMap::new(), 0);
            naive.compact();
        }
        Step::Cut(by) => {
            // Not within a batch, as no follower's log ends within one.
            let to = log
                .batches()
                .map(Batch::base_offset)
                .filter(|base| *base >= log.start_offset())
                .rev()
                .nth(*by as usize);
            if let Some(to) = to {
                log.cut_end(to);
                naive.records.retain(|(offset, ..)| *offset < to);
                naive.end = to;
            }
        }
    }
    naive.start = log.start_offset();
}

proptest! {
    #[test]
    fn a_log_answers_as_one_that_scans(steps in prop::collection::vec(step(), 1..40)) {
        let (mut log, mut naive) = (PartitionLog::default(), Naive::default());
        let mut was_cut = false;
        for step in &steps {
            take(step, &mut log, &mut naive);
            prop_assert_eq!(log.end_offset(), naive.end);
            prop_assert!(log.start_offset() <= naive.end);
            let shown: Vec<i64> = naive.shown().map(|(offset, ..)| *offset).collect();
            let (read, end) = read_on(&log);
            prop_assert_eq!(read, shown, "after {:?}", step);
            was_cut |= matches!(step, Step::Cut(_));
            // A log that was cut may end behind its last batch, where compaction took others away.
            prop_assert!(was_cut || end == log.end_offset());
            for timestamp in (0..1_000).step_by(50) {
                let expected = naive.shown().find(|(_, time, ..)| *time >= timestamp).map(|(offset, ..)| *offset);
                prop_assert_eq!(at(&log, timestamp), expected, "at {} after {:?}", timestamp, step);
            }
            let largest = naive.shown().map(|(_, time, ..)| *time).max();
            let expected = largest.and_then(|largest| naive.shown().find(|(_, time, ..)| *time == largest));
            prop_assert_eq!(log.max_timestamp().map(|found| found.offset), expected.map(|(offset, ..)| *offset));
        }
    }
}
